//! `shardproof measure`: files, exit codes and messages.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::{Value as Json, json};
use shardproof::evidence::{Cell, Evidence};
use tempfile::TempDir;

use crate::support::program::shardproof;

fn smallest(out: &Path) -> Command {
    let mut command = shardproof();
    command
        .args(["measure", "--profile", "smoke", "--subjects", "ceiling,floor,seed"])
        .args(["--workloads", "get100", "--placements", "disjoint", "--threads", "1", "--out"])
        .arg(out);
    command
}

#[test]
fn a_smoke_measurement_writes_the_fields_that_scripts_rely_on() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("new/latest");
    // `seed` is named, so that its wrong answers through a held snapshot count.
    smallest(&out).assert().code(4).stdout(
        predicate::str::contains("get100, disjoint")
            .and(predicate::str::contains("all correct"))
            .and(predicate::str::contains("floor: not checked, because it is not a store")),
    );

    let text = std::fs::read_to_string(out.join("evidence.json")).unwrap();
    let json: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(json["schema"], "shardproof.evidence/2");
    assert!(json["machine"].is_object() && json["config"].is_object());
    assert!(json["build"]["commit"].is_string());
    let cells = json["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 3);
    for cell in cells {
        assert_eq!(cell["workload"], "get100");
        assert_eq!(cell["placement"], "disjoint");
        assert_eq!(cell["threads"], 1);
        assert_eq!(cell["throughput_ops_s"]["rounds"].as_array().unwrap().len(), 3);
        for field in ["median", "low", "high"] {
            assert!(cell["throughput_ops_s"][field].as_f64().unwrap() > 0.0, "{field}");
        }
        assert!(cell["warnings"].is_array());
        assert_eq!(cell["allocations_per_op"], 0.0, "reads allocate nothing, and that is counted");
        let checks = &cell["checks"];
        assert_eq!((&checks["failed"], &checks["first_failure"]), (&json!(0), &Json::Null));
        if cell["subject"] == "floor" {
            assert_eq!(
                (&checks["checked"], &checks["exemption"]),
                (&json!(0), &json!("not a store"))
            );
        } else {
            // In each of three rounds every key at rest, and one get in 128 of at least one pass.
            assert!(checks["checked"].as_u64().unwrap() >= 3 * (10_000 + 128));
            assert_eq!(checks["exemption"], Json::Null);
        }
    }
    let snapshots = json["snapshots"].as_array().unwrap();
    assert_eq!(snapshots.len(), 4, "two sizes, with and without a writer");
    for each in snapshots {
        assert_eq!(each["subject"], "seed");
        assert!(each["keys"].is_u64() && each["writers"].is_u64());
        assert!(each["acquire_ns"]["p50"].is_f64() && each["acquire_ns"]["p99"].is_f64());
        assert_eq!(each["allocations_per_op"], 0.0);
    }
    let threads = json["snapshot_threads"].as_array().unwrap();
    assert_eq!((threads.len(), &threads[0]["threads"]), (1, &json!(1)));
    let held = json["held_snapshots"].as_array().unwrap();
    assert_eq!((held.len(), &held[0]["subject"]), (1, &json!("seed")));
    assert_eq!(held[0]["ages"].as_array().unwrap().len(), 4);
    assert!(held[0]["ages"][3]["extra_bytes"].is_i64() && held[0]["reclaim"].is_object());
    assert!(held[0]["checks"]["failed"].as_u64().unwrap() > 0, "its snapshots read live data");
    let memory = json["memory"].as_array().unwrap();
    let subjects: Vec<_> = memory.iter().map(|each| each["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["ceiling", "seed"]);
    for each in memory {
        assert_eq!(each["keys"], 10_000);
        // A key and a value alone take 72 bytes.
        assert!(each["bytes_per_entry"].as_f64().unwrap() > 72.0);
        let is_store = each["subject"] == "seed";
        assert_eq!(each["bytes_per_version"].is_f64(), is_store);
        assert_eq!(each["bytes_per_run"].is_f64(), is_store);
    }
    assert_eq!(json["operations"].as_array().unwrap().len(), 2);

    let evidence = Evidence::read(&out.join("evidence.json")).unwrap();
    assert_eq!(evidence.config.unwrap().subjects, ["ceiling", "floor", "seed"]);
    let files = std::fs::read_dir(&out).unwrap().count();
    assert_eq!(files, 1, "no temporary file is left behind");
}

/// A matrix with a custom workload.
const MATRIX: &str = r#"
subjects = ["seed"]
threads = [1]

[[workloads]]
name = "mine"
mix = "get80-put20"
value_bytes = "40:90,4000:10"

[[cells]]
workloads = ["mine", "get100"]
placements = ["disjoint"]

[[latency]]
workloads = ["mine"]
placements = ["disjoint"]
"#;

/// A measurement of only the cells of [`MATRIX`].
fn of_matrix(folder: &Path, out: &str) -> Command {
    let path = folder.join("mine.toml");
    std::fs::write(&path, MATRIX).unwrap();
    let mut command = shardproof();
    command.args(["measure", "--profile", "smoke", "--sections", "throughput,latency", "--matrix"]);
    command.arg(path).arg("--out").arg(folder.join(out));
    command
}

fn cell_names(evidence: &Evidence) -> Vec<String> {
    let name = |cell: &Cell| format!("{}/{}/{}", cell.subject, cell.workload, cell.placement);
    evidence.cells.iter().map(name).collect()
}

#[test]
fn a_matrix_file_defines_the_cells_and_evidence_records_them() {
    let folder = TempDir::new().unwrap();
    of_matrix(folder.path(), "out").assert().success();
    let evidence = Evidence::read(&folder.path().join("out/evidence.json")).unwrap();
    assert_eq!(
        cell_names(&evidence),
        [
            "seed/mine/disjoint",
            "ceiling/mine/disjoint",
            "floor/mine/disjoint",
            "seed/get100/disjoint",
            "ceiling/get100/disjoint",
            "floor/get100/disjoint",
        ]
    );
    let timed: Vec<_> =
        evidence.latencies.iter().map(|it| (&*it.subject, &*it.workload, &*it.operation)).collect();
    for subject in ["seed", "ceiling", "floor"] {
        for operation in ["get", "put", "all"] {
            assert!(timed.contains(&(subject, "mine", operation)), "{timed:?}");
        }
    }
    assert_eq!(timed.len(), 9);
    let config = evidence.config.unwrap();
    let workloads: Vec<_> =
        config.workloads.iter().map(|it| (&*it.name, &*it.mix, &*it.value_bytes)).collect();
    assert_eq!(workloads, [("mine", "get80-put20", "40:90,4000:10"), ("get100", "get100", "40")]);
    assert!(config.matrix.unwrap().ends_with("mine.toml"));
    assert!(evidence.certificate.is_some() && evidence.same_twice.is_some());
    let unasked = (&evidence.snapshots, &evidence.memory, &evidence.operations);
    assert!(unasked.0.is_empty() && unasked.1.is_empty() && unasked.2.is_empty());
}

#[test]
fn a_list_shows_cells_and_time_without_measuring() {
    let folder = TempDir::new().unwrap();
    of_matrix(folder.path(), "out")
        .args(["--list", "--filter", "^seed/"])
        .assert()
        .success()
        .stdout(predicate::str::contains("Throughput: 6 cells\n  seed/mine/disjoint/1\n"))
        .stdout(predicate::str::contains("Latency: 3 cells"))
        .stdout(predicate::str::is_match("About [0-9]+ s, with up to .* of memory\n").unwrap());
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_filter_selects_the_matching_cells_and_their_controls() {
    let folder = TempDir::new().unwrap();
    of_matrix(folder.path(), "out")
        .args(["--filter", "^seed/get100/", "--sections", "throughput"])
        .assert()
        .success();
    let evidence = Evidence::read(&folder.path().join("out/evidence.json")).unwrap();
    let expected = ["seed/get100/disjoint", "ceiling/get100/disjoint", "floor/get100/disjoint"];
    assert_eq!(cell_names(&evidence), expected);
    assert!(evidence.latencies.is_empty());
    assert_eq!(evidence.config.unwrap().filter.unwrap(), "^seed/get100/");
}

#[test]
fn a_filter_without_matches_is_an_error_with_advice() {
    shardproof()
        .args(["measure", "--filter", "nothing/at/all"])
        .assert()
        .code(1)
        .stdout("")
        .stderr(
            predicate::str::contains("`nothing/at/all`").and(predicate::str::contains("--list")),
        );
}

#[test]
fn an_invalid_matrix_file_fails_with_its_location_before_measuring() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.toml");
    for (from, to, parts) in [
        ("threads = [1]", "threads = [0]", ["line 3", "threads", "1 to 256"]),
        ("placements =", "placement =", ["line 12", "unknown field `placement`", "`placements`"]),
        ("4000:10", "4000:0", ["line 5", "value_bytes", "4000:0"]),
        ("\"get100\"]", "\"yours\"]", ["[[cells]]", "`yours`", "mine"]),
    ] {
        std::fs::write(&path, MATRIX.replacen(from, to, 1)).unwrap();
        let mut command = shardproof();
        command
            .args(["measure", "--matrix"])
            .arg(&path)
            .arg("--out")
            .arg(folder.path().join("out"));
        let mut assert = command.assert().code(1).stdout("");
        for part in ["mine.toml"].into_iter().chain(parts) {
            assert = assert.stderr(predicate::str::contains(part));
        }
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn merged_partitions_can_be_reported_as_one() {
    let folder = TempDir::new().unwrap();
    for (part, out, workload) in [("1/2", "one", "mine"), ("2/2", "two", "get100")] {
        of_matrix(folder.path(), out).args(["--partition", part]).assert().success();
        let evidence = Evidence::read(&folder.path().join(out).join("evidence.json")).unwrap();
        assert_eq!(evidence.cells.len(), 3);
        assert!(evidence.cells.iter().all(|cell| cell.workload == workload));
    }
    let at = |name: &str| folder.path().join(name);
    let mut merge = shardproof();
    merge.arg("merge").args([at("one/evidence.json"), at("two/evidence.json")]);
    merge.arg("--out").arg(at("both")).assert().success();
    let evidence = Evidence::read(&at("both/evidence.json")).unwrap();
    assert_eq!((evidence.cells.len(), evidence.parts.len()), (6, 1));
    let parts: Vec<usize> = evidence.cells.iter().map(|cell| cell.part).collect();
    assert!(parts.contains(&0) && parts.contains(&1), "{parts:?}");

    let mut report = shardproof();
    report.arg("report").arg("--from").arg(at("both")).arg("--out").arg(at("both"));
    report.assert().success();
    for written in ["both/index.html", "both/report.md"] {
        let text = std::fs::read_to_string(at(written)).unwrap();
        assert!(text.contains("mine") && text.contains("get100"), "{written}");
    }
    for written in ["both/csv", "both/hdr"] {
        assert!(std::fs::read_dir(at(written)).unwrap().count() > 0, "{written}");
    }
}

#[test]
fn an_unknown_subject_is_a_usage_error_that_names_the_known_ones() {
    shardproof()
        .args(["measure", "--subjects", "seeed"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(predicate::str::contains("`seeed` is not a subject"))
        .stderr(predicate::str::contains("seed, ceiling, floor"));
}

#[test]
fn every_other_list_flag_names_its_valid_values() {
    for (flag, given, named) in [
        ("--workloads", "get90-put20", "get90-put10"),
        ("--placements", "here", "disjoint, colliding, shared, hot"),
        ("--threads", "0", "1..=256"),
        ("--profile", "huge", "smoke, quick, ci, full"),
        ("--sections", "all", "throughput, latency, snapshots, memory, operations"),
        ("--partition", "3/2", "such as 2/3"),
        ("--filter", "(", "unclosed group"),
        ("--pin", "yes", "on, off"),
    ] {
        shardproof()
            .args(["measure", flag, given])
            .assert()
            .code(2)
            .stderr(predicate::str::contains(given).and(predicate::str::contains(named)));
    }
}

#[test]
fn an_environment_variable_is_read_like_its_flag() {
    shardproof()
        .arg("measure")
        .env("SHARDPROOF_PLACEMENTS", "nowhere")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("`nowhere` is not a placement"));
}

#[test]
fn an_unwritable_folder_fails_before_measuring() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "mine").unwrap();
    // The full profile would take minutes: that the test ends shows that nothing was measured.
    shardproof()
        .args(["measure", "--profile", "full", "--out"])
        .arg(&file)
        .assert()
        .code(1)
        .stdout("")
        .stderr(predicate::str::contains("a-file").and(predicate::str::contains("--out")));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn the_help_names_the_exit_codes_and_gives_examples() {
    shardproof().arg("--help").assert().success().stdout(predicate::str::contains("Exit codes:"));
    shardproof()
        .args(["measure", "--help"])
        .assert()
        .success()
        .stdout(predicate::str::contains("Examples:"))
        .stdout(predicate::str::contains("SHARDPROOF_PROFILE"));
}

/// `measure` with these arguments, into a folder that must stay absent.
fn refused(arguments: &[&str], message: &[&str]) {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let output = shardproof()
        .args(["measure", "--profile", "smoke", "--out"])
        .arg(&out)
        .args(arguments)
        .assert()
        .failure()
        .code(1)
        .get_output()
        .clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    for part in message {
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn a_partition_without_a_cell_is_an_error_that_says_how_many_have_one() {
    refused(&["--partition", "900/1000"], &["partition 900/1000", "fills only"]);
}

#[test]
fn sections_without_measurements_are_an_error() {
    let arguments = ["--subjects", "floor", "--sections", "snapshots"];
    refused(&arguments, &["nothing to measure in the sections snapshots"]);
}

#[test]
fn a_plan_that_exceeds_memory_is_rejected_before_measuring() {
    let workload = "put100+value_bytes=1048576+keys_per_run=100000";
    let arguments = ["--workloads", workload, "--threads", "64"];
    refused(&arguments, &[workload, "TiB", "are available", "lower value_bytes"]);
}

#[test]
fn only_the_requested_sections_are_listed() {
    let listed = |arguments: &[&str]| {
        let output = shardproof().args(["measure", "--list"]).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(listed(&[]).contains("Throughput: "));
    let memory = listed(&["--sections", "memory,latency"]);
    assert!(!memory.contains("Throughput") && !memory.contains("Snapshots"), "{memory}");
    assert!(memory.contains("Latency: ") && memory.contains("\nMemory: sharded"), "{memory}");
}

#[test]
fn a_comma_within_a_workload_belongs_to_it() {
    let workloads = "put100+value_bytes=40:90,4000:10,get100";
    let list = || {
        let mut command = shardproof();
        command.args(["measure", "--list", "--placements", "shared", "--threads", "1"]);
        command
    };
    let both = || {
        predicate::str::contains("sharded/put100+value_bytes=40:90,4000:10/shared/1")
            .and(predicate::str::contains("sharded/get100/shared/1"))
    };
    list().args(["--workloads", workloads]).assert().success().stdout(both());
    list().env("SHARDPROOF_WORKLOADS", workloads).assert().success().stdout(both());
    let separate = ["--workloads", "put100+value_bytes=40:90,4000:10", "--workloads", "get100"];
    list().args(separate).assert().success().stdout(both());
}

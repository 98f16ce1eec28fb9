//! `shardproof measure` as a user meets it: files, exit codes and messages.

mod support {
    pub(crate) mod program;
}

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::{Value as Json, json};
use shardproof::evidence::Evidence;
use tempfile::TempDir;

use support::program::shardproof;

fn smallest(out: &Path) -> Command {
    let mut command = shardproof();
    command
        .args(["measure", "--profile", "smoke", "--subjects", "ceiling,floor,seed"])
        .args(["--mixes", "get100", "--placements", "disjoint", "--threads", "1", "--out"])
        .arg(out);
    command
}

#[test]
fn a_smoke_measurement_passes_and_writes_what_scripts_rely_on() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("new/latest");
    smallest(&out).assert().success().stdout(
        predicate::str::contains("disjoint get100")
            .and(predicate::str::contains("all of them right"))
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
fn every_other_list_names_what_it_takes_too() {
    for (flag, given, named) in [
        ("--mixes", "get90-put20", "get90-put10"),
        ("--placements", "here", "disjoint, colliding, shared, hot"),
        ("--threads", "0", "1 to 256"),
        ("--profile", "huge", "smoke, quick, full"),
    ] {
        shardproof()
            .args(["measure", flag, given])
            .assert()
            .code(2)
            .stderr(predicate::str::contains(given).and(predicate::str::contains(named)));
    }
}

#[test]
fn an_environment_twin_is_read_like_its_flag() {
    shardproof()
        .arg("measure")
        .env("SHARDPROOF_PLACEMENTS", "nowhere")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("`nowhere` is not a placement"));
}

#[test]
fn a_folder_that_cannot_be_written_fails_before_anything_is_measured() {
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

//! Protection of existing results: one writer per folder, and no output replaces an input.
#![cfg(all(feature = "faults", feature = "loom", feature = "shuttle"))]

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

use crate::support::program::shardproof;
use crate::support::short_commands::{MEASURE, SEED};

fn run(arguments: &[&str], out: &Path) -> Command {
    let mut command = shardproof();
    command.args(arguments).arg("--out").arg(out);
    command
}

/// A measurement that runs as long as the test.
fn long_measurement(out: &Path) -> Child {
    let mut child = std::process::Command::new(shardproof().get_program())
        .env_clear()
        .args(["measure", "--profile", "full", "--out"])
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !out.join("measure.journal").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_folder_has_one_writer_and_the_error_names_it() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let mut first = long_measurement(&out);
    let named = format!("`shardproof measure` (pid {}, started ", first.id());
    let path = out.join("program.json");
    fs::write(&path, r#"{"threads": [[]]}"#).unwrap();
    let program = path.to_str().unwrap();
    for arguments in [
        MEASURE,
        &["measure", "--resume"],
        SEED,
        &["verify", "--faults"],
        &["verify", "--program", program],
    ] {
        run(arguments, &out)
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains(&named).and(contains("choose another folder with --out")));
    }
    let other = folder.path().join("other");
    run(MEASURE, &other).assert().success();
    let from = other.to_str().unwrap();
    run(&["report", "--from", from], &out).assert().code(1).stderr(contains(&named));
    run(&["report", "--history", from], &out).assert().code(1).stderr(contains(&named));

    // A process that was killed locks nobody out.
    first.kill().unwrap();
    first.wait().unwrap();
    run(MEASURE, &out).assert().success();
    assert!(!out.join(".shardproof.lock").exists());
}

/// Two partitions of one matrix, and the merged evidence.
fn parts(folder: &Path) -> [String; 3] {
    let at = |name: &str| folder.join(name).join("evidence.json").to_str().unwrap().to_owned();
    for (part, name) in [("1/2", "one"), ("2/2", "two")] {
        let flags = [MEASURE, &["--placements", "shared", "--partition", part]].concat();
        run(&flags, &folder.join(name)).assert().success();
    }
    let [one, two] = [at("one"), at("two")];
    run(&["merge", &one, &two], &folder.join("both")).assert().success();
    [one, two, at("both")]
}

#[test]
fn merging_and_measuring_replace_no_evidence_of_another_part() {
    let folder = TempDir::new().unwrap();
    let [one, two, both] = parts(folder.path());
    let bytes = |path: &str| fs::read(path).unwrap();
    let before = [&one, &two, &both].map(|path| bytes(path));
    for (inputs, out) in [(&[&one, &two][..], "one"), (&[&both], "both")] {
        let mut command = run(&["merge"], &folder.path().join(out));
        command.args(inputs).assert().code(1).stdout("").stderr(
            contains("is one of the files to merge").and(contains("another folder with --out")),
        );
    }
    run(MEASURE, &folder.path().join("both"))
        .assert()
        .code(1)
        .stdout("")
        .stderr(contains("was merged from several measurements"));
    let mut second = run(MEASURE, &folder.path().join("one"));
    let sibling = contains("is partition 1/2 of a matrix").and(contains("--out"));
    second
        .args(["--placements", "shared", "--partition", "2/2"])
        .assert()
        .code(1)
        .stdout("")
        .stderr(sibling);
    assert_eq!([&one, &two, &both].map(|path| bytes(path)), before);

    // Its verification is kept when the partitions are merged again.
    run(SEED, &folder.path().join("both")).assert().code(4);
    run(&["merge", &one, &two], &folder.path().join("both")).assert().success();
    let text = fs::read_to_string(&both).unwrap();
    assert!(text.contains("\"verification\"") && text.contains("\"parts\""));
}

#[test]
fn replaying_a_finding_keeps_it() {
    let folder = TempDir::new().unwrap();
    run(SEED, folder.path()).assert().code(4);
    let found = folder.path().join("findings/seed-sequential-no-lost-update");
    let files = |folder: &Path| -> Vec<Vec<u8>> {
        ["program.json", "history.shp", "explanation.txt", "timeline.svg"]
            .iter()
            .map(|name| fs::read(folder.join(name)).unwrap())
            .collect()
    };
    let again = |folder: &Path, out: &Path| {
        let program = folder.join("program.json");
        let program = program.to_str().unwrap();
        let flags = ["verify", "--subjects", "seed", "--executors", "sequential", "--program"];
        run(&[&flags[..], &[program]].concat(), out).assert().code(4);
    };
    let before = files(&found);
    again(&found, folder.path());
    assert_eq!(files(&found), before);
    let replay = folder.path().join("findings/replay-seed-sequential-no-lost-update");
    let before = files(&replay);
    again(&replay, folder.path());
    assert_eq!(files(&replay), before);
    assert!(
        folder
            .path()
            .join("findings/replay-seed-sequential-no-lost-update.2/program.json")
            .exists()
    );
}

#[test]
fn an_export_only_replaces_an_older_export() {
    let folder = TempDir::new().unwrap();
    run(SEED, folder.path()).assert().code(4);
    let history = folder.path().join("findings/seed-sequential-no-lost-update/history.shp");
    let export = |edn: &Path| {
        let mut command = shardproof();
        command.args(["verify", "--history"]).arg(&history).arg("--edn").arg(edn);
        command
    };
    let refused = || contains("is not an exported history").and(contains("choose another file"));
    for target in [history.clone(), folder.path().join("evidence.json"), "/dev/null".into()] {
        let before = fs::read(&target).unwrap();
        export(&target).assert().code(1).stdout("").stderr(refused());
        assert_eq!(fs::read(&target).unwrap(), before);
    }
    let edn = folder.path().join("history.edn");
    for _ in 0..2 {
        export(&edn).assert().code(4);
    }
}

#[test]
fn a_fault_hunt_keeps_verification_and_measurements() {
    let folder = TempDir::new().unwrap();
    let hunt = ["verify", "--faults", "--fault", "R1", "--executors", "sequential"];
    run(MEASURE, folder.path()).assert().success();
    run(SEED, folder.path()).assert().code(4);
    run(&hunt, folder.path()).assert().success();
    let text = fs::read_to_string(folder.path().join("evidence.json")).unwrap();
    for kept in ["\"cells\": [\n    {", "\"verifications\"", "\"faults\""] {
        assert!(text.contains(kept), "{kept} is gone");
    }
    // Resuming requires the same faults.
    let other = ["verify", "--faults", "--fault", "E2", "--executors", "sequential", "--resume"];
    run(&other, folder.path())
        .assert()
        .code(1)
        .stderr(contains("results of R1, which this one does not include"));
}

#[test]
fn evidence_of_different_builds_is_never_replaced() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evidence.json");
    for build in ["first", "second"] {
        run(MEASURE, folder.path()).assert().success();
        let text = fs::read_to_string(&path).unwrap();
        let commit = text.lines().find(|line| line.contains("\"commit\"")).unwrap().to_owned();
        fs::write(&path, text.replace(&commit, &format!("\"commit\": \"{build}\","))).unwrap();
    }
    run(MEASURE, folder.path()).assert().success();
    for (name, build) in [("evidence.older.json", "first"), ("evidence.older.2.json", "second")] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains(&format!("\"commit\": \"{build}\"")), "{name}");
    }
}

#[test]
fn a_report_is_written_beside_its_evidence() {
    let folder = TempDir::new().unwrap();
    run(MEASURE, &folder.path().join("mine")).assert().success();
    let report = |flag: &str| {
        let mut command = shardproof();
        command.current_dir(folder.path()).args(["report", flag, "mine"]);
        command.assert().success();
    };
    report("--from");
    report("--history");
    for file in ["mine/index.html", "mine/report.md", "mine/history.html"] {
        assert!(folder.path().join(file).exists(), "{file}");
    }
    assert!(!folder.path().join("reports").exists());
}

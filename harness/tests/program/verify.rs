//! `shardproof verify`: tables, files, exit codes and messages.
#![cfg(all(feature = "faults", feature = "loom", feature = "shuttle"))]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::{Value as Json, json};
use shardproof::verify::check::report::Axiom;
use tempfile::TempDir;

use crate::support::program::shardproof;

fn verify(flags: &str, out: &Path) -> Command {
    let mut command = shardproof();
    command.arg("verify").args(flags.split(' ')).arg("--out").arg(out);
    command
}

const SMOKE: &str = "--profile smoke --subjects sharded --executors sequential,shuttle";
const UNIFIED: &str = "--profile smoke --subjects unified --executors sequential,shuttle";
const SEED: &str = "--profile smoke --subjects seed --executors sequential";

fn evidence(out: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(out.join("evidence.json")).unwrap()).unwrap()
}

fn rows(evidence: &Json, field: &str) -> Vec<Json> {
    evidence[field].as_array().unwrap_or_else(|| panic!("no {field}: {evidence}")).clone()
}

/// The folder of the literal design's failure, and the printed explanation.
fn finding(out: &Path) -> (PathBuf, String) {
    let text = verify(SEED, out).assert().code(4).get_output().stdout.clone();
    (out.join("findings/seed-sequential-no-lost-update"), String::from_utf8(text).unwrap())
}

/// The program run in a folder, with flags that a shell splits.
fn in_shell(flags: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("\"$0\" {flags}")]).arg(shardproof().get_program());
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).current_dir(folder);
    command
}

/// A program of one thread, which needs no executor but the sequential one.
fn write_single_threaded(folder: &Path) -> PathBuf {
    let path = folder.join("one-thread.json");
    let put = json!({"op": "put", "run": 0, "key": 0});
    let program = json!({"name": "one thread", "setup": [], "threads": [[put]]});
    std::fs::write(&path, program.to_string()).unwrap();
    path
}

#[test]
fn a_program_that_no_executor_can_run_is_inconclusive() {
    let folder = TempDir::new().unwrap();
    let program = write_single_threaded(folder.path());
    let replay = |flags: &str| {
        let mut command = verify("--subjects unified", folder.path());
        command.args(flags.split(' ')).arg("--program").arg(&program);
        command
    };
    let not_run = || {
        predicate::str::contains("not run: no program could be run: litmus needs")
            .and(predicate::str::contains(", 0 executions"))
    };
    replay("--executors litmus --strict").assert().code(5).stdout(not_run());
    replay("--executors litmus").assert().success().stdout(not_run());
    replay("--executors sequential --strict").assert().success();
}

#[test]
fn a_correct_store_passes_with_tables_and_evidence() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("new/latest");
    verify(SMOKE, &out).assert().success().stdout(
        predicate::str::contains("Searches of each executor")
            .and(predicate::str::is_match(r"sharded +sequential .* exhausted").unwrap())
            .and(predicate::str::is_match(r"shuttle .* bounded\(\d+ executions\)").unwrap())
            .and(predicate::str::is_match(r"no-lost-update .* pass").unwrap())
            .and(predicate::str::contains("The profile smoke shows that verification works"))
            .and(predicate::str::contains("written to")),
    );
    let rows = rows(&evidence(&out), "verifications");
    // Thirteen axioms under each executor.
    assert_eq!(rows.len(), 26);
    for row in &rows {
        assert_eq!(row["subject"], "sharded");
        assert_eq!(row["verdict"], "pass", "{row}");
        assert!(row["property"].is_string() && row["replay"].is_string(), "{row}");
        let (checked, could) = (row["checked"].as_u64(), row["could_have_failed"].as_u64());
        assert!(checked >= could && could > Some(0), "{row}");
        let ended = row["how_ended"].as_str().unwrap();
        match row["executor"].as_str().unwrap() {
            "sequential" => assert_eq!(ended, "exhausted"),
            "shuttle" => assert!(ended.starts_with("bounded("), "{ended}"),
            other => panic!("{other} was not requested"),
        }
    }
    assert!(!out.join("findings").exists(), "nothing was found");
}

#[test]
fn a_broken_promise_exits_4_and_leaves_a_folder_that_explains_itself() {
    let folder = TempDir::new().unwrap();
    let (findings, text) = finding(folder.path());
    assert!(text.contains("subject `seed` breaks `"), "{text}");
    for (file, holds) in [
        ("program.json", "\"threads\""),
        ("history.shp", "shardproof.history/1"),
        ("explanation.txt", "What happened"),
        ("timeline.svg", "<svg"),
    ] {
        let bytes = std::fs::read(findings.join(file)).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains(holds), "{file} lacks {holds}");
    }
    let verifications = rows(&evidence(folder.path()), "verifications");
    let failed: Vec<_> = verifications.iter().filter(|row| row["verdict"] == "fail").collect();
    assert!(!failed.is_empty() && failed.iter().all(|row| row["reason"].is_string()));
    assert_eq!(evidence(folder.path())["verification"]["searches"][0]["how_ended"], "found");
}

#[test]
fn every_broken_property_has_a_folder_and_the_worst_is_printed_first() {
    let folder = TempDir::new().unwrap();
    let (_, text) = finding(folder.path());
    let printed: Vec<&str> = text.split("breaks `").skip(1).collect();
    let printed: Vec<&str> = printed.iter().map(|rest| rest.split('`').next().unwrap()).collect();
    assert_eq!(printed[..3], ["no-lost-update", "equation", "atomic"], "{text}");
    let rows = rows(&evidence(folder.path()), "verifications");
    let failed: Vec<&Json> = rows.iter().filter(|row| row["verdict"] == "fail").collect();
    let named: Vec<&str> = failed.iter().map(|row| row["property"].as_str().unwrap()).collect();
    assert_eq!(named, printed);
    for row in &failed {
        assert_eq!(row["how_ended"], "found");
        let found = folder.path().join(row["found"].as_str().unwrap());
        let text = std::fs::read_to_string(found.join("explanation.txt")).unwrap();
        let property = row["property"].as_str().unwrap();
        assert!(text.contains(&format!("--properties {property}\n")), "{text}");
    }
    // The search went on for the others, to its end.
    let passed = rows.iter().find(|row| row["property"] == "commit-order").unwrap();
    assert_eq!((&passed["verdict"], &passed["how_ended"]), (&json!("pass"), &json!("exhausted")));
}

#[test]
fn properties_are_selected_and_left_out() {
    let folder = TempDir::new().unwrap();
    let properties = || {
        let evidence = evidence(folder.path());
        let rows = rows(&evidence, "verifications");
        let names: Vec<Json> = rows.iter().map(|row| row["property"].clone()).collect();
        assert_eq!(evidence["verification"]["config"]["properties"], json!(names));
        assert!(rows.iter().all(|row| row["replay"].as_str().unwrap().contains(" --")), "{rows:?}");
        rows
    };
    let run = |flags: &str, code| {
        verify(&format!("{SEED} {flags}"), folder.path()).assert().code(code);
    };
    run("--properties unique-versions,commit-order", 0);
    let selected = properties();
    assert_eq!(selected.len(), 2);
    let replay = selected[0]["replay"].as_str().unwrap();
    assert!(replay.ends_with(" --properties unique-versions,commit-order"), "{replay}");
    assert!(!folder.path().join("findings").exists());
    let sequential = "--profile smoke --subjects unified --executors sequential";
    let named = format!("{sequential} --properties no-garbage --strict");
    verify(&named, folder.path()).assert().code(5);
    assert_eq!(properties()[0]["verdict"], "vacuous", "the store does not report what it holds");
    run("--except no-lost-update,isolation,no-garbage", 4);
    assert_eq!(properties().len(), 10);
    assert!(!folder.path().join("findings/seed-sequential-no-lost-update").exists());
    verify(&format!("{SEED} --resume"), folder.path())
        .assert()
        .code(1)
        .stderr(predicate::str::contains("field `verification.config.properties`"));
    run("--except no-lost-update,isolation,no-garbage --resume", 4);
}

#[test]
fn the_help_lists_all_properties_and_no_property_at_all_is_refused() {
    let help = shardproof().args(["verify", "--help"]).assert().success();
    let help = String::from_utf8(help.get_output().stdout.clone()).unwrap();
    let words: Vec<&str> = help.split([' ', ',', '\n', '(']).collect();
    let all: Vec<&str> = Axiom::ALL.iter().map(|axiom| axiom.as_str()).collect();
    assert!(all.iter().all(|name| words.contains(name)), "{help}");
    let folder = TempDir::new().unwrap();
    verify(&format!("{SMOKE} --except {}", all.join(",")), folder.path())
        .assert()
        .code(1)
        .stderr(predicate::str::contains("--except leaves no property to check"));
}

#[test]
fn the_printed_command_reproduces_the_failure() {
    let folder = TempDir::new().unwrap();
    let (_, text) = finding(&folder.path().join("what it's found"));
    let again = text.lines().find_map(|line| line.strip_prefix("To reproduce: shardproof "));
    let again = again.unwrap_or_else(|| panic!("no command is printed: {text}"));
    in_shell(again, folder.path())
        .assert()
        .code(4)
        .stdout(predicate::str::contains("subject `seed` breaks `"))
        .stdout(predicate::str::contains("seed under sequential: found"));
    // It writes what it finds into the default folder.
    assert!(
        folder
            .path()
            .join("reports/latest/findings/replay-seed-sequential-no-lost-update/program.json")
            .exists()
    );
    // The store itself does not do that.
    let other = again.replace("--subjects seed", "--subjects sharded");
    in_shell(&other, folder.path()).assert().success();
    let history =
        text.lines().find_map(|line| line.strip_prefix("To check the history again: shardproof "));
    in_shell(history.unwrap(), folder.path()).assert().code(4);
}

#[test]
fn a_saved_history_is_checked_again_and_exported() {
    let folder = TempDir::new().unwrap();
    let (findings, _) = finding(folder.path());
    let edn = folder.path().join("history.edn");
    shardproof()
        .args(["verify", "--history"])
        .arg(findings.join("history.shp"))
        .arg("--edn")
        .arg(&edn)
        .assert()
        .code(4)
        .stdout(predicate::str::contains("Timeline").and(predicate::str::contains("Program")))
        .stdout(predicate::str::contains("history of `seed` under sequential"))
        .stdout(predicate::str::contains("left_out_not_registers"));
    let edn = std::fs::read_to_string(edn).unwrap();
    assert!(edn.starts_with("{:index 0, :time ") && edn.contains(":type :invoke"), "{edn}");
}

#[test]
fn a_history_that_cannot_be_read_is_an_error_that_names_file_field_and_fix() {
    let folder = TempDir::new().unwrap();
    let (findings, _) = finding(folder.path());
    let whole = std::fs::read(findings.join("history.shp")).unwrap();
    let path = folder.path().join("mine.shp");
    let check = |bytes: &[u8], says: [&str; 2]| {
        std::fs::write(&path, bytes).unwrap();
        let assert = shardproof().args(["verify", "--history"]).arg(&path).assert().code(1);
        let [field, fix] = says.map(predicate::str::contains);
        assert.stdout("").stderr(predicate::str::contains("mine.shp").count(1).and(field).and(fix));
    };
    // One bit of the last event, before the checksum of eight bytes.
    let mut corrupt = whole.clone();
    let at = corrupt.len() - 20;
    corrupt[at] ^= 1;
    check(&corrupt, ["].checksum` does not match", "copy the file again"]);
    check(&whole[..whole.len() - 48], ["field `logs` promises", "copy the whole file"]);
    check(b"not mine", ["is not a history", "give a file that"]);

    shardproof()
        .args(["verify", "--history", "nowhere.shp"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("cannot read nowhere.shp: give a file that"));
}

#[test]
fn a_program_that_cannot_be_read_is_an_error_that_names_file_and_field_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.json");
    for (text, field, fix) in [
        (r#"{"threads":[[{"op":"put","run":0,"key":"a"}]]}"#, "`threads[0][0]`", "expected u32"),
        (r#"{"threads":[[{"op":"get","run":0,"key":99999999}]]}"#, ".key` (", "number below"),
        (r#"{"threads":[[{"op":"putt"}]]}"#, "`threads[0][0]", "expected one of `put`"),
        (r#"{"threads":"#, "`threads`", "EOF"),
    ] {
        std::fs::write(&path, text).unwrap();
        let mut command = shardproof();
        command.args(["verify", "--program"]).arg(&path).arg("--out").arg(folder.path());
        command
            .assert()
            .code(1)
            .stdout("")
            .stderr(predicate::str::contains("mine.json").count(1))
            .stderr(predicate::str::contains(field).count(1))
            .stderr(predicate::str::contains(fix).count(1));
    }
}

#[test]
fn an_unknown_name_is_an_error_that_lists_the_known_names() {
    let folder = TempDir::new().unwrap();
    for (flags, code, says) in [
        ("--subjects seeed", 2, "`seeed` is not a subject to verify: give one of sharded,"),
        ("--executors lom", 2, "`lom` is not an executor: give one of sequential, loom,"),
        ("--profile huge", 2, "`huge` is not a profile: give one of smoke, quick, ci, full"),
        ("--properties fresh", 2, "`fresh` is not a property: give one of no-lost-update, intact,"),
        ("--except fresh", 2, "`fresh` is not a property: give one of no-lost-update, intact,"),
        ("--properties intact --except atomic", 2, "cannot be used with"),
        ("--faults --fault X9", 1, "--fault: `X9` is not a seeded fault: give one of R1, R2,"),
        // By itself it would be ignored.
        ("--fault R1", 2, "<--faults|--program"),
    ] {
        verify(flags, folder.path())
            .assert()
            .code(code)
            .stdout("")
            .stderr(predicate::str::contains(says));
    }
}

#[test]
fn an_inconclusive_result_passes_with_a_reason_unless_strict() {
    let folder = TempDir::new().unwrap();
    let loom = "--profile smoke --executors loom --subjects unified";
    let says_why = || {
        let row = r"unified +all +loom +inconclusive +the store is not built against loom's";
        predicate::str::is_match(row).unwrap()
    };
    verify(loom, folder.path()).assert().success().stdout(says_why());
    verify(&format!("{loom} --strict"), folder.path()).assert().code(5).stdout(says_why());
    let rows = rows(&evidence(folder.path()), "verifications");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["verdict"], &rows[0]["how_ended"]),
        (&json!("inconclusive"), &json!("not run"))
    );
}

#[test]
fn seeded_faults_are_killed_and_equivalent_ones_are_not() {
    let folder = TempDir::new().unwrap();
    verify("--faults --fault R1,E2 --executors sequential", folder.path())
        .assert()
        .success()
        .stdout(predicate::str::is_match(r"R1 .* killed").unwrap())
        .stdout(predicate::str::is_match(r"E2 +- +equivalent").unwrap())
        .stdout(predicate::str::contains("The store without faults passed"));
    let faults = rows(&evidence(folder.path()), "faults");
    let [killed, equivalent] = &faults[..] else { panic!("{faults:?}") };
    assert_eq!((&killed["id"], &killed["verdict"]), (&json!("R1"), &json!("killed")));
    assert_eq!(killed["by"], "sequential");
    assert_eq!((&equivalent["id"], &equivalent["verdict"]), (&json!("E2"), &json!("equivalent")));
    assert_eq!(equivalent["by"], Json::Null);
    for fault in &faults {
        assert!(fault["executions"].as_u64() > Some(0), "{fault}");
        assert!(fault["seconds"].as_f64() > Some(0.0), "{fault}");
    }
}

#[test]
fn measure_and_verify_keep_each_others_results() {
    let folder = TempDir::new().unwrap();
    let out = folder.path();
    let measure = || {
        let mut command = shardproof();
        command.args(["measure", "--profile", "smoke", "--subjects", "ceiling", "--threads", "1"]);
        command.args(["--workloads", "get100", "--placements", "disjoint", "--out"]).arg(out);
        command.assert().success();
    };
    verify(SMOKE, out).assert().success();
    let verified = rows(&evidence(out), "verifications");
    measure();
    let both = evidence(out);
    assert_eq!(rows(&both, "verifications"), verified);
    let cells = rows(&both, "cells");
    assert_eq!(cells.len(), 2, "and the floor, which is always there");
    verify(SMOKE, out).assert().success();
    assert_eq!(rows(&evidence(out), "cells"), cells);
    assert!(!out.join("evidence.older.json").exists(), "it was the same build");
}

#[test]
fn the_same_seed_gives_the_same_counts_and_another_seed_others() {
    let folder = TempDir::new().unwrap();
    let counts = |seed: &str, name: &str| {
        let out = folder.path().join(name);
        let flags = "--profile smoke --subjects sharded,unified --executors sequential --seed";
        verify(&format!("{flags} {seed}"), &out).assert().success();
        rows(&evidence(&out), "verifications")
    };
    let once = counts("7", "once");
    assert_eq!(once, counts("7", "twice"));
    let checked = |rows: &[Json]| rows.iter().map(|row| row["checked"].clone()).collect::<Vec<_>>();
    assert_ne!(checked(&once), checked(&counts("8", "other")));
}

#[test]
fn an_interrupted_run_resumes_with_the_remaining_work() {
    let folder = TempDir::new().unwrap();
    let part = "--profile smoke --subjects sharded --executors sequential";
    verify(part, folder.path()).assert().success();
    let searches = || rows(&evidence(folder.path())["verification"], "searches");
    let first = searches()[0].clone();
    verify(&format!("{SMOKE} --resume"), folder.path()).assert().success();
    // Times always differ, so equal ones were kept from the first run.
    assert_eq!((searches().len(), &searches()[0]), (2, &first));
    let both = searches();
    for (flags, says) in [
        (format!("{SMOKE} --resume --seed 9"), "field `verification.config.seed`"),
        (format!("{part} --resume"), "results of shuttle, which this one does not include"),
        (format!("{UNIFIED} --resume"), "results of sharded, which this one does not include"),
    ] {
        verify(&flags, folder.path())
            .assert()
            .code(1)
            .stdout("")
            .stderr(predicate::str::contains(says))
            .stderr(predicate::str::contains("without --resume"));
        assert_eq!(searches(), both, "{flags}");
    }
}

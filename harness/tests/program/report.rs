//! `shardproof report`: its files, output and errors.

use std::collections::BTreeSet;
use std::path::Path;

use predicates::prelude::*;
use shardproof::document::Document;
use shardproof::evidence::Evidence;
use shardproof::render::report::report;
use shardproof::render::terminal::{self, TerminalStyle};
use shardproof_samples::sample;
use tempfile::TempDir;

use crate::support::program::shardproof;

/// Evidence of a typical machine, with one oversubscribed thread count.
fn typical() -> Evidence {
    sample(2, &[1, 2, 4])
}

/// Evidence without observations.
fn empty() -> Evidence {
    let Evidence { machine, build, .. } = typical();
    Evidence::new(machine, build)
}

#[test]
fn the_command_writes_the_page_and_all_exports_and_prints_their_paths() {
    let folder = TempDir::new().unwrap();
    let file = typical().write(&folder.path().join("from")).unwrap();
    // Read back, because reading may round the last digit of a number.
    let evidence = Evidence::read(&file).unwrap();
    let out = folder.path().join("new/out");
    shardproof()
        .args(["report", "--from"])
        .arg(folder.path().join("from"))
        .arg("--out")
        .arg(&out)
        .assert()
        .success()
        .stdout(predicate::str::contains("index.html").and(predicate::str::contains("report.md")));
    let written = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(written == report(&Document::report(&evidence, None).unwrap(), &evidence).unwrap());
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let all =
        ["csv", "figures", "hdr", "index.html", "report.json", "report.md"].map(str::to_owned);
    assert_eq!(names(&out), BTreeSet::from(all), "no temporary file is left");
    assert!(std::fs::read_to_string(out.join("report.md")).unwrap().contains("sharded"));
    assert!(names(&out.join("csv")).iter().all(|name| name.ends_with(".csv")));
    assert!(names(&out.join("csv")).len() > 5);
    assert!(names(&out.join("hdr")).len() >= evidence.latencies.len());
}

#[test]
fn files_of_an_earlier_report_are_named_and_left() {
    let folder = TempDir::new().unwrap();
    typical().write(folder.path()).unwrap();
    let report = || shardproof().args(["report", "--from"]).arg(folder.path()).assert().success();
    report().stderr("");
    empty().write(folder.path()).unwrap();
    let earlier = folder.path().join("csv/cells.csv");
    report().stderr(
        predicate::str::contains(" of an earlier report left in place")
            .and(predicate::str::contains(folder.path().join("csv").to_str().unwrap().to_owned())),
    );
    assert!(earlier.exists(), "only its owner knows whether it can go");
}

#[test]
fn the_command_writes_a_history_page() {
    let folder = TempDir::new().unwrap();
    for name in ["run1", "run2"] {
        typical().write(&folder.path().join("from").join(name)).unwrap();
    }
    std::fs::write(folder.path().join("from/run1/report.json"), "{}").unwrap();
    let out = folder.path().join("out");
    shardproof()
        .args(["report", "--history"])
        .arg(folder.path().join("from"))
        .arg("--out")
        .arg(&out)
        .assert()
        .success()
        .stderr("")
        .stdout(
            predicate::str::contains("2 evidence files")
                .and(predicate::str::contains("history.html")),
        );
    let page = std::fs::read_to_string(out.join("history.html")).unwrap();
    assert!(page.contains("run1/evidence.json") && page.contains("run2/evidence.json"));
    assert!(!out.join("index.html").exists(), "instead of the report");
}

#[test]
fn environment_variables_are_read_like_their_flags() {
    let folder = TempDir::new().unwrap();
    empty().write(folder.path()).unwrap();
    let out = folder.path().join("out");
    shardproof()
        .arg("report")
        .env("SHARDPROOF_FROM", folder.path())
        .env("SHARDPROOF_OUT", &out)
        .assert()
        .success();
    assert!(out.join("index.html").exists());
}

fn fails(from: &Path, out: &Path) -> assert_cmd::assert::Assert {
    shardproof()
        .args(["report", "--from"])
        .arg(from)
        .arg("--out")
        .arg(out)
        .assert()
        .code(1)
        .stdout("")
}

#[test]
fn missing_or_invalid_evidence_is_named_and_an_older_page_stays() {
    let folder = TempDir::new().unwrap();
    let old = folder.path().join("index.html");
    std::fs::write(&old, "old").unwrap();
    fails(folder.path(), folder.path()).stderr(
        predicate::str::contains("evidence.json")
            .and(predicate::str::contains("shardproof measure")),
    );
    let file = folder.path().join("evidence.json");
    std::fs::write(&file, r#"{"schema": "shardproof.evidence/2", "machine": 3}"#).unwrap();
    fails(folder.path(), folder.path()).stderr(predicate::str::contains("`machine`"));
    std::fs::write(&file, r#"{"schema": "shardproof.evidence/1"}"#).unwrap();
    fails(folder.path(), folder.path()).stderr(predicate::str::contains("`schema`"));
    assert_eq!(std::fs::read_to_string(&old).unwrap(), "old");
}

#[test]
fn an_unwritable_folder_is_named() {
    let folder = TempDir::new().unwrap();
    empty().write(folder.path()).unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "mine").unwrap();
    fails(folder.path(), &file)
        .stderr(predicate::str::contains("a-file").and(predicate::str::contains("--out")));
}

/// The committed record is what `report` makes of its evidence. To render it again:
/// `shardproof report --from reports/record/TARGET --out DIR`, and copy what is committed.
#[test]
fn the_committed_record_is_what_report_makes_of_its_evidence() {
    let record = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../reports/record/x86_64-unknown-linux-gnu")
        .canonicalize()
        .unwrap();
    let out = TempDir::new().unwrap();
    let mut report = shardproof();
    report.args(["report", "--from"]).arg(&record).arg("--out").arg(out.path());
    report.assert().success();
    for name in ["index.html", "report.md", "figures/throughput.svg", "figures/contention.svg"] {
        let [committed, made] = [record.join(name), out.path().join(name)]
            .map(|path| std::fs::read_to_string(&path).unwrap());
        assert!(committed == made, "{name} is not what `report` makes: render the record again");
    }
}

#[test]
fn ratios_are_taken_to_the_requested_base_and_an_unknown_one_is_an_error() {
    let folder = TempDir::new().unwrap();
    typical().write(folder.path()).unwrap();
    let report = |base: &str| {
        let mut command = shardproof();
        command.args(["report", "--from"]).arg(folder.path()).arg("--out").arg(folder.path());
        command.env("SHARDPROOF_BASE", base).assert()
    };
    report("unified").success();
    for file in ["index.html", "figures/throughput.svg"] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains("unified, the base") && !text.contains("seed, the base"), "{file}");
    }
    let cells = std::fs::read_to_string(folder.path().join("csv/cells.csv")).unwrap();
    assert!(cells.contains(",unified,") && !cells.contains(",seed,ceiling,"), "{cells}");
    report("nobody")
        .code(1)
        .stderr(predicate::str::contains("`nobody`").and(predicate::str::contains(
            "sharded, sharded-plain, unified, seed, ceiling, floor",
        )));
}

/// The table in the README is what the record says, as a terminal shows it.
#[test]
fn the_sample_table_of_the_readme_is_that_of_the_record() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let record = root.join("reports/record/x86_64-unknown-linux-gnu/evidence.json.gz");
    let mut evidence = Evidence::read(&record).unwrap();
    evidence.cells.retain(|cell| {
        let position = (cell.workload.as_str(), cell.placement.as_str());
        let is_shown = ["sharded", "seed", "ceiling"].contains(&cell.subject.as_str());
        position == ("put100", "disjoint") && is_shown
    });
    let text = terminal::render(&Document::report(&evidence, None).unwrap(), TerminalStyle::PLAIN);
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let sample = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(text.contains(sample), "{text}");
}

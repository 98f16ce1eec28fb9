//! Killing and resuming a measurement.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value as Json;
use shardproof::evidence::Evidence;
use shardproof::measure::journal::FILE_NAME as JOURNAL;
use tempfile::TempDir;

use crate::support::program::shardproof;

/// Lines in the journal when the process is killed: the header, the certificate, the schedule, and
/// some of the three rounds of 48 cells.
const LINES: usize = 30;

/// The flags of a measurement of a few seconds.
fn flags(out: &Path) -> Vec<String> {
    let words = ["measure", "--profile", "smoke", "--sections", "throughput", "--threads", "1,2"];
    let mut flags = words.map(str::to_owned).to_vec();
    flags.extend(["--out".to_owned(), out.display().to_string()]);
    flags
}

fn measure(out: &Path) -> Command {
    let mut command = shardproof();
    command.args(flags(out));
    command
}

/// Starts a measurement and kills it once it has measured something.
fn kill_midway(out: &Path) {
    let mut child = std::process::Command::new(shardproof().get_program())
        .args(flags(out))
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while lines(out).len() < LINES {
        assert!(is_running(&mut child), "it ended before it was killed");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed before its end");
}

fn is_running(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_none()
}

/// The complete lines of the journal.
fn lines(out: &Path) -> Vec<Json> {
    lines_of(&fs::read(out.join(JOURNAL)).unwrap_or_default())
}

fn lines_of(journal: &[u8]) -> Vec<Json> {
    let text = String::from_utf8_lossy(journal);
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

/// Every slice in the journal: its round from 1, its cell from 0, and its throughput.
fn slices(lines: &[Json]) -> Vec<(usize, usize, f64)> {
    let slice = |line: &Json| {
        let mut words = line["key"].as_str()?.strip_prefix("throughput ")?.split(' ');
        let mut number = || words.next()?.parse::<usize>().ok();
        Some((number()?, number()?, line["value"]["throughput_ops_s"].as_f64()?))
    };
    lines.iter().filter_map(slice).collect()
}

#[test]
fn a_killed_measurement_resumes_and_keeps_its_results() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    kill_midway(&out);
    let mut left: Vec<_> =
        fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.sort();
    // The lock file names the previous holder, and locks nobody out.
    assert_eq!(left, [".shardproof.lock", JOURNAL], "evidence is whole or not there");
    let before = lines(&out);
    let kept = slices(&before);
    // The others are the header, the certificate, the schedule, and a core-to-core measurement for
    // each round.
    assert!(kept.len() >= LINES - 6);

    // A run with other settings does not resume it, and it stays unchanged.
    let journal = fs::read(out.join(JOURNAL)).unwrap();
    measure(&out)
        .args(["--resume", "--seed", "2"])
        .assert()
        .code(1)
        .stdout("")
        .stderr(predicate::str::contains(JOURNAL).and(predicate::str::contains("field `plan`")));
    assert_eq!(fs::read(out.join(JOURNAL)).unwrap(), journal);

    let message = format!("continuing after {} entries", before.len() - 1);
    measure(&out).arg("--resume").assert().success().stderr(predicate::str::contains(message));
    let evidence = Evidence::read(&out.join("evidence.json")).unwrap();
    assert_eq!(evidence.cells.len(), 48);
    for (round, index, ops_s) in kept {
        // The index after the last cell is the first cell measured again.
        if let Some(cell) = evidence.cells.get(index) {
            let rounds = &cell.throughput_ops_s.as_ref().unwrap().rounds;
            assert!(is_same(rounds[round - 1], ops_s), "round {round}, cell {index}");
        }
    }
    for cell in &evidence.cells {
        assert_eq!(cell.throughput_ops_s.as_ref().unwrap().rounds.len(), 3);
    }
    assert!(!out.join(JOURNAL).exists());
    measure(&out)
        .arg("--resume")
        .assert()
        .code(1)
        .stderr(predicate::str::contains("no unfinished measurement"));
}

#[test]
fn a_new_measurement_uses_nothing_of_an_unfinished_one() {
    let folder = TempDir::new().unwrap();
    let small = ["--workloads", "get100", "--placements", "disjoint", "--filter", "^seed/.*/1$"];
    let out = folder.path();
    kill_midway(out);
    let unfinished = fs::read(out.join(JOURNAL)).unwrap();
    measure(out).args(small).assert().success().stderr(
        predicate::str::contains("unfinished measurement").and(
            predicate::str::contains("measure.older.journal")
                .and(predicate::str::contains("--resume")),
        ),
    );
    assert_eq!(fs::read(out.join("measure.older.journal")).unwrap(), unfinished);
    let evidence = Evidence::read(&out.join("evidence.json")).unwrap();
    assert_eq!(evidence.cells.len(), 3);
    let before = slices(&lines_of(&unfinished));
    for cell in &evidence.cells {
        for value in &cell.throughput_ops_s.as_ref().unwrap().rounds {
            assert!(before.iter().all(|(_, _, ops_s)| ops_s.to_bits() != value.to_bits()));
        }
    }
    assert!(!out.join(JOURNAL).exists());
}

#[test]
fn a_damaged_journal_line_loses_only_itself_and_is_reported() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    kill_midway(&out);
    let text = fs::read_to_string(out.join(JOURNAL)).unwrap();
    let damaged: Vec<String> = text
        .split_inclusive('\n')
        .zip(1..)
        .map(|(line, number)| if number == 10 { line.replace('{', "\0") } else { line.to_owned() })
        .collect();
    fs::write(out.join(JOURNAL), damaged.concat()).unwrap();
    let kept: Vec<_> = slices(&lines_of(text.as_bytes()));
    measure(&out).arg("--resume").assert().success().stderr(predicate::str::contains(
        "1 line of measure.journal cannot be read (line 10): their cells are measured again",
    ));
    let evidence = Evidence::read(&out.join("evidence.json")).unwrap();
    assert_eq!(evidence.cells.len(), 48);
    let same = |(round, index, ops_s): &(usize, usize, f64)| {
        let cell = evidence.cells.get(*index);
        let rounds = cell.and_then(|cell| cell.throughput_ops_s.as_ref());
        rounds.is_none_or(|it| is_same(it.rounds[round - 1], *ops_s))
    };
    let again = kept.iter().filter(|slice| !same(slice)).count();
    assert!(again <= 1, "{again} slices were measured again for one damaged line");
}

/// Whether evidence has a value of the journal, of which it stores nine digits.
fn is_same(in_evidence: f64, in_journal: f64) -> bool {
    (in_evidence / in_journal - 1.0).abs() < 1e-8
}

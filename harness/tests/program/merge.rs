//! Merging evidence of several machines: what is joined, rejected, and never compared.

use std::path::{Path, PathBuf};

use crate::support::program::shardproof;
use predicates::prelude::*;
use shardproof::evidence::merge::{MergeError, merge, missing_partitions};
use shardproof::evidence::{Cell, Checks, Config, Evidence, Spread, Warning};
use shardproof::judge::compare::{BASE_SUBJECT, compare};
use shardproof_samples::{build, cell, config, full, latency, machine, quick};
use tempfile::TempDir;

/// One partition of a matrix, on its own machine, with one subject on one and on two threads.
fn part(partition: &str, subject: &str, speed: f64) -> Evidence {
    let rounds = |factor: f64| [1e6, 2e6, 3e6].map(|ops_s| ops_s * factor * speed);
    Evidence {
        config: Some(config(partition)),
        cells: vec![cell(subject, 1, &rounds(1.0)), cell(subject, 2, &rounds(1.5))],
        latencies: vec![latency(subject, 2, "get", None, &quick())],
        ..Evidence::new(machine(&format!("the machine of {partition}")), build())
    }
}

fn refusal(all: Vec<Evidence>) -> MergeError {
    merge(all).expect_err("it does not belong together")
}

#[test]
fn parts_are_numbered_in_the_order_of_partitions_and_keep_their_machine() {
    let mut second = part("2/3", "sharded", 1.0);
    second.warnings = vec![Warning::BusyMachine];
    let all = vec![part("3/3", "ceiling", 1.0), part("1/3", "seed", 1.0), second];
    let merged = merge(all).unwrap();
    let numbered: Vec<_> =
        merged.cells.iter().map(|cell| (cell.part, cell.subject.as_str(), cell.threads)).collect();
    let expected =
        [(0, "seed"), (0, "seed"), (1, "sharded"), (1, "sharded"), (2, "ceiling"), (2, "ceiling")];
    assert!(numbered.iter().map(|(part, subject, _)| (*part, *subject)).eq(expected));
    assert_eq!(merged.latencies.iter().map(|each| each.part).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(merged.machine.cpu.as_deref(), Some("the machine of 1/3"));
    let machines: Vec<_> = merged.parts.iter().map(|part| part.machine.cpu.as_deref()).collect();
    assert_eq!(machines, [Some("the machine of 2/3"), Some("the machine of 3/3")]);
    assert_eq!(merged.parts[0].warnings, [Warning::BusyMachine]);
    assert_eq!(merged.parts[1].config.as_ref().unwrap().partition.as_deref(), Some("3/3"));
    assert_eq!(merged.warnings, [], "nothing is missing");
}

#[test]
fn every_section_is_carried_over_with_its_part() {
    // The sample has every field; without its second part and its verification it can be an input.
    let mut one = part("1/2", "ceiling", 1.0);
    let (mut two, sample) = (full(), full());
    two.parts.clear();
    two.config.as_mut().unwrap().partition = Some("2/2".to_owned());
    one.skipped = sample.skipped.clone();
    let merged = merge(vec![two, one]).unwrap();
    assert_eq!(merged.parts[0].certificate, sample.certificate);
    assert_eq!(merged.skipped, sample.skipped, "a skipped combination is listed once");
    assert_eq!(
        (merged.verification, merged.verifications, merged.fault_hunt, merged.faults),
        (sample.verification, sample.verifications, sample.fault_hunt, sample.faults)
    );
    let (mut cells, mut latencies) = (merged.cells, merged.latencies);
    assert_eq!((cells.drain(..2).count(), latencies.drain(..1).count()), (2, 1));
    macro_rules! moved {
        ($merged:expr, $sample:expr) => {{
            let mut expected = $sample;
            expected.iter_mut().for_each(|each| each.part = 1);
            assert!(!expected.is_empty());
            assert_eq!($merged, expected);
        }};
    }
    moved!(cells, sample.cells);
    moved!(latencies, sample.latencies);
    moved!(merged.rate_searches, sample.rate_searches);
    moved!(merged.snapshots, sample.snapshots);
    moved!(merged.snapshot_threads, sample.snapshot_threads);
    moved!(merged.held_snapshots, sample.held_snapshots);
    moved!(merged.memory, sample.memory);
    moved!(merged.operations, sample.operations);
}

#[test]
fn latency_checks_are_summed_and_a_subject_of_both_is_listed_once() {
    let with = |partition: &str, failed: u64, first_failure: Option<&str>| Evidence {
        subjects: full().subjects,
        latency_checks: Some(Checks {
            checked: 100,
            failed,
            first_failure: first_failure.map(str::to_owned),
            exemption: None,
        }),
        ..part(partition, partition, 1.0)
    };
    let mut third = with("3/3", 0, None);
    third.latency_checks = None;
    third.subjects[0].name = "another".to_owned();
    let merged = merge(vec![with("1/3", 0, None), with("2/3", 2, Some("a key")), third]).unwrap();
    let checks = merged.latency_checks.unwrap();
    assert_eq!((checks.checked, checks.failed), (200, 2));
    assert_eq!(checks.first_failure.as_deref(), Some("a key"));
    let names: Vec<&str> = merged.subjects.iter().map(|subject| subject.name.as_str()).collect();
    assert_eq!(names, ["sharded", "another"]);
}

#[test]
fn ratios_are_never_taken_across_machines() {
    let mut slow = part("1/2", "seed", 1.0);
    slow.cells.push(cell("sharded", 1, &[2e6, 4e6, 6e6]));
    let mut fast = part("2/2", "sharded", 10.0);
    // The fast machine has only one cell, of two threads.
    fast.cells.remove(0);
    let merged = merge(vec![slow, fast]).unwrap();
    let compared = compare(&merged, BASE_SUBJECT);
    let ratios: Vec<_> = compared
        .iter()
        .map(|each| {
            let median = |spread: Option<Spread>| spread.map(|all| all.median);
            let Cell { part, ref subject, threads, .. } = *each.cell;
            (part, subject.as_str(), threads, median(each.to_base), median(each.scaling))
        })
        .collect();
    assert_eq!(
        ratios,
        [
            (0, "seed", 1, Some(1.0), None),
            (0, "seed", 2, Some(1.0), Some(1.5)),
            (0, "sharded", 1, Some(2.0), None),
            // Neither relative to seed on the slow machine, nor to one thread there.
            (1, "sharded", 2, None, None),
        ]
    );
}

#[test]
fn an_incomplete_merge_can_be_merged_with_the_missing_partition() {
    let parts = || [("1/3", "seed"), ("2/3", "sharded"), ("3/3", "ceiling")];
    let [one, two, three] = parts().map(|(partition, subject)| part(partition, subject, 1.0));
    let at_once = merge(vec![one.clone(), two.clone(), three.clone()]).unwrap();
    let incomplete = merge(vec![two.clone(), one.clone()]).unwrap();
    assert_eq!(incomplete.warnings, [Warning::IncompleteMerge]);
    assert_eq!(
        missing_partitions(&incomplete).iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["3/3"]
    );
    assert_eq!(merge(vec![three.clone(), incomplete]).unwrap(), at_once);
    // Also if the incomplete one is not the first.
    let later = merge(vec![two, three]).unwrap();
    let merged = merge(vec![later, one]).unwrap();
    assert_eq!(merged, at_once);
}

#[test]
fn different_builds_seeds_or_profiles_are_rejected_by_field() {
    let differing = |change: fn(&mut Evidence)| {
        let mut other = part("2/2", "sharded", 1.0);
        change(&mut other);
        refusal(vec![part("1/2", "seed", 1.0), other]).to_string()
    };
    fn config_of(evidence: &mut Evidence) -> &mut Config {
        evidence.config.as_mut().unwrap()
    }
    type Change = fn(&mut Evidence);
    let changes: [(Change, &str); 14] = [
        (|other| other.build.commit = "fedcba".to_owned(), "build.commit"),
        (|other| other.build.dirty = Some(true), "build.dirty"),
        (|other| other.build.profile = "debug".to_owned(), "build.profile"),
        (|other| config_of(other).seed = 2, "config.seed"),
        (|other| config_of(other).profile = "full".to_owned(), "config.profile"),
        (|other| config_of(other).partition = Some("2/4".to_owned()), "config.partition"),
        (|other| config_of(other).threads = vec![1, 2, 4], "config.threads"),
        (|other| config_of(other).workloads[0].key_bytes = 16, "config.workloads"),
        (|other| config_of(other).sections = Some(vec!["latency".to_owned()]), "config.sections"),
        (|other| config_of(other).pinning = Some("off".to_owned()), "config.pinning"),
        (|other| config_of(other).latency_rounds = 9, "config.latency_rounds"),
        (|other| config_of(other).open_slice_ms = 9.0, "config.open_slice_ms"),
        (|other| config_of(other).filter = None, "config.filter"),
        (|other| config_of(other).matrix_digest = None, "config.matrix_digest"),
    ];
    for (change, field) in changes {
        let error = differing(change);
        assert!(error.contains(&format!("evidence 1 and 2 differ in field `{field}`")), "{error}");
    }
}

#[test]
fn partitions_may_differ_in_rounds_and_slices() {
    let (mut one, mut two) = (part("1/2", "seed", 1.0), part("2/2", "sharded", 1.0));
    for (evidence, rounds, slice_ms) in [(&mut one, 15, 26.0), (&mut two, 31, 95.0)] {
        let config = evidence.config.as_mut().unwrap();
        (config.rounds, config.slice_ms) = (rounds, slice_ms);
    }
    let merged = merge(vec![two, one]).unwrap();
    let settings: Vec<_> = merged
        .all_parts()
        .map(|part| part.config.map(|config| (config.rounds, config.slice_ms)))
        .collect();
    assert_eq!(settings, [Some((15, 26.0)), Some((31, 95.0))]);
    assert_eq!(merged.warnings, [Warning::UnevenParts], "it says which figures not to compare");
}

#[test]
fn a_subject_with_different_settings_is_rejected_with_both() {
    let with = |partition: &str, settings: &str| {
        let mut evidence = part(partition, partition, 1.0);
        evidence.subjects = full().subjects;
        evidence.subjects[0].settings = settings.to_owned();
        evidence
    };
    let error = refusal(vec![with("1/2", "one way"), with("2/2", "another way")]).to_string();
    for expected in ["field `subjects`", "one way", "another way"] {
        assert!(error.contains(expected), "{error}");
    }
    assert!(merge(vec![with("1/2", "one way"), with("2/2", "one way")]).is_ok());
}

#[test]
fn a_long_value_is_shortened_in_the_message() {
    let mut other = part("2/2", "sharded", 1.0);
    other.config.as_mut().unwrap().threads = (1..1_000).collect();
    let error = refusal(vec![part("1/2", "seed", 1.0), other]).to_string();
    assert!(error.contains("config.threads") && error.len() < 1_200, "{error}");
}

#[test]
fn inputs_that_are_not_partitions_or_duplicates_are_rejected() {
    let mut whole = part("1/2", "seed", 1.0);
    whole.config.as_mut().unwrap().partition = None;
    let error = refusal(vec![part("2/2", "sharded", 1.0), whole]);
    assert_eq!(error, MergeError::NotAPartition { which: 2, found: "null".to_owned() });

    let odd = part("3/2", "seed", 1.0);
    let error = refusal(vec![odd]).to_string();
    assert!(error.contains("`config.partition` is `3/2`"), "{error}");

    let error = refusal(vec![part("1/2", "seed", 1.0), part("1/2", "sharded", 1.0)]).to_string();
    assert!(error.contains("evidence 1 and 2 are both of partition 1/2"), "{error}");

    let error = refusal(vec![part("2/2", "seed", 1.0), part("1/2", "seed", 1.0)]).to_string();
    assert!(error.contains("both have the cell seed get100 disjoint of 1 threads"), "{error}");

    let (mut one, mut two) = (part("1/2", "seed", 1.0), part("2/2", "sharded", 1.0));
    two.latencies = one.latencies.clone();
    let error = refusal(vec![one.clone(), two.clone()]).to_string();
    assert!(error.contains("both have latencies of get in seed"), "{error}");

    two.latencies.clear();
    (one.faults, two.faults) = (full().faults, full().faults);
    let error = refusal(vec![one, two]).to_string();
    assert!(error.contains("both have field `fault_hunt`"), "{error}");

    assert_eq!(refusal(Vec::new()), MergeError::NoInput);
}

fn saved(folder: &Path, name: &str, evidence: &Evidence) -> PathBuf {
    evidence.write(&folder.join(name)).unwrap()
}

#[test]
fn the_verb_writes_merged_evidence_and_warns_about_missing_partitions() {
    let folder = TempDir::new().unwrap();
    let one = saved(folder.path(), "a", &part("1/3", "seed", 1.0));
    let three = saved(folder.path(), "c", &part("3/3", "sharded", 10.0));
    let out = folder.path().join("both");
    let merging = |files: &[&PathBuf]| {
        let mut command = shardproof();
        command.arg("merge").args(files).arg("--out").arg(&out);
        command
    };
    merging(&[&three, &one])
        .assert()
        .success()
        .stdout(predicate::str::contains("2 parts, 4 cells, 2 latencies"))
        .stderr(predicate::str::contains("warning: partition 2/3 is missing"));
    let merged = Evidence::read(&out.join("evidence.json")).unwrap();
    assert_eq!(merged.warnings, [Warning::IncompleteMerge]);
    assert_eq!(merged.cells[3].part, 1);
    // The same inputs can be merged again into the same folder.
    merging(&[&one]).assert().success();
}

#[test]
fn the_verb_names_incompatible_files_and_keeps_measurements() {
    let folder = TempDir::new().unwrap();
    let mut other = part("2/2", "sharded", 1.0);
    other.build.commit = "fedcba".to_owned();
    let one = saved(folder.path(), "a", &part("1/2", "seed", 1.0));
    let two = saved(folder.path(), "b", &other);
    let message = predicate::str::contains("`build.commit`")
        .and(predicate::str::contains(format!("evidence 1 is {}", one.display())))
        .and(predicate::str::contains(format!("evidence 2 is {}", two.display())));
    let out = folder.path().join("both");
    shardproof()
        .arg("merge")
        .args([&one, &two])
        .arg("--out")
        .arg(&out)
        .assert()
        .code(1)
        .stderr(message);
    assert!(!out.exists(), "nothing is written");

    let before = std::fs::read(&one).unwrap();
    shardproof()
        .arg("merge")
        .arg(&one)
        .arg("--out")
        .arg(one.parent().unwrap())
        .assert()
        .code(1)
        .stderr(predicate::str::contains("is one of the files to merge"));
    assert_eq!(std::fs::read(&one).unwrap(), before);

    // Another measurement is not replaced either.
    shardproof()
        .arg("merge")
        .arg(&one)
        .arg("--out")
        .arg(two.parent().unwrap())
        .assert()
        .code(1)
        .stderr(predicate::str::contains("to keep that measurement"));
}

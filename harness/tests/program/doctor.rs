//! `shardproof doctor`: its output and exit code.

use predicates::prelude::*;
use shardproof::evidence::{Evidence, SCHEMA};

use crate::support::program::shardproof;

#[test]
fn the_certificate_fits_and_its_warnings_are_not_a_failure() {
    let assert = shardproof().arg("doctor").assert().code(0).stdout(
        predicate::str::contains("processors ")
            .and(predicate::str::contains("contention "))
            .and(predicate::str::is_match(r"19\s+of\s+20\s+pairs").unwrap())
            // The program under test is the debug build.
            .and(
                predicate::str::is_match("unoptimised-build +the measurement as a whole").unwrap(),
            ),
    );
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(!text.contains('\u{1b}'), "no colour where there is no terminal");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn json_is_evidence_with_a_certificate_and_nothing_measured() {
    let assert = shardproof().args(["doctor", "--json"]).assert().code(0);
    let evidence: Evidence = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(evidence.schema, SCHEMA);
    assert!(evidence.config.is_none() && evidence.cells.is_empty());
    let certificate = evidence.certificate.unwrap();
    let same_twice = certificate.same_twice.unwrap();
    assert!(same_twice.pairs > 0 && same_twice.noise_floor >= 0.0);
    if let Some(pinned_to) = certificate.pinned_to {
        assert_eq!(pinned_to.len(), certificate.cpus.unwrap().len());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_certificate_respects_a_narrower_affinity_mask() {
    let cpu = shardproof::machine::cpus::allowed().unwrap()[0];
    // Threads and programs inherit the mask of the thread that starts them.
    let _pinned = shardproof::machine::cpus::pin_until_dropped(cpu).unwrap();
    let assert = shardproof().args(["doctor", "--json"]).assert().code(0);
    let evidence: Evidence = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let certificate = evidence.certificate.unwrap();
    assert_eq!(certificate.cpus, Some(vec![cpu]));
    assert_eq!(certificate.pinned_to, Some(vec![cpu]));
    assert!(certificate.core_to_core.is_empty() && certificate.counters.is_none());
}

#[test]
fn the_help_says_what_is_examined_and_gives_examples() {
    shardproof().args(["doctor", "--help"]).assert().success().stdout(
        predicate::str::contains("Examples:")
            .and(predicate::str::contains("The exit code is 0"))
            .and(predicate::str::contains("SHARDPROOF_JSON")),
    );
}

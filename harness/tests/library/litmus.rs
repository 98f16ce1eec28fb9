//! Each litmus program finds the seeded faults that it is written to find, and passes on the store
//! and on its equivalent faults.
#![cfg(all(feature = "faults", feature = "loom", feature = "shuttle"))]

use std::time::Duration;

use sharded_store_faulty::fault::CATALOGUE;
use shardproof::registry::{Subjects, faulty};
use shardproof::verify::check::report::{AnomalyKind, Axioms};
use shardproof::verify::execute::{Executor, Exploration, Job, Limits, VerifySubject};
use shardproof::verify::litmus::{Litmus, catalogue};

/// The cheapest first.
const EXECUTORS: [Executor; 4] =
    [Executor::Sequential, Executor::Loom, Executor::Pct, Executor::Shuttle];

/// Larger programs need no interleavings and would take long.
const INTERLEAVED_OPERATIONS_MAX: usize = 60;

/// Whether to search longer.
fn is_thorough() -> bool {
    std::env::var("SHARDPROOF_PROFILE").is_ok_and(|profile| profile == "ci" || profile == "full")
}

fn can_run(executor: Executor, litmus: &Litmus) -> bool {
    match executor {
        Executor::Sequential => true,
        // It needs at least two threads.
        Executor::Pct => litmus.is_concurrent(),
        _ => litmus.program.operations() <= INTERLEAVED_OPERATIONS_MAX,
    }
}

fn explore(
    executor: Executor,
    subject: &VerifySubject,
    litmus: &Litmus,
    limits: &Limits,
) -> Exploration {
    let axioms = Axioms::all();
    executor.explore(&Job { subject, program: &litmus.program, seed: 1, axioms: &axioms }, limits)
}

fn passes(subject: &VerifySubject, limits: &Limits) {
    for litmus in catalogue() {
        for executor in EXECUTORS.into_iter().filter(|executor| can_run(*executor, &litmus)) {
            let explored = explore(executor, subject, &litmus, limits);
            let name = &litmus.program.name;
            if let Some(failure) = explored.failure {
                panic!("{} fails {name} under {executor:?}: {failure:#?}", subject.name());
            }
        }
    }
}

#[test]
fn the_store_passes_every_litmus() {
    let time = Duration::from_millis(if is_thorough() { 400 } else { 20 });
    passes(
        Subjects::new().verify("sharded").unwrap(),
        &Limits { executions: 20_000, time, preemptions: None },
    );
}

#[test]
fn equivalent_faults_pass_every_litmus() {
    let time = Duration::from_millis(if is_thorough() { 20 } else { 3 });
    for seeded in CATALOGUE.iter().filter(|seeded| seeded.equivalent) {
        let subject = faulty::with_fault(seeded.id).expect("the fault is in the catalogue");
        passes(&subject, &Limits { executions: 100, time, preemptions: Some(3) });
    }
}

#[test]
fn every_litmus_finds_its_faults() {
    let mut missed = Vec::new();
    for litmus in catalogue() {
        for fault in litmus.finds {
            match finder(&litmus, fault) {
                Some((executor, executions, kind)) => println!(
                    "{fault:4} {:36} {:10} {executions:6} executions: {kind:?}",
                    litmus.program.name,
                    executor.as_str()
                ),
                None => missed.push((litmus.program.name.clone(), *fault)),
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// The first executor with which a litmus finds a fault, the number of executions, and the anomaly.
fn finder(litmus: &Litmus, fault: &str) -> Option<(Executor, u64, AnomalyKind)> {
    let subject = faulty::with_fault(fault).expect("the fault is in the catalogue");
    let limits = Limits { executions: 20_000, time: Duration::from_secs(60), preemptions: None };
    let found = |executor| {
        let explored = explore(executor, &subject, litmus, &limits);
        let kind = explored.failure?.report.anomalies.first()?.kind;
        Some((executor, explored.executions, kind))
    };
    EXECUTORS.into_iter().filter(|executor| can_run(*executor, litmus)).find_map(found)
}

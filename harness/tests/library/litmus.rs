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

fn passes(executor: Executor, subject: &VerifySubject, litmus: &Litmus, limits: &Limits) {
    if !can_run(executor, litmus) {
        return;
    }
    let explored = explore(executor, subject, litmus, limits);
    if let Some(failure) = explored.failure {
        let name = &litmus.program.name;
        panic!("{} fails {name} under {executor:?}: {failure:#?}", subject.name());
    }
    assert!(explored.executions > 0, "{}: nothing ran under {executor:?}", litmus.program.name);
}

#[test]
fn the_store_passes_every_litmus() {
    let time = Duration::from_millis(if is_thorough() { 400 } else { 20 });
    let limits = Limits { executions: 20_000, time, preemptions: None };
    let subjects = Subjects::new();
    let subject = subjects.verify("sharded").unwrap();
    for litmus in catalogue() {
        EXECUTORS.into_iter().for_each(|executor| passes(executor, subject, &litmus, &limits));
    }
}

#[test]
fn equivalent_faults_pass_every_litmus() {
    let time = Duration::from_millis(if is_thorough() { 20 } else { 3 });
    let limits = Limits { executions: 100, time, preemptions: Some(3) };
    let equivalent = CATALOGUE.iter().filter(|seeded| seeded.equivalent);
    for (number, seeded) in equivalent.enumerate() {
        let subject = faulty::with_fault(seeded.id).expect("the fault is in the catalogue");
        for (place, litmus) in catalogue().iter().enumerate() {
            // For time's sake one executor for each, in turn: each fault meets all executors, and
            // each program meets other executors with the next fault.
            let in_turn = EXECUTORS[(number + place) % EXECUTORS.len()];
            for executor in EXECUTORS {
                if is_thorough() || executor == in_turn {
                    passes(executor, &subject, litmus, &limits);
                }
            }
        }
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
    let found = |(executions, executor)| {
        let limits = Limits { executions, time: Duration::from_secs(60), preemptions: None };
        let explored = explore(executor, &subject, litmus, &limits);
        let kind = explored.failure?.report.anomalies.first()?.kind;
        Some((executor, explored.executions, kind))
    };
    // A few with each executor first: what takes one of them thousands may take another ten.
    let executors = || EXECUTORS.into_iter().filter(|executor| can_run(*executor, litmus));
    let rounds = [1_000, 20_000].into_iter();
    rounds
        .flat_map(|executions| executors().map(move |executor| (executions, executor)))
        .find_map(found)
}

//! The kinds of anomaly that the checker reports for seeded faults under the sequential executor.
#![cfg(feature = "faults")]

use std::collections::BTreeSet;
use std::time::Duration;

use shardproof::registry::faulty;
use shardproof::verify::check::report::AnomalyKind::{
    self, CollectedTooEarly, DirtyRead, FutureRead, GarbledRead, MissingEntry, NonRepeatableRead,
    Phantom, ResurrectedDelete, StaleRead, UnnoticedConflict,
};
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, Job, Limits};
use shardproof::verify::litmus;

/// For each fault, the kinds that describe it, each of which must occur, and weaker kinds that are
/// accepted from programs that read too little.
const NAMES: [(&str, &[AnomalyKind], &[AnomalyKind]); 18] = [
    ("R1", &[FutureRead, NonRepeatableRead], &[]),
    ("R2", &[StaleRead], &[FutureRead, MissingEntry]),
    ("R3a", &[Phantom, MissingEntry, FutureRead], &[]),
    ("R3b", &[Phantom, MissingEntry], &[]),
    ("R4a", &[Phantom], &[]),
    ("R4b", &[ResurrectedDelete], &[]),
    ("R5", &[Phantom], &[]),
    ("R6", &[FutureRead], &[NonRepeatableRead]),
    ("R7", &[GarbledRead], &[Phantom]),
    ("W1", &[FutureRead, UnnoticedConflict], &[]),
    ("W2", &[CollectedTooEarly], &[StaleRead, FutureRead, UnnoticedConflict]),
    ("W10", &[DirtyRead], &[]),
    ("W11", &[StaleRead], &[FutureRead]),
    ("G1", &[CollectedTooEarly], &[StaleRead, FutureRead, UnnoticedConflict]),
    ("G2", &[CollectedTooEarly], &[StaleRead, FutureRead, UnnoticedConflict]),
    ("G2b", &[CollectedTooEarly], &[StaleRead, FutureRead, NonRepeatableRead, UnnoticedConflict]),
    ("G5", &[ResurrectedDelete], &[]),
    ("G6", &[CollectedTooEarly], &[StaleRead]),
];

#[test]
fn each_fault_is_reported_as_the_right_kind_of_anomaly() {
    for (fault, best, others) in NAMES {
        let found = names(fault);
        for name in best {
            assert!(
                found.contains(name),
                "{fault} is never reported as {name:?}, but as {found:?}"
            );
        }
        let odd: Vec<_> =
            found.iter().filter(|name| !best.contains(name) && !others.contains(name)).collect();
        assert!(odd.is_empty(), "{fault} is also reported as {odd:?}");
    }
}

/// The kinds of the first anomaly of each hand-written program that finds a fault.
fn names(fault: &str) -> BTreeSet<AnomalyKind> {
    let subject = faulty::with_fault(fault).expect("the fault is in the catalogue");
    let limits = Limits { executions: 1, time: Duration::from_secs(10), preemptions: None };
    let axioms = Axioms::all();
    let first = |litmus: litmus::Litmus| {
        let job = Job { subject: &subject, program: &litmus.program, seed: 1, axioms: &axioms };
        let failure = Executor::Sequential.explore(&job, &limits).failure?;
        Some(failure.report.anomalies[0].kind)
    };
    litmus::catalogue().into_iter().filter_map(first).collect()
}

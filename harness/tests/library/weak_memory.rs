//! The store's own sources under loom: every interleaving of the litmus programs, under weak
//! memory.
//!
//! `SHARDPROOF_PROFILE=ci` allows more preemptions and hunts the faults that need weak memory.
#![cfg(all(feature = "loom", feature = "faults"))]

use std::time::Duration;

use shardproof::registry::{Subjects, faulty};
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, HowEnded, Job, Limits};
use shardproof::verify::explain::explain;
use shardproof::verify::litmus::catalogue;

/// Faults in memory orderings, which no sequentially consistent schedule can show.
const NEED_WEAK_MEMORY: [&str; 6] = ["G4a", "G4b", "G4c", "U2", "U3", "U4"];

fn is_thorough() -> bool {
    std::env::var("SHARDPROOF_PROFILE").is_ok_and(|profile| profile == "ci" || profile == "full")
}

fn limits(preemptions: usize) -> Limits {
    Limits { executions: u64::MAX, time: Duration::from_secs(120), preemptions: Some(preemptions) }
}

#[test]
fn the_store_keeps_every_axiom_in_every_interleaving_of_the_litmus_programs() {
    let (subjects, axioms) = (Subjects::new(), Axioms::all());
    let subject = subjects.verify("sharded").unwrap();
    let preemptions = if is_thorough() { 2 } else { 1 };
    let mut executions = 0;
    for litmus in catalogue().iter().filter(|litmus| litmus.is_concurrent()) {
        let job = Job { subject, program: &litmus.program, seed: 1, axioms: &axioms };
        let explored = Executor::Loom.explore(&job, &limits(preemptions));
        if let Some(failure) = &explored.failure {
            let shown = failure.report.anomalies.first();
            let text = shown.map(|anomaly| explain(&failure.history, anomaly));
            panic!("{}: {}", litmus.program.name, text.unwrap_or_default());
        }
        assert!(explored.ended <= HowEnded::Bounded, "{}: {explored:?}", litmus.program.name);
        println!("{:60} {:>8} executions", litmus.program.name, explored.executions);
        executions += explored.executions;
    }
    println!("{executions} executions with at most {preemptions} preemptions: no anomaly");
}

#[test]
fn faults_that_need_weak_memory_are_found() {
    if !is_thorough() {
        println!("only with SHARDPROOF_PROFILE=ci");
        return;
    }
    let axioms = Axioms::all();
    for id in NEED_WEAK_MEMORY {
        let subject = faulty::with_fault(id).expect("the fault is in the catalogue");
        let litmus = catalogue();
        let meant = litmus.iter().filter(|litmus| litmus.finds.contains(&id));
        let found = meant.clone().find_map(|litmus| {
            let job = Job { subject: &subject, program: &litmus.program, seed: 1, axioms: &axioms };
            let explored = Executor::Loom.explore(&job, &limits(2));
            Some((litmus.program.name.clone(), explored.executions, explored.failure?))
        });
        let (name, executions, _) = found.unwrap_or_else(|| panic!("{id} was not found"));
        println!("{id} found by {name} in {executions} executions");
    }
}

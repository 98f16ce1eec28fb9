//! Every axiom of the checker is needed: without any one of them, a seeded fault survives that is
//! found with all of them.
//!
//! Both searches have the same seed, so they see the same schedules with and without the axiom.
#![cfg(all(feature = "faults", feature = "shuttle"))]

use std::collections::BTreeSet;
use std::time::Duration;

use shardproof::registry::faulty;
use shardproof::verify::check::report::{Axiom, Axioms};
use shardproof::verify::execute::{Executor, Exploration, HowEnded, Job, Limits};
use shardproof::verify::explain::name;
use shardproof::verify::litmus::catalogue;
use shardproof::verify::program::{Op, Program, Size};

/// The slowest case finds its fault within a fifth of these limits.
const LIMITS: Limits =
    Limits { executions: 2_000, time: Duration::from_secs(30), preemptions: None };

/// A fault that only one axiom detects.
struct Case {
    axiom: Axiom,
    fault: &'static str,
    program: Program,
    executor: Executor,
}

impl Case {
    fn explore(&self, fault: Option<&str>, axioms: &Axioms) -> Exploration {
        let store = faulty::store();
        let subject = match fault {
            None => store,
            Some(id) => store.with_fault(id).expect("the fault is in the catalogue"),
        };
        let job = Job { subject: &subject, program: &self.program, seed: 1, axioms };
        self.executor.explore(&job, &LIMITS)
    }
}

fn cases() -> Vec<Case> {
    use Executor::{Pct, Sequential, Shuttle};
    let case = |axiom, fault, program, executor| Case { axiom, fault, program, executor };
    vec![
        case(Axiom::Equation, "R1", litmus("snapshot-stays"), Sequential),
        case(Axiom::UniqueVersions, "U32", litmus("three-puts"), Sequential),
        case(Axiom::CommitOrder, "W5", beside_a_snapshot([put(A), put(B)]), Pct),
        case(Axiom::Freshness, "W5", beside_a_snapshot([put(A), open(0), close(0)]), Pct),
        case(Axiom::NotFromTheFuture, "W5", beside_a_snapshot([open(0), close(0), put(A)]), Pct),
        case(Axiom::Monotonic, "W5", beside_a_snapshot([open(0), open(1)]), Pct),
        case(Axiom::Atomic, "W7b", litmus("set-over-runs-and-snapshot"), Shuttle),
        case(Axiom::NoLostUpdate, "W8", litmus("new-key-beside-overwrite"), Shuttle),
        case(Axiom::Isolation, "T2", litmus("conflict"), Sequential),
        case(Axiom::LatestRead, "U7", litmus("read-during-removal"), Shuttle),
        case(Axiom::Intact, "R7", litmus("list-two-runs"), Sequential),
        case(Axiom::NoGarbage, "G8", litmus("nothing-left"), Sequential),
        case(Axiom::Progress, "W12", litmus("two-sets-in-opposite-order"), Shuttle),
    ]
}

const A: u32 = 0;
const B: u32 = 2;

fn put(key: u32) -> Op {
    Op::Put { run: 0, key, size: Size::Short }
}

fn open(snapshot: u8) -> Op {
    Op::Open { snapshot }
}

fn close(snapshot: u8) -> Op {
    Op::Drop { snapshot }
}

/// A hand-written program of the catalogue.
fn litmus(name: &str) -> Program {
    let found = catalogue().into_iter().find(|litmus| litmus.program.name == name);
    found.unwrap_or_else(|| panic!("{name} is not in the catalogue")).program
}

/// Advances the clock twice and runs some operations while another thread opens a snapshot. If that
/// sets the clock back, the operations are out of order, and nothing else is wrong: no snapshot is
/// read, and every key has one write.
fn beside_a_snapshot<const N: usize>(ops: [Op; N]) -> Program {
    let does = [Op::Tick, Op::Tick].into_iter().chain(ops).collect();
    let threads = vec![vec![open(0), close(0)], does];
    Program { name: "beside-a-snapshot".to_owned(), setup: Vec::new(), threads }
}

#[test]
fn without_any_one_axiom_a_fault_survives_that_all_axioms_find() {
    println!("axiom                fault  program                      executor    found as");
    for case in cases() {
        let Case { axiom, fault, program, executor } = &case;
        let found = case.explore(Some(fault), &Axioms::all());
        let failure = found.failure.unwrap_or_else(|| panic!("{fault} is not found: {axiom:?}"));
        let broken: BTreeSet<Axiom> =
            failure.report.anomalies.iter().map(|anomaly| anomaly.axiom).collect();
        assert_eq!(broken, BTreeSet::from([*axiom]), "{fault}");
        let kinds: Vec<String> = failure.report.anomalies_total.keys().map(name).collect();
        println!(
            "{:20} {fault:6} {:28} {executor:11} {} after {} executions",
            name(*axiom),
            program.name,
            kinds.join(", "),
            found.executions
        );

        let without = case.explore(Some(fault), &Axioms::without(*axiom));
        assert!(without.failure.is_none(), "{fault} does not need {axiom:?}: {without:#?}");
        // Then a deadlock is no failure, but it is not the end of a search either.
        match axiom {
            Axiom::Progress => assert_eq!(without.ended, HowEnded::Crashed, "{fault}"),
            _ => assert!(without.ended <= HowEnded::Bounded, "{fault}: {:?}", without.ended),
        }
        assert!(
            without.executions >= found.executions,
            "{fault} {axiom:?}: it saw fewer executions"
        );
    }
}

#[test]
fn every_axiom_has_a_fault_that_only_it_detects() {
    let covered: BTreeSet<Axiom> = cases().iter().map(|case| case.axiom).collect();
    assert_eq!(covered, BTreeSet::from(Axiom::ALL));
}

#[test]
fn the_store_without_a_fault_passes_the_same_programs() {
    for case in cases() {
        let explored = case.explore(None, &Axioms::all());
        assert!(explored.failure.is_none(), "{}: {explored:#?}", case.program.name);
        assert!(explored.report.counts[&case.axiom].checked > 0, "{:?}", case.axiom);
    }
}

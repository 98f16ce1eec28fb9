//! The store passes under every executor.

use std::time::Duration;

use shardproof::Subjects;
use shardproof::evidence::verification::Verdict;
use shardproof::judge::verification::judge;
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, HowEnded, Job, Limits, VerifySubject};
use shardproof::verify::explain::explain;
use shardproof::verify::generate::{Mix, Shape};
use shardproof::verify::litmus;
use shardproof::verify::program::{Op, Program, Size};
use shardproof::verify::search::{Goal, SearchBudget, SearchOutcome, SearchTask, search};

/// Tiny programs, so that loom finishes them quickly.
const TINY: [Shape; 1] = [Shape { setup: 3, threads: 2, ops: 2, runs: 2, keys: 3, mix: Mix::Even }];

fn budget(executions: u64) -> SearchBudget {
    let limits = Limits { executions, time: Duration::from_secs(20), preemptions: Some(2) };
    SearchBudget {
        catalogue: None,
        collecting_factor: 1,
        programs: 20,
        shapes: &TINY,
        random: limits,
        time: Duration::from_secs(60),
        shrinking: Duration::from_secs(5),
        goal: Goal::EveryProperty,
    }
}

fn run(subject: &VerifySubject, executor: Executor, executions: u64) -> SearchOutcome {
    let axioms = Axioms::all();
    let task = SearchTask { subject, executor, catalogue: &[], seed: 1, axioms: &axioms };
    search(&task, &budget(executions), &mut |_, _| ())
}

#[test]
fn a_search_that_ran_nothing_is_inconclusive() {
    let (subjects, axioms) = (Subjects::new(), Axioms::all());
    let subject = subjects.verify("unified").unwrap();
    let put = Op::Put { run: 0, key: 0, size: Size::Short };
    let alone = Program { name: "alone".to_owned(), setup: Vec::new(), threads: vec![vec![put]] };
    let executor = Executor::Litmus;
    let outcome = |catalogue: &[Program], executions| {
        let task = SearchTask { subject, executor, catalogue, seed: 1, axioms: &axioms };
        let budget = budget(executions);
        let programs = if executions == 0 { 1 } else { 0 };
        let budget = SearchBudget { catalogue: Some(budget.random), programs, ..budget };
        search(&task, &budget, &mut |_, _| ())
    };
    for (catalogue, executions, why) in [
        (vec![alone], 1, "no program could be run: litmus needs programs of at least 2 threads"),
        (Vec::new(), 1, "there was no program to run"),
        (Vec::new(), 0, "the budget allows no execution"),
    ] {
        let search = outcome(&catalogue, executions);
        assert_eq!((search.ended, search.executions), (HowEnded::NotRun, 0));
        let reason = search.inconclusive().expect("it ran nothing");
        assert!(reason.starts_with(why), "{reason}");
        let rows: Vec<_> = search.observations("unified", "", &[]).into_iter().map(judge).collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].verdict, Verdict::Inconclusive);
        assert_eq!(rows[0].reason.as_ref(), Some(&reason));
    }
}

#[test]
fn the_store_passes_under_every_executor() {
    for executor in Executor::ALL {
        let search = run(Subjects::new().verify("sharded").unwrap(), executor, 200);
        println!(
            "{executor:?}: {} executions of {} programs, {:?}, {:.2} s",
            search.executions, search.programs, search.ended, search.seconds
        );
        if let Some(found) = search.worst() {
            panic!("{}", explain(&found.failure.history, &found.failure.report.anomalies[0]));
        }
        assert!(search.ended <= HowEnded::Bounded && search.report.reads > 0, "{search:#?}");
    }
}

#[test]
fn loom_ends_at_its_limit_and_not_a_round_number_of_executions_later() {
    let (subjects, axioms) = (Subjects::new(), Axioms::all());
    let subject = subjects.verify("sharded").unwrap();
    let programs = litmus::catalogue();
    let litmus = programs.iter().find(|litmus| litmus.is_concurrent()).unwrap();
    let job = Job { subject, program: &litmus.program, seed: 1, axioms: &axioms };
    for executions in [3, 10] {
        let limits = Limits { executions, time: Duration::from_secs(60), preemptions: Some(2) };
        let exploration = Executor::Loom.explore(&job, &limits);
        assert_eq!(exploration.executions, executions);
        assert_eq!(exploration.ended, HowEnded::Bounded);
        assert!(exploration.failure.is_none());
    }
}

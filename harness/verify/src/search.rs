//! Searches for a program that makes a store fail, and shrinks it.

use std::time::{Duration, Instant};

use crate::check::report::{AnomalyKind, Axioms, Report};
use crate::execute::history_checker::Failure;
use crate::execute::{Executor, HowEnded, Job, Limits, VerifySubject};
use crate::generate::{Shape, generate};
use crate::program::Program;
use crate::shrink;

/// Longer programs are only truncated, not shrunk: shrinking takes time quadratic in the length.
const SHRUNK_OPERATIONS_MAX: usize = 500;
/// How often a truncated program is tried before it counts as passing.
const CUT_OFF_TRIES: usize = 3;

/// How much work one executor may spend on one subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchBudget {
    /// Limits for each program of the catalogue; `None` skips the catalogue.
    pub catalogue: Option<Limits>,
    /// The number of random programs.
    pub programs: u64,
    /// The shapes of random programs, used in turn.
    pub shapes: &'static [Shape],
    /// Limits for each random program.
    pub random: Limits,
    /// The most time for all programs together.
    pub time: Duration,
    /// The most time for shrinking a failing program.
    pub shrinking: Duration,
}

/// What to search: a subject, an executor and programs.
#[derive(Clone, Copy, Debug)]
pub struct SearchTask<'a> {
    /// The subject.
    pub subject: &'a VerifySubject,
    /// The executor.
    pub executor: Executor,
    /// Hand-written programs, tried first.
    pub catalogue: &'a [Program],
    /// The seed of all random choices.
    pub seed: u64,
    /// The axioms to check.
    pub axioms: &'a Axioms,
}

/// The outcome of a search.
#[derive(Clone, PartialEq, Debug)]
pub struct SearchOutcome {
    /// The executor.
    pub executor: Executor,
    /// Programs tried.
    pub programs: u64,
    /// Executions of them.
    pub executions: u64,
    /// How the search ended.
    pub ended: HowEnded,
    /// Why it was not run; `None` if it was.
    pub reason: Option<String>,
    /// The sum of the checker's reports.
    pub report: Report,
    /// The failing program, if there is one.
    pub counterexample: Option<Counterexample>,
    /// How long it took in seconds, without shrinking.
    pub seconds: f64,
}

/// A program that makes the subject fail.
#[derive(Clone, PartialEq, Debug)]
pub struct Counterexample {
    /// The program, shrunk.
    pub program: Program,
    /// Operations of the program before shrinking.
    pub operations_before: usize,
    /// The failure of the shrunk program.
    pub failure: Failure,
    /// The seed of the schedules.
    pub seed: u64,
    /// How long shrinking took, in seconds.
    pub shrinking_seconds: f64,
}

/// Tries program after program until one fails or the budget is spent. Calls `at` with the programs
/// done and their total before each one.
#[must_use]
pub fn search(
    task: &SearchTask<'_>,
    budget: &SearchBudget,
    at: &mut dyn FnMut(u64, u64),
) -> SearchOutcome {
    let start = Instant::now();
    let mut outcome = SearchOutcome {
        executor: task.executor,
        programs: 0,
        executions: 0,
        ended: HowEnded::Exhausted,
        reason: task.executor.unavailable(task.subject),
        report: Report::default(),
        counterexample: None,
        seconds: 0.0,
    };
    if outcome.reason.is_some() {
        outcome.ended = HowEnded::NotRun;
        return outcome;
    }
    let claims = task.executor.claims(task.subject);
    let catalogue: Vec<&Program> = match budget.catalogue {
        Some(_) => task
            .catalogue
            .iter()
            .filter(|program| program.uses_only(claims))
            .filter(|program| program.threads.len() >= task.executor.threads_min())
            .collect(),
        None => Vec::new(),
    };
    let total = catalogue.len() as u64 + budget.programs;
    let catalogued = catalogue.into_iter().cloned().zip(std::iter::repeat(budget.catalogue));
    let random = (0..budget.programs).map(|number| {
        let shape = &budget.shapes[number as usize % budget.shapes.len()];
        let seed = task.seed.wrapping_mul(1 << 20).wrapping_add(number);
        (generate(seed, shape, claims), Some(budget.random))
    });
    for (program, limits) in catalogued.chain(random) {
        let left = budget.time.saturating_sub(start.elapsed());
        let Some(limits) = limits.filter(|_| !left.is_zero()) else {
            outcome.ended = HowEnded::TimedOut;
            break;
        };
        at(outcome.programs, total);
        let limits = Limits { time: limits.time.min(left), ..limits };
        outcome.programs += 1;
        if outcome.try_one(task, &program, &limits) {
            outcome.seconds = start.elapsed().as_secs_f64();
            outcome.shrink(task, program, &limits, budget.shrinking);
            return outcome;
        }
    }
    outcome.seconds = start.elapsed().as_secs_f64();
    outcome
}

impl SearchOutcome {
    /// Runs a program; returns whether it fails.
    fn try_one(&mut self, task: &SearchTask<'_>, program: &Program, limits: &Limits) -> bool {
        let explored = task.executor.explore(&task.job(program), limits);
        self.executions += explored.executions;
        self.report.add(&explored.report);
        self.ended = self.ended.max(explored.ended);
        let Some(failure) = explored.failure else { return false };
        self.report.anomalies.clone_from(&failure.report.anomalies);
        self.ended = HowEnded::Found;
        self.counterexample = Some(Counterexample {
            program: program.clone(),
            operations_before: program.operations(),
            failure,
            seed: task.seed,
            shrinking_seconds: 0.0,
        });
        true
    }

    /// Shrinks the failing program, as far as time allows.
    fn shrink(&mut self, task: &SearchTask<'_>, program: Program, limits: &Limits, time: Duration) {
        let Some(counterexample) = &mut self.counterexample else { return };
        let start = Instant::now();
        // Each run of a program that gets stuck on real threads leaks its threads.
        let stuck = counterexample.failure.report.anomalies_total.contains_key(&AnomalyKind::Stuck);
        if stuck && matches!(task.executor, Executor::Litmus | Executor::Stress) {
            return;
        }
        let limits = Limits { time: limits.time.min(time / 4), ..*limits };
        let mut last = None;
        let mut fails = |shorter: &Program| {
            if shorter.threads.len() < task.executor.threads_min() {
                return false;
            }
            let failure = task.executor.explore(&task.job(shorter), &limits).failure;
            let fails = failure.is_some();
            if let Some(failure) = failure {
                last = Some((shorter.clone(), failure));
            }
            fails
        };
        let mut short = truncate(program, || start.elapsed() < time, &mut fails);
        if short.operations() <= SHRUNK_OPERATIONS_MAX {
            short = shrink::shrink(&short, || start.elapsed() < time, &mut fails);
        }
        if let Some((program, failure)) = last.filter(|(program, _)| *program == short) {
            self.report.anomalies.clone_from(&failure.report.anomalies);
            counterexample.program = program;
            counterexample.failure = failure;
        }
        counterexample.shrinking_seconds = start.elapsed().as_secs_f64();
    }
}

/// Truncates all threads to half their length for as long as the rest still fails: a few steps make
/// a long program short.
fn truncate(
    program: Program,
    mut has_time: impl FnMut() -> bool,
    fails: &mut impl FnMut(&Program) -> bool,
) -> Program {
    let mut best = program;
    while best.operations() > SHRUNK_OPERATIONS_MAX && has_time() {
        let longest = best.threads.iter().map(Vec::len).max().unwrap_or(0);
        let mut shorter = best.clone();
        shorter.threads.iter_mut().for_each(|ops| ops.truncate(longest / 2));
        // A program with a race need not fail each time.
        if !(0..CUT_OFF_TRIES).any(|_| fails(&shorter)) {
            break;
        }
        best = shorter;
    }
    best
}

impl<'a> SearchTask<'a> {
    fn job(&self, program: &'a Program) -> Job<'a> {
        Job { subject: self.subject, program, seed: self.seed, axioms: self.axioms }
    }
}

//! Looks for a program that a store gets wrong, and makes it short.

use std::time::{Duration, Instant};

use crate::check::report::{AnomalyKind, Axioms, Report};
use crate::execute::examiner::Failure;
use crate::execute::{Executor, HowEnded, Job, Limits, Subject};
use crate::generate::{Shape, generate};
use crate::program::Program;
use crate::shrink::shrink;

/// Longer programs are only cut off, not shrunk: the latter takes time in the square of the length.
const SHRUNK_OPERATIONS_MAX: usize = 500;
/// How often a cut program is tried before it counts as right.
const CUT_OFF_TRIES: usize = 3;

/// How much one executor may spend on one subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effort {
    /// For each program of the catalogue; none leaves the catalogue out.
    pub catalogue: Option<Limits>,
    /// Random programs.
    pub programs: u64,
    /// What they look like; taken in turn.
    pub shapes: &'static [Shape],
    /// For each of them.
    pub random: Limits,
    /// For all programs together.
    pub time: Duration,
    /// For making a failing program short.
    pub shrinking: Duration,
}

/// What to search.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The store.
    pub subject: &'a Subject,
    /// How.
    pub executor: Executor,
    /// Hand-written programs, tried first.
    pub catalogue: &'a [Program],
    /// The seed of everything random.
    pub seed: u64,
    /// What is checked.
    pub axioms: &'a Axioms,
}

/// What came of a search.
#[derive(Clone, PartialEq, Debug)]
pub struct Search {
    /// The executor.
    pub executor: Executor,
    /// Programs tried.
    pub programs: u64,
    /// Executions of them.
    pub executions: u64,
    /// How it ended.
    pub ended: HowEnded,
    /// Why it was not run, or not on everything.
    pub reason: Option<String>,
    /// The sum of what the checker says.
    pub report: Report,
    /// What was found.
    pub found: Option<Found>,
    /// How long it took, without shrinking.
    pub seconds: f64,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The program that showed it, made short.
    pub program: Program,
    /// Operations of the program before that.
    pub operations_before: usize,
    /// What was seen of the short one.
    pub failure: Failure,
    /// The seed of the schedules.
    pub seed: u64,
    /// How long it took to make it short.
    pub shrinking_seconds: f64,
}

/// Tries program after program until one fails or the effort is spent; `at` is told how far it is.
#[must_use]
pub fn search(target: &Target<'_>, effort: &Effort, at: &mut dyn FnMut(u64, u64)) -> Search {
    let start = Instant::now();
    let mut search = Search {
        executor: target.executor,
        programs: 0,
        executions: 0,
        ended: HowEnded::Exhausted,
        reason: target.executor.unavailable(target.subject),
        report: Report::default(),
        found: None,
        seconds: 0.0,
    };
    if search.reason.is_some() {
        search.ended = HowEnded::NotRun;
        return search;
    }
    let claims = target.executor.claims(target.subject);
    let catalogue: Vec<&Program> = match effort.catalogue {
        Some(_) => target
            .catalogue
            .iter()
            .filter(|program| program.asks_only(claims))
            .filter(|program| program.threads.len() >= target.executor.threads_min())
            .collect(),
        None => Vec::new(),
    };
    let total = catalogue.len() as u64 + effort.programs;
    let catalogued = catalogue.into_iter().cloned().zip(std::iter::repeat(effort.catalogue));
    let random = (0..effort.programs).map(|number| {
        let shape = &effort.shapes[number as usize % effort.shapes.len()];
        let seed = target.seed.wrapping_mul(1 << 20).wrapping_add(number);
        (generate(seed, shape, claims), Some(effort.random))
    });
    for (program, limits) in catalogued.chain(random) {
        let left = effort.time.saturating_sub(start.elapsed());
        let Some(limits) = limits.filter(|_| !left.is_zero()) else {
            search.ended = HowEnded::TimedOut;
            break;
        };
        at(search.programs, total);
        let limits = Limits { time: limits.time.min(left), ..limits };
        search.programs += 1;
        if search.try_one(target, &program, &limits) {
            search.seconds = start.elapsed().as_secs_f64();
            search.shorten(target, program, &limits, effort.shrinking);
            return search;
        }
    }
    search.seconds = start.elapsed().as_secs_f64();
    search
}

impl Search {
    /// Whether a program fails.
    fn try_one(&mut self, target: &Target<'_>, program: &Program, limits: &Limits) -> bool {
        let explored = target.executor.explore(&target.job(program), limits);
        self.executions += explored.executions;
        self.report.add(&explored.report);
        self.ended = self.ended.max(explored.ended);
        let Some(failure) = explored.failure else { return false };
        self.report.anomalies.clone_from(&failure.report.anomalies);
        self.ended = HowEnded::Found;
        self.found = Some(Found {
            program: program.clone(),
            operations_before: program.operations(),
            failure,
            seed: target.seed,
            shrinking_seconds: 0.0,
        });
        true
    }

    /// Makes the program that was found short, as far as time allows.
    fn shorten(&mut self, target: &Target<'_>, program: Program, limits: &Limits, time: Duration) {
        let Some(found) = &mut self.found else { return };
        let start = Instant::now();
        // A store that waits for ever leaves its threads behind each time it is tried again.
        let stuck = found.failure.report.anomalies_total.contains_key(&AnomalyKind::Stuck);
        if stuck && matches!(target.executor, Executor::Litmus | Executor::Stress) {
            return;
        }
        let limits = Limits { time: limits.time.min(time / 4), ..*limits };
        let mut last = None;
        let mut fails = |shorter: &Program| {
            if shorter.threads.len() < target.executor.threads_min() {
                return false;
            }
            let failure = target.executor.explore(&target.job(shorter), &limits).failure;
            let fails = failure.is_some();
            if let Some(failure) = failure {
                last = Some((shorter.clone(), failure));
            }
            fails
        };
        let mut short = cut_off(program, || start.elapsed() < time, &mut fails);
        if short.operations() <= SHRUNK_OPERATIONS_MAX {
            short = shrink(&short, || start.elapsed() < time, &mut fails);
        }
        if let Some((program, failure)) = last.filter(|(program, _)| *program == short) {
            self.report.anomalies.clone_from(&failure.report.anomalies);
            found.program = program;
            found.failure = failure;
        }
        found.shrinking_seconds = start.elapsed().as_secs_f64();
    }
}

/// Cuts the ends of all threads off, half of what is left at a time, as long as what is left fails: a long
/// program is made short in a few steps.
fn cut_off(
    program: Program,
    mut has_time: impl FnMut() -> bool,
    fails: &mut impl FnMut(&Program) -> bool,
) -> Program {
    let mut best = program;
    while best.operations() > SHRUNK_OPERATIONS_MAX && has_time() {
        let longest = best.threads.iter().map(Vec::len).max().unwrap_or(0);
        let mut shorter = best.clone();
        shorter.threads.iter_mut().for_each(|ops| ops.truncate(longest / 2));
        // A long program that raced need not race each time.
        if !(0..CUT_OFF_TRIES).any(|_| fails(&shorter)) {
            break;
        }
        best = shorter;
    }
    best
}

impl<'a> Target<'a> {
    fn job(&self, program: &'a Program) -> Job<'a> {
        Job { subject: self.subject, program, seed: self.seed, axioms: self.axioms }
    }
}

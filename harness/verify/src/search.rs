//! Searches for programs that make a store fail, and shrinks them.
//!
//! With several faults in a store each would hide the next. So when a program breaks a property,
//! the search goes on for the others.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::check::report::{AnomalyKind, Axiom, Axioms, Report};
use crate::execute::history_checker::Failure;
use crate::execute::{Executor, HowEnded, Job, Limits, VerifySubject};
use crate::generate::{Shape, generate};
use crate::program::Program;
use crate::shrink;

/// Longer programs are only truncated, not shrunk: shrinking takes time quadratic in the length.
const SHRUNK_OPERATIONS_MAX: usize = 500;
/// Why a search that ran shows nothing.
pub(crate) const NOTHING_JUDGED: &str = "nothing was judged";
/// How often a truncated program is tried before it counts as passing.
const CUT_OFF_TRIES: usize = 3;

/// How much work one executor may spend on one subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchBudget {
    /// Limits for each program of the catalogue; `None` skips the catalogue.
    pub catalogue: Option<Limits>,
    /// How many times as many executions a program of the catalogue gets where a snapshot opens
    /// beside a collection: these races last a few nanoseconds.
    pub collecting_factor: u64,
    /// The number of random programs.
    pub programs: u64,
    /// The shapes of random programs, used in turn.
    pub shapes: &'static [Shape],
    /// Limits for each random program.
    pub random: Limits,
    /// The most time for all programs together.
    pub time: Duration,
    /// The most time for shrinking a failing program. All programs that are found after the first
    /// share as much again.
    pub shrinking: Duration,
    /// What ends the search before its budget is spent.
    pub goal: Goal,
}

/// What ends a search before its budget is spent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// A failure.
    FirstFinding,
    /// A failure of every property. A property that failed is no longer checked, and the program
    /// that showed it is run again for the others.
    EveryProperty,
}

impl SearchBudget {
    /// How many times as many executions a program of the catalogue gets.
    fn factor(&self, program: &Program) -> u64 {
        if program.opens_beside_collect() { self.collecting_factor } else { 1 }
    }

    /// Limits for a program of the catalogue.
    fn limits_of(&self, program: &Program) -> Option<Limits> {
        let limits = self.catalogue?;
        let executions = limits.executions.saturating_mul(self.factor(program));
        Some(Limits { executions, ..limits })
    }
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
    /// The failing programs, one for each property that was broken, the worst first.
    pub findings: Vec<Counterexample>,
    /// How long it took in seconds, without shrinking.
    pub seconds: f64,
}

/// A program that makes the subject break a property.
#[derive(Clone, PartialEq, Debug)]
pub struct Counterexample {
    /// The property: the axiom of the failure's first anomaly.
    pub axiom: Axiom,
    /// Programs tried until it was found.
    pub programs: u64,
    /// Executions of them.
    pub executions: u64,
    /// How long that took in seconds, without shrinking.
    pub seconds: f64,
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

/// Tries program after program until the goal is reached or the budget is spent. Calls `at` with
/// the programs done and their total before each one.
#[must_use]
pub fn search(
    task: &SearchTask<'_>,
    budget: &SearchBudget,
    at: &mut dyn FnMut(u64, u64),
) -> SearchOutcome {
    let mut outcome = SearchOutcome {
        executor: task.executor,
        programs: 0,
        executions: 0,
        ended: HowEnded::Exhausted,
        reason: task.executor.unavailable(task.subject),
        report: Report::default(),
        findings: Vec::new(),
        seconds: 0.0,
    };
    if outcome.reason.is_some() {
        outcome.ended = HowEnded::NotRun;
        return outcome;
    }
    let claims = task.executor.claims(task.subject);
    let mut catalogue: Vec<&Program> = match budget.catalogue {
        Some(_) => task
            .catalogue
            .iter()
            .filter(|program| program.uses_only(claims))
            .filter(|program| program.threads.len() >= task.executor.threads_min())
            .collect(),
        None => Vec::new(),
    };
    // Those that take long come last.
    catalogue.sort_by_key(|program| budget.factor(program));
    let total = catalogue.len() as u64 + budget.programs;
    let catalogued =
        catalogue.into_iter().map(|program| (program.clone(), budget.limits_of(program)));
    let random = (0..budget.programs).map(|number| {
        let shape = &budget.shapes[number as usize % budget.shapes.len()];
        let seed = task.seed.wrapping_mul(1 << 20).wrapping_add(number);
        (generate(seed, shape, claims), Some(budget.random))
    });
    let mut search = Search {
        task,
        budget,
        remaining: task.axioms.clone(),
        start: Instant::now(),
        shrinking: Duration::ZERO,
        outcome,
    };
    for (program, limits) in catalogued.chain(random) {
        let Some(limits) = limits.filter(|_| !search.time_left().is_zero()) else {
            search.outcome.ended = search.outcome.ended.max(HowEnded::TimedOut);
            break;
        };
        at(search.outcome.programs, total);
        search.outcome.programs += 1;
        if search.run(&program, limits).is_break() {
            break;
        }
    }
    let mut outcome = search.into_outcome();
    outcome.admit_that_nothing_ran(task, total);
    outcome
}

/// A search in progress.
struct Search<'a> {
    /// What to search.
    task: &'a SearchTask<'a>,
    /// How much work to spend.
    budget: &'a SearchBudget,
    /// The axioms that no program has broken so far.
    remaining: Axioms,
    /// When it started.
    start: Instant,
    /// Time spent on shrinking.
    shrinking: Duration,
    /// The outcome so far.
    outcome: SearchOutcome,
}

impl Search<'_> {
    /// How long it took so far, without shrinking.
    fn elapsed(&self) -> Duration {
        self.start.elapsed().saturating_sub(self.shrinking)
    }

    fn time_left(&self) -> Duration {
        self.budget.time.saturating_sub(self.elapsed())
    }

    /// Runs a program until it breaks none of the remaining axioms; breaks when the search ends.
    fn run(&mut self, program: &Program, limits: Limits) -> ControlFlow<()> {
        loop {
            let limits = Limits { time: limits.time.min(self.time_left()), ..limits };
            let task = SearchTask { axioms: &self.remaining, ..*self.task };
            let explored = task.executor.explore(&task.job(program), &limits);
            self.outcome.executions += explored.executions;
            self.outcome.report.add(&explored.report);
            let Some(failure) = explored.failure else {
                self.outcome.ended = self.outcome.ended.max(explored.ended);
                return ControlFlow::Continue(());
            };
            // The next program might get stuck too.
            let stuck = failure.report.anomalies_total.contains_key(&AnomalyKind::Stuck);
            let real = [Executor::Sequential, Executor::Litmus, Executor::Stress];
            let ends = stuck && real.contains(&task.executor);
            self.add(program, &failure, &limits);
            if self.budget.goal == Goal::FirstFinding || self.remaining.is_empty() {
                self.outcome.ended = HowEnded::Found;
                return ControlFlow::Break(());
            }
            if ends {
                self.outcome.ended = HowEnded::Crashed;
                return ControlFlow::Break(());
            }
            if self.time_left().is_zero() {
                self.outcome.ended = self.outcome.ended.max(HowEnded::TimedOut);
                return ControlFlow::Break(());
            }
        }
    }

    /// Adds a finding for each axiom that a program broke, or for the first failure alone.
    fn add(&mut self, program: &Program, failure: &Failure, limits: &Limits) {
        let mut broken: Vec<Axiom> = Vec::new();
        for anomaly in &failure.report.anomalies {
            if !broken.contains(&anomaly.axiom) {
                broken.push(anomaly.axiom);
            }
        }
        let found_after = self.elapsed().as_secs_f64();
        if self.budget.goal == Goal::FirstFinding {
            broken.truncate(1);
        }
        for axiom in &broken {
            let mut failure = failure.clone();
            let axioms = match self.budget.goal {
                Goal::FirstFinding => self.task.axioms.clone(),
                Goal::EveryProperty => {
                    failure.report.anomalies.retain(|anomaly| anomaly.axiom == *axiom);
                    Axioms::only(&[*axiom])
                }
            };
            let mut finding = Counterexample {
                axiom: *axiom,
                programs: self.outcome.programs,
                executions: self.outcome.executions,
                seconds: found_after,
                program: program.clone(),
                operations_before: program.operations(),
                failure,
                seed: self.task.seed,
                shrinking_seconds: 0.0,
            };
            // Half of what is left, so that the last has some time too.
            let time = (2 * self.budget.shrinking).saturating_sub(self.shrinking) / 2;
            finding.shrink(&SearchTask { axioms: &axioms, ..*self.task }, limits, time);
            self.shrinking += Duration::from_secs_f64(finding.shrinking_seconds);
            self.outcome.findings.push(finding);
        }
        self.remaining = self.remaining.except(&broken);
    }

    fn into_outcome(self) -> SearchOutcome {
        let seconds = self.elapsed().as_secs_f64();
        let Self { mut outcome, .. } = self;
        outcome.seconds = seconds;
        outcome.findings.sort_by_key(|finding| finding.axiom);
        let anomalies = outcome.findings.iter().flat_map(|found| &found.failure.report.anomalies);
        outcome.report.anomalies = anomalies.cloned().collect();
        outcome
    }
}

impl SearchOutcome {
    /// The failing program of the worst property that was broken, if any was.
    #[must_use]
    pub fn worst(&self) -> Option<&Counterexample> {
        self.findings.first()
    }

    /// Why it shows nothing, or less than was asked for; `None` if it found a violation, or judged
    /// something to the requested bound.
    #[must_use]
    pub fn inconclusive(&self) -> Option<String> {
        if !self.findings.is_empty() {
            return None;
        }
        match self.ended {
            HowEnded::NotRun => Some(self.reason.clone().unwrap_or_default()),
            HowEnded::TimedOut => Some("the time limit was reached first".to_owned()),
            _ if self.report.counts.is_empty() => Some(NOTHING_JUDGED.to_owned()),
            HowEnded::Crashed => {
                Some("executions did not end, so their answers were not checked".to_owned())
            }
            HowEnded::Exhausted | HowEnded::Bounded | HowEnded::Found => None,
        }
    }

    /// Without any execution there was no search that could have ended.
    fn admit_that_nothing_ran(&mut self, task: &SearchTask<'_>, programs: u64) {
        if self.executions > 0 || !matches!(self.ended, HowEnded::Exhausted | HowEnded::Bounded) {
            return;
        }
        self.ended = HowEnded::NotRun;
        self.reason = Some(if programs > 0 {
            "the budget allows no execution".to_owned()
        } else if task.catalogue.is_empty() {
            "there was no program to run".to_owned()
        } else {
            let (executor, threads) = (task.executor, task.executor.threads_min());
            format!(
                "no program could be run: {executor} needs programs of at least {threads} threads \
                 that use only what the subject claims"
            )
        });
    }
}

impl Counterexample {
    /// Shrinks the program, as far as time allows.
    fn shrink(&mut self, task: &SearchTask<'_>, limits: &Limits, time: Duration) {
        let start = Instant::now();
        // Each run of a program that gets stuck on real threads leaks its threads.
        let stuck = self.failure.report.anomalies_total.contains_key(&AnomalyKind::Stuck);
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
        let mut short = truncate(self.program.clone(), || start.elapsed() < time, &mut fails);
        if short.operations() <= SHRUNK_OPERATIONS_MAX {
            short = shrink::shrink(&short, || start.elapsed() < time, &mut fails);
        }
        if let Some((program, failure)) = last.filter(|(program, _)| *program == short) {
            self.axiom = failure.report.anomalies[0].axiom;
            self.program = program;
            self.failure = failure;
        }
        self.shrinking_seconds = start.elapsed().as_secs_f64();
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

#[cfg(test)]
mod tests {
    use shardproof_base::Profile;

    use super::*;
    use crate::budget::budget;
    use crate::litmus::catalogue;

    #[test]
    fn the_litmus_executor_runs_more_of_the_programs_that_open_a_snapshot_beside_a_collection() {
        let budget = budget(Profile::Quick, Executor::Litmus);
        let limits = |name: &str| {
            let litmus = catalogue().into_iter().find(|litmus| litmus.program.name == name);
            budget.limits_of(&litmus.unwrap().program).unwrap().executions
        };
        let factor = limits("collect-after-two-writes-beside-snapshot") / limits("pin-and-clock");
        assert_eq!(factor, budget.collecting_factor);
        assert!(factor > 1);
    }
}

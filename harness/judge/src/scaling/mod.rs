//! The Universal Scalability Law (Gunther, "A General Theory of Computational Scalability Based on
//! Rational Functions", 2008), fitted to throughput over thread counts:
//!
//! ```text
//! X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),   sigma, kappa >= 0
//! ```
//!
//! `lambda` is the throughput of one thread; `sigma` is the cost of contention (serialisation),
//! `kappa` the cost of coherence (communication between each pair of threads). Without `kappa`
//! throughput levels off; with it, throughput eventually falls.
//!
//! **Why linear.** With `y = N / X`, the time that a thread takes per operation, the law is
//! `y = a + b (N - 1) + c N (N - 1)` with `a = 1/lambda`, `b = sigma/lambda`, `c = kappa/lambda`:
//! linear in its unknowns. There is one best fit, found directly; an iterative fit to `X` might
//! depend on its starting point.
//!
//! **Why relative.** Errors of throughput are proportional to it (a busy machine slows all cells
//! down by some percent), and the relative error of `y` equals that of `X` to first order. With
//! absolute errors of `y`, the slowest point would dominate.
//!
//! **Why never negative.** A negative cost is meaningless: with a negative `kappa`, enough threads
//! would be infinitely fast. The constraints are met exactly, by trying every subset of costs fixed
//! at zero; clamping negative costs after an unconstrained fit would leave the others wrong.
//!
//! **Intervals** are percentile intervals of the bootstrap over rounds. Round `i` of all thread
//! counts ran in the same stretch of time, so each resample draws the same rounds for all of them:
//! disturbances common to a round stay together. In synthetic experiments with 6 to 51 rounds the
//! intervals contained the true values in at least 93 % of cases; see the tests.

mod law;
mod next_step;
mod refusal;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::scaling::law::{Law, Point};
pub use crate::scaling::next_step::{NextStep, next_step};
pub use crate::scaling::refusal::Refusal;
use shardproof_evidence::{Cell, Evidence, Spread, Warning};
use shardproof_stats::bootstrap::{percentile_interval, resampled};
use shardproof_stats::{COVERAGE_TARGET, VALUES_MIN, median};

/// Minimum thread counts for a fit: one more than the unknowns.
pub const THREAD_COUNTS_MIN: usize = 4;
/// Minimum rounds for a fit.
pub const ROUNDS_MIN: usize = VALUES_MIN;
/// Maximum relative error of a fit that is shown.
pub const ERROR_MAX: f64 = 0.2;

/// How the throughput of a subject depends on the number of threads.
#[derive(Clone, PartialEq, Debug)]
pub struct Scaling {
    /// Which part of merged evidence it is from.
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// The workload's name.
    pub workload: String,
    /// The placement.
    pub placement: String,
    /// The law, or why there is none.
    pub outcome: Result<Fit, Refusal>,
}

/// A fitted law. The `median` of each spread is the parameter fitted to the medians over rounds;
/// its interval is that of the bootstrap.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// Operations per second of one thread.
    pub lambda_ops_s: Spread,
    /// Contention: the share of an operation's time that each further thread adds.
    pub sigma: Spread,
    /// Coherence: half the share of an operation's time that each pair of threads adds.
    pub kappa: Spread,
    /// The number of threads with the highest throughput, possibly far beyond those measured;
    /// `None` if throughput never falls.
    pub peak_threads: Option<f64>,
    /// The largest error at a thread count, relative to the measured value.
    pub error_max: f64,
    /// The thread counts it is fitted to, in order.
    pub threads: Vec<usize>,
}

/// Fits the law to each subject, workload and placement of each part, in the order of the evidence.
/// The result depends on the evidence only, to the last bit, and not on the number of threads.
#[must_use]
pub fn fit_all(evidence: &Evidence) -> Vec<Scaling> {
    let fit = |group: &Group<'_>| Scaling {
        part: group.part,
        subject: group.subject.to_owned(),
        workload: group.workload.to_owned(),
        placement: group.placement.to_owned(),
        outcome: Series::of(group, evidence.machine_of(group.part).cores)
            .and_then(|series| series.fit()),
    };
    groups(&evidence.cells).par_iter().map(fit).collect()
}

/// Cells that differ only in their number of threads.
struct Group<'a> {
    part: usize,
    subject: &'a str,
    workload: &'a str,
    placement: &'a str,
    /// The cells by their number of threads.
    cells: BTreeMap<usize, &'a Cell>,
}

fn groups(cells: &[Cell]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut indices = HashMap::new();
    for cell in cells {
        let Cell { part, subject, workload, placement, threads, .. } = cell;
        let index = *indices.entry((part, subject, workload, placement)).or_insert_with(|| {
            groups.push(Group {
                part: *part,
                subject,
                workload,
                placement,
                cells: BTreeMap::new(),
            });
            groups.len() - 1
        });
        groups[index].cells.insert(*threads, cell);
    }
    groups
}

/// Throughput over thread counts that a law can be fitted to.
struct Series<'a> {
    /// The thread counts, ascending from 1, each with operations per second in each round.
    counts: Vec<(usize, &'a [f64])>,
    /// The number of rounds of each.
    rounds: usize,
}

impl<'a> Series<'a> {
    fn of(group: &Group<'a>, cores: usize) -> Result<Self, Refusal> {
        let valid = || group.cells.values().filter_map(|cell| Some((*cell, rounds_of(cell)?)));
        let is_oversubscribed = |cell: &Cell| cell.warnings.contains(&Warning::Oversubscribed);
        let counts: Vec<_> = valid()
            .filter(|(cell, _)| !is_oversubscribed(cell))
            .map(|(cell, rounds)| (cell.threads, rounds))
            .collect();
        let (usable, first) = (counts.len(), counts.first());
        if usable < THREAD_COUNTS_MIN {
            let oversubscribed = valid().filter(|(cell, _)| is_oversubscribed(cell)).count();
            return Err(Refusal::TooFewThreadCounts { usable, oversubscribed, cores });
        }
        let Some((1, one)) = first else { return Err(Refusal::NoSingleThread) };
        let rounds = one.len();
        if counts.iter().any(|(_, each)| each.len() != rounds) {
            return Err(Refusal::Unpaired);
        }
        if rounds < ROUNDS_MIN {
            return Err(Refusal::TooFewRounds { rounds });
        }
        Ok(Self { counts, rounds })
    }

    fn fit(&self) -> Result<Fit, Refusal> {
        let no_law = Refusal::PoorFit { error_max: f64::INFINITY };
        let all: Vec<usize> = (0..self.rounds).collect();
        let points = self.points(&all);
        let law = Law::fit(&points).ok_or(no_law)?;
        let error_max = law.error_max(&points);
        let is_close = error_max <= ERROR_MAX;
        if !is_close {
            return Err(Refusal::PoorFit { error_max });
        }
        let laws = resampled(self.rounds, |drawn| Law::fit(&self.points(drawn)));
        let laws: Vec<Law> = laws.into_iter().collect::<Option<_>>().ok_or(no_law)?;
        let spread = |of: fn(&Law) -> f64| spread(of(&law), laws.iter().map(of).collect());
        Ok(Fit {
            lambda_ops_s: spread(|law| law.lambda_ops_s),
            sigma: spread(|law| law.sigma),
            kappa: spread(|law| law.kappa),
            peak_threads: law.peak_threads(),
            error_max,
            threads: self.counts.iter().map(|(threads, _)| *threads).collect(),
        })
    }

    /// The medians over the rounds that were drawn.
    fn points(&self, drawn: &[usize]) -> Vec<Point> {
        let point = |(threads, rounds): &(usize, &[f64])| {
            let drawn: Vec<f64> = drawn.iter().map(|round| rounds[*round]).collect();
            // There is at least one round, so there is a median.
            Point { threads: *threads, ops_s: median(&drawn).unwrap_or(f64::NAN) }
        };
        self.counts.iter().map(point).collect()
    }
}

/// The rounds of a cell that a law can be fitted to: it must be valid, with a positive speed in
/// each round.
fn rounds_of(cell: &Cell) -> Option<&[f64]> {
    let rounds = cell.valid_throughput()?.rounds.as_slice();
    let is_speed = |ops_s: &f64| ops_s.is_finite() && *ops_s > 0.0;
    rounds.iter().all(is_speed).then_some(rounds)
}

/// A parameter with its interval, widened to contain the parameter if the resamples exclude it.
fn spread(parameter: f64, resamples: Vec<f64>) -> Spread {
    let (low, high) = percentile_interval(&resamples).unwrap_or((parameter, parameter));
    Spread {
        median: parameter,
        low: low.min(parameter),
        high: high.max(parameter),
        coverage: COVERAGE_TARGET,
    }
}

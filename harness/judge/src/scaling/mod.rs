//! The Universal Scalability Law (Gunther, "A General Theory of Computational Scalability Based on
//! Rational Functions", 2008), fitted to throughput over thread counts:
//!
//! ```text
//! X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),   sigma, kappa >= 0
//! ```
//!
//! `lambda` is the throughput of one thread; `sigma` is what waiting in line costs, `kappa` what
//! agreeing costs, in which each thread has to do with each other one. Without `kappa` throughput
//! levels off, with it throughput falls again.
//!
//! **Why linear.** With `y = N / X`, the time that a thread takes for an operation, the law is
//! `y = a + b (N - 1) + c N (N - 1)` with `a = 1/lambda`, `b = sigma/lambda`, `c = kappa/lambda`:
//! linear in its unknowns. So there is one best fit, found in a few steps from no starting point, where an
//! iteration over `X` might end in another place for another start.
//!
//! **Why relative.** The errors of throughput are shares of it (a busy machine slows all cells down
//! by some percent), and the relative error of `y` is that of `X`, to first order. Absolute errors
//! of `y` would let the slowest point decide alone.
//!
//! **Why never negative.** A negative cost means nothing, and a fit that takes a negative `kappa`
//! to follow noise says that enough threads are infinitely fast. The limits are kept exactly, by
//! trying every choice of costs that are zero; cutting negative ones off after a free fit would
//! leave the others wrong.
//!
//! **Intervals** are percentile intervals of the bootstrap over rounds. Round `i` of all thread
//! counts was run in the same stretch of time, so that a resample draws the same rounds for all of
//! them, and what a stretch of time did to all stays with all. In synthetic experiments with 6 to
//! 51 rounds they held the truth in 93 % of cases or more; see the tests.

mod law;
mod refusal;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::scaling::law::{Law, Point};
pub use crate::scaling::refusal::Refusal;
use shardproof_evidence::{Cell, Evidence, Spread, Warning};
use shardproof_stats::bootstrap::{percentile_interval, resampled};
use shardproof_stats::{COVERAGE_AIM, VALUES_MIN, median};

/// Thread counts that a fit needs: one more than there are unknowns.
pub const THREAD_COUNTS_MIN: usize = 4;
/// Rounds that a fit needs.
pub const ROUNDS_MIN: usize = VALUES_MIN;
/// The largest relative error of a fit whose figures are shown.
pub const ERROR_MAX: f64 = 0.2;

/// How the throughput of a subject goes with the number of threads.
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

/// A law that fits. The `median` of each spread is its figure in the fit to the medians over
/// rounds, and the ends are those of the bootstrap.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// Operations per second of one thread.
    pub lambda_ops_s: Spread,
    /// What waiting in line costs: the part of an operation's time that each further thread adds.
    pub sigma: Spread,
    /// What agreeing costs: half the part of an operation's time that each pair of threads adds.
    pub kappa: Spread,
    /// The number of threads with the most throughput, which may be far beyond those measured;
    /// `None` where throughput never falls.
    pub peak_threads: Option<f64>,
    /// The largest error at a thread count, relative to what was measured.
    pub error_max: f64,
    /// The thread counts that it is fitted to, in order.
    pub threads: Vec<usize>,
}

/// Fits the law to each subject, workload and placement of each part, in the order of the evidence.
/// The same evidence gives the same figures to the last bit, on any number of threads.
#[must_use]
pub fn fit_all(evidence: &Evidence) -> Vec<Scaling> {
    let fit = |group: &Group<'_>| Scaling {
        part: group.part,
        subject: group.subject.to_owned(),
        workload: group.workload.to_owned(),
        placement: group.placement.to_owned(),
        outcome: Series::of(group).and_then(|series| series.fit()),
    };
    groups(&evidence.cells).par_iter().map(fit).collect()
}

/// Cells that differ in their number of threads only.
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
    let mut places = HashMap::new();
    for cell in cells {
        let Cell { part, subject, workload, placement, threads, .. } = cell;
        let place = *places.entry((part, subject, workload, placement)).or_insert_with(|| {
            groups.push(Group {
                part: *part,
                subject,
                workload,
                placement,
                cells: BTreeMap::new(),
            });
            groups.len() - 1
        });
        groups[place].cells.insert(*threads, cell);
    }
    groups
}

/// Throughput over thread counts that a law can be fitted to.
struct Series<'a> {
    /// The thread counts, from 1 up, each with operations per second in each round.
    counts: Vec<(usize, &'a [f64])>,
    /// How many rounds each has.
    rounds: usize,
}

impl<'a> Series<'a> {
    fn of(group: &Group<'a>) -> Result<Self, Refusal> {
        let valid = || group.cells.values().filter_map(|cell| Some((*cell, rounds_of(cell)?)));
        let is_oversubscribed = |cell: &Cell| cell.warnings.contains(&Warning::Oversubscribed);
        let counts: Vec<_> = valid()
            .filter(|(cell, _)| !is_oversubscribed(cell))
            .map(|(cell, rounds)| (cell.threads, rounds))
            .collect();
        let (usable, first) = (counts.len(), counts.first());
        if usable < THREAD_COUNTS_MIN {
            let oversubscribed = valid().filter(|(cell, _)| is_oversubscribed(cell)).count();
            return Err(Refusal::TooFewThreadCounts { usable, oversubscribed });
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
        let wild = Refusal::PoorFit { error_max: f64::INFINITY };
        let all: Vec<usize> = (0..self.rounds).collect();
        let points = self.points(&all);
        let law = Law::fit(&points).ok_or(wild)?;
        let error_max = law.error_max(&points);
        let is_close = error_max <= ERROR_MAX;
        if !is_close {
            return Err(Refusal::PoorFit { error_max });
        }
        let laws = resampled(self.rounds, |drawn| Law::fit(&self.points(drawn)));
        let laws: Vec<Law> = laws.into_iter().collect::<Option<_>>().ok_or(wild)?;
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
            // There are rounds, so there is a median.
            Point { threads: *threads, ops_s: median(&drawn).unwrap_or(f64::NAN) }
        };
        self.counts.iter().map(point).collect()
    }
}

/// The rounds of a cell that a law can be fitted to: one that is valid, and did something in each
/// round.
fn rounds_of(cell: &Cell) -> Option<&[f64]> {
    let rounds = cell.valid_throughput()?.rounds.as_slice();
    let is_speed = |ops_s: &f64| ops_s.is_finite() && *ops_s > 0.0;
    rounds.iter().all(is_speed).then_some(rounds)
}

/// A figure with its interval, which is widened to hold the figure where the resamples leave it
/// out.
fn spread(figure: f64, resamples: Vec<f64>) -> Spread {
    let (low, high) = percentile_interval(&resamples).unwrap_or((figure, figure));
    Spread { median: figure, low: low.min(figure), high: high.max(figure), coverage: COVERAGE_AIM }
}

//! Throughput.

use serde::{Deserialize, Serialize};
use shardproof_stats as stats;

use crate::{Spread, Warning, is_first_part};

/// One cell of the matrix.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// The workload's name.
    pub workload: String,
    /// The placement.
    pub placement: String,
    /// Threads at work.
    pub threads: usize,
    /// Operations per second, summed over the threads; `null` if a check failed: the rate of wrong
    /// answers is not a throughput.
    pub throughput_ops_s: Option<Throughput>,
    /// Allocations per operation in the timed loops, mean over rounds; `null` if a check failed.
    pub allocations_per_op: Option<f64>,
    /// Processor time of the workers per operation, median over rounds; `null` if a check failed or
    /// the system does not report it.
    #[serde(default)]
    pub cpu_ns_per_op: Option<f64>,
    /// Share of the measured time that workers spent on a processor, median over rounds.
    #[serde(default)]
    pub on_cpu_share: Option<f64>,
    /// Time from the first worker's start to the last worker's start, median over rounds.
    #[serde(default)]
    pub start_skew_ns: Option<f64>,
    /// Transactions that met a conflict, per operation, mean over rounds; `null` if the workload
    /// has no transactions.
    #[serde(default)]
    pub conflicts_per_op: Option<f64>,
    /// Result of checking the subject's answers; `null` in evidence older than this field.
    #[serde(default)]
    pub checks: Option<Checks>,
    /// What may have spoiled this cell.
    pub warnings: Vec<Warning>,
}

impl Cell {
    /// Whether a check of the subject's answers failed.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.checks.as_ref().is_some_and(Checks::has_failed)
    }

    /// The throughput, unless the cell is invalid.
    #[must_use]
    pub fn valid_throughput(&self) -> Option<&Throughput> {
        self.throughput_ops_s.as_ref().filter(|_| !self.is_invalid())
    }
}

/// Result of checking a subject's answers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Checks {
    /// Answers checked: a sample of the workers' gets, and every key and listing after they
    /// stopped.
    pub checked: u64,
    /// Wrong answers.
    pub failed: u64,
    /// Description of the first wrong answer.
    pub first_failure: Option<String>,
    /// Why nothing was checked; `null` if anything was.
    pub exemption: Option<String>,
}

impl Checks {
    /// Whether an answer was wrong.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failed > 0
    }

    /// Adds the result of a later check.
    pub fn extend(&mut self, later: Self) {
        self.checked += later.checked;
        self.failed += later.failed;
        self.first_failure = self.first_failure.take().or(later.first_failure);
        self.exemption = self.exemption.take().or(later.exemption);
    }
}

/// Throughput over the rounds of a cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Throughput {
    /// The median over rounds.
    pub median: f64,
    /// Low end of the interval for the median.
    pub low: f64,
    /// High end of the interval for the median.
    pub high: f64,
    /// Probability that such an interval contains the true median, between 0 and 1.
    pub coverage: f64,
    /// Operations per second in each round, in order, so that rounds of different cells can be
    /// paired.
    pub rounds: Vec<f64>,
}

impl Throughput {
    /// The median of these rounds with its interval; `None` without rounds.
    #[must_use]
    pub fn of_rounds(rounds: Vec<f64>) -> Option<Self> {
        let Spread { median, low, high, coverage } = stats::summarise(&rounds)?;
        Some(Self { median, low, high, coverage, rounds })
    }

    /// The median with its interval.
    #[must_use]
    pub const fn spread(&self) -> Spread {
        let Self { median, low, high, coverage, .. } = *self;
        Spread { median, low, high, coverage }
    }
}

/// A workload that a subject cannot run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Skipped {
    /// The subject's name.
    pub subject: String,
    /// The workload's name.
    pub workload: String,
    /// The operation or feature that the subject lacks.
    pub reason: String,
}

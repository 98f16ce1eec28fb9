//! Throughput.

use serde::{Deserialize, Serialize};

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
    /// Operations per second, summed over the threads; `null` where a check failed, for how fast
    /// wrong answers come is no throughput.
    pub throughput_ops_s: Option<Throughput>,
    /// Allocations per operation in the timed loops, mean over rounds; `null` where a check failed.
    pub allocations_per_op: Option<f64>,
    /// Processor time of the workers per operation, median over rounds; `null` where a check failed, or where the
    /// system does not tell.
    #[serde(default)]
    pub cpu_ns_per_op: Option<f64>,
    /// Part of the measured time in which workers were on a processor, median over rounds.
    #[serde(default)]
    pub on_cpu_share: Option<f64>,
    /// Between the first worker's start and the last one's, median over rounds.
    #[serde(default)]
    pub start_skew_ns: Option<f64>,
    /// Transactions that met a conflict per operation, mean over rounds; `null` where there are none.
    #[serde(default)]
    pub conflicts_per_op: Option<f64>,
    /// What came of checking the subject's answers; `null` in evidence from before that.
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

/// What came of checking a subject's answers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Checks {
    /// Answers checked: sampled gets of the workers, and at rest every key and every listing.
    pub checked: u64,
    /// Those that were wrong.
    pub failed: u64,
    /// The first wrong one, in words.
    pub first_failure: Option<String>,
    /// Why nothing was checked; `null` if something was.
    pub exemption: Option<String>,
}

impl Checks {
    /// Whether an answer was wrong.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failed > 0
    }

    /// Adds what came of checking later.
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
    /// How often such an interval holds the true median, between 0 and 1.
    pub coverage: f64,
    /// Each round, in order, so that rounds of different cells can be paired.
    pub rounds: Vec<f64>,
}

impl Throughput {
    /// The median with its interval.
    #[must_use]
    pub const fn spread(&self) -> Spread {
        let Self { median, low, high, coverage, .. } = *self;
        Spread { median, low, high, coverage }
    }
}

/// A subject and a workload that do not go together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Skipped {
    /// The subject's name.
    pub subject: String,
    /// The workload's name.
    pub workload: String,
    /// What the subject cannot do.
    pub reason: String,
}

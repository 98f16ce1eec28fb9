//! Latency of single operations.

use serde::{Deserialize, Serialize};

use crate::{Spread, Warning, is_first_part};

/// Name that stands for all kinds of operation together.
pub const ALL: &str = "all";

/// Share of the offered rate that a subject must achieve to have kept up.
pub const KEPT_UP: f64 = 0.95;

/// Latency of one kind of operation in one cell; every operation is timed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Latency {
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
    /// Arrivals of an open loop; `null` in a closed loop, where each operation starts when the
    /// previous one ends.
    pub arrivals: Option<Arrivals>,
    /// The kind of operation: `get`, `put`, ...; `all` for all of them together.
    pub operation: String,
    /// Operations timed.
    pub count: u64,
    /// The mean.
    pub mean_ns: f64,
    /// Quantiles over all rounds. A closed loop times from the start of the operation and includes
    /// one reading of the clock (compare `floor`); an open loop times from the intended start.
    pub quantiles_ns: Quantiles,
    /// The median of each round: median and interval over rounds.
    pub p50_ns: Spread,
    /// The 99th percentile of each round: median and interval over rounds.
    pub p99_ns: Spread,
    /// Each round, in order; in an open loop, each of the time slices that a round is divided into.
    pub rounds: Vec<LatencyRound>,
    /// The full histogram, in nanoseconds with three significant digits: V2 of HdrHistogram's
    /// format, deflated, in Base64.
    pub histogram: String,
    /// What may have spoiled it.
    pub warnings: Vec<Warning>,
}

/// Arrivals of the operations of an open loop.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Arrivals {
    /// `constant`, or `poisson` for exponentially distributed gaps.
    pub pattern: String,
    /// Requested rate, all threads together.
    pub rate_ops_s: f64,
    /// Offered rate: operations due in a round divided by the round's duration. `null` in evidence
    /// older than this field.
    #[serde(default)]
    pub offered_ops_s: Option<f64>,
    /// Achieved rate, median over rounds. If it is far below the offered rate, the subject did not
    /// keep up: its latencies grow for the whole round and only say that it was overloaded.
    pub achieved_ops_s: f64,
    /// Duration of a round of this cell: longer than `config.open_slice_ms` if that would have
    /// contained too few operations. `null` in evidence older than this field.
    #[serde(default)]
    pub slice_ms: Option<f64>,
}

impl Arrivals {
    /// The offered rate; the requested rate if the evidence lacks it.
    #[must_use]
    pub fn offered_ops_s(&self) -> f64 {
        self.offered_ops_s.unwrap_or(self.rate_ops_s)
    }

    /// Achieved rate divided by offered rate: about 1 for a subject that kept up.
    #[must_use]
    pub fn achieved_share(&self) -> f64 {
        self.achieved_ops_s / self.offered_ops_s()
    }

    /// Whether the subject kept up with the offered rate.
    #[must_use]
    pub fn kept_up(&self) -> bool {
        self.achieved_share() >= KEPT_UP
    }
}

/// Quantiles of a histogram, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Quantiles {
    /// The minimum.
    pub min: u64,
    /// The median.
    pub p50: u64,
    /// The 90th percentile.
    pub p90: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The 99.9th percentile.
    pub p999: u64,
    /// The 99.99th percentile.
    pub p9999: u64,
    /// The maximum.
    pub max: u64,
}

/// One round of a cell, or one time slice of it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct LatencyRound {
    /// When it began, counted from the start of the measurement.
    pub at_s: f64,
    /// Its duration.
    #[serde(default)]
    pub length_s: f64,
    /// Operations timed.
    pub count: u64,
    /// The median.
    pub p50_ns: u64,
    /// The 99th percentile.
    pub p99_ns: u64,
    /// The 99.9th percentile.
    pub p999_ns: u64,
    /// The maximum.
    pub max_ns: u64,
}

/// A search for the highest arrival rate at which the 99th percentile stays within a limit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateSearch {
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
    /// `constant` or `poisson`.
    pub pattern: String,
    /// The limit.
    pub p99_ns_max: u64,
    /// The highest rate tried, all threads together, that stayed within the limit; `null` if none
    /// did.
    pub rate_ops_s: Option<f64>,
    /// The rates tried, in order.
    pub steps: Vec<RateStep>,
}

/// One rate tried.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateStep {
    /// Requested rate.
    pub rate_ops_s: f64,
    /// Achieved rate: median of three tries.
    pub achieved_ops_s: f64,
    /// The 99th percentile from the intended start: median of three tries.
    pub p99_ns: u64,
    /// Whether latency stayed within the limit and the subject kept up.
    pub kept: bool,
}

//! How long single operations take.

use serde::{Deserialize, Serialize};

use crate::{Spread, Warning, is_first_part};

/// What all kinds of operation together are called.
pub const ALL: &str = "all";

/// The part of the rate of arrivals that must be achieved for a subject to have kept up.
pub const KEPT_UP: f64 = 0.95;

/// How long one kind of operation takes in one cell, when every operation is timed.
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
    /// When operations arrive; `null` in a closed loop, where each begins when the one before is done.
    pub arrivals: Option<Arrivals>,
    /// The kind of operation: `get`, `put`, ...; `all` for all of them together.
    pub operation: String,
    /// Operations timed.
    pub count: u64,
    /// The mean.
    pub mean_ns: f64,
    /// Quantiles over all rounds. In a closed loop from the operation's start, with one reading of the clock in
    /// it (see what `floor` shows); in an open one from the moment at which it should have started.
    pub quantiles_ns: Quantiles,
    /// The median's interval, over whole rounds.
    pub p50_ns: Spread,
    /// The 99th percentile's interval, over whole rounds.
    pub p99_ns: Spread,
    /// Each round, in order; in an open loop each of the intervals that a round is cut into.
    pub rounds: Vec<LatencyRound>,
    /// The whole histogram, in nanoseconds with three digits: V2 of HdrHistogram's format, deflated, in Base64.
    pub histogram: String,
    /// What may have spoiled it.
    pub warnings: Vec<Warning>,
}

/// When the operations of an open loop arrive.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Arrivals {
    /// `constant`, or `poisson` for gaps that are drawn from the exponential distribution.
    pub pattern: String,
    /// What was asked for, of all threads together.
    pub rate_ops_s: f64,
    /// What was done, median over rounds. Far below what was asked for, the subject did not keep up: its times
    /// grow for as long as a round lasts, and only say that they are too long.
    pub achieved_ops_s: f64,
}

/// Quantiles of a histogram, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Quantiles {
    /// The shortest.
    pub min: u64,
    /// The median.
    pub p50: u64,
    /// Nine in ten are no longer.
    pub p90: u64,
    /// 99 in a hundred.
    pub p99: u64,
    /// 999 in a thousand.
    pub p999: u64,
    /// 9 999 in ten thousand.
    pub p9999: u64,
    /// The longest.
    pub max: u64,
}

/// One round of a cell, or one interval of it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct LatencyRound {
    /// When it began, from the beginning of the whole measurement.
    pub at_s: f64,
    /// How long it lasted.
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
    /// The longest.
    pub max_ns: u64,
}

/// A search for the highest rate of arrivals at which the 99th percentile stays under a bound.
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
    /// The bound.
    pub p99_ns_max: u64,
    /// The highest rate of those tried, of all threads together, that kept it; `null` if none did.
    pub rate_ops_s: Option<f64>,
    /// What was tried, in order.
    pub steps: Vec<RateStep>,
}

/// One rate that was tried.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateStep {
    /// What was asked for.
    pub rate_ops_s: f64,
    /// What was done: the median of three tries.
    pub achieved_ops_s: f64,
    /// The 99th percentile from the intended start: the median of three tries.
    pub p99_ns: u64,
    /// Whether it kept the bound, and kept up.
    pub kept: bool,
}

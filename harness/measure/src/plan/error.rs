//! Why a request cannot be planned.

use std::time::Duration;

use shardproof_base::excerpt::excerpt;
use shardproof_base::names::UnknownName;
use shardproof_base::text::{bytes, duration};
use shardproof_evidence::Partition;

use crate::latency::Arrivals;
use crate::plan::MatrixFileError;

/// Why a request cannot be planned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The matrix file cannot be used.
    #[error(transparent)]
    File(#[from] MatrixFileError),
    /// The request names an unknown subject.
    #[error(transparent)]
    Subject(#[from] UnknownName),
    /// The filter matches no cell.
    #[error(
        "no cell to measure: none of {cells} cells matches `{}`; list them with --list",
        excerpt(filter)
    )]
    NoMatch {
        /// The number of cells before the filter.
        cells: usize,
        /// The filter.
        filter: String,
    },
    /// The requested sections have nothing to measure.
    #[error(
        "nothing to measure in the sections {}: the matrix has no cell for them, and they measure \
         no subject; give other --sections, or list what there is with --list",
        .sections.join(", ")
    )]
    NothingInSections {
        /// The sections.
        sections: Vec<&'static str>,
    },
    /// The partition holds no cell.
    #[error(
        "partition {partition} holds nothing to measure: this matrix fills only {filled} \
         partitions; give --partition K/N with a K of at most {filled}"
    )]
    EmptyPartition {
        /// The partition.
        partition: Partition,
        /// The number of partitions, from the first, that hold something.
        filled: usize,
    },
    /// A rate of arrivals is too low for any slice to hold enough operations.
    #[error(
        "{cell}: arrivals `{arrivals}`: the longest slice, {}, holds only {} operations: give a \
         rate of at least {rate_ops_s_min} operations per second",
        duration(Arrivals::SLICE_MAX), arrivals.count_in(Arrivals::SLICE_MAX)
    )]
    RateTooLow {
        /// The cell's name.
        cell: String,
        /// The requested arrivals.
        arrivals: Arrivals,
        /// The lowest rate that a slice can hold, in operations per second.
        rate_ops_s_min: u64,
    },
    /// The plan needs more memory than is available.
    #[error(
        "{what} needs about {} of memory, but only four fifths of the {} that are available may be used: \
         lower {setting}",
        bytes(*needed), bytes(*available)
    )]
    Memory {
        /// What needs most of it.
        what: String,
        /// Bytes needed, including what is kept during the whole measurement.
        needed: u64,
        /// Bytes that this process can still allocate.
        available: u64,
        /// The setting that has most influence.
        setting: &'static str,
    },
    /// The plan takes more time than allowed.
    #[error(
        "this would take about {}, of which one round of {cell} takes {}; the limit is {}: lower \
         {setting}, or measure fewer cells with --filter or --partition",
        duration(*estimate), duration(*round), duration(*limit)
    )]
    Time {
        /// The cell that takes longest to set up.
        cell: String,
        /// The time of one of its rounds.
        round: Duration,
        /// The estimated time of the whole plan.
        estimate: Duration,
        /// The longest allowed time.
        limit: Duration,
        /// The setting that has most influence.
        setting: &'static str,
    },
}

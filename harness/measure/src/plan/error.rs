//! Why there is no plan.

use std::time::Duration;

use shardproof_base::excerpt::excerpt;
use shardproof_base::text::{bytes, duration};
use shardproof_evidence::Partition;

use crate::latency::Arrivals;
use crate::plan::MatrixFileError;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The matrix file cannot be used.
    #[error(transparent)]
    File(#[from] MatrixFileError),
    /// The filter matches no cell.
    #[error(
        "no cell is left to measure: of {cells} cells none matches `{}`; see them all with --list",
        excerpt(filter)
    )]
    NothingLeft {
        /// Cells before the filter, of all kinds.
        cells: usize,
        /// The filter.
        filter: String,
    },
    /// The sections that are asked for have nothing to measure.
    #[error(
        "nothing to measure in the sections {}: the matrix has no cell for them, and no subject \
         takes part in them; give other --sections, or see what there is with --list",
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
        /// The first so many partitions hold something.
        filled: usize,
    },
    /// A rate of arrivals is so low that no slice holds enough operations.
    #[error(
        "{cell}: arrivals `{arrivals}`: in {}, the longest slice, only {} operations fall due: \
         give a rate of at least {least} operations per second",
        duration(Arrivals::SLICE_MAX), arrivals.count_in(Arrivals::SLICE_MAX)
    )]
    RateTooLow {
        /// The cell's name.
        cell: String,
        /// What was asked for.
        arrivals: Arrivals,
        /// The lowest rate that a slice can hold, in operations per second.
        least: u64,
    },
    /// It takes more memory than there is.
    #[error(
        "{what} needs about {} of memory, and may take four fifths of the {} that are available: \
         lower {setting}",
        bytes(*needed), bytes(*available)
    )]
    Memory {
        /// What needs most.
        what: String,
        /// Bytes that it needs, with all that is kept beside it.
        needed: u64,
        /// Bytes that this process can still allocate.
        available: u64,
        /// The setting that it depends on most.
        setting: &'static str,
    },
    /// It takes more time than anybody waits.
    #[error(
        "this would take about {}, of which one round of {cell} takes {}; the limit is {}: lower \
         {setting}, or measure fewer cells with --filter or --partition",
        duration(*estimate), duration(*round), duration(*limit)
    )]
    Time {
        /// The cell that takes longest.
        cell: String,
        /// What one of its rounds takes.
        round: Duration,
        /// What all of it takes.
        estimate: Duration,
        /// What it may take.
        limit: Duration,
        /// The setting that it depends on most.
        setting: &'static str,
    },
}

//! Why no law is fitted.

use crate::scaling::{ERROR_MAX, ROUNDS_MIN, THREAD_COUNTS_MIN};

/// Why a law is not fitted, or its figures are not shown.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Three unknowns go through three points whatever these are.
    #[error(
        "{}, of which there {} ({oversubscribed} more without a core for each thread): \
         measure with more --threads, on a machine with that many cores",
        self.in_short(), are(*usable)
    )]
    TooFewThreadCounts {
        /// Thread counts that are valid, and have a core for each thread.
        usable: usize,
        /// Valid ones that have not.
        oversubscribed: usize,
    },
    /// The law is relative to one thread.
    #[error("{}: measure with --threads 1 among others", self.in_short())]
    NoSingleThread,
    /// Cells of one group with different numbers of rounds cannot be resampled together.
    #[error("{}: measure all of them in one go", self.in_short())]
    Unpaired,
    /// Resamples of so few rounds say too little of what other rounds would have been.
    #[error("{}, but {rounds}: take --profile quick or full", self.in_short())]
    TooFewRounds {
        /// The rounds of each cell.
        rounds: usize,
    },
    /// Throughput does not go as the law says.
    #[error("{}: {:.0} %; look at the cells instead", self.in_short(), error_max * 100.0)]
    PoorFit {
        /// The largest error, relative to what was measured.
        error_max: f64,
    },
}

impl Refusal {
    /// The reason without the figures of the one case, so that cases can be counted.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self {
            Self::TooFewThreadCounts { .. } => {
                format!("fewer than {THREAD_COUNTS_MIN} usable thread counts")
            }
            Self::NoSingleThread => "no throughput of one thread".to_owned(),
            Self::Unpaired => "thread counts differ in their number of rounds".to_owned(),
            Self::TooFewRounds { .. } => format!("fewer than {ROUNDS_MIN} rounds"),
            Self::PoorFit { .. } => {
                format!("the fit is off by more than {:.0} %", ERROR_MAX * 100.0)
            }
        }
    }
}

fn are(count: usize) -> String {
    match count {
        1 => "is 1".to_owned(),
        count => format!("are {count}"),
    }
}

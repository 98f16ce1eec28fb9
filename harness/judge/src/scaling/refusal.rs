//! Reasons not to fit a law.

use crate::scaling::next_step::thread_list;
use crate::scaling::{ERROR_MAX, ROUNDS_MIN, THREAD_COUNTS_MIN};

/// Why a law is not fitted, or not shown.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Three parameters fit any three points.
    #[error(
        "{}, of which there {} ({oversubscribed} more without a core for each thread){}",
        self.in_short(), are(*usable), more_threads(*cores)
    )]
    TooFewThreadCounts {
        /// Thread counts that are valid, and have a core for each thread.
        usable: usize,
        /// Valid thread counts without a core for each thread.
        oversubscribed: usize,
        /// Cores of the machine.
        cores: usize,
    },
    /// The law is relative to one thread.
    #[error("{}: measure with --threads 1 among others", self.in_short())]
    NoSingleThread,
    /// Cells of one group with different numbers of rounds cannot be resampled together.
    #[error("{}: measure all of them in one run", self.in_short())]
    Unpaired,
    /// Resampling so few rounds says too little about the variation between rounds.
    #[error("{}: {rounds}; use --profile quick or full", self.in_short())]
    TooFewRounds {
        /// The rounds of each cell.
        rounds: usize,
    },
    /// Throughput does not follow the law.
    #[error("{}: {:.0} %; see the cells instead", self.in_short(), error_max * 100.0)]
    PoorFit {
        /// The largest error, relative to the measured value.
        error_max: f64,
    },
}

impl Refusal {
    /// The reason without the numbers of the particular case, so that cases can be counted.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self {
            Self::TooFewThreadCounts { .. } => {
                format!("fewer than {THREAD_COUNTS_MIN} usable thread counts")
            }
            Self::NoSingleThread => "no throughput of one thread".to_owned(),
            Self::Unpaired => "thread counts with different numbers of rounds".to_owned(),
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

/// How to measure enough thread counts, if the machine has enough cores.
fn more_threads(cores: usize) -> String {
    if cores < THREAD_COUNTS_MIN {
        format!("; this machine has {cores} cores, and a law needs {THREAD_COUNTS_MIN}")
    } else {
        format!(": measure with --threads {}", thread_list(cores))
    }
}

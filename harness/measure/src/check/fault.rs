//! What is wrong with an answer.

use std::fmt;

use shardproof_workload::Origin;

/// What is wrong with what was found at a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Nothing was found.
    Absent,
    /// Something was found, though its writer has deleted it since, and nobody has put it back.
    Deleted {
        /// What was found.
        origin: Origin,
        /// The number of the delete.
        last: u64,
    },
    /// What was found is no value that was ever written.
    Broken {
        /// How long it is.
        bytes: usize,
    },
    /// It was written to another run.
    OtherRun(Origin),
    /// It was written to another key.
    OtherKey(Origin),
    /// It was written by a thread whose writes cannot be here.
    Stranger(Origin),
    /// Its writer's last write to the key is another one.
    NotTheLast {
        /// The write that was found.
        origin: Origin,
        /// The number of the last one.
        last: u64,
    },
    /// It was there before the streams began, and has been overwritten since.
    Filling(Origin),
    /// A newer write of the same writer had been found before.
    WentBack {
        /// The write that was found.
        origin: Origin,
        /// The number of the one before.
        seen: u64,
    },
    /// Its writer has not written it yet.
    NotYet {
        /// The write that was found.
        origin: Origin,
        /// The number of its last one.
        written: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not found"),
            Self::Deleted { origin: Origin { number, thread, .. }, last } => {
                write!(f, "holds write {number} of thread {thread}, which deleted it by {last}")
            }
            Self::Broken { bytes } => {
                write!(f, "holds {bytes} bytes that nobody has written: torn, or invented")
            }
            Self::OtherRun(Origin { run, .. }) => write!(f, "holds a value of run {run}"),
            Self::OtherKey(Origin { key, .. }) => write!(f, "holds the value of key {key}"),
            Self::Stranger(Origin { thread, .. }) => {
                write!(f, "holds a value of thread {thread}, whose writes cannot be here")
            }
            Self::NotTheLast { origin: Origin { number, thread, .. }, last } => {
                write!(f, "holds write {number} of thread {thread}, whose last to it is {last}")
            }
            Self::Filling(Origin { thread, .. }) => {
                write!(f, "holds what thread {thread} filled it with, and was overwritten since")
            }
            Self::WentBack { origin: Origin { number, thread, .. }, seen } => {
                write!(f, "goes back to write {number} of thread {thread} from write {seen}")
            }
            Self::NotYet { origin: Origin { number, thread, .. }, written } => {
                write!(f, "holds write {number} of thread {thread}, which has made {written}")
            }
        }
    }
}

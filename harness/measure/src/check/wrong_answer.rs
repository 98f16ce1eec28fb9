//! The ways in which a read can be wrong.

use std::fmt;

use shardproof_workload::Origin;

/// Why what a read of a key found is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WrongAnswer {
    /// The key is absent, and must be there.
    Absent,
    /// The key is there, although the writer of this value has deleted it since.
    Deleted {
        /// The write that was found.
        origin: Origin,
        /// The number of the delete.
        last: u64,
    },
    /// The value was never written.
    Corrupt {
        /// Its length.
        bytes: usize,
    },
    /// The value was written to another run.
    OtherRun(Origin),
    /// The value was written to another key.
    OtherKey(Origin),
    /// The value was written by a thread whose writes cannot be in this run.
    OtherWriter(Origin),
    /// The value is not its writer's last write to the key.
    NotLastWrite {
        /// The write that was found.
        origin: Origin,
        /// The number of the last write.
        last: u64,
    },
    /// The run was filled with this value, which has been overwritten since.
    OverwrittenFill(Origin),
    /// An earlier read has found a newer write of the same writer.
    WentBack {
        /// The write that was found.
        origin: Origin,
        /// The number of the newer write.
        seen: u64,
    },
    /// The value is from a write that its writer has not made yet.
    NotYetWritten {
        /// The write that was found.
        origin: Origin,
        /// The number of writes that the writer has made.
        written: u64,
    },
}

impl fmt::Display for WrongAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not found"),
            Self::Deleted { origin: Origin { number, thread, .. }, last } => {
                write!(f, "holds write {number} of thread {thread}, which write {last} deleted")
            }
            Self::Corrupt { bytes } => {
                write!(f, "holds {bytes} bytes that nobody has written: torn, or invented")
            }
            Self::OtherRun(Origin { run, .. }) => write!(f, "holds a value of run {run}"),
            Self::OtherKey(Origin { key, .. }) => write!(f, "holds the value of key {key}"),
            Self::OtherWriter(Origin { thread, .. }) => {
                write!(f, "holds a value of thread {thread}, which does not write to this run")
            }
            Self::NotLastWrite { origin: Origin { number, thread, .. }, last } => write!(
                f,
                "holds write {number} of thread {thread}, whose last write to it is {last}"
            ),
            Self::OverwrittenFill(Origin { thread, .. }) => {
                write!(f, "holds what thread {thread} filled it with, overwritten since")
            }
            Self::WentBack { origin: Origin { number, thread, .. }, seen } => {
                write!(f, "goes back from write {seen} of thread {thread} to write {number}")
            }
            Self::NotYetWritten { origin: Origin { number, thread, .. }, written } => write!(
                f,
                "holds write {number} of thread {thread}, which has made only {written} writes"
            ),
        }
    }
}

//! What can go wrong. Whatever does, nothing has been changed.

use std::fmt;

use super::{Key, RunId, Value};

/// Why an operation was refused. The store is as it was before the call.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A key of more than [`Key::BYTES_MAX`] bytes.
    KeyTooLong {
        /// Its length.
        bytes: usize,
    },
    /// A value of more than [`Value::BYTES_MAX`] bytes.
    ValueTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The clock, or a run's sequence, stands at its last number: the store has become read-only.
    /// Reads and snapshots still work.
    VersionsExhausted,
    /// A snapshot of one store was given to another.
    ForeignSnapshot,
    /// Another commit changed what this transaction had read; begin again.
    Conflict(Box<Conflict>),
    /// A store other than this crate's could not do it.
    Other {
        /// Its own words.
        message: String,
    },
    /// Not a run id.
    BadRunId {
        /// The text that was given.
        text: String,
    },
}

/// What a transaction had read, and somebody else changed before it could commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The run of the transaction.
    pub run: RunId,
    /// How the read and the change met.
    pub kind: ConflictKind,
    /// The key that changed; for a removed run, a key that had been read or a prefix listed.
    pub key: Key,
}

/// How a transaction's read and another's commit met.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ConflictKind {
    /// A key that was read by name has a newer version.
    StaleRead,
    /// A key under a listed prefix was added, changed or deleted.
    Phantom,
    /// The run was removed.
    RunRemoved,
}

impl fmt::Display for ConflictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StaleRead => "stale read",
            Self::Phantom => "phantom",
            Self::RunRemoved => "run removed",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyTooLong { bytes } => {
                write!(f, "key of {bytes} bytes: the longest is {}", Key::BYTES_MAX)
            }
            Self::ValueTooLong { bytes } => {
                write!(f, "value of {bytes} bytes: the longest is {}", Value::BYTES_MAX)
            }
            Self::VersionsExhausted => {
                f.write_str("versions exhausted: the store is read-only; migrate to a new one")
            }
            Self::ForeignSnapshot => f.write_str("the snapshot was taken from another store"),
            Self::Conflict(conflict) => {
                let Conflict { run, kind, key } = &**conflict;
                write!(f, "conflict ({kind}) on key `{key}` of run {run}: begin again")
            }
            Self::Other { message } => f.write_str(message),
            Self::BadRunId { text } => {
                write!(f, "`{text}` is not a run id: give a UUID, as in `{}`", RunId::from_u128(1))
            }
        }
    }
}

impl std::error::Error for Error {}

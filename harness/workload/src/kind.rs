//! The kinds of operation in a mix.

use std::fmt;
use std::str::FromStr;

use shardproof_base::names::{self, UnknownName};

/// A kind of operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum OperationKind {
    /// Reads the whole value of a key from the initial fill.
    Get,
    /// Gets a key that never exists.
    Miss,
    /// Puts a key from the initial fill: overwrites its value, or restores it after a delete.
    Put,
    /// Puts a new key.
    Insert,
    /// Deletes a key from the initial fill.
    Delete,
    /// Checks whether a key exists.
    Contains,
    /// Lists the keys with a prefix.
    List,
    /// Counts the keys of the run.
    Count,
    /// Applies a write set across all runs of the thread.
    Apply,
    /// Takes a snapshot, reads keys through it, and drops it.
    Snapshot,
    /// Runs one transaction, without retries: gets a key, puts it, and commits.
    Transaction,
    /// Gets a key and then puts it, as two separate operations.
    Rmw,
}

impl OperationKind {
    /// The number of kinds.
    pub const COUNT: usize = 12;
    /// All kinds, in the order used in the names of mixes.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Get,
        Self::Miss,
        Self::Put,
        Self::Insert,
        Self::Delete,
        Self::Contains,
        Self::List,
        Self::Count,
        Self::Apply,
        Self::Snapshot,
        Self::Transaction,
        Self::Rmw,
    ];

    /// Its name in mixes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Miss => "miss",
            Self::Put => "put",
            Self::Insert => "insert",
            Self::Delete => "delete",
            Self::Contains => "contains",
            Self::List => "list",
            Self::Count => "count",
            Self::Apply => "apply",
            Self::Snapshot => "snapshot",
            Self::Transaction => "transaction",
            Self::Rmw => "rmw",
        }
    }

    /// Whether this kind of operation writes.
    #[must_use]
    pub const fn is_write(self) -> bool {
        match self {
            Self::Put
            | Self::Insert
            | Self::Delete
            | Self::Apply
            | Self::Transaction
            | Self::Rmw => true,
            Self::Get | Self::Miss | Self::Contains | Self::List | Self::Count | Self::Snapshot => {
                false
            }
        }
    }

    /// Whether one operation takes so long that batches must be small.
    #[must_use]
    pub const fn is_long(self) -> bool {
        matches!(self, Self::List | Self::Count | Self::Apply | Self::Snapshot | Self::Transaction)
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for OperationKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("operation", text, &Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_survive_display_and_parse_and_are_ordered_by_number() {
        for (kind, index) in OperationKind::ALL.into_iter().zip(0..) {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(kind as u8, index);
        }
        let error = "scan".parse::<OperationKind>().unwrap_err().to_string();
        assert!(error.contains("an operation: give one of get, miss"), "{error}");
    }
}

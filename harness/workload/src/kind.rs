//! The kinds of operation that a mix is made of.

use std::fmt;
use std::str::FromStr;

use shardproof_base::names::{self, UnknownName};

/// A kind of operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum OperationKind {
    /// Reads the whole value of a key that the run was filled with.
    Get,
    /// The same of a key that never is there.
    Miss,
    /// Overwrites the value of a key that the run was filled with, or brings it back.
    Put,
    /// Puts a key that was never there.
    Insert,
    /// Deletes a key that the run was filled with.
    Delete,
    /// Asks whether a key is there.
    Contains,
    /// Lists the keys with a prefix.
    List,
    /// Counts the keys of the run.
    Count,
    /// Applies a write set, over all runs of the thread.
    Apply,
    /// Takes a snapshot, reads keys in it and drops it.
    Snapshot,
    /// Begins a transaction, gets a key, puts it and commits: one attempt.
    Transaction,
    /// Gets a key and then puts it, as two operations.
    Rmw,
}

impl OperationKind {
    /// How many kinds there are.
    pub const COUNT: usize = 12;
    /// Every kind, in the order in which a mix names them.
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

    /// The word for it.
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

    /// Whether it writes.
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

    /// Whether one takes so long that few make a batch.
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
    fn a_kind_survives_display_and_parse_and_stands_at_its_number() {
        for (kind, place) in OperationKind::ALL.into_iter().zip(0..) {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(kind as u8, place);
        }
        let error = "scan".parse::<OperationKind>().unwrap_err().to_string();
        assert!(error.contains("an operation: give one of get, miss"), "{error}");
    }
}

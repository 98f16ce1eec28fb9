//! What the fields of an event stand for, which depends on its kind.

use crate::history::Kind;

/// What an event's `key` stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    /// A key.
    Key,
    /// A prefix.
    Prefix,
    /// A flag.
    Flag,
    /// Nothing.
    Nothing,
}

/// What the fields of a kind of event stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Names {
    /// Whether `run` is a run.
    pub(crate) run: bool,
    /// What `key` is.
    pub(crate) key: Named,
}

impl Kind {
    /// What the fields of an event of this kind stand for.
    pub(crate) const fn names(self) -> Names {
        let (run, key) = match self {
            Self::Put
            | Self::Delete
            | Self::SetPut
            | Self::SetDelete
            | Self::Get
            | Self::Contains
            | Self::SnapshotGet
            | Self::SnapshotContains
            | Self::TransactionGet
            | Self::TransactionPut
            | Self::TransactionDelete => (true, Named::Key),
            Self::List | Self::SnapshotList | Self::TransactionList => (true, Named::Prefix),
            Self::RemoveRun | Self::Count | Self::SnapshotCount | Self::Begin | Self::Commit => {
                (true, Named::Nothing)
            }
            Self::Notify | Self::Observe => (false, Named::Flag),
            Self::Open
            | Self::Clone
            | Self::Drop
            | Self::Abort
            | Self::Collect
            | Self::Tick
            | Self::Held => (false, Named::Nothing),
        };
        Names { run, key }
    }
}

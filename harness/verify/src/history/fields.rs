//! What the fields of an event mean, which depends on its kind.

use crate::history::Kind;

/// What the `key` of an event means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyMeaning {
    /// A key.
    Key,
    /// A prefix.
    Prefix,
    /// A flag.
    Flag,
    /// Nothing.
    Nothing,
}

/// What the fields of a kind of event mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fields {
    /// Whether `run` is the number of a run.
    pub(crate) run: bool,
    /// What `key` means.
    pub(crate) key: KeyMeaning,
}

impl Kind {
    /// What the fields of an event of this kind mean.
    pub(crate) const fn fields(self) -> Fields {
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
            | Self::TransactionDelete => (true, KeyMeaning::Key),
            Self::List | Self::SnapshotList | Self::TransactionList => (true, KeyMeaning::Prefix),
            Self::RemoveRun | Self::Count | Self::SnapshotCount | Self::Begin | Self::Commit => {
                (true, KeyMeaning::Nothing)
            }
            Self::Notify | Self::Observe => (false, KeyMeaning::Flag),
            Self::Open
            | Self::Clone
            | Self::Drop
            | Self::Abort
            | Self::Collect
            | Self::Tick
            | Self::Held => (false, KeyMeaning::Nothing),
        };
        Fields { run, key }
    }
}

//! What can be tested.
//!
//! Every [`Storage`] is a [`Subject`] as it stands. A control such as the ceiling, which is not a
//! store, implements [`Subject`] alone.

pub mod able;
pub mod built_in;
pub mod compiled;
pub mod controls;
pub mod name;
pub mod numbered;
#[cfg(feature = "peers")]
pub mod peers;
pub mod seed;
pub mod settings;
pub mod sharded;
pub mod unified;

pub use able::{Unable, able};
pub use built_in::{StorageVisitor, SubjectVisitor};
pub use name::{SubjectName, UnknownSubject};

use sharded_store::{RunId, Session, Storage};

/// For whom a subject keeps what it is given, and so what its answers can be checked against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeps {
    /// For every session on the run: a store.
    Together,
    /// For the session that put it alone.
    Apart,
    /// For nobody: it is not a store, and its answers are not checked.
    Nothing,
}

impl Keeps {
    /// Why answers are not checked; `None` where they are.
    #[must_use]
    pub const fn exemption(self) -> Option<&'static str> {
        match self {
            Self::Together | Self::Apart => None,
            Self::Nothing => Some("not a store"),
        }
    }
}

/// Something whose sessions can be put under load from several threads.
pub trait Subject: Sync {
    /// For whom it keeps what it is given.
    const KEEPS: Keeps = Keeps::Together;
    /// Whether its sessions can list.
    const LISTS: bool = true;

    /// One thread's handle on one run.
    type Session<'a>: Session
    where
        Self: 'a;

    /// The store behind it, for what no session does: write sets, snapshots and transactions.
    /// [`NoStore`](controls::NoStore) where there is none.
    type Store: Storage;

    /// Opens this thread's session on a run, outside the timed loop.
    fn session(&self, run: RunId) -> Self::Session<'_>;

    /// The store behind it, if there is one.
    fn store(&self) -> Option<&Self::Store> {
        None
    }

    /// The number of the shard of its directory that a run falls in, where it has a directory: runs
    /// with the same number share a lock of it. The same for every fresh subject.
    fn directory_shard(&self, run: RunId) -> Option<usize> {
        self.store().and_then(|store| Storage::directory_shard(store, run))
    }
}

impl<S: Storage> Subject for S {
    const LISTS: bool = S::CAPABILITIES.lists;

    type Session<'a>
        = S::Session<'a>
    where
        Self: 'a;
    type Store = S;

    fn session(&self, run: RunId) -> Self::Session<'_> {
        Storage::session(self, run)
    }

    fn store(&self) -> Option<&S> {
        Some(self)
    }
}

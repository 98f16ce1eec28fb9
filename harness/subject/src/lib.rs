//! Subjects: the stores under test.
//!
//! Every [`Storage`] is a [`Subject`]. Controls that are not stores, such as the ceiling, implement
//! only [`Subject`].

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod build_info;
pub mod compatibility;
pub mod controls;
pub mod description;
pub mod numbered;
#[cfg(feature = "peers")]
pub mod peers;
pub mod seed;
pub mod settings;
pub mod sharded;
pub mod unified;

pub use compatibility::{Incompatibility, Operations};
pub use description::{Description, Role};

use sharded_store::{RunId, Session, Storage};

/// Which sessions see a put, which determines how answers can be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visibility {
    /// All sessions on the run see it: the subject is a store.
    AllSessions,
    /// Only the session that put it sees it.
    OwnSession,
    /// No session sees it: the subject is not a store, and its answers are not checked.
    None,
}

impl Visibility {
    /// Why answers are not checked; `None` if they are.
    #[must_use]
    pub const fn exemption(self) -> Option<&'static str> {
        match self {
            Self::AllSessions | Self::OwnSession => None,
            Self::None => Some("not a store"),
        }
    }
}

/// A store or control whose sessions can be loaded from several threads.
pub trait Subject: Sync {
    /// Which sessions see a put.
    const VISIBILITY: Visibility = Visibility::AllSessions;
    /// Whether its sessions support listing.
    const LISTS: bool = true;

    /// One thread's handle on one run.
    type Session<'a>: Session
    where
        Self: 'a;

    /// The underlying store, for write sets, snapshots and transactions, which sessions do not
    /// offer. [`NoStore`](controls::NoStore) if there is none.
    type Store: Storage;

    /// Opens a session of this thread on a run. Called outside the timed loop.
    fn session(&self, run: RunId) -> Self::Session<'_>;

    /// The underlying store, if there is one.
    fn store(&self) -> Option<&Self::Store> {
        None
    }

    /// The directory shard of a run, if the subject has a directory. Runs in the same shard share a
    /// lock. The mapping is the same for every fresh subject.
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

//! What can be tested.
//!
//! Every [`Storage`] is a [`Subject`] as it stands. A control such as the ceiling, which is not a
//! store, implements [`Subject`] alone.

pub mod built_in;
pub mod controls;
pub mod name;
pub mod numbered;
#[cfg(feature = "peers")]
pub mod peers;
pub mod seed;
pub mod sharded;
pub mod unified;

pub use built_in::{StorageVisitor, SubjectVisitor};
pub use name::SubjectName;

use sharded_store::{RunId, Session, Storage};

/// Something whose sessions can be put under load from several threads.
pub trait Subject: Sync {
    /// One thread's handle on one run.
    type Session<'a>: Session
    where
        Self: 'a;

    /// Opens this thread's session on a run, outside the timed loop.
    fn session(&self, run: RunId) -> Self::Session<'_>;
}

impl<S: Storage> Subject for S {
    type Session<'a>
        = S::Session<'a>
    where
        Self: 'a;

    fn session(&self, run: RunId) -> Self::Session<'_> {
        Storage::session(self, run)
    }
}

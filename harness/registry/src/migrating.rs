//! A store that starts as a `UnifiedStore` and is migrated into a `ShardedStore` at its first
//! collection, so that one history checks `migrate`.
//!
//! This file is compiled for each variant that needs it.

use std::ops::ControlFlow;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::store::{
    Capabilities, Deleted, Direct, Entry, Error, Held, Key, NoTransaction, RunId, ShardedStore,
    Snapshot, SnapshotReads, Storage, UnifiedSnapshot, UnifiedStore, Value, Version, Versioned,
    WriteSet, migrate,
};

/// The store, before or after its migration.
pub(crate) struct Migrating(RwLock<Phase>);

/// Where the data is.
enum Phase {
    /// Not migrated yet.
    Before(UnifiedStore),
    /// Migrated.
    After(ShardedStore),
}

/// A snapshot taken before or after the migration.
#[derive(Clone)]
pub(crate) enum Reads {
    /// Taken before.
    Before(UnifiedSnapshot),
    /// Taken after.
    After(Snapshot),
}

impl Migrating {
    /// An empty store, not migrated yet.
    pub(crate) fn new() -> Self {
        Self(RwLock::new(Phase::Before(UnifiedStore::new())))
    }

    fn now(&self) -> RwLockReadGuard<'_, Phase> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls whichever store holds the data now.
macro_rules! delegate {
    ($phase:expr, $store:ident => $answer:expr) => {
        match &*$phase {
            Phase::Before($store) => $answer,
            Phase::After($store) => $answer,
        }
    };
}

impl Storage for Migrating {
    const CAPABILITIES: Capabilities = Capabilities { transactions: false, ..Capabilities::FULL };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Reads;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        delegate!(self.now(), store => Storage::get(store, run, key))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        delegate!(self.now(), store => Storage::put(store, run, key, value))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        delegate!(self.now(), store => Storage::delete(store, run, key))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        delegate!(self.now(), store => Storage::list(store, run, prefix))
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        delegate!(self.now(), store => Storage::apply(store, writes))
    }

    fn session(&self, run: RunId) -> Direct<'_, Self> {
        Direct::new(self, run)
    }

    fn snapshot(&self) -> Option<Reads> {
        match &*self.now() {
            Phase::Before(store) => Some(Reads::Before(store.snapshot())),
            Phase::After(store) => Some(Reads::After(store.snapshot())),
        }
    }

    fn begin(&self, _run: RunId) -> Option<NoTransaction> {
        None
    }

    fn remove_run(&self, run: RunId) -> Result<Option<Version>, Error> {
        delegate!(self.now(), store => store.remove_run(run))
    }

    /// The first call migrates the store; later ones collect.
    ///
    /// # Panics
    /// When the migration reports a difference.
    fn collect(&self) {
        let mut phase = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match &*phase {
            Phase::Before(store) => {
                let carried_over = migrate(store, |_| ControlFlow::Continue(()));
                *phase = Phase::After(carried_over.unwrap_or_else(|error| panic!("{error}")));
            }
            Phase::After(store) => store.collect(),
        }
    }

    fn tick(&self) -> Option<u64> {
        delegate!(self.now(), store => store.next_version().ok())
    }

    fn held(&self) -> Option<Held> {
        match &*self.now() {
            Phase::Before(_) => None,
            Phase::After(store) => store.held(),
        }
    }

    fn contains(&self, run: RunId, key: &Key) -> bool {
        delegate!(self.now(), store => Storage::contains(store, run, key))
    }

    fn count(&self, run: RunId) -> usize {
        delegate!(self.now(), store => Storage::count(store, run))
    }
}

impl SnapshotReads for Reads {
    fn version(&self) -> u64 {
        match self {
            Self::Before(reads) => reads.version(),
            Self::After(reads) => reads.version(),
        }
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        match self {
            Self::Before(reads) => reads.get(run, key),
            Self::After(reads) => reads.get(run, key),
        }
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        match self {
            Self::Before(reads) => reads.list(run, prefix),
            Self::After(reads) => reads.list(run, prefix),
        }
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

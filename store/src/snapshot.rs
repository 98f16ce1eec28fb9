//! Snapshots: the whole store as of one moment.

use std::borrow::Borrow;
use std::fmt;

use crate::contents::At;
use crate::contract::{Entry, Key, RunId, Value, Versioned};
use crate::pins::Pin;
use crate::sharded::ShardedStore;

/// A snapshot that keeps its store alive. It can be sent, shared and cloned.
pub type Snapshot = SnapshotOn<ShardedStore>;

/// A snapshot that borrows its store.
pub type SnapshotRef<'a> = SnapshotOn<&'a ShardedStore>;

/// A view of all runs of a store as of one moment, for as long as it lives.
///
/// Every read, of a removed run too, is answered from the versions that were the newest at that
/// moment. A read takes the lock of the run it reads. While a snapshot is open the store keeps, of
/// each key, the one version the snapshot can see beside the newest.
pub struct SnapshotOn<S: Borrow<ShardedStore>> {
    /// The store.
    store: S,
    /// Its place among the pins.
    pin: Pin,
    /// The clock when it was opened.
    version: u64,
}

impl<S: Borrow<ShardedStore>> SnapshotOn<S> {
    #[inline]
    pub(crate) fn open(store: S) -> Self {
        let shared = store.borrow().shared();
        let (pin, version) = shared.pins.open(&shared.clock);
        Self { store, pin, version }
    }

    pub(crate) fn store(&self) -> &ShardedStore {
        self.store.borrow()
    }

    pub(crate) fn at(&self) -> At {
        At::Snapshot(self.version)
    }

    /// The snapshot's version: it sees the commits whose stamp is not above it.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The value of a key as of the snapshot, with the version that wrote it.
    #[must_use]
    pub fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.store().shard(run)?.lock().get(key, self.at())
    }

    /// Shows the value of a key as of the snapshot to `read`, outside all locks.
    pub fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.get(run, key).map(|found| read(&found.value))
    }

    /// Whether a key was live as of the snapshot.
    #[must_use]
    pub fn contains(&self, run: RunId, key: &Key) -> bool {
        self.store().shard(run).is_some_and(|shard| shard.lock().contains(key, self.at()))
    }

    /// How many keys of a run were live as of the snapshot. Takes time in the size of the run.
    #[must_use]
    pub fn count(&self, run: RunId) -> usize {
        self.store().shard(run).map_or(0, |shard| shard.lock().count(self.at()))
    }

    /// The entries live as of the snapshot whose key starts with `prefix`, sorted by key.
    #[must_use]
    pub fn list(&self, run: RunId, prefix: impl AsRef<[u8]>) -> Vec<Entry> {
        let shard = self.store().shard(run);
        shard.map_or_else(Vec::new, |shard| shard.lock().list(prefix.as_ref(), self.at()))
    }

    /// All entries of a run as of the snapshot, sorted by key.
    #[must_use]
    pub fn list_all(&self, run: RunId) -> Vec<Entry> {
        self.list(run, b"")
    }
}

impl<S: Borrow<ShardedStore> + Clone> Clone for SnapshotOn<S> {
    /// Another owner of the same view; it costs one count.
    fn clone(&self) -> Self {
        self.store().shared().pins.share(self.pin, self.version);
        Self { store: self.store.clone(), pin: self.pin, version: self.version }
    }
}

impl<S: Borrow<ShardedStore>> Drop for SnapshotOn<S> {
    #[inline]
    fn drop(&mut self) {
        self.store().shared().pins.close(self.pin, self.version);
    }
}

impl<S: Borrow<ShardedStore>> fmt::Debug for SnapshotOn<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("version", &self.version).finish_non_exhaustive()
    }
}

//! The store as a [`Storage`], so that it can be measured and verified like any other.
//!
//! Each method calls the store's own method of the same name.

use std::borrow::Borrow;

use crate::contract::{
    Capabilities, Deleted, Direct, Entry, Error, Held, Key, RunId, Session, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};
use crate::inspect;
use crate::run_handle::RunHandle;
use crate::sharded::ShardedStore;
use crate::snapshot::{Snapshot, SnapshotOn};
use crate::statistics::Statistics;
use crate::transaction::Transaction;

impl Storage for ShardedStore {
    const CAPABILITIES: Capabilities = Capabilities::FULL;
    type Session<'a> = RunHandle;
    type Snapshot = Snapshot;
    type Transaction<'a> = Transaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        Self::get(self, run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        Self::put(self, run, key, value)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Self::delete(self, run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        Self::list(self, run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        Self::apply(self, writes)
    }

    fn snapshot(&self) -> Option<Snapshot> {
        Some(Self::snapshot(self))
    }

    fn begin(&self, run: RunId) -> Option<Transaction> {
        Some(Self::begin(self, run))
    }

    fn remove_run(&self, run: RunId) -> Result<Option<Version>, Error> {
        Self::remove_run(self, run)
    }

    fn collect(&self) {
        self.reclaim();
    }

    fn tick(&self) -> Option<u64> {
        self.next_version().ok()
    }

    fn directory_shard(&self, run: RunId) -> Option<usize> {
        Some(inspect::directory_shard(self, run))
    }

    fn held(&self) -> Option<Held> {
        let Statistics { versions, live_keys, .. } = self.statistics();
        Some(Held { versions, live_keys })
    }

    #[inline]
    fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        Self::get_with(self, run, key, read)
    }

    fn contains(&self, run: RunId, key: &Key) -> bool {
        Self::contains(self, run, key)
    }

    fn count(&self, run: RunId) -> usize {
        Self::count(self, run)
    }
}

impl From<Direct<'_, ShardedStore>> for RunHandle {
    fn from(direct: Direct<'_, ShardedStore>) -> Self {
        direct.store().run(direct.run())
    }
}

impl Session for RunHandle {
    fn get(&mut self, key: &Key) -> Option<Versioned> {
        Self::get(self, key)
    }

    #[inline(always)]
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        Self::get_with(self, key, read)
    }

    #[inline(always)]
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        Self::put(self, key, value)
    }

    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        Self::delete(self, key).map(|removed| removed.is_some())
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        Self::list(self, prefix).len()
    }

    #[inline]
    fn contains(&mut self, key: &Key) -> bool {
        Self::contains(self, key)
    }

    fn count(&mut self) -> usize {
        Self::count(self)
    }
}

impl<S: Borrow<ShardedStore> + Clone + Send + Sync> SnapshotReads for SnapshotOn<S> {
    fn version(&self) -> u64 {
        Self::version(self)
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        Self::get(self, run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        Self::list(self, run, prefix)
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn contains(&self, run: RunId, key: &Key) -> bool {
        Self::contains(self, run, key)
    }

    fn count(&self, run: RunId) -> usize {
        Self::count(self, run)
    }
}

impl TransactionWork for Transaction {
    fn version(&self) -> u64 {
        Self::version(self)
    }

    fn get(&mut self, key: &Key) -> Option<Value> {
        Self::get(self, key)
    }

    fn put(&mut self, key: &Key, value: Value) {
        Self::put(self, key, value);
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        Self::delete(self, key)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        Self::list(self, prefix)
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        Self::commit(self)
    }
}

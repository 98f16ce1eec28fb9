//! `ShardedStore` without a handle. With one it is a subject as it stands: its own sessions hold
//! the run's shard.

use sharded_store::{Error, Key, RunId, Session, ShardedStore, Storage, Value, Version};

use crate::subject::Subject;

/// A `ShardedStore` that is given the run's id with each operation.
#[derive(Debug)]
pub struct ShardedPlain {
    /// The store itself.
    store: ShardedStore,
}

impl ShardedPlain {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { store: ShardedStore::new() }
    }
}

impl Default for ShardedPlain {
    fn default() -> Self {
        Self::new()
    }
}

impl Subject for ShardedPlain {
    type Session<'a> = PlainSession<'a>;

    fn session(&self, run: RunId) -> PlainSession<'_> {
        PlainSession { store: &self.store, run }
    }
}

/// A session that looks the run up each time.
#[derive(Debug)]
pub struct PlainSession<'a> {
    /// The store that is asked.
    store: &'a ShardedStore,
    /// The run it is asked about.
    run: RunId,
}

impl Session for PlainSession<'_> {
    #[inline]
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.store.get_with(self.run, key, read)
    }

    #[inline]
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        self.store.put(self.run, key, value)
    }

    #[inline]
    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        Storage::delete(self.store, self.run, key).map(|removed| removed.is_some())
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        Storage::list(self.store, self.run, prefix).len()
    }
}

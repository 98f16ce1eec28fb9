//! `ShardedStore` without a run handle. With a handle, no adapter is needed: the store is a
//! subject, and its sessions hold the run's shard.

use sharded_store::{Direct, RunId, ShardedStore};

use crate::Subject;

/// A `ShardedStore` that looks up the run with each operation.
#[derive(Debug)]
pub struct ShardedPlain {
    /// The store.
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
    type Session<'a> = Direct<'a, ShardedStore>;
    type Store = ShardedStore;

    fn session(&self, run: RunId) -> Direct<'_, ShardedStore> {
        Direct::new(&self.store, run)
    }

    fn store(&self) -> Option<&ShardedStore> {
        Some(&self.store)
    }
}

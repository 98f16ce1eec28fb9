//! `ShardedStore` without a handle. With one it is a subject as it stands: its own sessions hold
//! the run's shard.

use sharded_store::{Direct, RunId, ShardedStore};

use crate::Subject;

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
    type Session<'a> = Direct<'a, ShardedStore>;
    type Store = ShardedStore;

    fn session(&self, run: RunId) -> Direct<'_, ShardedStore> {
        Direct::new(&self.store, run)
    }

    fn store(&self) -> Option<&ShardedStore> {
        Some(&self.store)
    }
}

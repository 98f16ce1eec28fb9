//! Which runs there are.
//!
//! **Invariant:** no guard of the map is ever held while a run's lock is taken, and none leaves
//! this file: whatever is looked up is cloned out. So a thread that holds a run's lock delays
//! nobody in here, not even where two runs fall in one shard of the map.

use crate::clock::Clock;
use crate::contract::RunId;
use crate::shard::Shard;
use crate::sync::{Arc, RunMap};

/// The runs of a store by id, vacant ones included.
pub(crate) struct Directory(RunMap<Arc<Shard>>);

impl Directory {
    /// A directory with room for `runs` without rehashing.
    pub(crate) fn with_capacity(runs: usize) -> Self {
        Self(RunMap::with_capacity(runs))
    }

    /// A run that is there.
    pub(crate) fn get(&self, id: RunId) -> Option<Arc<Shard>> {
        self.0.get(id, Arc::clone)
    }

    /// A run, made vacant if it is not there.
    pub(crate) fn get_or_add(&self, id: RunId) -> Arc<Shard> {
        self.get(id)
            .unwrap_or_else(|| self.0.get_or_insert(id, || Arc::new(Shard::new(id)), Arc::clone))
    }

    /// All runs, sorted by id.
    pub(crate) fn all(&self) -> Vec<Arc<Shard>> {
        let mut shards = Vec::new();
        self.0.for_each(|shard| shards.push(Arc::clone(shard)));
        shards.sort_by_key(|shard| shard.id());
        shards
    }

    /// Takes out a run that is vacant and that nobody else holds; returns whether it was.
    ///
    /// Being alone with the shard stands for its lock: nobody holds that, and nobody can come by
    /// the shard while the map's own guard is held. Whoever makes the run anew does so after that,
    /// and finds a clock that was moved, so that no version comes twice, and a table that is
    /// retired.
    pub(crate) fn remove_vacant(&self, id: RunId, clock: &Clock) -> bool {
        let mut vacant = false;
        self.0.remove_if(id, |shard| {
            let Some(shard) = Arc::get_mut(shard) else { return false };
            let state = shard.state_mut();
            vacant = state.is_vacant() && (!state.had_versions() || clock.next().is_ok());
            if vacant {
                state.table().retire();
            }
            vacant
        });
        vacant
    }

    /// The number of the map's own shard that a run falls in.
    pub(crate) fn place_of(&self, id: RunId) -> usize {
        self.0.place_of(id)
    }
}

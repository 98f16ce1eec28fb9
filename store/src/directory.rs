//! Which runs there are: the only place that knows `DashMap`.
//!
//! **Invariant:** no guard of the map is ever held while a run's lock is taken, and none leaves this
//! file: whatever is looked up is cloned out. So a thread that holds a run's lock delays nobody in
//! here, not even where two runs fall in one shard of the map.

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use crate::clock::Clock;
use crate::id::RunId;
use crate::shard::Shard;
use crate::sync::Arc;

/// Shards of the map at least, 128 bytes each. The map's own choice is four to a core, and two runs that
/// fall in one shard share the line of its lock: puts without a handle then run at a quarter of
/// their speed on two cores. This many make that rare.
const SHARDS_MIN: usize = 128;

/// The runs of a store by id, vacant ones included.
pub(crate) struct Directory(DashMap<RunId, Arc<Shard>, FxBuildHasher>);

impl Directory {
    /// A directory with room for `runs` without rehashing.
    pub(crate) fn with_capacity(runs: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shards = (4 * cores).next_power_of_two().max(SHARDS_MIN);
        Self(DashMap::with_capacity_and_hasher_and_shard_amount(runs, FxBuildHasher, shards))
    }

    /// A run that is there.
    pub(crate) fn get(&self, id: RunId) -> Option<Arc<Shard>> {
        self.0.get(&id).map(|shard| Arc::clone(&shard))
    }

    /// A run, made vacant if it is not there.
    pub(crate) fn get_or_add(&self, id: RunId) -> Arc<Shard> {
        self.get(id).unwrap_or_else(|| {
            Arc::clone(&self.0.entry(id).or_insert_with(|| Arc::new(Shard::new(id))))
        })
    }

    /// All runs, sorted by id.
    pub(crate) fn all(&self) -> Vec<Arc<Shard>> {
        let mut shards: Vec<_> = self.0.iter().map(|entry| Arc::clone(entry.value())).collect();
        shards.sort_by_key(|shard| shard.id());
        shards
    }

    /// Takes out a run that is vacant and that nobody else holds; returns whether it was.
    ///
    /// Being alone with the shard stands for its lock: nobody holds that, and nobody can come by the
    /// shard while the map's own guard is held. Whoever makes the run anew does so after that, and
    /// finds a clock that was moved, so that no version comes twice, and a table that is retired.
    pub(crate) fn remove_vacant(&self, id: RunId, clock: &Clock) -> bool {
        let mut vacant = false;
        self.0.remove_if_mut(&id, |_, shard| {
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
        self.0.determine_map(&id)
    }
}

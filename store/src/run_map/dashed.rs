//! A `DashMap`.

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use crate::contract::RunId;

/// Shards of the map at least, 128 bytes each. The map's own choice is four to a core, and two runs
/// that fall in one shard share the line of its lock: puts without a handle then run at a quarter
/// of their speed on two cores. This many make that rare.
const SHARDS_MIN: usize = 128;

/// Values by run.
pub(crate) struct RunMap<V>(DashMap<RunId, V, FxBuildHasher>);

impl<V> RunMap<V> {
    /// A map with room for `runs` without rehashing.
    pub(crate) fn with_capacity(runs: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shards = (4 * cores).next_power_of_two().max(SHARDS_MIN);
        Self(DashMap::with_capacity_and_hasher_and_shard_amount(runs, FxBuildHasher, shards))
    }

    /// Shows the value of a run, if it is there.
    #[inline]
    pub(crate) fn get<R>(&self, id: RunId, show: impl FnOnce(&V) -> R) -> Option<R> {
        self.0.get(&id).map(|value| show(&value))
    }

    /// Shows the value of a run, made first if it is not there.
    pub(crate) fn get_or_insert<R>(
        &self,
        id: RunId,
        make: impl FnOnce() -> V,
        show: impl FnOnce(&V) -> R,
    ) -> R {
        show(&self.0.entry(id).or_insert_with(make))
    }

    /// Removes the value of a run if `remove`, which may change it, says so.
    pub(crate) fn remove_if(&self, id: RunId, remove: impl FnOnce(&mut V) -> bool) {
        self.0.remove_if_mut(&id, |_, value| remove(value));
    }

    /// Shows all values, in no order.
    pub(crate) fn for_each(&self, mut show: impl FnMut(&V)) {
        self.0.iter().for_each(|entry| show(entry.value()));
    }

    /// The number of the map's own shard that a run falls in.
    pub(crate) fn place_of(&self, id: RunId) -> usize {
        self.0.determine_map(&id)
    }
}

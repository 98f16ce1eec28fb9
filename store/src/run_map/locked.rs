//! Two maps, each behind a lock that a checker sees: enough for runs that share a lock and runs
//! that do not.

use std::collections::BTreeMap;

use crate::contract::RunId;
use crate::sync::Mutex;

/// Values by run.
pub(crate) struct RunMap<V>([Mutex<BTreeMap<RunId, V>>; 2]);

impl<V> RunMap<V> {
    /// An empty map.
    pub(crate) fn with_capacity(_runs: usize) -> Self {
        Self([Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new())])
    }

    /// Shows the value of a run, if it is there.
    pub(crate) fn get<R>(&self, id: RunId, show: impl FnOnce(&V) -> R) -> Option<R> {
        self.0[self.place_of(id)].lock().get(&id).map(show)
    }

    /// Shows the value of a run, made first if it is not there.
    pub(crate) fn get_or_insert<R>(
        &self,
        id: RunId,
        make: impl FnOnce() -> V,
        show: impl FnOnce(&V) -> R,
    ) -> R {
        show(self.0[self.place_of(id)].lock().entry(id).or_insert_with(make))
    }

    /// Removes the value of a run if `remove`, which may change it, says so.
    pub(crate) fn remove_if(&self, id: RunId, remove: impl FnOnce(&mut V) -> bool) {
        let mut map = self.0[self.place_of(id)].lock();
        if map.get_mut(&id).is_some_and(remove) {
            map.remove(&id);
        }
    }

    /// Shows all values, in no order.
    pub(crate) fn for_each(&self, mut show: impl FnMut(&V)) {
        self.0.iter().for_each(|map| map.lock().values().for_each(&mut show));
    }

    /// Which of the two a run falls in.
    pub(crate) fn place_of(&self, id: RunId) -> usize {
        (id.as_u128() >> 1) as usize % 2
    }
}

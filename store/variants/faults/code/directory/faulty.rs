//! Seeded faults of the directory that are too long for a replacement.

use super::Directory;
use crate::clock::Clock;
use crate::contract::RunId;
use crate::shard::Shard;
use crate::sync::Arc;

impl Directory {
    /// U19: looks, and adds afterwards, so that two threads may both add.
    pub(super) fn get_or_replace(&self, id: RunId) -> Arc<Shard> {
        self.get(id).unwrap_or_else(|| {
            self.0.remove_if(id, |_| true);
            self.0.get_or_insert(id, || Arc::new(Shard::new(id)), Arc::clone)
        })
    }

    /// U8: takes out a run that is vacant, though a writer may hold it already.
    pub(super) fn remove_though_held(&self, id: RunId, clock: &Clock) -> bool {
        let mut vacant = false;
        self.0.remove_if(id, |shard| {
            let state = shard.lock();
            vacant = state.is_vacant() && (!state.had_versions() || clock.next().is_ok());
            if vacant {
                state.table().retire();
            }
            vacant
        });
        vacant
    }
}

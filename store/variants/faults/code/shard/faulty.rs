//! Seeded faults of a run that are too long for a replacement.

use super::{At, Error, Key, Needs, RunState, Shard, Shared, Value, Version};
use crate::contract::write_set::RunWrites;

impl Shard {
    /// W4: a put whose stamp is older than its lock.
    pub(super) fn put_stamped_early(
        &self,
        shared: &Shared,
        key: &Key,
        value: &Value,
    ) -> Result<Version, Error> {
        let stamp = shared.clock.stamp()?;
        let mut state = self.lock();
        let version = state.next_version(stamp)?;
        state.put(shared, key, value.clone(), version);
        Ok(version)
    }

    /// W8: a put of a new key into a copy of the run, which then takes the place of the run.
    pub(super) fn put_by_copy(
        &self,
        shared: &Shared,
        key: &Key,
        value: &Value,
    ) -> Result<Version, Error> {
        let mut state = self.lock();
        if state.contains(key, At::Newest) {
            return state.put_unusual(shared, key, value);
        }
        let copy = state.list(b"", At::Newest);
        drop(state);
        let mut state = self.lock();
        state.contents.put_back(&copy);
        state.put_unusual(shared, key, value)
    }

    /// W9: a put whose number in the run is older than its lock.
    pub(crate) fn put_numbered_early(
        &self,
        shared: &Shared,
        key: &Key,
        value: &Value,
    ) -> Result<Version, Error> {
        let sequence = self.lock().next_version(0)?.sequence();
        let mut state = self.lock();
        let version = Version::new(shared.clock.stamp()?, sequence);
        state.put(shared, key, value.clone(), version);
        Ok(version)
    }

    /// G7: plans what to drop under one lock, and drops it under the next.
    pub(crate) fn reclaim_by_plan(&self, shared: &Shared) -> usize {
        let mut state = self.lock();
        let now = shared.clock.now();
        let state_now = &mut *state;
        let mut needs = Needs::new(&shared.pins, &mut state_now.watch, now);
        let plan = state_now.contents.plan(needs.live());
        drop(state);
        let mut state = self.lock();
        state.contents.prune_as_planned(&plan) + state.drop_removed(shared, now)
    }
}

impl RunState {
    /// W6, W7: installs one write of a commit that has the number `sequence`, with the stamp of
    /// now. Returns the version, if that changed anything.
    pub(crate) fn install_one(
        &mut self,
        shared: &Shared,
        (key, value): (&Key, &Option<Value>),
        sequence: u64,
    ) -> Result<Option<Version>, Error> {
        let version = Version::new(shared.clock.stamp()?, sequence);
        let last = self.sequence;
        let changed =
            self.install(shared, &RunWrites::from([(key.clone(), value.clone())]), version);
        self.sequence = self.sequence.max(last);
        Ok(changed.then_some(version))
    }
}

//! Seeded faults of the store that are too long to stand where they strike.

use super::{Arc, At, Entry, Error, RunId, Shard, ShardedStore, Version, WriteSet};
use crate::fault::fault;
use crate::write_set::RunWrites;

/// Wrong ways to apply a write set.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// W4b: the stamp is taken before the locks.
    StampedEarly,
    /// W6: each key gets a stamp of its own.
    StampedByKey,
    /// W7: the lock is released between keys.
    KeyByKey,
    /// W7b: each run's lock is released before the next one's is taken.
    RunByRun,
    /// W12: locks are taken in the order in which the runs were named.
    LockedAsNamed,
    /// D1: runs are looked up while the locks of those before are held.
    LookedUpUnderLocks,
}

type Applied = Result<Vec<(RunId, Version)>, Error>;

impl Way {
    /// The one that is switched on.
    pub(super) fn armed() -> Option<Self> {
        let ways = [
            (fault!(W4b), Self::StampedEarly),
            (fault!(W6), Self::StampedByKey),
            (fault!(W7), Self::KeyByKey),
            (fault!(W7b), Self::RunByRun),
            (fault!(W12), Self::LockedAsNamed),
            (fault!(D1), Self::LookedUpUnderLocks),
        ];
        ways.into_iter().find_map(|(armed, way)| armed.then_some(way))
    }
}

impl ShardedStore {
    /// R7: a listing that goes on where the run ends, as a scan over (run, key) does that looks at the
    /// key alone to see whether it is past its prefix.
    pub(crate) fn list_past_run(&self, run: RunId, prefix: &[u8], at: At) -> Vec<Entry> {
        let shards = self.0.directory.all();
        let from = shards.iter().filter(|shard| shard.id() >= run).take(2);
        from.flat_map(|shard| shard.lock().list(prefix, at)).collect()
    }

    /// Applies a write set in a wrong way.
    pub(super) fn apply_in(&self, way: Way, writes: &WriteSet) -> Applied {
        match way {
            Way::StampedEarly => {
                let stamp = self.0.shared.clock.stamp()?;
                self.install_locked(&self.shards_of(writes), Some(stamp))
            }
            Way::StampedByKey => self.apply_by_key(writes),
            Way::KeyByKey => self.apply_key_by_key(writes),
            Way::RunByRun => self.apply_run_by_run(writes),
            Way::LockedAsNamed => {
                let mut shards = self.shards_of(writes);
                let place = |id| writes.named.iter().position(|named| *named == id);
                shards.sort_by_key(|(shard, _)| place(shard.id()));
                let mut changed = self.install_locked(&shards, None)?;
                changed.sort_by_key(|(run, _)| *run);
                Ok(changed)
            }
            Way::LookedUpUnderLocks => {
                let mut changed = Vec::new();
                self.apply_looking_up(&mut writes.runs().iter(), &mut changed)?;
                changed.reverse();
                Ok(changed)
            }
        }
    }

    fn shards_of<'w>(&self, writes: &'w WriteSet) -> Vec<(Arc<Shard>, &'w RunWrites)> {
        let runs = writes.runs().iter();
        runs.map(|(run, writes)| (self.0.directory.get_or_add(*run), writes)).collect()
    }

    /// Locks the runs one after the other and installs; without a stamp, with that of now.
    fn install_locked(&self, shards: &[(Arc<Shard>, &RunWrites)], stamp: Option<u64>) -> Applied {
        let mut locked: Vec<_> =
            shards.iter().map(|(shard, writes)| (shard.id(), shard.lock(), *writes)).collect();
        let stamp = stamp.map_or_else(|| self.0.shared.clock.stamp(), Ok)?;
        let mut changed = Vec::new();
        for (run, state, writes) in &mut locked {
            let version = state.next_version(stamp)?;
            if state.install(&self.0.shared, writes, version) {
                changed.push((*run, version));
            }
        }
        Ok(changed)
    }

    fn apply_by_key(&self, writes: &WriteSet) -> Applied {
        let shards = self.shards_of(writes);
        let mut locked: Vec<_> =
            shards.iter().map(|(shard, writes)| (shard.id(), shard.lock(), *writes)).collect();
        let mut changed = Vec::new();
        for (run, state, writes) in &mut locked {
            let sequence = state.next_version(0)?.sequence();
            let mut last = None;
            for write in *writes {
                last = state.install_one(&self.0.shared, write, sequence)?.or(last);
            }
            changed.extend(last.map(|version| (*run, version)));
        }
        Ok(changed)
    }

    fn apply_key_by_key(&self, writes: &WriteSet) -> Applied {
        let mut changed = Vec::new();
        for (shard, writes) in self.shards_of(writes) {
            let sequence = shard.lock().next_version(0)?.sequence();
            let mut last = None;
            for write in writes {
                last = shard.lock().install_one(&self.0.shared, write, sequence)?.or(last);
            }
            changed.extend(last.map(|version| (shard.id(), version)));
        }
        Ok(changed)
    }

    fn apply_run_by_run(&self, writes: &WriteSet) -> Applied {
        let mut changed = Vec::new();
        let mut stamp = None;
        for (shard, writes) in self.shards_of(writes) {
            let mut state = shard.lock();
            let once = match stamp {
                Some(stamp) => stamp,
                None => self.0.shared.clock.stamp()?,
            };
            stamp = Some(once);
            let version = state.next_version(once)?;
            if state.install(&self.0.shared, writes, version) {
                changed.push((shard.id(), version));
            }
        }
        Ok(changed)
    }

    /// Locks one run, then looks up the next and so on; installs from the last to the first, when all are
    /// locked. Returns the stamp.
    fn apply_looking_up<'w>(
        &self,
        writes: &mut impl Iterator<Item = (&'w RunId, &'w RunWrites)>,
        changed: &mut Vec<(RunId, Version)>,
    ) -> Result<u64, Error> {
        let Some((run, of_run)) = writes.next() else { return self.0.shared.clock.stamp() };
        let shard = self.0.directory.get_or_add(*run);
        let mut state = shard.lock();
        let stamp = self.apply_looking_up(writes, changed)?;
        let version = state.next_version(stamp)?;
        if state.install(&self.0.shared, of_run, version) {
            changed.push((*run, version));
        }
        Ok(stamp)
    }
}

//! Seeded faults of the store that are too long for a replacement.

use super::{Arc, At, Entry, Error, RunId, Shard, ShardedStore, Version, WriteSet};
use crate::contract::write_set::RunWrites;

type Applied = Result<Vec<(RunId, Version)>, Error>;

impl ShardedStore {
    /// R7: a listing that goes on where the run ends, as a scan over (run, key) does that looks at
    /// the key alone to see whether it is past its prefix.
    pub(crate) fn list_past_run(&self, run: RunId, prefix: &[u8], at: At) -> Vec<Entry> {
        let shards = self.0.directory.all();
        let from = shards.iter().filter(|shard| shard.id() >= run).take(2);
        from.flat_map(|shard| shard.lock().list(prefix, at)).collect()
    }

    fn shards_of<'w>(&self, writes: &'w WriteSet) -> Vec<(Arc<Shard>, &'w RunWrites)> {
        let runs = writes.runs().iter();
        runs.map(|(run, writes)| (self.0.directory.get_or_add(*run), writes)).collect()
    }

    /// W7: releases the lock between keys.
    pub(super) fn apply_key_by_key(&self, writes: &WriteSet) -> Applied {
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

    /// W7b: releases each run's lock before it takes the next.
    pub(super) fn apply_run_by_run(&self, writes: &WriteSet) -> Applied {
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

    /// D1: looks runs up while the locks of those before are held.
    pub(super) fn apply_looking_up_under_locks(&self, writes: &WriteSet) -> Applied {
        let mut changed = Vec::new();
        self.apply_looking_up(&mut writes.runs().iter(), &mut changed)?;
        changed.reverse();
        Ok(changed)
    }

    /// Locks one run, then looks up the next and so on; installs from the last to the first, when
    /// all are locked. Returns the stamp.
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

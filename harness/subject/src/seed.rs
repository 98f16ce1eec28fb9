//! The literal design: a DashMap from run to a map, and one counter for all versions.
//!
//! It is kept to the letter, on the letter's library versions, so that every report shows what
//! keeping the promises is worth against it. These flaws are the point:
//!
//! - each write adds to one counter that all threads share;
//! - a run's data lies under the lock of a DashMap shard, which runs share by chance;
//! - a write set is applied one write after another, each with a version of its own;
//! - a snapshot remembers the counter only, and reads live data.

use std::collections::hash_map::Entry as MapEntry;
use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap5::DashMap;
use rustc_hash1::{FxHashMap, FxHasher};
use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned,
};

/// The data of one run: each key's value with the version that wrote it.
type Run = FxHashMap<Key, (u64, Value)>;

/// The store of the literal design. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SeedStore {
    /// What the clones share.
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The version of the newest write anywhere.
    version: AtomicU64,
    /// The data, in DashMap's default number of shards. The hasher is the maps' own: DashMap's default
    /// one would cost more than all the rest, and the baseline is to be as fast as the design can be.
    runs: DashMap<RunId, Run, BuildHasherDefault<FxHasher>>,
}

impl SeedStore {
    /// An empty store at version 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The version of the newest write.
    #[must_use]
    pub fn version(&self) -> u64 {
        // SeqCst: the literal design asks for it everywhere.
        self.shared.version.load(Ordering::SeqCst)
    }

    /// Adds 1 to the version and returns the new one.
    pub fn next_version(&self) -> u64 {
        // SeqCst: the literal design asks for it everywhere.
        self.shared.version.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How many runs exist.
    #[must_use]
    pub fn shard_count(&self) -> usize {
        self.shared.runs.len()
    }

    /// Runs `work` while holding the lock that guards `run`, and with it, by chance, other runs:
    /// whoever works in one of those is delayed. `work` must not use this store on the same
    /// thread, or it waits for itself.
    pub fn while_locked<R>(&self, run: RunId, work: impl FnOnce() -> R) -> R {
        let _guard = self.shared.runs.entry(run).or_default();
        work()
    }
}

impl Storage for SeedStore {
    /// What the design claims, which is not what it keeps.
    const CAPABILITIES: Capabilities =
        Capabilities { transactions: false, removal: false, ..Capabilities::FULL };
    /// The literal design knows no handles: the run is looked up each time.
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = SeedSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let data = self.shared.runs.get(&run)?;
        let (version, value) = data.get(key)?;
        Some(Versioned { value: value.clone(), version: Version::new(*version, 0) })
    }

    #[inline]
    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let version = self.next_version();
        self.shared.runs.entry(run).or_default().insert(key.clone(), (version, value));
        Ok(Version::new(version, 0))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let own = Version::new(self.next_version(), 0);
        let Some(mut data) = self.shared.runs.get_mut(&run) else {
            return Ok(None);
        };
        let MapEntry::Occupied(found) = data.entry(key.clone()) else {
            return Ok(None);
        };
        let (version, value) = found.remove();
        let removed = Versioned { value, version: Version::new(version, 0) };
        Ok(Some(Deleted { removed, version: own }))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let Some(data) = self.shared.runs.get(&run) else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = data
            .iter()
            .filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, (version, value))| Entry {
                key: key.clone(),
                value: value.clone(),
                version: Version::new(*version, 0),
            })
            .collect();
        entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        entries
    }

    fn tick(&self) -> Option<u64> {
        Some(self.next_version())
    }

    /// Under the lock of the DashMap shard.
    #[inline]
    fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.shared.runs.get(&run)?.get(key).map(|(_, value)| read(value))
    }

    fn snapshot(&self) -> Option<SeedSnapshot> {
        Some(SeedSnapshot { version: self.version(), store: self.clone() })
    }

    fn count(&self, run: RunId) -> usize {
        self.shared.runs.get(&run).map_or(0, |data| data.len())
    }

    fn directory_shard(&self, run: RunId) -> Option<usize> {
        Some(self.shared.runs.determine_map(&run))
    }
}

/// The snapshot of the literal design: it remembers a version and then reads **live data**, so that
/// it changes under its reader. That is the design's flaw, kept on purpose.
#[derive(Clone, Debug)]
pub struct SeedSnapshot {
    /// The counter when it was taken; nothing is read by it.
    version: u64,
    /// The live store.
    store: SeedStore,
}

impl SnapshotReads for SeedSnapshot {
    fn version(&self) -> u64 {
        self.version
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.store.get(run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.store.list(run, prefix)
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn count(&self, run: RunId) -> usize {
        self.store.count(run)
    }
}

#[cfg(test)]
mod tests {
    use dashmap5::try_result::TryResult;

    use super::*;
    use shardproof_workload::keys::{key, run_id, value};

    #[test]
    fn what_is_put_is_found_listed_and_deleted() {
        let (store, run) = (SeedStore::new(), run_id(1, 0));
        for index in 0..10 {
            store.put(run, &key(index), value(index)).unwrap();
        }
        assert_eq!(store.get(run, &key(3)).unwrap().version.stamp(), 4);
        let listed = store.list(run, b"");
        assert!(listed.len() == 10 && listed.is_sorted_by_key(|entry| entry.key.clone()));
        assert_eq!(store.delete(run, &key(3)).unwrap().unwrap().removed.value, value(3));
        assert_eq!((store.count(run), store.version(), store.shard_count()), (9, 11, 1));
    }

    #[test]
    fn a_snapshot_changes_under_its_reader() {
        let (store, run) = (SeedStore::new(), run_id(1, 0));
        store.put(run, &key(0), value(0)).unwrap();
        let snapshot = store.snapshot().unwrap();
        store.put(run, &key(0), value(1)).unwrap();
        let seen = snapshot.get(run, &key(0)).unwrap();
        assert_eq!(seen.value, value(1));
        assert!(!seen.version.visible_at(snapshot.version()), "it was written later");
    }

    #[test]
    fn holding_one_run_locks_others_out() {
        let store = SeedStore::new();
        let runs: Vec<RunId> = (0..1_000).map(|index| run_id(1, index)).collect();
        for run in &runs {
            store.put(*run, &key(0), value(0)).unwrap();
        }
        let shard = |run: &RunId| Storage::directory_shard(&store, *run).unwrap();
        let locked_out = store.while_locked(runs[0], || {
            let waits = |run: &RunId| matches!(store.shared.runs.try_get(run), TryResult::Locked);
            assert!(runs.iter().all(|run| waits(run) == (shard(run) == shard(&runs[0]))));
            runs[1..].iter().filter(|run| waits(run)).count()
        });
        assert!(locked_out > 0, "a thousand runs in a few dozen DashMap shards");
    }
}

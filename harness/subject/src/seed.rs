//! The literal design: a DashMap from run to a map, and one counter for all versions.
//!
//! It is kept to the letter, including the library versions, so that every report shows what
//! correctness costs compared with it. These flaws are intentional:
//!
//! - each write increments one counter shared by all threads;
//! - a run's data is under the lock of a DashMap shard, which unrelated runs may share;
//! - a write set is applied write by write, each with its own version;
//! - a snapshot only remembers the counter, and reads live data.

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

/// The data of one run: each key's version and value.
type Run = FxHashMap<Key, (u64, Value)>;

/// The literal design. Clones share the data.
#[derive(Clone, Debug, Default)]
pub struct SeedStore {
    /// The shared data.
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The version of the newest write in any run.
    version: AtomicU64,
    /// The data, in DashMap's default number of shards. It uses the same hasher as the maps:
    /// DashMap's default hasher would cost more than everything else, and the baseline should be as
    /// fast as the design allows.
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

    /// Increments the version and returns it.
    pub fn next_version(&self) -> u64 {
        // SeqCst: the literal design asks for it everywhere.
        self.shared.version.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The number of runs.
    #[must_use]
    pub fn shard_count(&self) -> usize {
        self.shared.runs.len()
    }

    /// Runs `work` while holding the lock of `run`, which delays every thread that uses `run` or
    /// another run in its DashMap shard. `work` must not use this store on the same thread, or it
    /// deadlocks.
    pub fn while_locked<R>(&self, run: RunId, work: impl FnOnce() -> R) -> R {
        let _guard = self.shared.runs.entry(run).or_default();
        work()
    }
}

impl Storage for SeedStore {
    /// The capabilities that the design claims; it does not keep all of them.
    const CAPABILITIES: Capabilities =
        Capabilities { transactions: false, removal: false, ..Capabilities::FULL };
    /// The literal design has no handles: each operation looks up the run.
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

    /// Reads under the lock of the DashMap shard.
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

/// The literal design's snapshot: it remembers a version and then reads **live data**, so it
/// changes under its reader. This flaw is intentional.
#[derive(Clone, Debug)]
pub struct SeedSnapshot {
    /// The counter when the snapshot was taken; reads ignore it.
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
    fn a_put_is_found_listed_and_deleted() {
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
    fn holding_the_lock_of_a_run_blocks_other_runs() {
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
        assert!(locked_out > 0, "a thousand runs share a few dozen DashMap shards");
    }
}

//! One lock over one ordered map, and snapshots by copying it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;

use crate::clock::LAST;
use crate::contract::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned, WriteSet,
};
use crate::sync::{RwLock, RwLockReadGuard, StdArc};

/// The store that [`ShardedStore`](crate::ShardedStore) replaces: simple, correct, and slow under
/// more than one thread. All runs share one lock and one counter of versions; a snapshot copies
/// everything. Deletes are kept, as versions without a value.
#[derive(Default)]
pub struct UnifiedStore {
    /// All runs behind the one lock.
    state: RwLock<State>,
}

/// What the lock guards, and what a snapshot copies.
#[derive(Clone, Default)]
pub(crate) struct State {
    /// The newest version of every key that was ever written, deletes included.
    entries: BTreeMap<(RunId, Key), Written>,
    /// The runs that exist.
    runs: BTreeSet<RunId>,
    /// The version of the last commit.
    version: u64,
}

/// One version of one key.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The commit that wrote it.
    pub(crate) version: Version,
    /// None: deleted.
    pub(crate) value: Option<Value>,
}

/// A copy of a [`UnifiedStore`] as of one moment.
#[derive(Clone)]
pub struct UnifiedSnapshot(StdArc<State>);

impl UnifiedStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The version of the last commit.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.state.read().version
    }

    /// Adds 1 to the version and returns it.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`] after the last one.
    pub fn next_version(&self) -> Result<u64, Error> {
        self.state.write().next_version().map(Version::stamp)
    }

    /// How many runs exist.
    #[must_use]
    pub fn shard_count(&self) -> usize {
        self.state.read().runs.len()
    }

    /// The runs that exist, sorted.
    #[must_use]
    pub fn runs(&self) -> Vec<RunId> {
        self.state.read().runs.iter().copied().collect()
    }

    /// All live entries of a run, sorted by key.
    #[must_use]
    pub fn list_all(&self, run: RunId) -> Vec<Entry> {
        self.list(run, b"")
    }

    /// Removes a run with all its keys; returns the version of that, or none if there was no such
    /// run.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    pub fn remove_run(&self, run: RunId) -> Result<Option<Version>, Error> {
        let mut state = self.state.write();
        if !state.runs.contains(&run) {
            return Ok(None);
        }
        let version = state.next_version()?;
        state.runs.remove(&run);
        let keys: Vec<_> = state.all_of(run).map(|(key, _)| (run, key.clone())).collect();
        for key in keys {
            state.entries.remove(&key);
        }
        Ok(Some(version))
    }

    /// A copy of everything: takes time and memory in the size of the store.
    #[must_use]
    pub fn snapshot(&self) -> UnifiedSnapshot {
        UnifiedSnapshot(StdArc::new(self.state.read().clone()))
    }

    /// The state, with writers kept out.
    pub(crate) fn frozen(&self) -> RwLockReadGuard<'_, State> {
        self.state.read()
    }

    #[cfg(test)]
    pub(crate) fn starting_at(version: u64) -> Self {
        let store = Self::new();
        store.state.write().version = version;
        store
    }
}

impl State {
    pub(crate) fn entries(&self) -> &BTreeMap<(RunId, Key), Written> {
        &self.entries
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn runs(&self) -> &BTreeSet<RunId> {
        &self.runs
    }

    /// One number serves as both parts of the version: the counter is shared by all runs.
    fn next_version(&mut self) -> Result<Version, Error> {
        if self.version >= LAST {
            return Err(Error::VersionsExhausted);
        }
        self.version += 1;
        Ok(Version::new(self.version, self.version))
    }

    fn written(&self, run: RunId, key: &Key) -> Option<&Written> {
        self.entries.get(&(run, key.clone()))
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let written = self.written(run, key)?;
        Some(Versioned { value: written.value.clone()?, version: written.version })
    }

    fn all_of(&self, run: RunId) -> impl Iterator<Item = (&Key, &Written)> {
        let first = (run, Key::from(b""));
        self.starting_at(first).take_while(move |((of, _), _)| *of == run).map(|((_, k), w)| (k, w))
    }

    fn starting_at(&self, first: (RunId, Key)) -> impl Iterator<Item = (&(RunId, Key), &Written)> {
        self.entries.range((Bound::Included(first), Bound::Unbounded))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        // No key is longer than the longest key, so a longer prefix lists nothing.
        let Ok(first) = Key::new(prefix) else { return Vec::new() };
        self.starting_at((run, first))
            .take_while(|((of, key), _)| *of == run && key.starts_with(prefix))
            .filter_map(|((_, key), Written { version, value })| {
                Some(Entry { key: key.clone(), value: value.clone()?, version: *version })
            })
            .collect()
    }

    fn write(&mut self, run: RunId, key: &Key, value: Option<Value>, version: Version) {
        if value.is_some() {
            self.runs.insert(run);
        }
        self.entries.insert((run, key.clone()), Written { version, value });
    }
}

impl Storage for UnifiedStore {
    const CAPABILITIES: Capabilities = Capabilities { transactions: false, ..Capabilities::FULL };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = UnifiedSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.state.read().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let mut state = self.state.write();
        let version = state.next_version()?;
        state.write(run, key, Some(value), version);
        Ok(version)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let mut state = self.state.write();
        let Some(removed) = state.get(run, key) else { return Ok(None) };
        let version = state.next_version()?;
        state.write(run, key, None, version);
        Ok(Some(Deleted { removed, version }))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.state.read().list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let mut state = self.state.write();
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let version = state.next_version()?;
        let mut changed = BTreeSet::new();
        for (run, key, value) in writes.iter() {
            if value.is_some() || state.get(run, key).is_some() {
                state.write(run, key, value.cloned(), version);
                changed.insert(run);
            }
        }
        Ok(changed.into_iter().map(|run| (run, version)).collect())
    }

    fn snapshot(&self) -> Option<UnifiedSnapshot> {
        Some(Self::snapshot(self))
    }

    fn remove_run(&self, run: RunId) -> Result<Option<Version>, Error> {
        Self::remove_run(self, run)
    }

    fn tick(&self) -> Option<u64> {
        self.next_version().ok()
    }

    fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.state.read().written(run, key)?.value.as_ref().map(read)
    }
}

impl SnapshotReads for UnifiedSnapshot {
    fn version(&self) -> u64 {
        self.0.version
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.0.list(run, prefix)
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

impl fmt::Debug for UnifiedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnifiedStore").field("version", &self.version()).finish_non_exhaustive()
    }
}

impl fmt::Debug for UnifiedSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnifiedSnapshot").field("version", &self.0.version).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::baseline::{MigrateError, migrate};
    use crate::cell::SEQUENCE_MAX;

    #[test]
    fn an_exhausted_store_refuses_writes_and_changes_nothing() {
        let (store, run) = (UnifiedStore::starting_at(LAST - 1), RunId::from_u128(1));
        let (key, value) = (Key::from(b"a"), Value::from(b"1"));
        assert_eq!(store.put(run, &key, value.clone()), Ok(Version::new(LAST, LAST)));
        let before = store.list_all(run);
        let refused = Error::VersionsExhausted;
        assert_eq!(store.put(run, &key, value.clone()), Err(refused.clone()));
        assert_eq!(store.delete(run, &key), Err(refused.clone()));
        let set = WriteSet::new().put(run, key, value);
        assert_eq!(store.apply(&set), Err(refused.clone()));
        assert_eq!(store.remove_run(run), Err(refused.clone()));
        assert_eq!(store.next_version(), Err(refused));
        assert_eq!((store.list_all(run), store.shard_count()), (before, 1));
    }

    #[test]
    fn a_store_with_versions_too_large_for_the_other_is_not_migrated() {
        let store = UnifiedStore::starting_at(SEQUENCE_MAX + 1);
        let refused = migrate(&store, |_| ControlFlow::Continue(())).unwrap_err();
        assert_eq!(refused, MigrateError::Store(Error::VersionsExhausted));
    }
}

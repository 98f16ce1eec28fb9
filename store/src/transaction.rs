//! Optimistic transactions on one run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::contract::{Entry, Error, Key, RunId, Value, Version};
use crate::shard::{ReadSet, Shard};
use crate::snapshot::Snapshot;
use crate::sync::Arc;

/// A transaction on one run: it reads a snapshot with its own writes on top, and commits only if
/// nothing it read has changed since, prefixes listed counted in. Committed transactions are
/// therefore serialisable within the run. One that wrote nothing never fails. Dropping one aborts
/// it.
///
/// ```
/// # fn main() -> Result<(), sharded_store::Error> {
/// use sharded_store::{Error, Key, RunId, ShardedStore, Value};
///
/// let store = ShardedStore::new();
/// let (run, key) = (RunId::new(), Key::from(b"balance"));
/// let mut slow = store.begin(run);
/// assert!(slow.get(&key).is_none());
/// slow.put(&key, Value::from(b"1"));
/// store.put(run, &key, Value::from(b"2"))?;
/// assert!(matches!(slow.commit(), Err(Error::Conflict(conflict)) if conflict.key == key));
/// # Ok(())
/// # }
/// ```
pub struct Transaction {
    /// What it reads.
    snapshot: Snapshot,
    /// The run's data and its lock.
    shard: Arc<Shard>,
    /// What it will write: a value, or none to delete.
    writes: BTreeMap<Key, Option<Value>>,
    /// Keys it looked at in the snapshot, absent ones too.
    keys_read: BTreeSet<Key>,
    /// Prefixes it listed.
    prefixes_read: Vec<Key>,
}

impl Transaction {
    pub(crate) fn begin(snapshot: Snapshot, shard: Arc<Shard>) -> Self {
        Self {
            snapshot,
            shard,
            writes: BTreeMap::new(),
            keys_read: BTreeSet::new(),
            prefixes_read: Vec::new(),
        }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> RunId {
        self.shard.id()
    }

    /// The version of the snapshot it reads.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.snapshot.version()
    }

    /// The value of a key: its own write, or else the snapshot's.
    pub fn get(&mut self, key: &Key) -> Option<Value> {
        if let Some(written) = self.writes.get(key) {
            return written.clone();
        }
        self.keys_read.insert(key.clone());
        self.shard.lock().get(key, self.snapshot.at()).map(|found| found.value)
    }

    /// Whether a key is live.
    pub fn contains(&mut self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// Writes a value, seen by nobody else before the commit.
    pub fn put(&mut self, key: &Key, value: Value) {
        self.writes.insert(key.clone(), Some(value));
    }

    /// Deletes a key; returns the value it had here, and so counts as a read of it.
    pub fn delete(&mut self, key: &Key) -> Option<Value> {
        let removed = self.get(key);
        self.writes.insert(key.clone(), None);
        removed
    }

    /// The live keys that start with `prefix`, with their values, sorted by key.
    pub fn list(&mut self, prefix: impl AsRef<[u8]>) -> Vec<(Key, Value)> {
        let prefix = prefix.as_ref();
        // No key is longer than the longest key, so a longer prefix lists nothing, now and ever.
        let Ok(lower) = Key::new(prefix) else { return Vec::new() };
        let entries = self.shard.lock().list(prefix, self.snapshot.at());
        let mut listed: BTreeMap<Key, Value> =
            entries.into_iter().map(|Entry { key, value, .. }| (key, value)).collect();
        let own = self.writes.range(&lower..).take_while(|(key, _)| key.starts_with(prefix));
        for (key, value) in own {
            match value {
                Some(value) => listed.insert(key.clone(), value.clone()),
                None => listed.remove(key),
            };
        }
        if !self.prefixes_read.contains(&lower) {
            self.prefixes_read.push(lower);
        }
        listed.into_iter().collect()
    }

    /// Commits; returns the version of the commit, or none if there was nothing to write.
    ///
    /// # Errors
    /// [`Error::Conflict`] if something read has changed since, naming the kind and the key: begin
    /// again. [`Error::VersionsExhausted`].
    pub fn commit(self) -> Result<Option<Version>, Error> {
        if self.writes.is_empty() {
            return Ok(None);
        }
        let Self { snapshot, shard, writes, keys_read, prefixes_read } = self;
        let store = snapshot.store().clone();
        let shared = store.shared();
        let mut state = shard.lock();
        let version = state.next_version(shared.clock.stamp()?)?;
        let reads =
            ReadSet { snapshot: snapshot.version(), keys: &keys_read, prefixes: &prefixes_read };
        state.check(shard.id(), &reads)?;
        // The checks are done with the snapshot; without it the writes need not keep what they
        // replace.
        drop(snapshot);
        Ok(state.install(shared, &writes, version).then_some(version))
    }

    /// Drops all writes.
    pub fn abort(self) {}
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("run", &self.run())
            .field("version", &self.version())
            .field("writes", &self.writes.len())
            .finish_non_exhaustive()
    }
}

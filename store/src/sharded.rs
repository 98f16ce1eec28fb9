//! The store.

use crate::clock::Clock;
use crate::contents::At;
use crate::contract::{Deleted, Entry, Error, Key, RunId, Value, Version, Versioned, WriteSet};
use crate::directory::Directory;
use crate::pins::Pins;
use crate::recent;
use crate::run_handle::RunHandle;
use crate::shard::{Shard, Shared};
use crate::snapshot::{Snapshot, SnapshotRef};
use crate::statistics::{Reclaimed, Statistics};
use crate::sync::{Arc, AtomicUsize, CachePadded, Ordering, StdArc, unique_number};
use crate::transaction::Transaction;
use crate::unlocked;

#[cfg(test)]
mod tests;

/// An in-memory, versioned key-value store, sharded by run, with constant-time snapshots.
///
/// * Different runs share nothing that is written: their writers never wait for each other.
/// * Reads of the newest value take no lock for keys of up to 16 and values of up to 40 bytes, as
///   long as no writer of the same run disturbs them; then, and for longer ones, they take that
///   run's lock. Through a [handle](Self::run) they write no shared memory either; without one,
///   each counts itself as a user of the run's table, which readers of the same run then share.
/// * A write that has returned is seen by every read that begins after it.
/// * [`snapshot`](Self::snapshot) takes constant time, allocates nothing and takes no lock. A
///   snapshot shows the whole store, all runs, as of one moment, for as long as it lives.
/// * Cloning a store is cheap and gives another name for the same store.
///
/// For more than a few operations on one run, take a handle.
///
/// # Example
/// ```
/// # fn main() -> Result<(), sharded_store::Error> {
/// use sharded_store::{Key, RunId, ShardedStore, Value};
///
/// let store = ShardedStore::new();
/// let run = store.run(RunId::new());
/// let key = Key::from(b"colour");
/// run.put(&key, Value::from(b"red"))?;
/// let before = store.snapshot();
/// run.put(&key, Value::from(b"blue"))?;
///
/// assert_eq!(before.get(run.id(), &key).unwrap().value.as_bytes(), b"red");
/// assert_eq!(run.get(&key).unwrap().value.as_bytes(), b"blue");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ShardedStore(StdArc<Inner>);

pub(crate) struct Inner {
    /// Unique among the stores of the process.
    serial: u64,
    /// The clock, the pins, and how many runs exist.
    shared: Shared,
    /// The runs.
    directory: Directory,
}

impl ShardedStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty store with room for `runs` runs in its directory.
    #[must_use]
    pub fn with_capacity(runs: usize) -> Self {
        Self::starting_at(0, runs)
    }

    /// An empty store whose clock stands at `version`.
    pub(crate) fn starting_at(version: u64, runs: usize) -> Self {
        Self(StdArc::new(Inner {
            serial: unique_number(),
            shared: Shared {
                clock: Clock::at(version),
                pins: Pins::new(),
                runs: CachePadded::new(AtomicUsize::new(0)),
            },
            directory: Directory::with_capacity(runs),
        }))
    }

    /// What the store's clock says: the stamp of writes made now. It starts at 0 and is moved by
    /// snapshots, by [`next_version`](Self::next_version) and by [`reclaim`](Self::reclaim) when it
    /// forgets a run, not by writes.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.shared.clock.now()
    }

    /// Moves the clock on by 1 and returns what it says then.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`] at the clock's last number.
    pub fn next_version(&self) -> Result<u64, Error> {
        self.0.shared.clock.next()
    }

    /// How many runs exist: written, and not removed since.
    #[must_use]
    pub fn shard_count(&self) -> usize {
        // Relaxed: a count that orders nothing.
        self.0.shared.runs.load(Ordering::Relaxed)
    }

    /// The runs that exist, sorted.
    #[must_use]
    pub fn runs(&self) -> Vec<RunId> {
        let shards = self.0.directory.all();
        shards.iter().filter(|shard| shard.lock().exists()).map(|shard| shard.id()).collect()
    }

    /// A handle on a run, for one thread. The run need not exist; its first write creates it.
    #[must_use]
    pub fn run(&self, run: RunId) -> RunHandle {
        RunHandle::new(self.clone(), self.0.directory.get_or_add(run))
    }

    /// The newest value of a key, with the version that wrote it.
    #[must_use]
    pub fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        match recent::read(self.0.serial, run, |table| unlocked::versioned(table, key)) {
            Some(Ok(found)) => found,
            _ => self.get_locked(run, key),
        }
    }

    /// Shows the newest value of a key to `read`, and returns what that returns.
    ///
    /// `read` runs outside all locks, so it may take its time, panic, or use the store.
    #[inline]
    pub fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        match recent::read(self.0.serial, run, |table| unlocked::value(table, key)) {
            Some(Ok(found)) => found.as_ref().map(read),
            _ => self.get_locked(run, key).map(|found| read(&found.value)),
        }
    }

    /// Writes a value, creating the run on first use. Returns the version of the write.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    pub fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.directory.get_or_add(run).put(&self.0.shared, key, &value)
    }

    /// Deletes a key; returns what that removed, and its version. A key that is not live is left as
    /// it is.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    pub fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        match self.0.directory.get(run) {
            Some(shard) => shard.delete(&self.0.shared, key),
            None => Ok(None),
        }
    }

    /// Whether a key is live.
    #[must_use]
    pub fn contains(&self, run: RunId, key: &Key) -> bool {
        match recent::read(self.0.serial, run, |table| unlocked::contains(table, key)) {
            Some(Ok(found)) => found,
            _ => self.get_locked(run, key).is_some(),
        }
    }

    /// How many keys of a run are live.
    #[must_use]
    pub fn count(&self, run: RunId) -> usize {
        self.0.directory.get(run).map_or(0, |shard| shard.lock().count(At::Newest))
    }

    /// The live entries of a run whose key starts with `prefix`, sorted by key.
    #[must_use]
    pub fn list(&self, run: RunId, prefix: impl AsRef<[u8]>) -> Vec<Entry> {
        let shard = self.0.directory.get(run);
        shard.map_or_else(Vec::new, |shard| shard.lock().list(prefix.as_ref(), At::Newest))
    }

    /// All live entries of a run, sorted by key.
    #[must_use]
    pub fn list_all(&self, run: RunId) -> Vec<Entry> {
        self.list(run, b"")
    }

    /// Makes all writes of a set, or none: every snapshot sees all of them or none, across runs
    /// too. Returns the version of the commit in each run that it changed, in the order of their
    /// ids.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    pub fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        // Runs that are only deleted from too: one that is created meanwhile must be the same to
        // all.
        let shards: Vec<_> = writes
            .runs()
            .iter()
            .map(|(run, writes)| (self.0.directory.get_or_add(*run), writes))
            .collect();
        // In the order of run ids, as everywhere: no circle of waiting can close.
        let mut locked: Vec<_> =
            shards.iter().map(|(shard, writes)| (shard.id(), shard.lock(), *writes)).collect();
        // Once, after the last lock: no snapshot can then see one run's part without the others'.
        let stamp = self.0.shared.clock.stamp()?;
        let versions = locked
            .iter()
            .map(|(_, state, _)| state.next_version(stamp))
            .collect::<Result<Vec<_>, _>>()?;
        let mut changed = Vec::with_capacity(locked.len());
        for ((run, state, writes), version) in locked.iter_mut().zip(versions) {
            if state.install(&self.0.shared, writes, version) {
                changed.push((*run, version));
            }
        }
        Ok(changed)
    }

    /// Removes a run with all its keys; returns the version of that, or none if there was no such
    /// run. Snapshots taken before go on seeing it. A later put creates it anew, empty, and its
    /// versions go on increasing.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    pub fn remove_run(&self, run: RunId) -> Result<Option<Version>, Error> {
        match self.0.directory.get(run) {
            Some(shard) => shard.remove(&self.0.shared),
            None => Ok(None),
        }
    }

    /// A view of the whole store as it is now, which keeps the store alive.
    #[inline]
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::open(self.clone())
    }

    /// The same, borrowing the store: it saves counting one more owner.
    #[inline]
    #[must_use]
    pub fn snapshot_ref(&self) -> SnapshotRef<'_> {
        SnapshotRef::open(self)
    }

    /// Begins a transaction on a run, as of now.
    #[must_use]
    pub fn begin(&self, run: RunId) -> Transaction {
        Transaction::begin(self.snapshot(), self.0.directory.get_or_add(run))
    }

    /// Begins a transaction on a run, as of the moment of a snapshot.
    ///
    /// # Errors
    /// [`Error::ForeignSnapshot`] if the snapshot is of another store.
    pub fn begin_at(&self, run: RunId, snapshot: &Snapshot) -> Result<Transaction, Error> {
        if !StdArc::ptr_eq(&self.0, &snapshot.store().0) {
            return Err(Error::ForeignSnapshot);
        }
        Ok(Transaction::begin(snapshot.clone(), self.0.directory.get_or_add(run)))
    }

    /// Drops every version, removed run and directory entry that nobody can see any more.
    ///
    /// Writes do most of this as they go; it is worth calling after a long-lived snapshot was
    /// dropped. It locks one run at a time, for as long as that run's garbage takes. Tables keep
    /// their size.
    pub fn reclaim(&self) -> Reclaimed {
        let mut reclaimed = Reclaimed::default();
        for shard in self.0.directory.all() {
            let id = shard.id();
            reclaimed.versions += shard.lock().reclaim(&self.0.shared);
            drop(shard);
            reclaimed.directory_entries +=
                usize::from(self.0.directory.remove_vacant(id, &self.0.shared.clock));
        }
        reclaimed
    }

    /// Counts of what the store holds. It locks one run at a time, so that under way of writes the
    /// sum is of no single moment.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics::gather(&self.0.shared, &self.0.directory.all())
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn shard(&self, run: RunId) -> Option<Arc<Shard>> {
        self.0.directory.get(run)
    }

    pub(crate) fn shard_or_new(&self, run: RunId) -> Arc<Shard> {
        self.0.directory.get_or_add(run)
    }

    #[cold]
    #[inline(never)]
    fn get_locked(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let shard = self.0.directory.get(run)?;
        let state = shard.lock();
        recent::remember(self.0.serial, run, state.table());
        state.get(key, At::Newest)
    }
}

impl Default for ShardedStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for ShardedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShardedStore")
            .field("version", &self.version())
            .field("runs", &self.shard_count())
            .finish_non_exhaustive()
    }
}

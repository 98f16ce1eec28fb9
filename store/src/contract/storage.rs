//! What any store can be asked to do: the traits both stores implement, and so can yours.
//!
//! [`Storage`] is the only trait to implement for a store that should be measured or verified. It
//! is used through generics, never through a `dyn` pointer, so that a timed loop holds no indirect
//! call. What a store cannot do it declares in [`Storage::CAPABILITIES`], and is then not asked: a
//! store with `get`, `put` and `delete` alone implements these three, and names [`Direct`],
//! [`NoSnapshot`] and [`NoTransaction`] as its types.

use std::collections::BTreeMap;

use super::{Deleted, Entry, Error, Key, RunId, Value, Version, Versioned, WriteSet};

/// What a store claims to do beyond `get`, `put` and `delete`. Nothing else is asked of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one independent yes or no each, named by field")]
pub struct Capabilities {
    /// Reads and writes report a version, unique in its run and increasing. Commits of some kinds
    /// may have none, say all deletes: executions with such a commit are then checked like those
    /// of a store without versions, which finds less, and the report says so.
    pub versions: bool,
    /// [`Storage::snapshot`] returns one, and it never changes.
    pub snapshots: bool,
    /// `list` and `count` work.
    pub lists: bool,
    /// `apply` is atomic in every snapshot, across runs.
    pub atomic_apply: bool,
    /// [`Storage::begin`] begins a transaction.
    pub transactions: bool,
    /// [`Storage::remove_run`] works.
    pub removal: bool,
}

impl Capabilities {
    /// `get`, `put` and `delete` only.
    pub const BASIC: Self = Self {
        versions: false,
        snapshots: false,
        lists: false,
        atomic_apply: false,
        transactions: false,
        removal: false,
    };
    /// Everything.
    pub const FULL: Self = Self {
        versions: true,
        snapshots: true,
        lists: true,
        atomic_apply: true,
        transactions: true,
        removal: true,
    };
}

/// A store of versioned entries in runs, shared by any number of threads.
pub trait Storage: Send + Sync + Sized {
    /// What the store claims to do.
    const CAPABILITIES: Capabilities;

    /// One thread's handle on one run, made from the store and the run's id; [`Direct`] itself will
    /// do.
    type Session<'a>: Session + From<Direct<'a, Self>>
    where
        Self: 'a;

    /// A read-only view of the whole store at one moment; [`NoSnapshot`] where there is none.
    ///
    /// It outlives the call that opened it and may move to another thread, so it cannot borrow the
    /// store. A snapshot that needs the store's data shares it: keep the data behind an [`Arc`],
    /// in the store and in the snapshot. `Arc<T>` and `Box<T>` are snapshots where `T` is.
    ///
    /// [`Arc`]: std::sync::Arc
    type Snapshot: SnapshotReads;

    /// A transaction on one run; [`NoTransaction`] where there is none.
    type Transaction<'a>: TransactionWork
    where
        Self: 'a;

    /// The newest value of a key, with the version that wrote it.
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned>;

    /// Writes a value, creating the run on first use. Returns the version of the commit: how to make
    /// one is described at [`Version`]. A put always commits, even of the value that was there.
    ///
    /// # Errors
    /// The store's own, with nothing changed.
    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error>;

    /// Deletes a key. Returns what it removed and the version of the delete itself, which is a commit
    /// like a put: higher than the version of what it removed. If the key was not there, nothing is
    /// committed, and it returns none.
    /// A store that does not number its deletes returns [`Version::NONE`] as the version of the
    /// delete, and one without versions [`Deleted::unversioned`].
    ///
    /// # Errors
    /// The store's own, with nothing changed.
    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error>;

    /// The live entries whose key starts with `prefix`, sorted by key. Only asked of a store that
    /// can.
    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let _ = (run, prefix);
        Vec::new()
    }

    /// Puts and deletes, all or none; of two writes of a key the last wins. Returns the version of
    /// the commit in each run that it changed: one for each run, all with the same stamp, in any
    /// order.
    ///
    /// A run in which nothing changed, because there was nothing to delete, is left out. To report
    /// a version for it is allowed too; a run with a put has changed, and must not be left out. A
    /// store without versions, or one that does not number its write sets, returns an empty list.
    ///
    /// [`WriteSet::iter`] has each key once. A store whose own batches may name a key several times
    /// should get [`WriteSet::iter_all`], so that it shows which of its writes wins.
    ///
    /// Unless a store has its own, they are made one after the other: **not atomic** to anybody,
    /// each with a version of its own, of which the last in each run is returned.
    ///
    /// # Errors
    /// The store's own, with nothing changed (by the default: with those changed that came before).
    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let mut versions = BTreeMap::new();
        for (run, key, value) in writes.iter() {
            let version = match value {
                Some(value) => Some(self.put(run, key, value.clone())?),
                None => self.delete(run, key)?.map(|deleted| deleted.version),
            };
            versions.extend(version.filter(|_| Self::CAPABILITIES.versions).map(|it| (run, it)));
        }
        Ok(versions.into_iter().collect())
    }

    /// This thread's handle on a run, to be taken outside a timed loop.
    fn session(&self, run: RunId) -> Self::Session<'_> {
        Direct::new(self, run).into()
    }

    /// A snapshot, or none from a store that has none.
    fn snapshot(&self) -> Option<Self::Snapshot> {
        None
    }

    /// A transaction on a run as of now, or none from a store that has none.
    fn begin(&self, run: RunId) -> Option<Self::Transaction<'_>> {
        let _ = run;
        None
    }

    /// Removes a run with all its keys; returns the version of that, [`Version::NONE`] where it has
    /// none, or no version if there was no such run. Only asked of a store that can.
    ///
    /// # Errors
    /// The store's own, with nothing changed.
    fn remove_run(&self, run: RunId) -> Result<Option<Version>, Error> {
        let _ = run;
        Ok(None)
    }

    /// Drops what nobody can see any more, if that is not done all the time.
    ///
    /// The store decides what that is; nobody passes a watermark. A store that has to be given one
    /// computes it here: the oldest version among its open snapshots, or its newest version if none
    /// is open. Its [`Snapshot`](Self::Snapshot)s are its own type, so that opening and dropping
    /// one can count it. A store that cannot know which snapshots are open leaves this empty: what
    /// an open snapshot sees must not go.
    fn collect(&self) {}

    /// Moves the clock on and returns what it says, where there is one.
    fn tick(&self) -> Option<u64> {
        None
    }

    /// What is held in memory, where that can be told.
    fn held(&self) -> Option<Held> {
        None
    }

    /// The number of the shard of the store's directory that a run falls in, where there is one:
    /// runs with the same number share one of its locks. A fresh store of the same kind gives the
    /// same.
    fn directory_shard(&self, run: RunId) -> Option<usize> {
        let _ = run;
        None
    }

    /// Shows the newest value of a key to `read`; worth its own if a clone can be saved.
    #[inline]
    fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.get(run, key).map(|found| read(&found.value))
    }

    /// Whether a key is live.
    fn contains(&self, run: RunId, key: &Key) -> bool {
        self.get(run, key).is_some()
    }

    /// How many keys of a run are live.
    fn count(&self, run: RunId) -> usize {
        self.list(run, b"").len()
    }
}

/// What a store holds in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// Versions of all keys, deletes included.
    pub versions: usize,
    /// Keys that are live.
    pub live_keys: usize,
}

/// One thread's handle on one run: the operations of a timed loop.
pub trait Session {
    /// Shows the newest value of a key to `read`.
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R>;

    /// The newest value of a key, with the version that wrote it; without one unless this is
    /// overridden.
    fn get(&mut self, key: &Key) -> Option<Versioned> {
        self.get_with(key, |value| Versioned::unversioned(value.clone()))
    }

    /// Writes a value.
    ///
    /// # Errors
    /// The store's own, with nothing changed.
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error>;

    /// Deletes a key; returns whether it was live.
    ///
    /// # Errors
    /// The store's own, with nothing changed.
    fn delete(&mut self, key: &Key) -> Result<bool, Error>;

    /// How many live keys start with `prefix`.
    fn list_len(&mut self, prefix: &[u8]) -> usize;

    /// Whether a key is live.
    fn contains(&mut self, key: &Key) -> bool {
        self.get_with(key, |_| ()).is_some()
    }

    /// How many keys are live.
    fn count(&mut self) -> usize {
        self.list_len(b"")
    }
}

/// The reads of a snapshot, over all runs.
pub trait SnapshotReads: Send + Sync {
    /// The newest stamp the snapshot sees; 0 from a store without versions.
    fn version(&self) -> u64 {
        0
    }

    /// The value of a key as of the snapshot.
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned>;

    /// The entries live as of the snapshot whose key starts with `prefix`, sorted by key.
    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry>;

    /// Another owner of the same view; none where a snapshot cannot be cloned.
    fn another(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Whether a key was live as of the snapshot.
    fn contains(&self, run: RunId, key: &Key) -> bool {
        self.get(run, key).is_some()
    }

    /// How many keys of a run were live as of the snapshot.
    fn count(&self, run: RunId) -> usize {
        self.list(run, b"").len()
    }
}

/// A transaction on one run. It reads as of one moment, with its own writes on top; dropped, it is
/// aborted.
pub trait TransactionWork {
    /// The newest stamp it sees of others; 0 from a store without versions.
    fn version(&self) -> u64 {
        0
    }

    /// The value of a key.
    fn get(&mut self, key: &Key) -> Option<Value>;

    /// Writes a value.
    fn put(&mut self, key: &Key, value: Value);

    /// Deletes a key; returns the value it had here.
    fn delete(&mut self, key: &Key) -> Option<Value>;

    /// The live keys that start with `prefix`, with their values, sorted by key.
    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)>;

    /// Commits; returns the version of the commit ([`Version::NONE`] where it has none), or no
    /// version if there was nothing to write.
    ///
    /// # Errors
    /// [`Error::Conflict`] if what it read has changed since (or, from a store without versions,
    /// what it wrote); the store's own.
    fn commit(self) -> Result<Option<Version>, Error>;
}

/// The session of a store that needs none of its own: every call goes to the store.
#[derive(Debug)]
pub struct Direct<'a, S> {
    /// The store that every call goes to.
    store: &'a S,
    /// The run.
    run: RunId,
}

impl<'a, S: Storage> Direct<'a, S> {
    /// A session on `run` of `store`.
    pub const fn new(store: &'a S, run: RunId) -> Self {
        Self { store, run }
    }

    /// The store, for a session that is made from this one.
    pub const fn store(&self) -> &'a S {
        self.store
    }

    /// The run, for a session that is made from this one.
    pub const fn run(&self) -> RunId {
        self.run
    }
}

impl<S: Storage> Session for Direct<'_, S> {
    #[inline]
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.store.get_with(self.run, key, read)
    }

    fn get(&mut self, key: &Key) -> Option<Versioned> {
        self.store.get(self.run, key)
    }

    #[inline]
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        self.store.put(self.run, key, value)
    }

    #[inline]
    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        self.store.delete(self.run, key).map(|removed| removed.is_some())
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        self.store.list(self.run, prefix).len()
    }

    #[inline]
    fn contains(&mut self, key: &Key) -> bool {
        self.store.contains(self.run, key)
    }

    fn count(&mut self) -> usize {
        self.store.count(self.run)
    }
}

/// The snapshot of a store that has none: it cannot exist.
#[derive(Clone, Copy, Debug)]
pub enum NoSnapshot {}

impl SnapshotReads for NoSnapshot {
    fn version(&self) -> u64 {
        match *self {}
    }

    fn get(&self, _run: RunId, _key: &Key) -> Option<Versioned> {
        match *self {}
    }

    fn list(&self, _run: RunId, _prefix: &[u8]) -> Vec<Entry> {
        match *self {}
    }
}

/// The transaction of a store that has none: it cannot exist.
#[derive(Clone, Copy, Debug)]
pub enum NoTransaction {}

impl TransactionWork for NoTransaction {
    fn version(&self) -> u64 {
        match *self {}
    }

    fn get(&mut self, _key: &Key) -> Option<Value> {
        match *self {}
    }

    fn put(&mut self, _key: &Key, _value: Value) {
        match *self {}
    }

    fn delete(&mut self, _key: &Key) -> Option<Value> {
        match *self {}
    }

    fn list(&mut self, _prefix: &[u8]) -> Vec<(Key, Value)> {
        match *self {}
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        match self {}
    }
}

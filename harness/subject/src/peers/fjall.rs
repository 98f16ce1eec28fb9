//! `fjall`: a log-structured merge tree on disk, serializable transactions.

use std::fmt;
use std::sync::Arc;

use fjall::{
    Error as PeerError, Iter, KeyspaceCreateOptions, OptimisticTxDatabase, OptimisticTxKeyspace,
    OptimisticWriteTx, Readable, Snapshot,
};
use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};
use tempfile::TempDir;

use crate::peers::{CLAIMS, Course, answered, failed, place};

/// What errors call it.
const NAME: &str = "fjall";

/// Bytes of the longest place that it takes.
const PLACE_BYTES_MAX: usize = u16::MAX as usize;

/// A database of `fjall`, in a temporary folder that is removed with it.
pub struct Fjall {
    /// The only keyspace.
    keyspace: OptimisticTxKeyspace,
    /// The database.
    database: OptimisticTxDatabase,
    /// Its folder; snapshots and transactions keep it too.
    folder: Arc<TempDir>,
}

impl Fjall {
    /// Which version of it, and how it is set up.
    pub const SETTINGS: &'static str = concat!(
        "fjall ",
        env!("SHARDPROOF_VERSION_FJALL"),
        ": an OptimisticTxDatabase on disk, in a new folder for temporary files; ",
        "one keyspace of run and key; ",
        "defaults, but without compression; not synced to disk at each commit"
    );

    /// An empty one.
    ///
    /// # Panics
    /// When its folder cannot be made in the system's folder for temporary files.
    #[must_use]
    pub fn new() -> Self {
        Self::create().unwrap_or_else(|error| panic!("{error}"))
    }

    fn create() -> Result<Self, Error> {
        let folder = TempDir::with_prefix("shardproof-fjall-")
            .map_err(|error| failed(NAME, "make a temporary folder", error))?;
        let database = OptimisticTxDatabase::builder(folder.path())
            .open()
            .map_err(|error| failed(NAME, "open a database", error))?;
        let keyspace = database
            .keyspace("entries", KeyspaceCreateOptions::default)
            .map_err(|error| failed(NAME, "create a keyspace", error))?;
        Ok(Self { keyspace, database, folder: Arc::new(folder) })
    }
}

impl Default for Fjall {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a key of a run lies, if the peer takes one that long.
fn place_of(run: RunId, key: &Key) -> Result<Vec<u8>, Error> {
    let place = place::of(run, key);
    if place.len() > PLACE_BYTES_MAX {
        let error = format!("{} bytes with the run's id; give fewer", place.len());
        return Err(failed(NAME, &format!("take a key of over {PLACE_BYTES_MAX} bytes"), error));
    }
    Ok(place)
}

/// The entries that an iterator finds.
fn entries(iter: Iter) -> impl Iterator<Item = Entry> {
    iter.map(|found| place::entry(answered(NAME, "list", found.into_inner())))
}

impl Storage for Fjall {
    const CAPABILITIES: Capabilities = Capabilities { transactions: true, ..CLAIMS };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = FjallSnapshot;
    type Transaction<'a> = FjallTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = answered(NAME, "get", self.keyspace.get(place::of(run, key)));
        found.map(|bytes| place::versioned(&bytes))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let put = self.keyspace.insert(place_of(run, key)?, value.as_bytes());
        put.map(|()| Version::NONE).map_err(|error| failed(NAME, "insert", error))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let taken = self.keyspace.take(place_of(run, key)?);
        let taken = taken.map_err(|error| failed(NAME, "take", error))?;
        Ok(taken.map(|bytes| Deleted::unversioned(place::value(&bytes))))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        entries(self.database.read_tx().range(&self.keyspace, place::range(run, prefix))).collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let to_error = |error: PeerError| failed(NAME, "commit a write set", error);
        loop {
            let mut transaction = self.database.write_tx().map_err(to_error)?;
            for (run, key, value) in writes.iter() {
                let place = place_of(run, key)?;
                match value {
                    Some(value) => transaction.insert(&self.keyspace, place, value.as_bytes()),
                    None => transaction.remove(&self.keyspace, place),
                }
            }
            if transaction.commit().map_err(to_error)?.is_ok() {
                return Ok(Vec::new());
            }
        }
    }

    fn snapshot(&self) -> Option<FjallSnapshot> {
        let (snapshot, keyspace) = (self.database.read_tx(), self.keyspace.clone());
        Some(FjallSnapshot { snapshot, keyspace, _folder: Arc::clone(&self.folder) })
    }

    fn begin(&self, run: RunId) -> Option<FjallTransaction> {
        let transaction = answered(NAME, "begin a transaction", self.database.write_tx());
        Some(FjallTransaction {
            transaction,
            keyspace: self.keyspace.clone(),
            course: Course::new(run),
            refused: None,
            _folder: Arc::clone(&self.folder),
        })
    }

    /// Writes what is in memory to disk, and merges all of it, without what nobody can see.
    fn collect(&self) {
        let entries = self.keyspace.inner();
        answered(NAME, "flush", entries.rotate_memtable_and_wait());
        answered(NAME, "compact", entries.major_compact());
    }
}

/// A reading transaction: a sequence number that is kept from collection.
#[derive(Clone)]
pub struct FjallSnapshot {
    /// The peer's own.
    snapshot: Snapshot,
    /// Where it reads.
    keyspace: OptimisticTxKeyspace,
    /// What it reads lies there.
    _folder: Arc<TempDir>,
}

impl SnapshotReads for FjallSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = self.snapshot.get(&self.keyspace, place::of(run, key));
        answered(NAME, "get as of a snapshot", found).map(|bytes| place::versioned(&bytes))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        entries(self.snapshot.range(&self.keyspace, place::range(run, prefix))).collect()
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// An optimistic writing transaction.
pub struct FjallTransaction {
    /// The peer's own.
    transaction: OptimisticWriteTx,
    /// Where it works.
    keyspace: OptimisticTxKeyspace,
    /// What has been done in it.
    course: Course,
    /// The first write that the peer would not have taken.
    refused: Option<Error>,
    /// What it works on lies there.
    _folder: Arc<TempDir>,
}

impl TransactionWork for FjallTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.course.reads(key);
        let found = self.transaction.get(&self.keyspace, place::of(self.course.run, key));
        answered(NAME, "get in a transaction", found).map(|bytes| place::value(&bytes))
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.course.writes(key);
        match place_of(self.course.run, key) {
            Ok(place) => self.transaction.insert(&self.keyspace, place, value.as_bytes()),
            Err(error) => self.refused = self.refused.take().or(Some(error)),
        }
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let found = self.get(key)?;
        self.course.writes(key);
        self.transaction.remove(&self.keyspace, place::of(self.course.run, key));
        Some(found)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let range = place::range(self.course.run, prefix);
        let found = entries(self.transaction.range(&self.keyspace, range));
        found.map(|entry| (entry.key, entry.value)).collect()
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        match self.transaction.commit().map_err(|error| failed(NAME, "commit", error))? {
            Ok(()) => Ok(self.course.wrote.then_some(Version::NONE)),
            Err(_conflict) => Err(self.course.conflict()),
        }
    }
}

impl fmt::Debug for Fjall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fjall").field("folder", &self.folder.path()).finish_non_exhaustive()
    }
}

impl fmt::Debug for FjallSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallSnapshot").field("at", &self.snapshot.seqno()).finish_non_exhaustive()
    }
}

impl fmt::Debug for FjallTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallTransaction").field("course", &self.course).finish_non_exhaustive()
    }
}

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

use crate::peers::{STORE_CAPABILITIES, TransactionState, expect_answer, flat_key, peer_error};

/// What errors call it.
const NAME: &str = "fjall";

/// Bytes of the longest place that it takes.
const FLAT_KEY_BYTES_MAX: usize = u16::MAX as usize;

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
            .map_err(|error| peer_error(NAME, "make a temporary folder", error))?;
        let database = OptimisticTxDatabase::builder(folder.path())
            .open()
            .map_err(|error| peer_error(NAME, "open a database", error))?;
        let keyspace = database
            .keyspace("entries", KeyspaceCreateOptions::default)
            .map_err(|error| peer_error(NAME, "create a keyspace", error))?;
        Ok(Self { keyspace, database, folder: Arc::new(folder) })
    }
}

impl Default for Fjall {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a key of a run lies, if the peer takes one that long.
fn encode_key(run: RunId, key: &Key) -> Result<Vec<u8>, Error> {
    let place = flat_key::encode(run, key);
    if place.len() > FLAT_KEY_BYTES_MAX {
        let error = format!("{} bytes with the run's id; give fewer", place.len());
        return Err(peer_error(
            NAME,
            &format!("take a key of over {FLAT_KEY_BYTES_MAX} bytes"),
            error,
        ));
    }
    Ok(place)
}

/// The entries that an iterator finds.
fn entries(iter: Iter) -> impl Iterator<Item = Entry> {
    iter.map(|found| flat_key::entry(expect_answer(NAME, "list", found.into_inner())))
}

impl Storage for Fjall {
    const CAPABILITIES: Capabilities = Capabilities { transactions: true, ..STORE_CAPABILITIES };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = FjallSnapshot;
    type Transaction<'a> = FjallTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = expect_answer(NAME, "get", self.keyspace.get(flat_key::encode(run, key)));
        found.map(|bytes| flat_key::versioned(&bytes))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let put = self.keyspace.insert(encode_key(run, key)?, value.as_bytes());
        put.map(|()| Version::NONE).map_err(|error| peer_error(NAME, "insert", error))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let taken = self.keyspace.take(encode_key(run, key)?);
        let taken = taken.map_err(|error| peer_error(NAME, "take", error))?;
        Ok(taken.map(|bytes| Deleted::unversioned(flat_key::value(&bytes))))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        entries(self.database.read_tx().range(&self.keyspace, flat_key::range(run, prefix)))
            .collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let to_error = |error: PeerError| peer_error(NAME, "commit a write set", error);
        loop {
            let mut transaction = self.database.write_tx().map_err(to_error)?;
            for (run, key, value) in writes.iter() {
                let place = encode_key(run, key)?;
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
        let transaction = expect_answer(NAME, "begin a transaction", self.database.write_tx());
        Some(FjallTransaction {
            transaction,
            keyspace: self.keyspace.clone(),
            state: TransactionState::new(run),
            refused: None,
            _folder: Arc::clone(&self.folder),
        })
    }

    /// Writes what is in memory to disk, and merges all of it, without what nobody can see.
    fn collect(&self) {
        let entries = self.keyspace.inner();
        expect_answer(NAME, "flush", entries.rotate_memtable_and_wait());
        expect_answer(NAME, "compact", entries.major_compact());
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
        let found = self.snapshot.get(&self.keyspace, flat_key::encode(run, key));
        expect_answer(NAME, "get as of a snapshot", found).map(|bytes| flat_key::versioned(&bytes))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        entries(self.snapshot.range(&self.keyspace, flat_key::range(run, prefix))).collect()
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
    state: TransactionState,
    /// The first write that the peer would not have taken.
    refused: Option<Error>,
    /// What it works on lies there.
    _folder: Arc<TempDir>,
}

impl TransactionWork for FjallTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.state.reads(key);
        let found = self.transaction.get(&self.keyspace, flat_key::encode(self.state.run, key));
        expect_answer(NAME, "get in a transaction", found).map(|bytes| flat_key::value(&bytes))
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.state.writes(key);
        match encode_key(self.state.run, key) {
            Ok(place) => self.transaction.insert(&self.keyspace, place, value.as_bytes()),
            Err(error) => self.refused = self.refused.take().or(Some(error)),
        }
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let found = self.get(key)?;
        self.state.writes(key);
        self.transaction.remove(&self.keyspace, flat_key::encode(self.state.run, key));
        Some(found)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let range = flat_key::range(self.state.run, prefix);
        let found = entries(self.transaction.range(&self.keyspace, range));
        found.map(|entry| (entry.key, entry.value)).collect()
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        match self.transaction.commit().map_err(|error| peer_error(NAME, "commit", error))? {
            Ok(()) => Ok(self.state.wrote.then_some(Version::NONE)),
            Err(_conflict) => Err(self.state.conflict()),
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
        f.debug_struct("FjallTransaction").field("state", &self.state).finish_non_exhaustive()
    }
}

//! `fjall`: an on-disk log-structured merge tree with serializable transactions.

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

/// Its name in errors.
const NAME: &str = "fjall";

/// Maximum length of a flat key, in bytes.
const FLAT_KEY_BYTES_MAX: usize = u16::MAX as usize;

/// A `fjall` database in a temporary folder, which is removed on drop.
pub struct Fjall {
    /// The keyspace with all entries.
    keyspace: OptimisticTxKeyspace,
    /// The database.
    database: OptimisticTxDatabase,
    /// Its folder, kept alive by snapshots and transactions too.
    folder: Arc<TempDir>,
}

impl Fjall {
    /// Its version and configuration.
    pub const SETTINGS: &'static str = concat!(
        "fjall ",
        env!("SHARDPROOF_VERSION_FJALL"),
        ": an OptimisticTxDatabase in a new temporary folder on disk; ",
        "one keyspace with keys of run and key; ",
        "defaults, but no compression; commits are not synced to disk"
    );

    /// An empty database.
    ///
    /// # Panics
    /// If a temporary folder cannot be created.
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

/// Encodes a key of a run, if it is not too long for the peer.
fn encode_key(run: RunId, key: &Key) -> Result<Vec<u8>, Error> {
    let flat = flat_key::encode(run, key);
    if flat.len() > FLAT_KEY_BYTES_MAX {
        let error = format!("{} bytes with the run's id; give fewer", flat.len());
        return Err(peer_error(
            NAME,
            &format!("take a key of over {FLAT_KEY_BYTES_MAX} bytes"),
            error,
        ));
    }
    Ok(flat)
}

/// Decodes the entries of an iterator.
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
                let flat = encode_key(run, key)?;
                match value {
                    Some(value) => transaction.insert(&self.keyspace, flat, value.as_bytes()),
                    None => transaction.remove(&self.keyspace, flat),
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

    /// Flushes to disk, and compacts, which drops versions that nobody can see.
    fn collect(&self) {
        let entries = self.keyspace.inner();
        expect_answer(NAME, "flush", entries.rotate_memtable_and_wait());
        expect_answer(NAME, "compact", entries.major_compact());
    }
}

/// A read transaction: a sequence number that is protected from garbage collection.
#[derive(Clone)]
pub struct FjallSnapshot {
    /// The peer's object.
    snapshot: Snapshot,
    /// The keyspace to read.
    keyspace: OptimisticTxKeyspace,
    /// Keeps the folder alive.
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

/// An optimistic write transaction.
pub struct FjallTransaction {
    /// The peer's object.
    transaction: OptimisticWriteTx,
    /// The keyspace to write.
    keyspace: OptimisticTxKeyspace,
    /// What its commit needs to know.
    state: TransactionState,
    /// The error of the first write with a key too long for the peer.
    refused: Option<Error>,
    /// Keeps the folder alive.
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
            Ok(flat) => self.transaction.insert(&self.keyspace, flat, value.as_bytes()),
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

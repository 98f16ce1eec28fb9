//! `skipdb`: in-memory versions in a concurrent skip list, with serializable transactions.

use std::convert::Infallible;
use std::fmt;
use std::ops::{Bound, Range};
use std::sync::Arc;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage, Value,
    Version, Versioned, WriteSet,
};
use skipdb::ReadTransaction;
use skipdb::serializable::{SerializableDb, SerializableTransaction};
use txn::BTreeCm;
use txn::error::{TransactionError, WtmError};

use crate::peers::transactions::{self, PeerTransaction, RunTransaction};
use crate::peers::{STORE_CAPABILITIES, flat_key};

/// A flat key. skipdb clones its keys, and wants cheap clones.
type FlatKey = Arc<[u8]>;
type Bytes = Box<[u8]>;
type Database = SerializableDb<FlatKey, Bytes>;
type Reading = ReadTransaction<FlatKey, Bytes, Database, BTreeCm<FlatKey>>;
type PeerError = WtmError<Infallible, Infallible, Infallible>;

/// A `skipdb` database.
pub struct Skipdb {
    /// The database.
    database: Database,
    /// Called to collect garbage.
    compact: fn(&Database),
}

impl Skipdb {
    /// Its version and configuration.
    pub const SETTINGS: &'static str = concat!(
        "skipdb ",
        env!("SHARDPROOF_VERSION_SKIPDB"),
        ": a SerializableDb with keys of run and key; serializable transactions throughout, ",
        "one per operation, retried on conflicts; compacted only on collect"
    );

    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self { database: Database::new(), compact: Database::compact }
    }

    /// An empty database that is never compacted. Compaction drops entries that open snapshots
    /// need; without it, other faults can be found.
    #[must_use]
    pub fn uncompacted() -> Self {
        Self { database: Database::new(), compact: |_| () }
    }
}

impl Default for Skipdb {
    fn default() -> Self {
        Self::new()
    }
}

impl Storage for Skipdb {
    const CAPABILITIES: Capabilities = Capabilities { transactions: true, ..STORE_CAPABILITIES };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = SkipdbSnapshot;
    type Transaction<'a> = SkipdbTransaction;

    /// Uses a read transaction: the peer has no other way to read the newest value.
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let reading = self.database.read();
        reading.get(&*flat_key::encode(run, key)).map(|found| flat_key::versioned(&found.value()))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        transactions::put(|| self.database.serializable_write(), (run, key), &value)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        transactions::delete(|| self.database.serializable_write(), (run, key))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        listed(&self.database.read(), run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        transactions::apply(|| self.database.serializable_write(), writes)
    }

    fn snapshot(&self) -> Option<SkipdbSnapshot> {
        Some(SkipdbSnapshot(Arc::new(self.database.read())))
    }

    fn begin(&self, run: RunId) -> Option<SkipdbTransaction> {
        Some(RunTransaction::new(self.database.serializable_write(), run))
    }

    fn collect(&self) {
        (self.compact)(&self.database);
    }
}

fn listed(reading: &Reading, run: RunId, prefix: &[u8]) -> Vec<Entry> {
    let range = flat_key::range(run, prefix);
    let found =
        reading.range::<[u8], _>((Bound::Included(&*range.start), Bound::Excluded(&*range.end)));
    found.map(|found| flat_key::entry((found.key(), &*found.value()))).collect()
}

/// A read transaction. Clones share it.
#[derive(Clone)]
pub struct SkipdbSnapshot(Arc<Reading>);

impl SnapshotReads for SkipdbSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(&*flat_key::encode(run, key)).map(|found| flat_key::versioned(&found.value()))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        listed(&self.0, run, prefix)
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A serializable write transaction.
pub type SkipdbTransaction = RunTransaction<SerializableTransaction<FlatKey, Bytes>>;

impl PeerTransaction for SerializableTransaction<FlatKey, Bytes> {
    const PEER: &'static str = "skipdb";
    type Error = PeerError;

    fn is_conflict(error: &PeerError) -> bool {
        matches!(error, WtmError::Transaction(TransactionError::Conflict))
    }

    fn find(&mut self, key: Vec<u8>) -> Result<Option<Value>, PeerError> {
        Ok(self.get(&FlatKey::from(key))?.map(|found| flat_key::value(&found.value())))
    }

    fn write(&mut self, key: Vec<u8>, value: &Value) -> Result<(), PeerError> {
        Ok(self.insert(key.into(), value.as_bytes().into())?)
    }

    fn remove(&mut self, key: Vec<u8>) -> Result<(), PeerError> {
        Ok(Self::remove(self, key.into())?)
    }

    fn scan(&mut self, range: Range<Vec<u8>>) -> Result<Vec<(Key, Value)>, PeerError> {
        let range = FlatKey::from(range.start)..FlatKey::from(range.end);
        let found = self.range(range)?;
        Ok(found
            .map(|found| (flat_key::key(found.key()), flat_key::value(&found.value())))
            .collect())
    }

    fn end(&mut self) -> Result<(), PeerError> {
        self.commit()
    }
}

impl fmt::Debug for Skipdb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Skipdb").finish_non_exhaustive()
    }
}

impl fmt::Debug for SkipdbSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkipdbSnapshot").field("at", &self.0.version()).finish_non_exhaustive()
    }
}

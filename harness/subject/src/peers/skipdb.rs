//! `skipdb`: versions in memory under a concurrent skip list, serializable transactions.

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

use crate::peers::transactions::{self, OnRun, PeerTransaction};
use crate::peers::{CLAIMS, place};

/// It clones its keys, and asks that it be cheap.
type Place = Arc<[u8]>;
type Bytes = Box<[u8]>;
type Database = SerializableDb<Place, Bytes>;
type Reading = ReadTransaction<Place, Bytes, Database, BTreeCm<Place>>;
type PeerError = WtmError<Infallible, Infallible, Infallible>;

/// A database of `skipdb`.
pub struct Skipdb {
    /// The database.
    database: Database,
    /// What a collection does to it.
    compact: fn(&Database),
}

impl Skipdb {
    /// Which version of it, and how it is set up.
    pub const SETTINGS: &'static str = concat!(
        "skipdb ",
        env!("SHARDPROOF_VERSION_SKIPDB"),
        ": a SerializableDb of run and key; serializable transactions throughout, ",
        "one for each operation, tried again on a conflict; compacted only when asked to collect"
    );

    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { database: Database::new(), compact: Database::compact }
    }

    /// An empty one that is never compacted: to see what else there is, since compaction takes from open
    /// snapshots what they see.
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
    const CAPABILITIES: Capabilities = Capabilities { transactions: true, ..CLAIMS };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = SkipdbSnapshot;
    type Transaction<'a> = SkipdbTransaction;

    /// A reading transaction of its own: the peer has no other way to the newest value.
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let reading = self.database.read();
        reading.get(&*place::of(run, key)).map(|found| place::versioned(&found.value()))
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
        Some(OnRun::new(self.database.serializable_write(), run))
    }

    fn collect(&self) {
        (self.compact)(&self.database);
    }
}

fn listed(reading: &Reading, run: RunId, prefix: &[u8]) -> Vec<Entry> {
    let places = place::range(run, prefix);
    let found =
        reading.range::<[u8], _>((Bound::Included(&*places.start), Bound::Excluded(&*places.end)));
    found.map(|found| place::entry((found.key(), &*found.value()))).collect()
}

/// A reading transaction, shared by the clones.
#[derive(Clone)]
pub struct SkipdbSnapshot(Arc<Reading>);

impl SnapshotReads for SkipdbSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(&*place::of(run, key)).map(|found| place::versioned(&found.value()))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        listed(&self.0, run, prefix)
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A serializable writing transaction.
pub type SkipdbTransaction = OnRun<SerializableTransaction<Place, Bytes>>;

impl PeerTransaction for SerializableTransaction<Place, Bytes> {
    const PEER: &'static str = "skipdb";
    type Error = PeerError;

    fn is_conflict(error: &PeerError) -> bool {
        matches!(error, WtmError::Transaction(TransactionError::Conflict))
    }

    fn find(&mut self, place: Vec<u8>) -> Result<Option<Value>, PeerError> {
        Ok(self.get(&Place::from(place))?.map(|found| place::value(&found.value())))
    }

    fn write(&mut self, place: Vec<u8>, value: &Value) -> Result<(), PeerError> {
        Ok(self.insert(place.into(), value.as_bytes().into())?)
    }

    fn remove(&mut self, place: Vec<u8>) -> Result<(), PeerError> {
        Ok(Self::remove(self, place.into())?)
    }

    fn scan(&mut self, places: Range<Vec<u8>>) -> Result<Vec<(Key, Value)>, PeerError> {
        let places = Place::from(places.start)..Place::from(places.end);
        let found = self.range(places)?;
        Ok(found.map(|found| (place::key(found.key()), place::value(&found.value()))).collect())
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

//! `surrealmx`: versions in memory under a concurrent radix tree, serializable transactions.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage, Value,
    Version, Versioned, WriteSet,
};
use surrealmx::{Database, Error as PeerError, Transaction};

use crate::peers::transactions::{self, OnRun, PeerTransaction};
use crate::peers::{CLAIMS, answered, failed, place};

/// What errors call it.
const NAME: &str = "surrealmx";

/// A database of `surrealmx`, in memory.
#[derive(Default)]
pub struct Surrealmx {
    /// The database, with its background workers.
    database: Database,
}

impl Surrealmx {
    /// Which version of it, and how it is set up.
    pub const SETTINGS: &'static str = concat!(
        "surrealmx ",
        env!("SHARDPROOF_VERSION_SURREALMX"),
        ": a Database of run and key in memory, not persistent; defaults: both background ",
        "workers on; direct gets and sets, a transaction for each delete"
    );

    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { database: Database::new() }
    }
}

impl Storage for Surrealmx {
    const CAPABILITIES: Capabilities = Capabilities { transactions: true, ..CLAIMS };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = SurrealmxSnapshot;
    type Transaction<'a> = SurrealmxTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = self.database.with_value(place::of(run, key), place::versioned);
        answered(NAME, "get", found)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let put = self.database.set(place::of(run, key), value.as_bytes());
        put.map(|()| Version::NONE).map_err(|error| failed(NAME, "set", error))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        transactions::delete(|| self.database.transaction(true), (run, key))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let found = self.database.scan(place::range(run, prefix), None, None);
        answered(NAME, "scan", found).into_iter().map(place::entry).collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        transactions::apply(|| self.database.transaction(true), writes)
    }

    fn snapshot(&self) -> Option<SurrealmxSnapshot> {
        Some(SurrealmxSnapshot(Arc::new(self.database.transaction(false))))
    }

    fn begin(&self, run: RunId) -> Option<SurrealmxTransaction> {
        Some(OnRun::new(self.database.transaction(true), run))
    }

    fn collect(&self) {
        self.database.run_cleanup();
        self.database.run_gc();
    }
}

/// A reading transaction, shared by the clones.
#[derive(Clone)]
pub struct SurrealmxSnapshot(Arc<Transaction>);

impl SnapshotReads for SurrealmxSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = self.0.with_value(place::of(run, key), place::versioned);
        answered(NAME, "get as of a snapshot", found)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let found = self.0.scan(place::range(run, prefix), None, None);
        answered(NAME, "scan as of a snapshot", found).into_iter().map(place::entry).collect()
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A writing transaction.
pub type SurrealmxTransaction = OnRun<Transaction>;

impl PeerTransaction for Transaction {
    const PEER: &'static str = NAME;
    type Error = PeerError;

    fn is_conflict(error: &PeerError) -> bool {
        matches!(error, PeerError::KeyReadConflict | PeerError::KeyWriteConflict)
    }

    fn find(&mut self, place: Vec<u8>) -> Result<Option<Value>, PeerError> {
        self.with_value(place, place::value)
    }

    fn write(&mut self, place: Vec<u8>, value: &Value) -> Result<(), PeerError> {
        self.set(place, value.as_bytes())
    }

    fn remove(&mut self, place: Vec<u8>) -> Result<(), PeerError> {
        self.del(place)
    }

    fn scan(&mut self, places: Range<Vec<u8>>) -> Result<Vec<(Key, Value)>, PeerError> {
        let found = Self::scan(self, places, None, None)?;
        Ok(found.iter().map(|(place, bytes)| (place::key(place), place::value(bytes))).collect())
    }

    fn end(&mut self) -> Result<(), PeerError> {
        self.commit()
    }
}

impl fmt::Debug for Surrealmx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surrealmx").finish_non_exhaustive()
    }
}

impl fmt::Debug for SurrealmxSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SurrealmxSnapshot").field("at", &self.0.version()).finish_non_exhaustive()
    }
}

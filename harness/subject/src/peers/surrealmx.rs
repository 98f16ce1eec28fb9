//! `surrealmx`: in-memory versions in a concurrent radix tree, with serializable transactions.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage, Value,
    Version, Versioned, WriteSet,
};
use surrealmx::{Database, Error as PeerError, Transaction};

use crate::peers::transactions::{self, PeerTransaction, RunTransaction};
use crate::peers::{STORE_CAPABILITIES, expect_answer, flat_key, peer_error};

/// Its name in errors.
const NAME: &str = "surrealmx";

/// An in-memory `surrealmx` database.
#[derive(Default)]
pub struct Surrealmx {
    /// The database, with its background workers.
    database: Database,
}

impl Surrealmx {
    /// Its version and configuration.
    pub const SETTINGS: &'static str = concat!(
        "surrealmx ",
        env!("SHARDPROOF_VERSION_SURREALMX"),
        ": a Database with keys of run and key, not persistent; defaults: both background ",
        "workers on; direct gets and sets, one transaction per delete"
    );

    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self { database: Database::new() }
    }
}

impl Storage for Surrealmx {
    const CAPABILITIES: Capabilities = Capabilities { transactions: true, ..STORE_CAPABILITIES };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = SurrealmxSnapshot;
    type Transaction<'a> = SurrealmxTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = self.database.with_value(flat_key::encode(run, key), flat_key::versioned);
        expect_answer(NAME, "get", found)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let put = self.database.set(flat_key::encode(run, key), value.as_bytes());
        put.map(|()| Version::NONE).map_err(|error| peer_error(NAME, "set", error))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        transactions::delete(|| self.database.transaction(true), (run, key))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let found = self.database.scan(flat_key::range(run, prefix), None, None);
        expect_answer(NAME, "scan", found).into_iter().map(flat_key::entry).collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        transactions::apply(|| self.database.transaction(true), writes)
    }

    fn snapshot(&self) -> Option<SurrealmxSnapshot> {
        Some(SurrealmxSnapshot(Arc::new(self.database.transaction(false))))
    }

    fn begin(&self, run: RunId) -> Option<SurrealmxTransaction> {
        Some(RunTransaction::new(self.database.transaction(true), run))
    }

    fn collect(&self) {
        self.database.run_cleanup();
        self.database.run_gc();
    }
}

/// A read transaction. Clones share it.
#[derive(Clone)]
pub struct SurrealmxSnapshot(Arc<Transaction>);

impl SnapshotReads for SurrealmxSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = self.0.with_value(flat_key::encode(run, key), flat_key::versioned);
        expect_answer(NAME, "get as of a snapshot", found)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let found = self.0.scan(flat_key::range(run, prefix), None, None);
        expect_answer(NAME, "scan as of a snapshot", found)
            .into_iter()
            .map(flat_key::entry)
            .collect()
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A write transaction.
pub type SurrealmxTransaction = RunTransaction<Transaction>;

impl PeerTransaction for Transaction {
    const PEER: &'static str = NAME;
    type Error = PeerError;

    fn is_conflict(error: &PeerError) -> bool {
        matches!(error, PeerError::KeyReadConflict | PeerError::KeyWriteConflict)
    }

    fn find(&mut self, key: Vec<u8>) -> Result<Option<Value>, PeerError> {
        self.with_value(key, flat_key::value)
    }

    fn write(&mut self, key: Vec<u8>, value: &Value) -> Result<(), PeerError> {
        self.set(key, value.as_bytes())
    }

    fn remove(&mut self, key: Vec<u8>) -> Result<(), PeerError> {
        self.del(key)
    }

    fn scan(&mut self, range: Range<Vec<u8>>) -> Result<Vec<(Key, Value)>, PeerError> {
        let found = Self::scan(self, range, None, None)?;
        Ok(found.iter().map(|(key, bytes)| (flat_key::key(key), flat_key::value(bytes))).collect())
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

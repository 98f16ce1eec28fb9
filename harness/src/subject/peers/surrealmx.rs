//! `surrealmx`: versions in memory under a concurrent radix tree, serializable transactions.

use std::fmt;
use std::sync::Arc;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};
use surrealmx::{Database, Error as PeerError, Transaction};

use crate::subject::peers::{CLAIMS, Course, answered, failed, place};

/// What errors call it.
const NAME: &str = "surrealmx";

/// A database of `surrealmx`, in memory.
#[derive(Default)]
pub struct Surrealmx {
    /// The database, with its background workers.
    database: Database,
}

impl Surrealmx {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { database: Database::new() }
    }

    /// Makes `work` in transactions until one of them meets no conflict.
    fn retried<R>(
        &self,
        doing: &str,
        work: impl Fn(&mut Transaction) -> Result<R, PeerError>,
    ) -> Result<R, Error> {
        loop {
            let mut transaction = self.database.transaction(true);
            let done = work(&mut transaction).and_then(|result| {
                transaction.commit()?;
                Ok(result)
            });
            match done {
                Err(error) if is_conflict(&error) => {}
                other => return other.map_err(|error| failed(NAME, doing, error)),
            }
        }
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
        let place = place::of(run, key);
        self.retried("delete", |transaction| {
            let Some(found) = transaction.get(&place)? else { return Ok(None) };
            transaction.del(&place)?;
            Ok(Some(Deleted::unversioned(place::value(&found))))
        })
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let found = self.database.scan(place::range(run, prefix), None, None);
        answered(NAME, "scan", found).into_iter().map(place::entry).collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        self.retried("commit a write set", |transaction| {
            for (run, key, value) in writes.iter() {
                match value {
                    Some(value) => transaction.set(place::of(run, key), value.as_bytes())?,
                    None => transaction.del(place::of(run, key))?,
                }
            }
            Ok(Vec::new())
        })
    }

    fn snapshot(&self) -> Option<SurrealmxSnapshot> {
        Some(SurrealmxSnapshot(Arc::new(self.database.transaction(false))))
    }

    fn begin(&self, run: RunId) -> Option<SurrealmxTransaction> {
        let transaction = self.database.transaction(true);
        Some(SurrealmxTransaction { transaction, course: Course::new(run) })
    }

    fn collect(&self) {
        self.database.run_cleanup();
        self.database.run_gc();
    }
}

const fn is_conflict(error: &PeerError) -> bool {
    matches!(error, PeerError::KeyReadConflict | PeerError::KeyWriteConflict)
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
pub struct SurrealmxTransaction {
    /// The peer's own.
    transaction: Transaction,
    /// What has been done in it.
    course: Course,
}

impl SurrealmxTransaction {
    fn place(&self, key: &Key) -> Vec<u8> {
        place::of(self.course.run, key)
    }
}

impl TransactionWork for SurrealmxTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.course.reads(key);
        let found = self.transaction.with_value(self.place(key), place::value);
        answered(NAME, "get in a transaction", found)
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.course.writes(key);
        let put = self.transaction.set(self.place(key), value.as_bytes());
        answered(NAME, "set in a transaction", put);
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let found = self.get(key)?;
        self.course.writes(key);
        let deleted = self.transaction.del(self.place(key));
        answered(NAME, "delete in a transaction", deleted);
        Some(found)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let found = self.transaction.scan(place::range(self.course.run, prefix), None, None);
        let found = answered(NAME, "scan in a transaction", found);
        found.iter().map(|(place, bytes)| (place::key(place), place::value(bytes))).collect()
    }

    fn commit(mut self) -> Result<Option<Version>, Error> {
        match self.transaction.commit() {
            Ok(()) => Ok(self.course.wrote.then_some(Version::NONE)),
            Err(error) if is_conflict(&error) => Err(self.course.conflict()),
            Err(error) => Err(failed(NAME, "commit", error)),
        }
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

impl fmt::Debug for SurrealmxTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SurrealmxTransaction").field("course", &self.course).finish_non_exhaustive()
    }
}

//! `skipdb`: versions in memory under a concurrent skip list, serializable transactions.

use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};
use skipdb::ReadTransaction;
use skipdb::serializable::{SerializableDb, SerializableTransaction};
use txn::BTreeCm;
use txn::error::{TransactionError, WtmError};

use crate::subject::peers::{CLAIMS, Course, answered, failed, place};

/// What errors call it.
const NAME: &str = "skipdb";

/// It clones its keys, and asks that it be cheap.
type Place = Arc<[u8]>;
type Bytes = Box<[u8]>;
type Database = SerializableDb<Place, Bytes>;
type Writing = SerializableTransaction<Place, Bytes>;
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

    /// Makes `work` in transactions until one of them meets no conflict.
    fn retried<R>(
        &self,
        doing: &str,
        work: impl Fn(&mut Writing) -> Result<R, PeerError>,
    ) -> Result<R, Error> {
        loop {
            let mut transaction = self.database.serializable_write();
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

impl Default for Skipdb {
    fn default() -> Self {
        Self::new()
    }
}

fn place_of(run: RunId, key: &Key) -> Place {
    place::of(run, key).into()
}

const fn is_conflict(error: &PeerError) -> bool {
    matches!(error, WtmError::Transaction(TransactionError::Conflict))
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
        self.retried("insert", |transaction| {
            transaction.insert(place_of(run, key), value.as_bytes().into())?;
            Ok(Version::NONE)
        })
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let place = place_of(run, key);
        self.retried("remove", |transaction| {
            let found = transaction.get(&place)?.map(|found| place::value(&found.value()));
            let Some(found) = found else { return Ok(None) };
            transaction.remove(Arc::clone(&place))?;
            Ok(Some(Deleted::unversioned(found)))
        })
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        listed(&self.database.read(), run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        self.retried("commit a write set", |transaction| {
            for (run, key, value) in writes.iter() {
                let place = place_of(run, key);
                match value {
                    Some(value) => transaction.insert(place, value.as_bytes().into())?,
                    None => transaction.remove(place)?,
                }
            }
            Ok(Vec::new())
        })
    }

    fn snapshot(&self) -> Option<SkipdbSnapshot> {
        Some(SkipdbSnapshot(Arc::new(self.database.read())))
    }

    fn begin(&self, run: RunId) -> Option<SkipdbTransaction> {
        let transaction = self.database.serializable_write();
        Some(SkipdbTransaction { transaction, course: Course::new(run) })
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
pub struct SkipdbTransaction {
    /// The peer's own.
    transaction: Writing,
    /// What has been done in it.
    course: Course,
}

impl TransactionWork for SkipdbTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.course.reads(key);
        let place = place_of(self.course.run, key);
        let found = answered(NAME, "get in a transaction", self.transaction.get(&place));
        found.map(|found| place::value(&found.value()))
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.course.writes(key);
        let place = place_of(self.course.run, key);
        let put = self.transaction.insert(place, value.as_bytes().into());
        answered(NAME, "insert in a transaction", put);
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let found = self.get(key)?;
        self.course.writes(key);
        let removed = self.transaction.remove(place_of(self.course.run, key));
        answered(NAME, "remove in a transaction", removed);
        Some(found)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let places = place::range(self.course.run, prefix);
        let places = Place::from(places.start)..Place::from(places.end);
        let found = answered(NAME, "list in a transaction", self.transaction.range(places));
        found.map(|found| (place::key(found.key()), place::value(&found.value()))).collect()
    }

    fn commit(mut self) -> Result<Option<Version>, Error> {
        match self.transaction.commit() {
            Ok(()) => Ok(self.course.wrote.then_some(Version::NONE)),
            Err(error) if is_conflict(&error) => Err(self.course.conflict()),
            Err(error) => Err(failed(NAME, "commit", error)),
        }
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

impl fmt::Debug for SkipdbTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.transaction.version();
        f.debug_struct("SkipdbTransaction").field("at", &at).finish_non_exhaustive()
    }
}

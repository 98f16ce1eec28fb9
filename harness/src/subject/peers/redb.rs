//! `redb`: a copy-on-write B-tree with one writer at a time, here in memory.

use std::fmt;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{Database, Error as PeerError, ReadOnlyTable, ReadableDatabase, Table, TableDefinition};
use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned, WriteSet,
};

use crate::subject::peers::{CLAIMS, answered, failed, place};

/// What errors call it.
const NAME: &str = "redb";

/// The only table.
const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

/// A database of `redb`, in memory.
pub struct Redb {
    /// The database, with its table.
    database: Database,
}

impl Redb {
    /// An empty one.
    ///
    /// # Panics
    /// When the peer cannot make one, for which it has no reason in memory.
    #[must_use]
    pub fn new() -> Self {
        let database = Database::builder().create_with_backend(InMemoryBackend::new());
        let store = Self { database: answered(NAME, "create a database", database) };
        // A reader cannot open a table that was never written.
        answered(NAME, "create a table", store.written("create a table", |_| Ok(())));
        store
    }

    /// Makes `work` in a writing transaction, which waits for any other.
    fn written<R>(
        &self,
        doing: &str,
        work: impl FnOnce(&mut Table<'_, &[u8], &[u8]>) -> Result<R, PeerError>,
    ) -> Result<R, Error> {
        let done = || -> Result<R, PeerError> {
            let transaction = self.database.begin_write()?;
            let result = work(&mut transaction.open_table(ENTRIES)?)?;
            transaction.commit()?;
            Ok(result)
        };
        done().map_err(|error| failed(NAME, doing, error))
    }

    /// The table as of now.
    fn table(&self) -> RedbSnapshot {
        let table =
            || -> Result<_, PeerError> { Ok(self.database.begin_read()?.open_table(ENTRIES)?) };
        RedbSnapshot(Arc::new(answered(NAME, "open the table", table())))
    }
}

impl Default for Redb {
    fn default() -> Self {
        Self::new()
    }
}

impl Storage for Redb {
    const CAPABILITIES: Capabilities = CLAIMS;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = RedbSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.table().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.written("insert", |table| {
            table.insert(&*place::of(run, key), value.as_bytes())?;
            Ok(Version::NONE)
        })
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        self.written("remove", |table| {
            let removed = table.remove(&*place::of(run, key))?;
            Ok(removed.map(|bytes| Deleted::unversioned(place::value(bytes.value()))))
        })
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.table().list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        self.written("commit a write set", |table| {
            for (run, key, value) in writes.iter() {
                let place = place::of(run, key);
                match value {
                    Some(value) => drop(table.insert(&*place, value.as_bytes())?),
                    None => drop(table.remove(&*place)?),
                }
            }
            Ok(Vec::new())
        })
    }

    fn snapshot(&self) -> Option<RedbSnapshot> {
        Some(self.table())
    }
}

/// The table of a reading transaction, which it keeps open; shared by the clones.
#[derive(Clone)]
pub struct RedbSnapshot(Arc<ReadOnlyTable<&'static [u8], &'static [u8]>>);

impl SnapshotReads for RedbSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = answered(NAME, "get", self.0.get(&*place::of(run, key)));
        found.map(|bytes| place::versioned(bytes.value()))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let places = place::range(run, prefix);
        let found = answered(NAME, "list", self.0.range(&*places.start..&*places.end));
        let found = found.map(|entry| answered(NAME, "list", entry));
        found.map(|(place, bytes)| place::entry((place.value(), bytes.value()))).collect()
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

impl fmt::Debug for Redb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redb").finish_non_exhaustive()
    }
}

impl fmt::Debug for RedbSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbSnapshot").finish_non_exhaustive()
    }
}

//! `redb`: a copy-on-write B-tree with one writer at a time, here in memory.

use std::fmt;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{
    Database, Error as PeerError, ReadOnlyTable, ReadableDatabase, ReadableTable, Table,
    TableDefinition, WriteTransaction,
};
use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};

use crate::peers::{CLAIMS, answered, failed, place};

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
    /// Which version of it, and how it is set up.
    pub const SETTINGS: &'static str = concat!(
        "redb ",
        env!("SHARDPROOF_VERSION_REDB"),
        ": a Database on its InMemoryBackend; one table of run and key; ",
        "defaults: each commit is final when it returns; a transaction for each operation"
    );

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
    type Transaction<'a> = RedbTransaction;

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

    /// Waits for every other writer, even one of its own thread: which is why none are claimed.
    fn begin(&self, run: RunId) -> Option<RedbTransaction> {
        let transaction = answered(NAME, "begin a transaction", self.database.begin_write());
        Some(RedbTransaction { transaction, run, wrote: false })
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

/// The one writing transaction. Nobody else writes meanwhile, so that it never meets a conflict.
pub struct RedbTransaction {
    /// The peer's own.
    transaction: WriteTransaction,
    /// Its run.
    run: RunId,
    /// Whether it wrote anything.
    wrote: bool,
}

impl RedbTransaction {
    fn table(&self) -> Table<'_, &'static [u8], &'static [u8]> {
        answered(NAME, "open the table in a transaction", self.transaction.open_table(ENTRIES))
    }
}

impl TransactionWork for RedbTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        let table = self.table();
        let found = answered(NAME, "get in a transaction", table.get(&*place::of(self.run, key)));
        found.map(|bytes| place::value(bytes.value()))
    }

    fn put(&mut self, key: &Key, value: Value) {
        let (mut table, place) = (self.table(), place::of(self.run, key));
        let put = table.insert(&*place, value.as_bytes()).map(drop);
        drop(table);
        answered(NAME, "insert in a transaction", put);
        self.wrote = true;
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let mut table = self.table();
        let removed = table.remove(&*place::of(self.run, key));
        let removed = answered(NAME, "remove in a transaction", removed);
        let removed = removed.map(|bytes| place::value(bytes.value()));
        drop(table);
        self.wrote |= removed.is_some();
        removed
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let (table, places) = (self.table(), place::range(self.run, prefix));
        let found = table.range(&*places.start..&*places.end);
        let found = answered(NAME, "list in a transaction", found);
        let found = found.map(|entry| answered(NAME, "list in a transaction", entry));
        found
            .map(|(place, bytes)| (place::key(place.value()), place::value(bytes.value())))
            .collect()
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        let committed = self.transaction.commit().map(|()| self.wrote.then_some(Version::NONE));
        committed.map_err(|error| failed(NAME, "commit", error))
    }
}

impl fmt::Debug for RedbTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbTransaction").field("run", &self.run).finish_non_exhaustive()
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

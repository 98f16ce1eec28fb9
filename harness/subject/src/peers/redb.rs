//! `redb`: an in-memory copy-on-write B-tree with one writer at a time.

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

use crate::peers::{STORE_CAPABILITIES, expect_answer, flat_key, peer_error};

/// Its name in errors.
const NAME: &str = "redb";

/// The table with all entries.
const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

/// An in-memory `redb` database.
pub struct Redb {
    /// The database, with its table.
    database: Database,
}

impl Redb {
    /// Its version and configuration.
    pub const SETTINGS: &'static str = concat!(
        "redb ",
        env!("SHARDPROOF_VERSION_REDB"),
        ": a Database on its InMemoryBackend; one table with keys of run and key; ",
        "defaults, so each commit is final when it returns; one transaction per operation"
    );

    /// An empty database.
    ///
    /// # Panics
    /// If the peer cannot create a database, which should never happen in memory.
    #[must_use]
    pub fn new() -> Self {
        let database = Database::builder().create_with_backend(InMemoryBackend::new());
        let store = Self { database: expect_answer(NAME, "create a database", database) };
        // A reader cannot open a table that was never written.
        expect_answer(NAME, "create a table", store.write("create a table", |_| Ok(())));
        store
    }

    /// Runs `work` in a write transaction, which waits for any other writer.
    fn write<R>(
        &self,
        action: &str,
        work: impl FnOnce(&mut Table<'_, &[u8], &[u8]>) -> Result<R, PeerError>,
    ) -> Result<R, Error> {
        let done = || -> Result<R, PeerError> {
            let transaction = self.database.begin_write()?;
            let result = work(&mut transaction.open_table(ENTRIES)?)?;
            transaction.commit()?;
            Ok(result)
        };
        done().map_err(|error| peer_error(NAME, action, error))
    }

    /// The current table.
    fn table(&self) -> RedbSnapshot {
        let table =
            || -> Result<_, PeerError> { Ok(self.database.begin_read()?.open_table(ENTRIES)?) };
        RedbSnapshot(Arc::new(expect_answer(NAME, "open the table", table())))
    }
}

impl Default for Redb {
    fn default() -> Self {
        Self::new()
    }
}

impl Storage for Redb {
    const CAPABILITIES: Capabilities = STORE_CAPABILITIES;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = RedbSnapshot;
    type Transaction<'a> = RedbTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.table().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.write("insert", |table| {
            table.insert(&*flat_key::encode(run, key), value.as_bytes())?;
            Ok(Version::NONE)
        })
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        self.write("remove", |table| {
            let removed = table.remove(&*flat_key::encode(run, key))?;
            Ok(removed.map(|bytes| Deleted::unversioned(flat_key::value(bytes.value()))))
        })
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.table().list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        self.write("commit a write set", |table| {
            for (run, key, value) in writes.iter() {
                let flat = flat_key::encode(run, key);
                match value {
                    Some(value) => drop(table.insert(&*flat, value.as_bytes())?),
                    None => drop(table.remove(&*flat)?),
                }
            }
            Ok(Vec::new())
        })
    }

    fn snapshot(&self) -> Option<RedbSnapshot> {
        Some(self.table())
    }

    /// Waits for every other writer, even on its own thread, which is why transactions are not
    /// claimed.
    fn begin(&self, run: RunId) -> Option<RedbTransaction> {
        let transaction = expect_answer(NAME, "begin a transaction", self.database.begin_write());
        Some(RedbTransaction { transaction, run, wrote: false })
    }
}

/// The table of a read transaction, which stays open. Clones share it.
#[derive(Clone)]
pub struct RedbSnapshot(Arc<ReadOnlyTable<&'static [u8], &'static [u8]>>);

impl SnapshotReads for RedbSnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = expect_answer(NAME, "get", self.0.get(&*flat_key::encode(run, key)));
        found.map(|bytes| flat_key::versioned(bytes.value()))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let range = flat_key::range(run, prefix);
        let found = expect_answer(NAME, "list", self.0.range(&*range.start..&*range.end));
        let found = found.map(|entry| expect_answer(NAME, "list", entry));
        found.map(|(key, bytes)| flat_key::entry((key.value(), bytes.value()))).collect()
    }

    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// The only write transaction. Nobody else writes at the same time, so it never conflicts.
pub struct RedbTransaction {
    /// The peer's transaction.
    transaction: WriteTransaction,
    /// Its run.
    run: RunId,
    /// Whether it wrote anything.
    wrote: bool,
}

impl RedbTransaction {
    fn table(&self) -> Table<'_, &'static [u8], &'static [u8]> {
        expect_answer(NAME, "open the table in a transaction", self.transaction.open_table(ENTRIES))
    }
}

impl TransactionWork for RedbTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        let table = self.table();
        let found = expect_answer(
            NAME,
            "get in a transaction",
            table.get(&*flat_key::encode(self.run, key)),
        );
        found.map(|bytes| flat_key::value(bytes.value()))
    }

    fn put(&mut self, key: &Key, value: Value) {
        let (mut table, flat) = (self.table(), flat_key::encode(self.run, key));
        let put = table.insert(&*flat, value.as_bytes()).map(drop);
        drop(table);
        expect_answer(NAME, "insert in a transaction", put);
        self.wrote = true;
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let mut table = self.table();
        let removed = table.remove(&*flat_key::encode(self.run, key));
        let removed = expect_answer(NAME, "remove in a transaction", removed);
        let removed = removed.map(|bytes| flat_key::value(bytes.value()));
        drop(table);
        self.wrote |= removed.is_some();
        removed
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let (table, range) = (self.table(), flat_key::range(self.run, prefix));
        let found = table.range(&*range.start..&*range.end);
        let found = expect_answer(NAME, "list in a transaction", found);
        let found = found.map(|entry| expect_answer(NAME, "list in a transaction", entry));
        found
            .map(|(key, bytes)| (flat_key::key(key.value()), flat_key::value(bytes.value())))
            .collect()
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        let committed = self.transaction.commit().map(|()| self.wrote.then_some(Version::NONE));
        committed.map_err(|error| peer_error(NAME, "commit", error))
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

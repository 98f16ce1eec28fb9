//! Adds versions to a store that exposes none, through the store's own transactions.
//!
//! Without versions, a history can only be checked by time, which leaves the order of overlapping
//! commits open. This wrapper numbers the commits: in one transaction, every commit reads a counter
//! in the store, increments it, and writes it back with its own writes. The incremented counter is
//! the commit's version, and is stored in front of each value. A snapshot's version is the counter
//! it reads. So a checker knows exactly what each snapshot must show, and two commits with one
//! version are a lost update.
//!
//! The counter makes all commits conflict, so concurrent blind writes are never exercised. Verify a
//! store both with and without the wrapper.

use std::collections::BTreeMap;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};

/// The run of the inner store that holds everything, because a transaction covers one run.
const ALL: RunId = RunId::from_u128(0);
/// Length of a run id, in bytes.
const RUN_BYTES: usize = 16;
/// Length of a version, in bytes.
const VERSION_BYTES: usize = 8;

/// A store whose commits are numbered by its own transactions, which it must support.
#[derive(Debug, Default)]
pub struct Numbered<S> {
    /// The inner store.
    store: S,
}

impl<S: Storage> Numbered<S> {
    /// Wraps an empty store.
    pub const fn new(store: S) -> Self {
        Self { store }
    }

    /// Runs `work` in a transaction with a new version, retrying on conflicts. Aborts if `work`
    /// returns `None`, having nothing to write.
    fn commit<R>(
        &self,
        work: impl Fn(&mut S::Transaction<'_>, Version) -> Result<Option<R>, Error>,
    ) -> Result<Option<(R, Version)>, Error> {
        loop {
            let mut transaction = self.store.begin(ALL).expect("the store has transactions");
            let before = transaction.get(&counter()).map_or(0, |value| number(&value));
            let version = version_of(before + 1);
            let Some(result) = work(&mut transaction, version)? else { return Ok(None) };
            transaction.put(&counter(), Value::from((before + 1).to_be_bytes()));
            match transaction.commit() {
                Ok(_) => return Ok(Some((result, version))),
                Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<S: Storage> Storage for Numbered<S> {
    const CAPABILITIES: Capabilities = Capabilities {
        versions: true,
        snapshots: S::CAPABILITIES.snapshots,
        lists: S::CAPABILITIES.lists,
        atomic_apply: true,
        transactions: false,
        removal: false,
    };
    type Session<'a>
        = Direct<'a, Self>
    where
        Self: 'a;
    type Snapshot = NumberedSnapshot<S::Snapshot>;
    type Transaction<'a>
        = NoTransaction
    where
        Self: 'a;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        // A key that is too long with its run id was never put.
        self.store
            .get(ALL, &flat_key(run, key.as_bytes()).ok()?)
            .map(|found| decode_value(&found.value))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let key = flat_key(run, key.as_bytes())?;
        let put = self.commit(|transaction, version| {
            transaction.put(&key, encode_value(version, &value)?);
            Ok(Some(()))
        })?;
        Ok(put.expect("a put writes").1)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let key = flat_key(run, key.as_bytes())?;
        let deleted = self.commit(|transaction, _| Ok(transaction.delete(&key)))?;
        Ok(deleted.map(|(value, version)| Deleted { removed: decode_value(&value), version }))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let Ok(prefix) = flat_key(run, prefix) else { return Vec::new() };
        self.store.list(ALL, prefix.as_bytes()).into_iter().map(decode_entry).collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let applied = self.commit(|transaction, version| {
            let mut changed = BTreeMap::new();
            for (run, key, value) in writes.iter() {
                let key = flat_key(run, key.as_bytes())?;
                let changes = match value {
                    Some(value) => {
                        transaction.put(&key, encode_value(version, value)?);
                        true
                    }
                    None => transaction.delete(&key).is_some(),
                };
                changed.extend(changes.then_some((run, version)));
            }
            Ok((!changed.is_empty()).then_some(changed))
        })?;
        Ok(applied.map_or_else(Vec::new, |(changed, _)| changed.into_iter().collect()))
    }

    fn snapshot(&self) -> Option<NumberedSnapshot<S::Snapshot>> {
        self.store.snapshot().map(NumberedSnapshot::new)
    }

    fn collect(&self) {
        self.store.collect();
    }
}

/// A snapshot of the inner store, with the version of the last commit it sees.
#[derive(Debug)]
pub struct NumberedSnapshot<P> {
    /// The inner snapshot.
    reads: P,
    /// The counter in the snapshot.
    version: u64,
}

impl<P: SnapshotReads> NumberedSnapshot<P> {
    fn new(reads: P) -> Self {
        let version = reads.get(ALL, &counter()).map_or(0, |found| number(&found.value));
        Self { reads, version }
    }
}

impl<P: SnapshotReads> SnapshotReads for NumberedSnapshot<P> {
    fn version(&self) -> u64 {
        self.version
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let key = flat_key(run, key.as_bytes()).ok()?;
        self.reads.get(ALL, &key).map(|found| decode_value(&found.value))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let Ok(prefix) = flat_key(run, prefix) else { return Vec::new() };
        self.reads.list(ALL, prefix.as_bytes()).into_iter().map(decode_entry).collect()
    }

    fn another(&self) -> Option<Self> {
        Some(Self { reads: self.reads.another()?, version: self.version })
    }
}

/// The key of the counter. It is shorter than any flat key, so it never collides with one.
fn counter() -> Key {
    Key::from(b"commits")
}

/// The key in the inner store: the run id, then the key.
fn flat_key(run: RunId, key: &[u8]) -> Result<Key, Error> {
    Key::new([&run.to_bytes(), key].concat())
}

fn number(bytes: &[u8]) -> u64 {
    let (bytes, _) =
        bytes.split_first_chunk::<VERSION_BYTES>().expect("a value starts with its version");
    u64::from_be_bytes(*bytes)
}

const fn version_of(number: u64) -> Version {
    Version::new(number, number)
}

/// A value prefixed with the version of its commit.
fn encode_value(version: Version, value: &Value) -> Result<Value, Error> {
    Value::new([&version.stamp().to_be_bytes(), value.as_bytes()].concat())
}

fn decode_value(encoded: &Value) -> Versioned {
    let value = Value::new(&encoded[VERSION_BYTES..]).expect("it is shorter than it was");
    Versioned { value, version: version_of(number(encoded)) }
}

fn decode_entry(entry: Entry) -> Entry {
    let Versioned { value, version } = decode_value(&entry.value);
    let key = Key::new(&entry.key.as_bytes()[RUN_BYTES..]).expect("it is shorter than it was");
    Entry { key, value, version }
}

#[cfg(test)]
mod tests {
    use sharded_store::ShardedStore;

    use super::*;
    use shardproof_workload::keys::{key, run_id, value};

    #[test]
    fn commits_are_numbered_and_snapshots_show_their_version() {
        let (store, run, other) = (Numbered::new(ShardedStore::new()), run_id(1, 0), run_id(1, 1));
        assert_eq!(store.put(run, &key(1), value(1)), Ok(version_of(1)));
        let set = WriteSet::new().put(other, key(1), value(2)).delete(run, key(7));
        assert_eq!(store.apply(&set), Ok(vec![(other, version_of(2))]));
        assert_eq!(store.delete(run, &key(7)), Ok(None));
        let snapshot = store.snapshot().unwrap();
        let deleted = store.delete(run, &key(1)).unwrap().unwrap();
        assert_eq!((deleted.removed.value, deleted.version), (value(1), version_of(3)));
        assert_eq!((store.count(run), store.count(other), snapshot.count(run)), (0, 1, 1));
        assert_eq!((snapshot.version(), snapshot.list(run, b"")[0].version), (2, version_of(1)));
    }
}

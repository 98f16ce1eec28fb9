//! Versions for a store that shows none, by the store's own transactions.
//!
//! Without versions a history is checked by time alone, which leaves open which of two overlapping commits came
//! first. Here every commit reads a counter that lies in the store, adds one, and writes the sum back beside what
//! it wants to write, in one transaction; the sum is its version, kept in front of each value. A snapshot's
//! version is the counter as it finds it. So a checker knows exactly what every snapshot has to see, and two
//! commits with one version are a lost update of the counter.
//!
//! It costs what it checks: all commits conflict with each other, so that blind writes are never seen beside each
//! other. Both ways of checking are worth their while.

use std::collections::BTreeMap;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    TransactionWork, Value, Version, Versioned, WriteSet,
};

/// The one run of the store within that holds everything, since its transactions are of one run.
const ALL: RunId = RunId::from_u128(0);
/// Bytes of a run's id.
const RUN_BYTES: usize = 16;
/// Bytes of a version.
const VERSION_BYTES: usize = 8;

/// A store whose commits are numbered by its own transactions, which it must have.
#[derive(Debug, Default)]
pub struct Numbered<S> {
    /// The store within.
    store: S,
}

impl<S: Storage> Numbered<S> {
    /// Numbers the commits of an empty store.
    pub const fn new(store: S) -> Self {
        Self { store }
    }

    /// Makes `work` in a transaction with a version of its own, until it meets no conflict. Aborts if `work` has
    /// nothing to write.
    fn commit<R>(
        &self,
        work: impl Fn(&mut S::Transaction<'_>, Version) -> Result<Option<R>, Error>,
    ) -> Result<Option<(R, Version)>, Error> {
        loop {
            let mut transaction = self.store.begin(ALL).expect("the store has transactions");
            let before = transaction.get(&counter()).map_or(0, |value| number(&value));
            let version = version_of(before + 1);
            let Some(result) = work(&mut transaction, version)? else { return Ok(None) };
            transaction.put(&counter(), Value::new((before + 1).to_be_bytes())?);
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
        // A key that is too long within was never put.
        self.store.get(ALL, &within(run, key.as_bytes()).ok()?).map(|found| opened(&found.value))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let key = within(run, key.as_bytes())?;
        let put = self.commit(|transaction, version| {
            transaction.put(&key, sealed(version, &value)?);
            Ok(Some(()))
        })?;
        Ok(put.expect("a put writes").1)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let key = within(run, key.as_bytes())?;
        let deleted = self.commit(|transaction, _| Ok(transaction.delete(&key)))?;
        Ok(deleted.map(|(value, version)| Deleted { removed: opened(&value), version }))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let Ok(prefix) = within(run, prefix) else { return Vec::new() };
        self.store.list(ALL, prefix.as_bytes()).into_iter().map(listed).collect()
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let applied = self.commit(|transaction, version| {
            let mut changed = BTreeMap::new();
            for (run, key, value) in writes.iter() {
                let key = within(run, key.as_bytes())?;
                let changes = match value {
                    Some(value) => {
                        transaction.put(&key, sealed(version, value)?);
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

/// A snapshot of the store within, with the version of the last commit that it sees.
#[derive(Debug)]
pub struct NumberedSnapshot<P> {
    /// The snapshot within.
    reads: P,
    /// The counter as it finds it.
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
        let key = within(run, key.as_bytes()).ok()?;
        self.reads.get(ALL, &key).map(|found| opened(&found.value))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let Ok(prefix) = within(run, prefix) else { return Vec::new() };
        self.reads.list(ALL, prefix.as_bytes()).into_iter().map(listed).collect()
    }

    fn another(&self) -> Option<Self> {
        Some(Self { reads: self.reads.another()?, version: self.version })
    }
}

/// Where the counter lies: shorter than any other key, and so none of them.
fn counter() -> Key {
    Key::new("commits").expect("it is short")
}

/// Where a key of a run lies.
fn within(run: RunId, key: &[u8]) -> Result<Key, Error> {
    Key::new([&run.as_u128().to_be_bytes(), key].concat())
}

fn number(bytes: &[u8]) -> u64 {
    let (bytes, _) = bytes.split_first_chunk::<VERSION_BYTES>().expect("a version is in front");
    u64::from_be_bytes(*bytes)
}

const fn version_of(number: u64) -> Version {
    Version::new(number, number)
}

/// A value with the version of its commit in front.
fn sealed(version: Version, value: &Value) -> Result<Value, Error> {
    Value::new([&version.stamp().to_be_bytes(), value.as_bytes()].concat())
}

fn opened(sealed: &Value) -> Versioned {
    let value = Value::new(&sealed[VERSION_BYTES..]).expect("it is shorter than it was");
    Versioned { value, version: version_of(number(sealed)) }
}

fn listed(entry: Entry) -> Entry {
    let Versioned { value, version } = opened(&entry.value);
    let key = Key::new(&entry.key.as_bytes()[RUN_BYTES..]).expect("it is shorter than it was");
    Entry { key, value, version }
}

#[cfg(test)]
mod tests {
    use sharded_store::ShardedStore;

    use super::*;
    use shardproof_workload::keys::{key, run_id, value};

    #[test]
    fn commits_are_numbered_and_found_as_of_a_snapshot() {
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

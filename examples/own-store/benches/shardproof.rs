//! Measures and verifies the store: `cargo bench --bench shardproof -- verify`, or `measure`.

use std::process::ExitCode;

use own_store::{Ledger, View};
use shardproof::store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned, WriteSet,
};
use shardproof::{CountingAllocator, Subjects};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

struct Adapter<const N: usize>(Ledger<N>);
struct Snapshot<const N: usize>(View<N>);

impl<const N: usize> Storage for Adapter<N> {
    // What the store can do beyond get, put and delete. The rest is not asked of it.
    const CAPABILITIES: Capabilities =
        Capabilities { snapshots: true, lists: true, atomic_apply: true, ..Capabilities::BASIC };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Snapshot<N>;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.read(run.as_u128(), key.as_bytes()).map(value).map(Versioned::unversioned)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.write((run.as_u128(), key.as_bytes(), Some(value.as_bytes())));
        Ok(Version::NONE)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let old = self.0.write((run.as_u128(), key.as_bytes(), None));
        Ok(old.map(value).map(Deleted::unversioned))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        listed(self.0.entries(run.as_u128()), prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        self.0.write_all(
            writes.iter().map(|(run, key, value)| {
                (run.as_u128(), key.as_bytes(), value.map(Value::as_bytes))
            }),
        );
        Ok(Vec::new())
    }

    fn snapshot(&self) -> Option<Snapshot<N>> {
        Some(Snapshot(self.0.view()))
    }
}

impl<const N: usize> SnapshotReads for Snapshot<N> {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.read(run.as_u128(), key.as_bytes()).map(value).map(Versioned::unversioned)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        listed(self.0.entries(run.as_u128()), prefix)
    }
}

fn value(bytes: Vec<u8>) -> Value {
    Value::new(bytes).expect("it was a value before")
}

fn listed(entries: Vec<(Vec<u8>, Vec<u8>)>, prefix: &[u8]) -> Vec<Entry> {
    let found = entries.into_iter().filter(|(key, _)| key.starts_with(prefix));
    let key = |bytes| Key::new(bytes).expect("it was a key before");
    found.map(|(bytes, of)| Entry::unversioned(key(bytes), value(of))).collect()
}

fn main() -> ExitCode {
    let subjects = Subjects::new().with("ledger", || Adapter(Ledger::<1>::new()));
    #[cfg(feature = "mistake")]
    let subjects = subjects.with("ledger-4", || Adapter(Ledger::<4>::new()));
    shardproof::main(&subjects)
}

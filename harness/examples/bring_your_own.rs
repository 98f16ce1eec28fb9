//! Bring your own store: `cargo run --release --example bring_your_own`.
//!
//! Two stores, written as a user would. `Naive` puts one lock around one map, and copies the map for a
//! snapshot. `Hasty` has a lock for each of four shards, so that writers of different shards need not wait for
//! each other, and copies shard after shard for a snapshot. Both pass any test in one thread.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned, WriteSet,
};
use shardproof::Profile;
use shardproof::verify::execute::{Executor, Subject};
use shardproof::verify::explain::explain;
use shardproof::verify::plan::{Plan, verify};
use shardproof::verify::search::Found;

// The first store is all between here ...

#[derive(Default)]
struct Naive(Mutex<Map>);

/// What the lock guards; a copy of it is a snapshot.
#[derive(Clone, Default)]
struct Map(BTreeMap<(RunId, Key), Value>);

impl Map {
    fn write(&mut self, run: RunId, key: &Key, value: Option<Value>) -> Option<Value> {
        match value {
            Some(value) => self.0.insert((run, key.clone()), value),
            None => self.0.remove(&(run, key.clone())),
        }
    }
}

impl SnapshotReads for Map {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(&(run, key.clone())).cloned().map(Versioned::unversioned)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let Ok(first) = Key::new(prefix) else { return Vec::new() };
        let found = self.0.range((run, first)..);
        let found = found.take_while(|((of, key), _)| *of == run && key.starts_with(prefix));
        found.map(|((_, key), value)| Entry::unversioned(key.clone(), value.clone())).collect()
    }
}

/// Everything but versions, transactions and the removal of runs.
const CLAIMS: Capabilities =
    Capabilities { snapshots: true, lists: true, atomic_apply: true, ..Capabilities::BASIC };

impl Storage for Naive {
    const CAPABILITIES: Capabilities = CLAIMS;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Map;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.lock().unwrap().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.lock().unwrap().write(run, key, Some(value));
        Ok(Version::NONE)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.0.lock().unwrap().write(run, key, None).map(Deleted::unversioned))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.0.lock().unwrap().list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let mut map = self.0.lock().unwrap();
        writes.iter().for_each(|(run, key, value)| drop(map.write(run, key, value.cloned())));
        Ok(Vec::new())
    }

    fn snapshot(&self) -> Option<Map> {
        Some(self.0.lock().unwrap().clone())
    }
}

// ... and here. The second one has more locks.

#[derive(Default)]
struct Hasty([Mutex<Map>; SHARDS]);

const SHARDS: usize = 4;

impl Hasty {
    fn shard(&self, run: RunId) -> &Mutex<Map> {
        &self.0[shard_of(run)]
    }
}

fn shard_of(run: RunId) -> usize {
    run.as_u128() as usize % SHARDS
}

/// A copy of every shard.
struct Copies([Map; SHARDS]);

impl SnapshotReads for Copies {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0[shard_of(run)].get(run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.0[shard_of(run)].list(run, prefix)
    }
}

impl Storage for Hasty {
    const CAPABILITIES: Capabilities = CLAIMS;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Copies;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.shard(run).lock().unwrap().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.shard(run).lock().unwrap().write(run, key, Some(value));
        Ok(Version::NONE)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.shard(run).lock().unwrap().write(run, key, None).map(Deleted::unversioned))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.shard(run).lock().unwrap().list(run, prefix)
    }

    /// All shards are locked at once, always in the same order: nobody sees half of a write set.
    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let mut shards = self.0.each_ref().map(|shard| shard.lock().unwrap());
        for (run, key, value) in writes.iter() {
            shards[shard_of(run)].write(run, key, value.cloned());
        }
        Ok(Vec::new())
    }

    /// The mistake: each shard is copied under its own lock, and then let go. A write set that is applied after
    /// the first copy and before the last is in the snapshot by half.
    fn snapshot(&self) -> Option<Copies> {
        Some(Copies(self.0.each_ref().map(|shard| shard.lock().unwrap().clone())))
    }
}

/// Verifies a store, and tells what was found; whether anything was.
fn has_mistake<S>(name: &str, create: fn() -> S) -> bool
where
    S: Storage<Snapshot: 'static> + 'static,
{
    // Those that need nothing of a store: it would have to be built against loom's locks for loom.
    let executors = vec![Executor::Sequential, Executor::Litmus, Executor::Stress];
    let plan = Plan { executors, ..Plan::new(Profile::Smoke, 1) };
    let mut wrong = false;
    for search in verify(&Subject::new(name, create), &plan, &mut |_| ()) {
        let (executor, reads) = (search.executor, search.report.reads);
        println!("{name}, {executor}: {} programs, {reads} reads", search.programs);
        if let Some(Found { failure, .. }) = &search.found {
            println!("\n{}\n", explain(&failure.history, &failure.report.anomalies[0]));
            wrong = true;
        }
    }
    wrong
}

fn main() -> ExitCode {
    let naive = has_mistake("naive", Naive::default);
    let hasty = has_mistake("hasty", Hasty::default);
    if naive || !hasty { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

//! Stores as users write them, with faults of adapters and of the stores behind them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned, WriteSet,
};
use shardproof::Profile;
use shardproof::verify::budget::budget;
use shardproof::verify::check::report::{AnomalyKind, Axioms};
use shardproof::verify::execute::{Executor, VerifySubject};
use shardproof::verify::litmus;
use shardproof::verify::program::Program;
use shardproof::verify::search::{SearchOutcome, SearchTask, search};

/// How a store treats the writes of a set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// It gets all writes and keeps the last of each key.
    LastWins,
    /// It gets all writes and keeps the first of each key.
    FirstWins,
    /// As the last, but the adapter hands it each key once.
    FirstWinsOfOne,
}

/// A map under a lock; a snapshot is a shared copy.
struct Own {
    /// The entries.
    map: Mutex<Map>,
    /// How it treats write sets.
    batch: Batch,
}

/// The entries of all runs.
#[derive(Clone, Default)]
struct Map(BTreeMap<(RunId, Key), Value>);

impl SnapshotReads for Map {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(&(run, key.clone())).cloned().map(Versioned::unversioned)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let of_run = self.0.iter().filter(|((of, key), _)| *of == run && key.starts_with(prefix));
        of_run.map(|((_, key), value)| Entry::unversioned(key.clone(), value.clone())).collect()
    }
}

impl Map {
    fn write(&mut self, run: RunId, key: &Key, value: Option<Value>) -> Option<Value> {
        match value {
            Some(value) => self.0.insert((run, key.clone()), value),
            None => self.0.remove(&(run, key.clone())),
        }
    }

    fn write_first(&mut self, writes: &mut dyn Iterator<Item = (RunId, &Key, Option<&Value>)>) {
        let mut written = Vec::new();
        for (run, key, value) in writes {
            if !written.contains(&(run, key)) {
                self.write(run, key, value.cloned());
                written.push((run, key));
            }
        }
    }
}

impl Storage for Own {
    const CAPABILITIES: Capabilities =
        Capabilities { snapshots: true, lists: true, atomic_apply: true, ..Capabilities::BASIC };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Arc<Map>;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.map.lock().unwrap().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.map.lock().unwrap().write(run, key, Some(value));
        Ok(Version::NONE)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.map.lock().unwrap().write(run, key, None).map(Deleted::unversioned))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.map.lock().unwrap().list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let mut map = self.map.lock().unwrap();
        match self.batch {
            Batch::FirstWins => map.write_first(&mut writes.iter_all()),
            Batch::FirstWinsOfOne => map.write_first(&mut writes.iter()),
            Batch::LastWins => writes
                .iter_all()
                .for_each(|(run, key, value)| drop(map.write(run, key, value.cloned()))),
        }
        Ok(Vec::new())
    }

    fn snapshot(&self) -> Option<Arc<Map>> {
        Some(Arc::new(self.map.lock().unwrap().clone()))
    }
}

fn verify(batch: Batch) -> SearchOutcome {
    let subject = VerifySubject::new("own", move || Own { map: Mutex::default(), batch });
    let programs = litmus::catalogue().into_iter().map(|litmus| litmus.program);
    let (catalogue, axioms): (Vec<Program>, _) = (programs.collect(), Axioms::all());
    let executor = Executor::Sequential;
    let task =
        SearchTask { subject: &subject, executor, catalogue: &catalogue, seed: 1, axioms: &axioms };
    search(&task, &budget(Profile::Smoke, executor), &mut |_, _| ())
}

#[test]
fn a_store_that_keeps_the_first_of_two_writes_of_a_key_is_found_if_it_gets_both() {
    let wrong = verify(Batch::FirstWins);
    let found = wrong.counterexample.expect("the first write wins");
    assert_eq!(found.program.operations(), 1, "{:?}", found.program);
    let anomaly = &found.failure.report.anomalies[0];
    assert_eq!(anomaly.kind, AnomalyKind::DirtyRead, "{}", anomaly.message);
    for right in [Batch::LastWins, Batch::FirstWinsOfOne] {
        let search = verify(right);
        assert_eq!(search.counterexample.map(|found| found.failure.report.anomalies), None);
        assert!(search.report.reads > 1_000, "{}", search.report.reads);
    }
}

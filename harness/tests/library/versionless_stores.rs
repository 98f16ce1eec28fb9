//! Stores without versions that break a promise: only bounds over time can show it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoSnapshot, NoTransaction, RunId,
    SnapshotReads, Storage, Value, Version, Versioned, WriteSet,
};
use shardproof::Profile;
use shardproof::verify::budget::budget;
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, VerifySubject};
use shardproof::verify::litmus;
use shardproof::verify::program::Program;
use shardproof::verify::search::{Goal, SearchBudget, SearchOutcome, SearchTask, search};

/// Entries by run and key.
#[derive(Clone, Default)]
struct Table(BTreeMap<(RunId, Key), Value>);

impl Table {
    fn write(&mut self, run: RunId, key: &Key, value: Option<Value>) -> Option<Value> {
        match value {
            Some(value) => self.0.insert((run, key.clone()), value),
            None => self.0.remove(&(run, key.clone())),
        }
    }
}

impl SnapshotReads for Table {
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

/// The table that `list` and `count` read first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum First {
    /// An entry that moves in between is seen twice; a listing leaves the second one out.
    Old,
    /// An entry that moves in between is not seen.
    New,
}

/// A map that grows step by step: every write moves one entry from the old table to the new one.
/// Reads and writes of one key lock both tables; `list` and `count` lock one after the other.
struct Moving {
    /// Where new entries are put.
    old: Mutex<Table>,
    /// Where they end up.
    new: Mutex<Table>,
    /// The table that `list` and `count` read first.
    first: First,
}

impl Moving {
    fn new(first: First) -> Self {
        Self { old: Mutex::default(), new: Mutex::default(), first }
    }

    fn lock(&self) -> (MutexGuard<'_, Table>, MutexGuard<'_, Table>) {
        (self.old.lock().unwrap(), self.new.lock().unwrap())
    }

    fn write(&self, run: RunId, key: &Key, value: Option<Value>) -> Option<Value> {
        let (mut old, mut new) = self.lock();
        if let Some((key, value)) = old.0.pop_first() {
            new.0.insert(key, value);
        }
        let moved = new.0.contains_key(&(run, key.clone()));
        if moved { &mut new } else { &mut old }.write(run, key, value)
    }

    /// Reads one table after the other.
    fn read<R>(&self, read: impl Fn(&Table) -> R) -> [R; 2] {
        let tables = match self.first {
            First::Old => [&self.old, &self.new],
            First::New => [&self.new, &self.old],
        };
        tables.map(|table| {
            let read = read(&table.lock().unwrap());
            // Also on a machine with one free core an entry can move here.
            std::thread::yield_now();
            read
        })
    }
}

impl Storage for Moving {
    const CAPABILITIES: Capabilities = Capabilities { lists: true, ..Capabilities::BASIC };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = NoSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let (old, new) = self.lock();
        old.get(run, key).or_else(|| new.get(run, key))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.write(run, key, Some(value));
        Ok(Version::NONE)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.write(run, key, None).map(Deleted::unversioned))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let entries = self.read(|table| table.list(run, prefix)).into_iter().flatten();
        let by_key: BTreeMap<Key, Entry> =
            entries.map(|entry| (entry.key.clone(), entry)).collect();
        by_key.into_values().collect()
    }

    fn count(&self, run: RunId) -> usize {
        self.read(|table| table.count(run)).into_iter().sum()
    }
}

/// A store that locks its map once for each write of a write set, so a snapshot may contain some of
/// them without the others.
#[derive(Default)]
struct RowByRow(Mutex<Table>);

impl Storage for RowByRow {
    const CAPABILITIES: Capabilities =
        Capabilities { snapshots: true, lists: true, atomic_apply: true, ..Capabilities::BASIC };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Table;
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
        for (run, key, value) in writes.iter() {
            self.0.lock().unwrap().write(run, key, value.cloned());
        }
        Ok(Vec::new())
    }

    fn snapshot(&self) -> Option<Table> {
        Some(self.0.lock().unwrap().clone())
    }
}

/// Quick runs that must each find a fault: ten where there is time.
fn runs() -> std::ops::Range<u64> {
    let thorough =
        std::env::var("SHARDPROOF_PROFILE").is_ok_and(|name| name == "ci" || name == "full");
    1..if thorough { 11 } else { 2 }
}

fn quick(subject: &VerifySubject, executor: Executor, seed: u64) -> SearchOutcome {
    let programs = litmus::catalogue().into_iter().map(|litmus| litmus.program);
    let (catalogue, axioms): (Vec<Program>, _) = (programs.collect(), Axioms::all());
    let task = SearchTask { subject, executor, catalogue: &catalogue, seed, axioms: &axioms };
    // The first finding is enough here; a verification would go on to other properties.
    let budget = SearchBudget {
        goal: Goal::FirstFinding,
        shrinking: Duration::ZERO,
        ..budget(Profile::Quick, executor)
    };
    search(&task, &budget, &mut |_, _| ())
}

/// Checks that every quick run finds the fault of a store.
fn is_found(subject: &VerifySubject) {
    let missed: Vec<u64> = runs().filter(|seed| !finds(subject, *seed)).collect();
    assert!(missed.is_empty(), "{}: not found with seeds {missed:?}", subject.name());
}

/// Whether a quick run finds the fault on real threads.
fn finds(subject: &VerifySubject, seed: u64) -> bool {
    [Executor::Stress, Executor::Litmus].into_iter().any(|executor| {
        let search = quick(subject, executor, seed);
        let found = search.report.anomalies.first().map(|anomaly| anomaly.kind);
        println!(
            "{} under {executor}, seed {seed}: {found:?} after {} executions, {:.2} s, {:?}",
            subject.name(),
            search.executions,
            search.seconds,
            search.report.snapshots,
        );
        !search.findings.is_empty()
    })
}

#[test]
fn entries_that_move_beside_a_count_are_found() {
    is_found(&VerifySubject::new("moving, old first", || Moving::new(First::Old)));
}

#[test]
fn entries_that_move_beside_a_listing_are_found() {
    is_found(&VerifySubject::new("moving, new first", || Moving::new(First::New)));
}

#[test]
fn a_commit_published_row_by_row_is_found() {
    is_found(&VerifySubject::new("row by row", RowByRow::default));
}

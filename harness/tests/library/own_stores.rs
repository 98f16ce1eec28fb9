//! Stores as users write them, with faults of adapters and of the stores behind them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Held, Key, NoSnapshot, NoTransaction, RunId,
    SnapshotReads, Storage, Value, Version, Versioned, WriteSet,
};
use shardproof::Profile;
use shardproof::verify::budget::budget;
use shardproof::verify::check::report::{AnomalyKind, Axiom, Axioms};
use shardproof::verify::execute::{Executor, HowEnded, VerifySubject};
use shardproof::verify::explain::explain;
use shardproof::verify::litmus;
use shardproof::verify::program::Program;
use shardproof::verify::search::{Counterexample, SearchOutcome, SearchTask, search};

/// A store with two faults: it reports garbage in every execution, which would hide that a write set
/// of more than two keys loses one.
#[derive(Default)]
struct Bad(Own);

/// How a store treats the writes of a set.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Batch {
    /// It gets all writes and keeps the last of each key.
    #[default]
    LastWins,
    /// It gets all writes and keeps the first of each key.
    FirstWins,
    /// As the last, but the adapter hands it each key once.
    FirstWinsOfOne,
}

/// A map under a lock; a snapshot is a shared copy.
#[derive(Default)]
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

impl Storage for Bad {
    const CAPABILITIES: Capabilities = Own::CAPABILITIES;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Arc<Map>;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.put(run, key, value)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        self.0.delete(run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.0.list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let kept = writes.len().saturating_sub(usize::from(writes.len() > 2));
        let mut map = self.0.map.lock().unwrap();
        let kept = writes.iter().take(kept);
        kept.for_each(|(run, key, value)| drop(map.write(run, key, value.cloned())));
        Ok(Vec::new())
    }

    fn snapshot(&self) -> Option<Arc<Map>> {
        self.0.snapshot()
    }

    fn held(&self) -> Option<Held> {
        let live_keys = self.0.map.lock().unwrap().0.len();
        Some(Held { versions: live_keys + 1, live_keys })
    }
}

/// A store with one counter that numbers commits of some kinds only.
#[derive(Default)]
struct Partly<const PUTS: bool, const DELETES: bool, const SETS: bool>(Mutex<Counted>);

/// Its entries, each with the version of its commit, and the counter.
#[derive(Clone, Default)]
struct Counted {
    /// The entries.
    entries: BTreeMap<(RunId, Key), Versioned>,
    /// How many commits there were.
    commits: u64,
}

impl Counted {
    fn next(&mut self, shown: bool) -> Version {
        self.commits += 1;
        if shown { Version::new(self.commits, self.commits) } else { Version::NONE }
    }

    fn write(&mut self, run: RunId, key: &Key, value: Option<Value>, version: Version) {
        let at = (run, key.clone());
        match value {
            Some(value) => drop(self.entries.insert(at, Versioned { value, version })),
            None => drop(self.entries.remove(&at)),
        }
    }
}

impl SnapshotReads for Counted {
    fn version(&self) -> u64 {
        self.commits
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.entries.get(&(run, key.clone())).cloned()
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let all = self.entries.iter();
        let of_run = all.filter(|((of, key), _)| *of == run && key.starts_with(prefix));
        let entry = |(key, Versioned { value, version }): (&Key, Versioned)| Entry {
            key: key.clone(),
            value,
            version,
        };
        of_run.map(|((_, key), found)| entry((key, found.clone()))).collect()
    }
}

impl<const PUTS: bool, const DELETES: bool, const SETS: bool> Storage
    for Partly<PUTS, DELETES, SETS>
{
    const CAPABILITIES: Capabilities = Capabilities { versions: true, ..Own::CAPABILITIES };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = Arc<Counted>;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.lock().unwrap().get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let mut counted = self.0.lock().unwrap();
        let version = counted.next(PUTS);
        counted.write(run, key, Some(value), version);
        Ok(version)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let mut counted = self.0.lock().unwrap();
        let Some(removed) = counted.entries.remove(&(run, key.clone())) else { return Ok(None) };
        let version = counted.next(DELETES);
        Ok(Some(Deleted { removed, version }))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.0.lock().unwrap().list(run, prefix)
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        let mut counted = self.0.lock().unwrap();
        let version = counted.next(SETS);
        let mut versions = BTreeMap::new();
        for (run, key, value) in writes.iter() {
            counted.write(run, key, value.cloned(), version);
            versions.insert(run, version);
        }
        Ok(if SETS { versions.into_iter().collect() } else { Vec::new() })
    }

    fn snapshot(&self) -> Option<Arc<Counted>> {
        Some(Arc::new(self.0.lock().unwrap().clone()))
    }
}

fn verify(batch: Batch) -> SearchOutcome {
    searched(&VerifySubject::new("own", move || Own { map: Mutex::default(), batch }))
}

fn searched(subject: &VerifySubject) -> SearchOutcome {
    searched_for(subject, &Axioms::all())
}

fn searched_for(subject: &VerifySubject, axioms: &Axioms) -> SearchOutcome {
    let programs = litmus::catalogue().into_iter().map(|litmus| litmus.program);
    let catalogue: Vec<Program> = programs.collect();
    let executor = Executor::Sequential;
    let task = SearchTask { subject, executor, catalogue: &catalogue, seed: 1, axioms };
    search(&task, &budget(Profile::Smoke, executor), &mut |_, _| ())
}

#[test]
fn a_store_that_keeps_the_first_of_two_writes_of_a_key_is_found_if_it_gets_both() {
    let wrong = verify(Batch::FirstWins);
    let found = wrong.worst().expect("the first write wins");
    assert_eq!(found.program.operations(), 1, "{:?}", found.program);
    let anomaly = &found.failure.report.anomalies[0];
    assert_eq!(anomaly.kind, AnomalyKind::DirtyRead, "{}", anomaly.message);
    for right in [Batch::LastWins, Batch::FirstWinsOfOne] {
        let search = verify(right);
        assert_eq!(search.report.anomalies, []);
        assert!(search.report.reads > 1_000, "{}", search.report.reads);
    }
}

#[test]
fn a_correct_store_that_numbers_some_commits_only_passes_and_the_report_says_which() {
    let all = VerifySubject::new("all", Partly::<true, true, true>::default);
    let search = searched(&all);
    assert_eq!(search.report.anomalies, []);
    assert!(!search.report.unchecked.contains_key(&Axiom::NoLostUpdate), "{search:?}");
    let [puts, sets, deletes] = [
        VerifySubject::new("puts alone", Partly::<true, false, false>::default),
        VerifySubject::new("sets alone", Partly::<false, false, true>::default),
        VerifySubject::new("no deletes", Partly::<true, false, true>::default),
    ];
    for (subject, says) in [(puts, "deletes"), (sets, "puts"), (deletes, "deletes have")] {
        let search = searched(&subject);
        assert_eq!(search.report.anomalies, [], "{}", subject.name());
        let reason = &search.report.unchecked[&Axiom::NoLostUpdate];
        assert!(reason.contains(says) && reason.contains("no versions: "), "{reason}");
    }
}

#[test]
fn every_broken_property_has_a_finding_and_the_worst_comes_first() {
    let subject = VerifySubject::new("bad", Bad::default);
    let search = searched(&subject);
    let found: Vec<Axiom> = search.findings.iter().map(|found| found.axiom).collect();
    assert!(found.is_sorted() && found.len() > 1, "{found:?}");
    assert_eq!(found.last(), Some(&Axiom::NoGarbage));
    for finding in &search.findings {
        let anomalies = &finding.failure.report.anomalies;
        assert!(anomalies.iter().all(|anomaly| anomaly.axiom == finding.axiom), "{finding:?}");
        assert!(finding.executions <= search.executions && finding.executions > 0);
    }
    let garbage = search.findings.last().expect("there are several");
    let worst = search.worst().expect("there are several");
    assert_eq!((garbage.program.operations(), worst.axiom), (0, found[0]));
    assert!(worst.program.operations() <= 2, "{:?}", worst.program);
    // What was not broken was checked to the end.
    let seen = search.observations("bad", "again", &[]);
    let intact = seen.iter().find(|seen| seen.property == "intact").unwrap();
    assert_eq!((&*intact.how_ended, &intact.broken), ("exhausted", &None));
    assert_eq!(seen.iter().filter(|seen| seen.broken.is_some()).count(), found.len());
}

#[test]
fn properties_that_are_left_out_are_not_found() {
    let subject = VerifySubject::new("bad", Bad::default);
    let garbage = searched_for(&subject, &Axioms::only(&[Axiom::NoGarbage]));
    assert_eq!(garbage.findings.len(), 1);
    let rest = searched_for(&subject, &Axioms::without(Axiom::NoGarbage));
    assert!(!rest.findings.is_empty());
    assert!(rest.findings.iter().all(|found| found.axiom != Axiom::NoGarbage));
}

/// A store that panics at every third key.
struct Panics(Own);

impl Storage for Panics {
    const CAPABILITIES: Capabilities = Capabilities::BASIC;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = NoSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        let version = self.0.put(run, key, value);
        assert!(self.0.list(run, b"").len() < 3, "three keys are too many");
        version
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        self.0.delete(run, key)
    }
}

#[test]
fn executions_that_panic_support_no_pass_of_other_properties() {
    let subject = VerifySubject::new("panics", || Panics(Own::default()));
    let search = searched(&subject);
    let found: Vec<Axiom> = search.findings.iter().map(|found| found.axiom).collect();
    assert_eq!((found, search.ended), (vec![Axiom::Progress], HowEnded::Crashed));
    let masked = searched_for(&subject, &Axioms::without(Axiom::Progress));
    assert_eq!((masked.findings.len(), masked.ended), (0, HowEnded::Crashed));
    assert_eq!(masked.how_ended(), "crashed");
}

/// A store that forgets the run, so that each run shows the others' values.
#[derive(Default)]
struct Runless(Mutex<BTreeMap<Key, Value>>);

impl Storage for Runless {
    const CAPABILITIES: Capabilities = Capabilities::BASIC;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = NoSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, _run: RunId, key: &Key) -> Option<Versioned> {
        self.0.lock().unwrap().get(key).cloned().map(Versioned::unversioned)
    }

    fn put(&self, _run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.lock().unwrap().insert(key.clone(), value);
        Ok(Version::NONE)
    }

    fn delete(&self, _run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.0.lock().unwrap().remove(key).map(Deleted::unversioned))
    }
}

#[test]
fn a_value_of_another_run_is_explained_by_the_write_that_made_it() {
    let search = searched(&VerifySubject::new("runless", Runless::default));
    let of_intact = |found: &&Counterexample| found.axiom == Axiom::Intact;
    let found = search.findings.iter().find(of_intact).expect("values of other runs are read");
    let anomaly = &found.failure.report.anomalies[0];
    assert_eq!(anomaly.kind, AnomalyKind::GarbledRead);
    assert!(anomaly.message.contains("which was written to"), "{}", anomaly.message);
    // The write is among the events that the explanation shows.
    assert_eq!(anomaly.events.len(), 2, "{anomaly:?}");
    let explained = explain(&found.failure.history, anomaly);
    assert!(explained.contains("put r"), "{explained}");
}

//! A store with a fault in one of the rarer operations makes its cell invalid.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, RunId, ShardedStore, Snapshot, SnapshotReads,
    Storage, Transaction, TransactionWork, Value, Version, Versioned, WriteSet,
};
use shardproof::evidence::Checks;
use shardproof::measure::cell::slice;
use shardproof::measure::load::Load;
use shardproof::workload::{Placement, Stream, Workload};

/// A fault that a store exhibits now and then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Nothing.
    None,
    /// Reports a delete without deleting.
    LostDelete,
    /// Drops the put of a new key.
    LostInsert,
    /// Applies only the first half of a write set.
    HalfSet,
    /// Denies that a key exists.
    Denied,
    /// Finds a key that nobody put.
    Conjured,
    /// Omits the last entry of a listing.
    ShortList,
    /// Counts one key too many.
    Miscounted,
    /// Reports a commit without committing.
    LostCommit,
    /// Reads another key in a snapshot.
    OtherKeyInSnapshot,
    /// Finds no keys in a transaction.
    BlindTransaction,
}

/// A faulty store gets one occasion in this many wrong.
const OCCASIONS_PER_FAULT: usize = 20;

/// A store with a fault.
struct Faulty {
    /// The correct one.
    store: ShardedStore,
    /// Its fault.
    fault: Fault,
    /// Number of occasions so far.
    occasions: AtomicUsize,
}

impl Faulty {
    /// Whether to exhibit `fault` on this occasion.
    fn errs(&self, fault: Fault) -> bool {
        // Relaxed: only a count.
        self.fault == fault
            && self.occasions.fetch_add(1, Ordering::Relaxed).is_multiple_of(OCCASIONS_PER_FAULT)
    }
}

impl Storage for Faulty {
    const CAPABILITIES: Capabilities = Capabilities::FULL;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = FaultySnapshot;
    type Transaction<'a> = FaultyTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let found = self.store.get(run, key);
        if found.is_none() && self.errs(Fault::Conjured) {
            return Some(Versioned::unversioned(Value::from(b"never put")));
        }
        found
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        // Only after the initial fill, which would fail otherwise.
        let drops = self.fault == Fault::LostInsert
            && self.store.count(run) > KEYS
            && !self.store.contains(run, key)
            && self.errs(Fault::LostInsert);
        if drops { Ok(Version::NONE) } else { self.store.put(run, key, value) }
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        if !self.errs(Fault::LostDelete) {
            return self.store.delete(run, key);
        }
        let deleted = |removed| Deleted { removed, version: Version::NONE };
        Ok(self.store.get(run, key).map(deleted))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let mut listed = self.store.list(run, prefix);
        // The check at rest lists everything; this test is about prefixes.
        if !prefix.is_empty() && self.errs(Fault::ShortList) {
            listed.pop();
        }
        listed
    }

    fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
        if !self.errs(Fault::HalfSet) {
            return self.store.apply(writes);
        }
        let mut half = WriteSet::new();
        for (run, key, value) in writes.iter().take(writes.len() / 2) {
            half.add(run, key.clone(), value.cloned());
        }
        self.store.apply(&half)
    }

    fn snapshot(&self) -> Option<FaultySnapshot> {
        let other = self.errs(Fault::OtherKeyInSnapshot).then(|| Key::from(b"not this one"));
        Some(FaultySnapshot { snapshot: self.store.snapshot(), other })
    }

    fn begin(&self, run: RunId) -> Option<FaultyTransaction> {
        let transaction = self.store.begin(run);
        let (drops, is_blind) = (self.errs(Fault::LostCommit), self.errs(Fault::BlindTransaction));
        Some(FaultyTransaction { transaction, drops, is_blind })
    }

    fn contains(&self, run: RunId, key: &Key) -> bool {
        self.store.contains(run, key) && !self.errs(Fault::Denied)
    }

    fn count(&self, run: RunId) -> usize {
        self.store.count(run) + usize::from(self.errs(Fault::Miscounted))
    }
}

struct FaultySnapshot {
    /// The correct one.
    snapshot: Snapshot,
    /// If set, reads return another key's value.
    other: Option<Key>,
}

impl SnapshotReads for FaultySnapshot {
    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        match &self.other {
            Some(_) => self
                .snapshot
                .list(run, b"")
                .into_iter()
                .find(|entry| entry.key != *key)
                .map(|Entry { value, version, .. }| Versioned { value, version }),
            None => self.snapshot.get(run, key),
        }
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.snapshot.list(run, prefix)
    }
}

struct FaultyTransaction {
    /// The correct one.
    transaction: Transaction,
    /// Whether its commit has no effect.
    drops: bool,
    /// Whether it finds no keys.
    is_blind: bool,
}

impl TransactionWork for FaultyTransaction {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.transaction.get(key).filter(|_| !self.is_blind)
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.transaction.put(key, value);
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        self.transaction.delete(key)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        self.transaction.list(prefix)
    }

    fn commit(self) -> Result<Option<Version>, Error> {
        if self.drops { Ok(None) } else { self.transaction.commit() }
    }
}

/// Number of keys each run is filled with.
const KEYS: usize = 500;

/// Checks one slice with two workers.
fn observe(fault: Fault, mix: &str, placement: Placement) -> Checks {
    let workload: Workload = format!("{mix}+keys_per_run={KEYS}").parse().unwrap();
    let keys = workload.key_set();
    let streams = [0, 1].map(|thread| Stream::for_workload(1, &workload, placement, thread, &keys));
    let load = Load { placement, ..Load::new(&streams, &keys, Duration::from_millis(2)) };
    let (store, occasions) = (ShardedStore::new(), AtomicUsize::new(0));
    slice(&Faulty { store, fault, occasions }, &load).checks
}

/// Each fault, with a mix that exposes it and texts that its failure may contain.
const CASES: [(Fault, &str, &[&str]); 10] = [
    (Fault::LostDelete, "get50-put25-delete25", &["deleted", "overwritten since"]),
    (Fault::LostInsert, "get50-insert50", &["is not found", "keys are listed, expected"]),
    (Fault::HalfSet, "get50-apply50", &["whose last write to it is"]),
    (Fault::Denied, "get50-contains50", &["is not found"]),
    (Fault::Conjured, "get50-miss50", &["a key is found that nobody has put"]),
    (Fault::ShortList, "get50-list50", &["are listed or counted"]),
    (Fault::Miscounted, "get50-count50", &["are listed or counted"]),
    (Fault::LostCommit, "get50-transaction50", &["whose last write to it is"]),
    (Fault::OtherKeyInSnapshot, "get90-snapshot10", &["holds the value of key"]),
    (Fault::BlindTransaction, "get90-transaction10", &["is not found"]),
];

#[test]
fn a_correct_store_passes_every_mix() {
    for (_, mix, _) in CASES {
        for placement in [Placement::Disjoint, Placement::Shared] {
            let checks = observe(Fault::None, mix, placement);
            assert_eq!((checks.failed, checks.first_failure), (0, None), "{mix} {placement}");
            assert!(checks.checked > 2 * KEYS as u64);
        }
    }
}

#[test]
fn every_fault_is_detected_under_every_placement() {
    let mixed = "disjoint50-shared50".parse().unwrap();
    for (fault, mix, words) in CASES {
        for placement in [Placement::Disjoint, Placement::Shared, mixed] {
            let checks = observe(fault, mix, placement);
            assert!(checks.failed > 0 && checks.failed < checks.checked, "{fault:?} {placement}");
            let failure = checks.first_failure.expect("no first failure");
            let is_explained = words.iter().any(|words| failure.contains(words));
            assert!(is_explained, "{fault:?} {placement}: {failure}");
        }
    }
}

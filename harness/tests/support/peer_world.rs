//! Runs a store and the baseline side by side, with the same snapshots and transactions open on
//! both.

use std::collections::{BTreeMap, BTreeSet};

use sharded_store::{
    Entry, Error, Key, RunId, SnapshotReads, Storage, TransactionWork, UnifiedSnapshot,
    UnifiedStore, Value, WriteSet,
};
use shardproof::verify::key_table::{KeyTable, run_bits, value_bytes};
use shardproof::verify::program::{Op, Program, Size};

use super::peer_programs::{KEYS, RUNS};

const SLOTS: usize = Program::SLOTS as usize;

/// A store and the baseline, side by side.
pub(crate) struct SideBySide<'a, S: Storage + 'a> {
    /// The store.
    theirs: &'a S,
    /// The baseline.
    ours: UnifiedStore,
    /// The keys and prefixes that numbers stand for.
    key_table: KeyTable,
    /// Snapshots of both, by slot.
    snapshots: [Option<(S::Snapshot, UnifiedSnapshot)>; SLOTS],
    /// Transactions with their expected state, by slot.
    transactions: [Option<(S::Transaction<'a>, Draft)>; SLOTS],
    /// The keys that commits wrote or deleted, in order; some may be unchanged.
    committed: Vec<(RunId, Key)>,
    /// The id of the next value.
    next_id: u32,
}

/// The expected state of a transaction: a snapshot, with its own writes on top.
pub(crate) struct Draft {
    /// Its run.
    run: RunId,
    /// The baseline when it began.
    as_of: UnifiedSnapshot,
    /// Its own writes; `None` is a delete.
    writes: BTreeMap<Key, Option<Value>>,
    /// The keys it read that it had not written.
    read: BTreeSet<Key>,
    /// The prefixes it listed.
    listed: BTreeSet<Vec<u8>>,
    /// The number of commits when it began.
    began: usize,
}

fn run(number: u16) -> RunId {
    RunId::from_u128(run_bits(number))
}

/// The part of an entry to compare: everything but its version.
fn pair(entry: Entry) -> (Key, Value) {
    (entry.key, entry.value)
}

impl<'a, S: Storage> SideBySide<'a, S> {
    pub(crate) fn new(theirs: &'a S) -> Self {
        Self {
            theirs,
            ours: UnifiedStore::new(),
            key_table: KeyTable::new(KEYS as usize),
            snapshots: [const { None }; SLOTS],
            transactions: [const { None }; SLOTS],
            committed: Vec::new(),
            next_id: 1,
        }
    }

    /// The key with a number.
    pub(crate) fn key(&self, number: u32) -> Key {
        Key::new(&self.key_table.keys[number as usize]).unwrap()
    }

    /// The expected state of the transaction in a slot.
    pub(crate) fn draft(&self, transaction: u8) -> Option<&Draft> {
        self.transactions[usize::from(transaction)].as_ref().map(|(_, draft)| draft)
    }

    /// Whether a snapshot or a transaction is open.
    pub(crate) fn is_observed(&self) -> bool {
        self.snapshots.iter().any(Option::is_some) || self.transactions.iter().any(Option::is_some)
    }

    fn value(&mut self, run: u16, key: u32, size: Size) -> Value {
        let (bytes, len) = value_bytes(self.next_id, run, key, size);
        self.next_id += 1;
        Value::new(&bytes[..len]).unwrap()
    }

    /// Runs one operation on both, and compares the results.
    pub(crate) fn step(&mut self, op: &Op) {
        match op {
            Op::Put { run: r, key: k, size } => {
                let (key, value) = (self.key(*k), self.value(*r, *k, *size));
                self.theirs.put(run(*r), &key, value.clone()).unwrap();
                self.ours.put(run(*r), &key, value).unwrap();
                self.committed.push((run(*r), key));
            }
            Op::Delete { run: r, key: k } => {
                let key = self.key(*k);
                let theirs = self.theirs.delete(run(*r), &key).unwrap();
                let ours = self.ours.delete(run(*r), &key).unwrap();
                let removed = ours.map(|deleted| deleted.removed.value);
                assert_eq!(theirs.map(|deleted| deleted.removed.value), removed, "{op:?}");
                self.committed.extend(removed.map(|_| (run(*r), key)));
            }
            Op::Apply { writes } => {
                let mut set = WriteSet::new();
                for write in writes {
                    let value = write.put.map(|size| self.value(write.run, write.key, size));
                    set.add(run(write.run), self.key(write.key), value);
                }
                self.theirs.apply(&set).unwrap();
                self.ours.apply(&set).unwrap();
                self.committed.extend(set.iter().map(|(run, key, _)| (run, key.clone())));
            }
            Op::Collect => self.theirs.collect(),
            Op::Get { .. } | Op::Contains { .. } | Op::Count { .. } | Op::List { .. } => {
                self.read(op);
            }
            Op::Begin { transaction, run: number } => {
                let run = run(*number);
                let draft = Draft::new(run, self.ours.snapshot(), self.committed.len());
                if !S::CAPABILITIES.transactions {
                    return;
                }
                let begun = self.theirs.begin(run);
                assert!(begun.is_some());
                self.transactions[usize::from(*transaction)] = begun.map(|it| (it, draft));
            }
            Op::Commit { transaction } => {
                if let Some((theirs, draft)) = self.transactions[usize::from(*transaction)].take() {
                    self.commit(theirs, draft);
                }
            }
            Op::Abort { transaction } => self.transactions[usize::from(*transaction)] = None,
            Op::TransactionPut { transaction, key: k, size } => {
                let (key, value) = (self.key(*k), self.value(0, *k, *size));
                if let Some((theirs, draft)) = &mut self.transactions[usize::from(*transaction)] {
                    theirs.put(&key, value.clone());
                    draft.writes.insert(key, Some(value));
                }
            }
            _ => {
                self.view(op);
                self.within(op);
            }
        }
    }

    /// A read of current values.
    fn read(&self, op: &Op) {
        let (theirs, ours) = (self.theirs, &self.ours);
        match op {
            Op::Get { run: r, key: k } => {
                let found = theirs.get(run(*r), &self.key(*k)).map(|found| found.value);
                let wanted = ours.get(run(*r), &self.key(*k)).map(|found| found.value);
                assert_eq!(found, wanted, "{op:?}");
            }
            Op::Contains { run: r, key: k } => {
                let key = self.key(*k);
                assert_eq!(theirs.contains(run(*r), &key), ours.contains(run(*r), &key), "{op:?}");
            }
            Op::Count { run: r } if S::CAPABILITIES.lists => {
                assert_eq!(theirs.count(run(*r)), ours.count(run(*r)), "{op:?}");
            }
            Op::List { run: r, prefix } if S::CAPABILITIES.lists => {
                let prefix = &self.key_table.prefixes[*prefix as usize];
                let found = theirs.list(run(*r), prefix).into_iter().map(pair);
                assert!(found.eq(ours.list(run(*r), prefix).into_iter().map(pair)), "{op:?}");
            }
            _ => {}
        }
    }

    /// An operation on a snapshot.
    fn view(&mut self, op: &Op) {
        match op {
            Op::Open { snapshot } => {
                let opened = self.theirs.snapshot();
                assert_eq!(opened.is_some(), S::CAPABILITIES.snapshots);
                let both = opened.map(|theirs| (theirs, self.ours.snapshot()));
                self.snapshots[usize::from(*snapshot)] = both;
            }
            Op::Clone { snapshot, into } => {
                let both = self.snapshots[usize::from(*snapshot)].as_ref();
                let clone = both.and_then(|(theirs, ours)| Some((theirs.another()?, ours.clone())));
                self.snapshots[usize::from(*into)] = clone;
            }
            Op::Drop { snapshot } => self.snapshots[usize::from(*snapshot)] = None,
            Op::SnapshotGet { snapshot, run: r, key: k } => {
                if let Some((theirs, ours)) = &self.snapshots[usize::from(*snapshot)] {
                    let found = theirs.get(run(*r), &self.key(*k)).map(|found| found.value);
                    let wanted = ours.get(run(*r), &self.key(*k)).map(|found| found.value);
                    assert_eq!(found, wanted, "{op:?}");
                }
            }
            Op::SnapshotList { snapshot, run: r, prefix } => {
                if let Some((theirs, ours)) = &self.snapshots[usize::from(*snapshot)] {
                    let prefix = &self.key_table.prefixes[*prefix as usize];
                    let found = theirs.list(run(*r), prefix).into_iter().map(pair);
                    assert!(found.eq(ours.list(run(*r), prefix).into_iter().map(pair)), "{op:?}");
                }
            }
            _ => {}
        }
    }

    /// An operation within a transaction.
    fn within(&mut self, op: &Op) {
        let (transaction, key) = match op {
            Op::TransactionGet { transaction, key }
            | Op::TransactionDelete { transaction, key } => (*transaction, self.key(*key)),
            Op::TransactionList { transaction, .. } => (*transaction, self.key(0)),
            _ => return,
        };
        let Some((theirs, draft)) = &mut self.transactions[usize::from(transaction)] else {
            return;
        };
        match op {
            Op::TransactionGet { .. } => assert_eq!(theirs.get(&key), draft.get(&key), "{op:?}"),
            Op::TransactionDelete { .. } => {
                let wanted = draft.get(&key);
                assert_eq!(theirs.delete(&key), wanted, "{op:?}");
                if wanted.is_some() {
                    draft.writes.insert(key, None);
                }
            }
            Op::TransactionList { prefix, .. } => {
                let prefix = &self.key_table.prefixes[*prefix as usize];
                assert_eq!(theirs.list(prefix), draft.list(prefix), "{op:?}");
            }
            _ => {}
        }
    }

    /// A commit must fail if what the transaction read has changed, and may fail only if something
    /// that it read or wrote was written.
    fn commit(&mut self, theirs: S::Transaction<'a>, draft: Draft) {
        let since = &self.committed[draft.began..];
        match theirs.commit() {
            Ok(version) => {
                assert_eq!(version.is_some(), !draft.writes.is_empty());
                assert!(
                    draft.writes.is_empty() || !draft.is_stale(&self.ours),
                    "a conflict unnoticed"
                );
                let mut set = WriteSet::new();
                for (key, value) in draft.writes {
                    self.committed.push((draft.run, key.clone()));
                    set.add(draft.run, key, value);
                }
                self.ours.apply(&set).unwrap();
            }
            Err(Error::Conflict(_)) => {
                assert!(since.iter().any(|(run, key)| draft.touches(*run, key)), "no conflict");
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Compares all contents of the stores and of all open snapshots.
    pub(crate) fn reread(&self) {
        for run in (0..RUNS).map(run) {
            for key in (0..KEYS).map(|number| self.key(number)) {
                let found = self.theirs.get(run, &key).map(|found| found.value);
                assert_eq!(found, self.ours.get(run, &key).map(|found| found.value), "{key}");
            }
            let live = self.ours.list(run, b"").into_iter().map(pair);
            if S::CAPABILITIES.lists {
                assert!(self.theirs.list(run, b"").into_iter().map(pair).eq(live));
            }
            for (theirs, ours) in self.snapshots.iter().flatten() {
                let found = theirs.list(run, b"").into_iter().map(pair);
                assert!(found.eq(ours.list(run, b"").into_iter().map(pair)), "a snapshot changed");
                assert_eq!(theirs.count(run), ours.count(run));
                for key in (0..KEYS).map(|number| self.key(number)) {
                    let found = theirs.get(run, &key).map(|found| found.value);
                    assert_eq!(found, ours.get(run, &key).map(|found| found.value), "{key}");
                }
            }
        }
    }
}

impl Draft {
    fn new(run: RunId, as_of: UnifiedSnapshot, began: usize) -> Self {
        let (writes, read, listed) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { run, as_of, writes, read, listed, began }
    }

    /// Whether it has put a key that it has not deleted since.
    pub(crate) fn has_put(&self, key: &Key) -> bool {
        self.writes.get(key).is_some_and(Option::is_some)
    }

    /// Whether it has deleted a key that it has not put since.
    pub(crate) fn has_deleted(&self, key: &Key) -> bool {
        self.writes.get(key) == Some(&None)
    }

    fn get(&mut self, key: &Key) -> Option<Value> {
        if let Some(own) = self.writes.get(key) {
            return own.clone();
        }
        self.read.insert(key.clone());
        self.as_of.get(self.run, key).map(|found| found.value)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        self.listed.insert(prefix.to_vec());
        let mut found: BTreeMap<Key, Option<Value>> = self
            .as_of
            .list(self.run, prefix)
            .into_iter()
            .map(|it| (it.key, Some(it.value)))
            .collect();
        let own = self.writes.iter().filter(|(key, _)| key.starts_with(prefix));
        found.extend(own.map(|(key, value)| (key.clone(), value.clone())));
        found.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// Whether something that it read has changed.
    fn is_stale(&self, now: &UnifiedStore) -> bool {
        let value = |key: &Key| now.get(self.run, key).map(|found| found.value);
        let changed = |key: &Key| self.as_of.get(self.run, key).map(|it| it.value) != value(key);
        let list_changed = |prefix: &Vec<u8>| {
            let before = self.as_of.list(self.run, prefix).into_iter().map(pair);
            !before.eq(now.list(self.run, prefix).into_iter().map(pair))
        };
        self.read.iter().any(changed) || self.listed.iter().any(list_changed)
    }

    /// Whether it read or wrote a key.
    fn touches(&self, run: RunId, key: &Key) -> bool {
        let listed = self.listed.iter().any(|prefix| key.starts_with(prefix));
        run == self.run && (listed || self.read.contains(key) || self.writes.contains_key(key))
    }
}

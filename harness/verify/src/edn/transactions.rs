//! A history as transactions on registers.

use std::collections::{BTreeMap, HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::Exported;
use crate::history::{ABSENT, Event, GARBLED, History, Kind, Log, TOOK_LONG, flag};

/// One register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Key {
    /// The run's number.
    pub(super) run: u16,
    /// The key's number.
    pub(super) key: u32,
}

/// What a transaction does to one register.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Op {
    /// Finds a value, or that there is none.
    Read(Key, Option<i64>),
    /// Writes a value.
    Write(Key, i64),
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It took effect.
    Ok,
    /// It had no effect.
    Fail,
    /// One of the two.
    Unknown,
}

/// One transaction.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    /// When it began.
    pub(super) begin: u64,
    /// When it had ended.
    pub(super) end: u64,
    /// How.
    pub(super) outcome: Outcome,
    /// What it did, in order.
    pub(super) ops: Vec<Op>,
}

/// All transactions of a history.
pub(super) struct Transactions {
    /// By process, in order: first one process for each log, then those of a single transaction.
    pub(super) processes: Vec<Vec<Transaction>>,
    /// What is in them, and what is not.
    pub(super) exported: Exported,
}

impl Transactions {
    /// The transactions of a history.
    pub(super) fn of(history: &History) -> Self {
        let keys = Keys::of(history);
        let mut snapshots = Snapshots::of(history);
        let mut collector =
            Collector { keys, invented: 0, alone: vec![], exported: Exported::default() };
        for log in &history.logs {
            for event in &log.events {
                collector.read_snapshot(event, &mut snapshots);
            }
        }
        let logs = history.logs.iter().map(|log| collector.log(log, &mut snapshots));
        let mut processes: Vec<Vec<Transaction>> = logs.collect();
        processes.extend(collector.alone.into_iter().map(|transaction| vec![transaction]));
        let transactions = processes.iter().map(|process| process.len() as u64).sum();
        Self { processes, exported: Exported { transactions, ..collector.exported } }
    }
}

/// The keys that need care.
struct Keys {
    /// Those that some event deletes: that nothing was found there says nothing to Elle.
    deleted: HashSet<Key, FxBuildHasher>,
    /// Those that are written, by run.
    written: BTreeMap<u16, Vec<Key>>,
}

impl Keys {
    fn of(history: &History) -> Self {
        let mut deleted: HashSet<Key, FxBuildHasher> = HashSet::default();
        let mut written: HashSet<Key, FxBuildHasher> = HashSet::default();
        let mut removed: HashSet<u16, FxBuildHasher> = HashSet::default();
        for event in history.logs.iter().flat_map(|log| &log.events) {
            match event.kind() {
                Kind::Put | Kind::SetPut | Kind::TransactionPut => {
                    written.insert(key(event));
                }
                Kind::Delete | Kind::SetDelete | Kind::TransactionDelete => {
                    deleted.insert(key(event));
                }
                Kind::RemoveRun => {
                    removed.insert(event.run);
                }
                _ => {}
            }
        }
        deleted.extend(written.iter().filter(|key| removed.contains(&key.run)));
        let mut written: Vec<Key> = written.into_iter().collect();
        written.sort_unstable();
        let mut by_run: BTreeMap<u16, Vec<Key>> = BTreeMap::new();
        for key in written {
            by_run.entry(key.run).or_default().push(key);
        }
        Self { deleted, written: by_run }
    }
}

/// What was read with each snapshot.
struct Snapshots {
    /// From each clone to what it was cloned from.
    sources: HashMap<u32, u32, FxBuildHasher>,
    /// What was read, by the snapshot that was opened; each read once.
    reads: HashMap<u32, Vec<Op>, FxBuildHasher>,
    /// What is in `reads` already.
    seen: HashSet<(u32, Op), FxBuildHasher>,
}

impl Snapshots {
    fn of(history: &History) -> Self {
        let clones = history.logs.iter().flat_map(|log| &log.events);
        let clones = clones.filter(|event| event.kind() == Kind::Clone);
        Self {
            sources: clones.map(|event| (event.handle, event.value)).collect(),
            reads: HashMap::default(),
            seen: HashSet::default(),
        }
    }

    /// The snapshot that was opened, of which this one is a clone of a clone.
    fn opened(&self, mut handle: u32) -> u32 {
        // Not longer than there are clones: a circle of them ends too.
        for _ in 0..=self.sources.len() {
            match self.sources.get(&handle) {
                Some(source) => handle = *source,
                None => break,
            }
        }
        handle
    }

    fn add(&mut self, handle: u32, read: Op) {
        let opened = self.opened(handle);
        if self.seen.insert((opened, read)) {
            self.reads.entry(opened).or_default().push(read);
        }
    }
}

/// Makes transactions of events.
struct Collector {
    /// The keys that need care.
    keys: Keys,
    /// How many negative numbers were used.
    invented: i64,
    /// Transactions that are a process each.
    alone: Vec<Transaction>,
    /// What was left out so far.
    exported: Exported,
}

impl Collector {
    /// Adds what was read with a snapshot to it.
    fn read_snapshot(&mut self, event: &Event, snapshots: &mut Snapshots) {
        if event.kind() != Kind::SnapshotGet {
            return;
        }
        if event.has(flag::REFUSED) {
            self.exported.left_out_unknown += 1;
        } else if let Some(read) = self.read(event) {
            snapshots.add(event.handle, read);
        }
    }

    /// The transactions of a log, without those that need a process of their own.
    fn log(&mut self, log: &Log, snapshots: &mut Snapshots) -> Vec<Transaction> {
        let mut process: Vec<Transaction> = Vec::new();
        let mut open: HashMap<u32, Transaction, FxBuildHasher> = HashMap::default();
        let mut set = 0;
        for (event, next) in log.events.iter().zip(nexts(log)) {
            let kind = event.kind();
            let same_set = matches!(kind, Kind::SetPut | Kind::SetDelete) && event.handle == set;
            set = if matches!(kind, Kind::SetPut | Kind::SetDelete) { event.handle } else { 0 };
            match kind {
                Kind::List | Kind::Count | Kind::Contains | Kind::TransactionList => {
                    self.exported.left_out_not_registers += 1;
                }
                Kind::SnapshotList | Kind::SnapshotCount | Kind::SnapshotContains => {
                    self.exported.left_out_not_registers += 1;
                }
                Kind::Open => {
                    let ops = snapshots.reads.remove(&event.handle).unwrap_or_default();
                    self.finish(event, next, ops, &mut process);
                }
                Kind::SetPut | Kind::SetDelete if same_set => {
                    let ops = self.ops(event);
                    if let Some(transaction) = process.last_mut() {
                        transaction.ops.extend(ops);
                    }
                }
                Kind::Begin => {
                    open.insert(event.handle, started(event));
                }
                Kind::TransactionGet | Kind::TransactionPut | Kind::TransactionDelete => {
                    let ops = self.ops(event);
                    if let Some(transaction) = open.get_mut(&event.handle) {
                        transaction.ops.extend(ops);
                        transaction.end = ended(event, next).unwrap_or(u64::MAX);
                    }
                }
                Kind::Commit | Kind::Abort => {
                    if let Some(transaction) = open.remove(&event.handle) {
                        self.close(transaction, event, next);
                    }
                }
                _ => {
                    let ops = self.ops(event);
                    self.finish(event, next, ops, &mut process);
                }
            }
        }
        let mut left: Vec<_> = open.into_iter().collect();
        left.sort_unstable_by_key(|(handle, _)| *handle);
        self.alone.extend(left.into_iter().map(|(_, transaction)| transaction).filter(has_ops));
        process
    }

    /// Adds what one event did as a transaction, if it did anything.
    fn finish(
        &mut self,
        event: &Event,
        next: Option<&Event>,
        ops: Vec<Op>,
        process: &mut Vec<Transaction>,
    ) {
        let end = ended(event, next);
        let known = end.is_some() && !event.has(flag::REFUSED);
        let writes = ops.iter().any(|op| matches!(op, Op::Write(..)));
        let outcome = if known { Outcome::Ok } else { Outcome::Unknown };
        let transaction =
            Transaction { begin: event.invoke, end: end.unwrap_or(u64::MAX), outcome, ops };
        match known {
            _ if transaction.ops.is_empty() => {}
            true => process.push(transaction),
            // To Elle a process ends with what it does not know.
            false if writes => self.alone.push(transaction),
            false => self.exported.left_out_unknown += 1,
        }
    }

    /// Adds a transaction that was committed or aborted.
    fn close(&mut self, mut transaction: Transaction, event: &Event, next: Option<&Event>) {
        let end = ended(event, next);
        transaction.end = end.unwrap_or(u64::MAX);
        transaction.outcome = if event.has(flag::REFUSED) || end.is_none() {
            Outcome::Unknown
        } else if event.kind() == Kind::Abort || event.has(flag::CONFLICT) {
            Outcome::Fail
        } else {
            Outcome::Ok
        };
        self.alone.extend(Some(transaction).filter(has_ops));
    }

    /// What one event did to registers.
    fn ops(&mut self, event: &Event) -> Vec<Op> {
        let refused = event.has(flag::REFUSED);
        match event.kind() {
            Kind::Put | Kind::SetPut | Kind::TransactionPut => {
                vec![Op::Write(key(event), event.value.into())]
            }
            Kind::SetDelete => vec![Op::Write(key(event), self.invent())],
            Kind::Delete | Kind::TransactionDelete if refused || event.value != ABSENT => {
                // A refused one may have deleted, but what it found is not known.
                let read = if refused { None } else { self.read(event) };
                let delete = Op::Write(key(event), self.invent());
                read.into_iter().chain([delete]).collect()
            }
            Kind::RemoveRun if refused || event.value != 0 => {
                let keys = self.keys.written.get(&event.run).cloned().unwrap_or_default();
                keys.into_iter().map(|key| Op::Write(key, self.invent())).collect()
            }
            Kind::Get | Kind::TransactionGet if refused => {
                self.exported.left_out_unknown += 1;
                vec![]
            }
            Kind::Get | Kind::TransactionGet => self.read(event).into_iter().collect(),
            _ => vec![],
        }
    }

    /// A read; none if nothing was found where that says nothing.
    fn read(&mut self, event: &Event) -> Option<Op> {
        let key = key(event);
        match event.value {
            ABSENT if self.keys.deleted.contains(&key) => {
                self.exported.left_out_absent += 1;
                None
            }
            ABSENT => Some(Op::Read(key, None)),
            GARBLED => Some(Op::Read(key, Some(self.invent()))),
            value => Some(Op::Read(key, Some(value.into()))),
        }
    }

    /// A value that no put writes.
    fn invent(&mut self) -> i64 {
        self.invented -= 1;
        self.invented
    }
}

fn key(event: &Event) -> Key {
    Key { run: event.run, key: event.key }
}

fn has_ops(transaction: &Transaction) -> bool {
    !transaction.ops.is_empty()
}

fn started(event: &Event) -> Transaction {
    let (begin, end) = (event.invoke, u64::MAX);
    Transaction { begin, end, outcome: Outcome::Unknown, ops: vec![] }
}

/// For each event of a log the next one that is not part of the same write set.
fn nexts(log: &Log) -> impl Iterator<Item = Option<&Event>> {
    (0..log.events.len()).map(|index| {
        let (event, rest) = (&log.events[index], &log.events[index + 1..]);
        let is_set = |event: &Event| matches!(event.kind(), Kind::SetPut | Kind::SetDelete);
        rest.iter().find(|each| !(is_set(event) && is_set(each) && each.handle == event.handle))
    })
}

/// When an event had ended: if that took too long to be recorded, before its thread's next one
/// began; none if there was no next one.
fn ended(event: &Event, next: Option<&Event>) -> Option<u64> {
    match event.took {
        TOOK_LONG => next.map(|next| next.invoke),
        _ => Some(event.returned()),
    }
}

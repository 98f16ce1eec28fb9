//! Runs a program on a store and on the model, and compares everything they show.

use std::collections::BTreeMap;

use sharded_store::{
    Deleted, Entry, Key, RunHandle, RunId, ShardedStore, Snapshot, SnapshotReads, SnapshotRef,
    Value, Versioned, WriteSet,
};

use super::checked_transaction::CheckedTransaction;
use super::key_table::{KEYS, PREFIXES, RUNS, VALUE_BYTES, key, run, value};
use super::program::{Op, Via, Written};
use super::version_model::{Contents, VersionModel};

/// Maximum number of open views of each kind; the oldest is dropped first.
const VIEWS_MAX: usize = 5;

/// A snapshot of the store, and its moment in the model.
struct View<S> {
    reads: S,
    moment: u64,
}

/// A store, its model, and the handles, views and transactions of the program.
pub(crate) struct CheckedStore<'a> {
    store: &'a ShardedStore,
    model: VersionModel,
    handles: BTreeMap<RunId, RunHandle>,
    owned: Vec<View<Snapshot>>,
    borrowed: Vec<View<SnapshotRef<'a>>>,
    transactions: Vec<CheckedTransaction>,
    /// Number of values made so far.
    made: u64,
}

impl<'a> CheckedStore<'a> {
    pub(crate) fn new(store: &'a ShardedStore) -> Self {
        Self {
            store,
            model: VersionModel::default(),
            handles: BTreeMap::new(),
            owned: Vec::new(),
            borrowed: Vec::new(),
            transactions: Vec::new(),
            made: 0,
        }
    }

    /// Runs a program, then checks the store and every open view completely.
    pub(crate) fn run(&mut self, program: &[Op]) {
        program.iter().for_each(|op| self.step(op));
        self.check_all();
    }

    /// Checks and closes everything, and then checks that nothing is left behind.
    pub(crate) fn finish(mut self) {
        self.store.reclaim();
        self.check_all();
        while let Some(transaction) = self.transactions.pop() {
            transaction.commit(self.store, &mut self.model);
        }
        self.check_all();
        (self.owned, self.borrowed) = (Vec::new(), Vec::new());
        self.handles.clear();
        self.store.reclaim();
        let statistics = self.store.statistics();
        assert_eq!(statistics.versions, statistics.live_keys, "{statistics:?}");
        assert_eq!((statistics.snapshots_open, statistics.oldest_pin), (0, None));
        assert_eq!(statistics.spills, 0);
        assert_eq!(self.store.reclaim(), sharded_store::Reclaimed::default());
        self.check_all();
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Put { via, run: r, key: k, size } => self.put(*via, run(*r), &key(*k), *size),
            Op::Delete { via, run: r, key: k } => self.delete(*via, run(*r), &key(*k)),
            Op::Get { via, run: r, key: k } => self.get(*via, run(*r), &key(*k)),
            Op::List { via, run: r, prefix } => self.list(*via, run(*r), PREFIXES[*prefix]),
            Op::Apply(writes) => self.apply(writes),
            Op::RemoveRun(r) => {
                let clock = self.store.version();
                let removed = self.store.remove_run(run(*r)).unwrap();
                assert_eq!(self.model.remove(run(*r), removed, clock), removed.is_some());
            }
            Op::DropHandle(r) => drop(self.handles.remove(&run(*r))),
            Op::Open | Op::OpenBorrowed | Op::Clone(_) | Op::Drop(_) | Op::DropBorrowed(_) => {
                self.view(op);
            }
            Op::Reread(at) => {
                if let Some(view) = pick(&self.owned, *at) {
                    self.check_view(view);
                }
            }
            Op::Reclaim => drop(self.store.reclaim()),
            Op::NextVersion => {
                let before = self.store.version();
                assert_eq!(self.store.next_version(), Ok(before + 1));
                assert_eq!(self.store.version(), before + 1);
            }
            Op::Statistics => self.check_statistics(),
            _ => self.transaction(op),
        }
    }

    fn transaction(&mut self, op: &Op) {
        if self.transactions.len() >= VIEWS_MAX {
            self.transactions.remove(0);
        }
        match op {
            Op::Begin { run: r } => {
                let transaction = match self.handles.get(&run(*r)) {
                    Some(handle) => handle.begin(),
                    None => self.store.begin(run(*r)),
                };
                self.transactions.push(CheckedTransaction::new(transaction, self.model.now()));
            }
            Op::BeginAt { run: r, snapshot } => {
                if let Some(view) = pick(&self.owned, *snapshot) {
                    let transaction = self.store.begin_at(run(*r), &view.reads).unwrap();
                    self.transactions.push(CheckedTransaction::new(transaction, view.moment));
                }
            }
            Op::Commit(at) => {
                if let Some(at) = at.checked_rem(self.transactions.len()) {
                    self.transactions.remove(at).commit(self.store, &mut self.model);
                }
            }
            Op::Abort(at) => {
                if let Some(at) = at.checked_rem(self.transactions.len()) {
                    self.transactions.remove(at).abort();
                }
            }
            _ => self.within(op),
        }
    }

    fn within(&mut self, op: &Op) {
        let (Op::TransactionGet { transaction: at, .. }
        | Op::TransactionContains { transaction: at, .. }
        | Op::TransactionPut { transaction: at, .. }
        | Op::TransactionDelete { transaction: at, .. }
        | Op::TransactionList { transaction: at, .. }) = op
        else {
            unreachable!("{op:?} is handled elsewhere");
        };
        let Some(at) = at.checked_rem(self.transactions.len()) else { return };
        let written = match op {
            Op::TransactionPut { size, .. } => Some(self.make(*size)),
            _ => None,
        };
        let (transaction, model) = (&mut self.transactions[at], &self.model);
        match op {
            Op::TransactionGet { key: k, .. } => transaction.get(&key(*k), model),
            Op::TransactionContains { key: k, .. } => transaction.contains(&key(*k), model),
            Op::TransactionDelete { key: k, .. } => transaction.delete(&key(*k), model),
            Op::TransactionList { prefix, .. } => transaction.list(PREFIXES[*prefix], model),
            Op::TransactionPut { key: k, .. } => {
                transaction.put(&key(*k), written.expect("a put has a value"));
            }
            _ => unreachable!("{op:?} is handled elsewhere"),
        }
    }

    fn view(&mut self, op: &Op) {
        let moment = self.model.now();
        match op {
            Op::Open => self.owned.push(View { reads: self.store.snapshot(), moment }),
            Op::OpenBorrowed => {
                self.borrowed.push(View { reads: self.store.snapshot_ref(), moment });
            }
            Op::Clone(at) => {
                if let Some(View { reads, moment }) = pick(&self.owned, *at) {
                    let clone = View { reads: reads.clone(), moment: *moment };
                    self.owned.push(clone);
                }
            }
            Op::Drop(at) => drop(take(&mut self.owned, *at)),
            Op::DropBorrowed(at) => drop(take(&mut self.borrowed, *at)),
            _ => unreachable!("{op:?} is handled elsewhere"),
        }
        self.owned.drain(..self.owned.len().saturating_sub(VIEWS_MAX));
        self.borrowed.drain(..self.borrowed.len().saturating_sub(VIEWS_MAX));
    }

    fn make(&mut self, size: usize) -> Value {
        self.made += 1;
        value(VALUE_BYTES[size], self.made)
    }

    fn handle(&mut self, run: RunId) -> &RunHandle {
        self.handles.entry(run).or_insert_with(|| self.store.run(run))
    }

    fn put(&mut self, via: Via, run: RunId, key: &Key, size: usize) {
        let value = self.make(size);
        let clock = self.store.version();
        let version = match via {
            Via::Store => self.store.put(run, key, value.clone()),
            Via::Handle => self.handle(run).put(key, value.clone()),
        };
        let version = Some(version.unwrap());
        self.model.commit(&[(run, version, vec![(key.clone(), Some(value))])], clock);
    }

    fn delete(&mut self, via: Via, run: RunId, key: &Key) {
        let clock = self.store.version();
        let wanted = self.model.contents(run, self.model.now()).remove(key);
        let removed = match via {
            Via::Store => self.store.delete(run, key),
            Via::Handle => self.handle(run).delete(key),
        };
        let (removed, version) =
            removed.unwrap().map(|Deleted { removed, version }| (removed, version)).unzip();
        assert_eq!(removed, wanted);
        if wanted.is_some() {
            self.model.commit(&[(run, version, vec![(key.clone(), None)])], clock);
        }
    }

    fn apply(&mut self, writes: &[Written]) {
        let (mut set, mut wanted) = (WriteSet::new(), BTreeMap::new());
        for (r, k, size) in writes {
            let value = size.map(|size| self.make(size));
            set.add(run(*r), key(*k), value.clone());
            let of_run: &mut BTreeMap<_, _> = wanted.entry(run(*r)).or_default();
            of_run.insert(key(*k), value);
        }
        assert_eq!(set.len(), wanted.values().map(BTreeMap::len).sum::<usize>());
        let clock = self.store.version();
        let mut changed = self.store.apply(&set).unwrap().into_iter();
        let mut parts = Vec::new();
        for (run, writes) in wanted {
            let effective = self.model.effective(run, &writes);
            if !effective.is_empty() {
                let (of, version) = changed.next().expect("a changed run must have a version");
                assert_eq!(of, run);
                parts.push((run, Some(version), effective));
            }
        }
        assert_eq!(changed.next(), None, "an unchanged run has a version");
        self.model.commit(&parts, clock);
    }

    fn get(&mut self, via: Via, run: RunId, key: &Key) {
        let wanted = self.model.contents(run, self.model.now()).remove(key);
        let store = self.store;
        let (got, with, contains) = match via {
            Via::Store => (
                store.get(run, key),
                store.get_with(run, key, Value::clone),
                store.contains(run, key),
            ),
            Via::Handle => {
                let handle = self.handle(run);
                (handle.get(key), handle.get_with(key, Value::clone), handle.contains(key))
            }
        };
        assert_eq!(with, wanted.as_ref().map(|found| found.value.clone()));
        assert_eq!((contains, got), (wanted.is_some(), wanted));
    }

    fn list(&mut self, via: Via, run: RunId, prefix: &[u8]) {
        let contents = self.model.contents(run, self.model.now());
        let (listed, count) = match via {
            Via::Store => (self.store.list(run, prefix), self.store.count(run)),
            Via::Handle => (self.handle(run).list(prefix), self.handle(run).count()),
        };
        assert_eq!(listed, under(&contents, prefix));
        assert_eq!(count, contents.len());
    }

    fn check_all(&mut self) {
        for run in (0..RUNS).map(run) {
            for key in (0..KEYS).map(key) {
                self.get(Via::Store, run, &key);
            }
            PREFIXES.iter().for_each(|prefix| self.list(Via::Store, run, prefix));
            assert_eq!(self.store.list_all(run), self.store.list(run, b""));
            let handle = self.handles.get(&run);
            assert!(handle.is_none_or(|handle| handle.list_all() == self.store.list_all(run)));
            let stale = handle.filter(|handle| {
                (0..KEYS).map(key).any(|key| handle.get(&key) != self.store.get(run, &key))
            });
            assert!(stale.is_none(), "a handle and the store disagree");
        }
        self.owned.iter().for_each(|view| self.check_view(view));
        self.borrowed.iter().for_each(|view| self.check_view(view));
        self.check_statistics();
    }

    fn check_view<S: SnapshotReads>(&self, View { reads, moment }: &View<S>) {
        self.model.check_visibility(reads.version(), *moment);
        for run in (0..RUNS).map(run) {
            check_reads(reads, run, &self.model.contents(run, *moment));
        }
    }

    fn check_statistics(&self) {
        let statistics = self.store.statistics();
        assert_eq!(self.store.runs(), self.model.runs());
        assert_eq!(self.store.shard_count(), self.model.runs().len());
        assert_eq!(statistics.runs, self.model.runs().len());
        let now = self.model.now();
        let live: usize = (0..RUNS).map(|r| self.model.contents(run(r), now).len()).sum();
        assert_eq!(statistics.live_keys, live);
        assert!(statistics.versions >= live && statistics.bytes >= live);
        let views = self.owned.len() + self.borrowed.len() + self.transactions.len();
        assert_eq!(statistics.snapshots_open, views as u64);
        let owned = self.owned.iter().map(|view| view.reads.version());
        let borrowed = self.borrowed.iter().map(|view| view.reads.version());
        let begun = self.transactions.iter().map(CheckedTransaction::version);
        assert_eq!(statistics.oldest_pin, owned.chain(borrowed).chain(begun).min());
        // Twice the maximum number of views, which is when a chain is pruned, and the newest
        // version.
        assert!(statistics.chain_length_max <= 2 * 3 * (VIEWS_MAX + 1) + 1, "{statistics:?}");
    }
}

/// Checks all reads of one run in a view against the expected contents.
pub(crate) fn check_reads(reads: &impl SnapshotReads, run: RunId, contents: &Contents) {
    for key in (0..KEYS).map(key) {
        assert_eq!(reads.get(run, &key).as_ref(), contents.get(&key), "get of `{key}`");
        assert_eq!(reads.contains(run, &key), contents.contains_key(&key), "contains of `{key}`");
    }
    for prefix in PREFIXES {
        assert_eq!(reads.list(run, prefix), under(contents, prefix));
    }
    assert_eq!(reads.count(run), contents.len());
}

/// The entries with a prefix.
pub(crate) fn under(contents: &Contents, prefix: &[u8]) -> Vec<Entry> {
    let listed = contents.iter().filter(|(key, _)| key.as_bytes().starts_with(prefix));
    listed
        .map(|(key, Versioned { value, version })| Entry {
            key: key.clone(),
            value: value.clone(),
            version: *version,
        })
        .collect()
}

fn pick<T>(of: &[T], at: usize) -> Option<&T> {
    of.get(at.checked_rem(of.len())?)
}

fn take<T>(of: &mut Vec<T>, at: usize) -> Option<T> {
    let at = at.checked_rem(of.len())?;
    Some(of.remove(at))
}

//! Compares stores with a model simple enough to be correct by inspection: maps, and full copies of
//! them for snapshots and transactions. It knows nothing of versions or of the checker.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use sharded_store::{
    Key, RunId, ShardedStore, SnapshotReads, Storage, Transaction, UnifiedStore, Value, WriteSet,
};

/// Slots for snapshots, and for transactions.
const SLOTS: usize = 3;
/// Keys around the limit of inline storage, and prefixes of each other.
const KEYS: [&[u8]; 6] = [b"", b"a", b"a\0", b"ab", b"abcdefghijklmnop", b"abcdefghijklmnopq"];

type Contents = BTreeMap<(u8, u8), u32>;

/// The expected state.
#[derive(Clone, Default, Debug)]
struct Model {
    /// The newest contents.
    contents: Contents,
    /// The contents of each open snapshot.
    snapshots: [Option<Contents>; SLOTS],
    /// The open transactions.
    transactions: [Option<ModelTransaction>; SLOTS],
    /// Whether the transaction to commit is aborted instead, because a store may commit or refuse
    /// it: what it read has changed and changed back.
    abort: bool,
}

/// The expected state of a transaction.
#[derive(Clone, Debug)]
struct ModelTransaction {
    /// Its run.
    run: u8,
    /// The contents when it began, with its own writes on top.
    seen: Contents,
    /// The contents when it began.
    before: Contents,
    /// The keys that it read.
    reads: Vec<u8>,
    /// Its writes; `None` is a delete.
    writes: BTreeMap<u8, Option<u32>>,
    /// Keys of its run that others have written since.
    touched: Vec<u8>,
    /// Whether its run was removed since.
    removed: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8, u32),
    Delete(u8, u8),
    Apply(Vec<(u8, u8, Option<u32>)>),
    Remove(u8),
    Collect,
    Open(usize),
    Close(usize),
    Begin(usize, u8),
    Read(usize, u8),
    Write(usize, u8, Option<u32>),
    Commit(usize),
}

fn run_and_key() -> impl Strategy<Value = (u8, u8)> {
    (0u8..2, 0..KEYS.len() as u8)
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let write = || (run_and_key(), prop::option::weighted(0.7, any::<u32>()));
        let flat = |((run, key), value)| (run, key, value);
        prop_oneof![
            8 => (run_and_key(), any::<u32>()).prop_map(|((run, key), value)| Step::Put(run, key, value)),
            4 => run_and_key().prop_map(|(run, key)| Step::Delete(run, key)),
            3 => prop::collection::vec(write().prop_map(flat), 1..5).prop_map(Step::Apply),
            1 => (0u8..2).prop_map(Step::Remove),
            2 => Just(Step::Collect),
            4 => (0..SLOTS).prop_map(Step::Open),
            2 => (0..SLOTS).prop_map(Step::Close),
            2 => (0..SLOTS, 0u8..2).prop_map(|(slot, run)| Step::Begin(slot, run)),
            3 => (0..SLOTS, 0..KEYS.len() as u8).prop_map(|(slot, key)| Step::Read(slot, key)),
            3 => (0..SLOTS, write()).prop_map(|(slot, ((_, key), value))| {
                Step::Write(slot, key, value)
            }),
            3 => (0..SLOTS).prop_map(Step::Commit),
        ]
        .boxed()
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        match step {
            Step::Put(run, key, value) => model.write(*run, *key, Some(*value), None),
            Step::Delete(run, key) => model.write(*run, *key, None, None),
            Step::Apply(writes) => {
                let last: BTreeMap<_, _> =
                    writes.iter().map(|(run, key, value)| ((*run, *key), *value)).collect();
                last.iter().for_each(|((run, key), value)| model.write(*run, *key, *value, None));
            }
            Step::Remove(run) => {
                (0..KEYS.len() as u8).for_each(|key| model.write(*run, key, None, None));
                let attempts = model.transactions.iter_mut().flatten();
                attempts.filter(|each| each.run == *run).for_each(|each| each.removed = true);
            }
            Step::Collect => {}
            Step::Open(slot) => model.snapshots[*slot] = Some(model.contents.clone()),
            Step::Close(slot) => model.snapshots[*slot] = None,
            Step::Begin(slot, run) => {
                model.transactions[*slot] = Some(ModelTransaction {
                    run: *run,
                    seen: model.contents.clone(),
                    before: model.contents.clone(),
                    reads: Vec::new(),
                    writes: BTreeMap::new(),
                    touched: Vec::new(),
                    removed: false,
                });
            }
            Step::Read(slot, key) => {
                if let Some(attempt) = &mut model.transactions[*slot]
                    && !attempt.writes.contains_key(key)
                {
                    attempt.reads.push(*key);
                }
            }
            Step::Write(slot, key, value) => {
                if let Some(attempt) = &mut model.transactions[*slot] {
                    // A delete returns the old value, so it reads the key.
                    if value.is_none() && !attempt.writes.contains_key(key) {
                        attempt.reads.push(*key);
                    }
                    attempt.writes.insert(*key, *value);
                    let entry = (attempt.run, *key);
                    match value {
                        Some(value) => attempt.seen.insert(entry, *value),
                        None => attempt.seen.remove(&entry),
                    };
                }
            }
            Step::Commit(slot) => {
                let attempt = model.transactions[*slot].take();
                model.abort = attempt.as_ref().is_some_and(|attempt| model.may_fail(attempt));
                if let Some(attempt) = attempt
                    && !model.must_fail(&attempt)
                    && !model.abort
                {
                    let writes = attempt.writes.iter();
                    writes.for_each(|(key, value)| {
                        model.write(attempt.run, *key, *value, Some(*slot));
                    });
                }
            }
        }
        model
    }
}

impl Model {
    fn write(&mut self, run: u8, key: u8, value: Option<u32>, own: Option<usize>) {
        let changed = match value {
            Some(value) => {
                self.contents.insert((run, key), value);
                true
            }
            None => self.contents.remove(&(run, key)).is_some(),
        };
        for (slot, attempt) in self.transactions.iter_mut().enumerate() {
            if let Some(attempt) = attempt
                && changed
                && attempt.run == run
                && own != Some(slot)
            {
                attempt.touched.push(key);
            }
        }
    }

    /// Whether a transaction may fail although it need not.
    fn may_fail(&self, attempt: &ModelTransaction) -> bool {
        let touched = attempt.reads.iter().any(|key| attempt.touched.contains(key));
        let suspect = touched || (attempt.removed && !attempt.reads.is_empty());
        suspect && !self.must_fail(attempt)
    }

    /// Whether a value that a transaction read has changed.
    fn must_fail(&self, attempt: &ModelTransaction) -> bool {
        let entry = |key: &u8| (attempt.run, *key);
        !attempt.writes.is_empty()
            && attempt.reads.iter().any(|key| {
                attempt.touched.contains(key)
                    && (self.contents.contains_key(&entry(key))
                        || attempt.before.contains_key(&entry(key)))
            })
    }
}

fn run(number: u8) -> RunId {
    RunId::from_u128(u128::from(number) << 64 | 7)
}

fn key(number: u8) -> Key {
    Key::new(KEYS[usize::from(number)]).unwrap()
}

fn value(number: u32) -> Value {
    // Short and long values, around the 40 bytes that are stored inline.
    Value::new(number.to_le_bytes().repeat(1 + number as usize % 13)).unwrap()
}

/// A store with its open snapshots.
struct TestedStore<S: Storage> {
    store: S,
    snapshots: [Option<S::Snapshot>; SLOTS],
}

impl<S: Storage> TestedStore<S> {
    fn new(store: S) -> Self {
        Self { store, snapshots: [const { None }; SLOTS] }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Put(r, k, v) => drop(self.store.put(run(*r), &key(*k), value(*v)).unwrap()),
            Step::Delete(r, k) => drop(self.store.delete(run(*r), &key(*k)).unwrap()),
            Step::Apply(writes) => {
                let mut set = WriteSet::new();
                writes.iter().for_each(|(r, k, v)| set.add(run(*r), key(*k), v.map(value)));
                self.store.apply(&set).unwrap();
            }
            Step::Remove(r) => drop(self.store.remove_run(run(*r)).unwrap()),
            Step::Collect => self.store.collect(),
            Step::Open(slot) => self.snapshots[*slot] = self.store.snapshot(),
            Step::Close(slot) => self.snapshots[*slot] = None,
            _ => {}
        }
    }

    /// Checks every read of the store and of all snapshots.
    fn check(&self, model: &Model) {
        for number in 0..2 {
            let wanted = of_run(&model.contents, number);
            let listed = self.store.list(run(number), b"");
            let listed: Vec<_> = listed.into_iter().map(|each| (each.key, each.value)).collect();
            assert_eq!(listed, wanted);
            assert_eq!(self.store.count(run(number)), wanted.len());
            for k in 0..KEYS.len() as u8 {
                let found = self.store.get(run(number), &key(k)).map(|found| found.value);
                assert_eq!(found, model.contents.get(&(number, k)).map(|v| value(*v)));
            }
            for (snapshot, frozen) in self.snapshots.iter().zip(&model.snapshots) {
                let (Some(snapshot), Some(frozen)) = (snapshot, frozen) else { continue };
                let wanted = of_run(frozen, number);
                let listed = snapshot.list(run(number), b"");
                let listed: Vec<_> =
                    listed.into_iter().map(|each| (each.key, each.value)).collect();
                assert_eq!(listed, wanted, "as of the snapshot");
                assert_eq!(snapshot.count(run(number)), wanted.len());
            }
        }
    }
}

fn of_run(contents: &Contents, number: u8) -> Vec<(Key, Value)> {
    let of_run = contents.iter().filter(|((run, _), _)| *run == number);
    let mut entries: Vec<_> = of_run.map(|((_, k), v)| (key(*k), value(*v))).collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries
}

/// `ShardedStore`, with its transactions.
struct Sharded {
    tested: TestedStore<ShardedStore>,
    transactions: [Option<Transaction>; SLOTS],
}

struct ShardedTest;

impl StateMachineTest for ShardedTest {
    type SystemUnderTest = Sharded;
    type Reference = Model;

    fn init_test(_: &Model) -> Sharded {
        let transactions = [const { None }; SLOTS];
        Sharded { tested: TestedStore::new(ShardedStore::new()), transactions }
    }

    fn apply(mut sharded: Sharded, after: &Model, step: Step) -> Sharded {
        sharded.tested.step(&step);
        let slots = &mut sharded.transactions;
        match &step {
            Step::Begin(slot, r) => slots[*slot] = Some(sharded.tested.store.begin(run(*r))),
            Step::Read(slot, k) => {
                if let (Some(transaction), Some(attempt)) =
                    (&mut slots[*slot], &after.transactions[*slot])
                {
                    let wanted = attempt.seen.get(&(attempt.run, *k)).map(|v| value(*v));
                    assert_eq!(transaction.get(&key(*k)), wanted);
                }
            }
            Step::Write(slot, k, Some(v)) => {
                if let Some(transaction) = &mut slots[*slot] {
                    transaction.put(&key(*k), value(*v));
                }
            }
            Step::Write(slot, k, None) => {
                if let Some(transaction) = &mut slots[*slot] {
                    transaction.delete(&key(*k));
                }
            }
            // The contents, which are checked after every step, show whether it failed.
            Step::Commit(slot) => {
                if let Some(transaction) = slots[*slot].take().filter(|_| !after.abort) {
                    let _ = transaction.commit();
                }
            }
            _ => {}
        }
        sharded
    }

    fn check_invariants(sharded: &Sharded, model: &Model) {
        sharded.tested.check(model);
    }
}

struct UnifiedTest;

impl StateMachineTest for UnifiedTest {
    type SystemUnderTest = TestedStore<UnifiedStore>;
    type Reference = Model;

    fn init_test(_: &Model) -> TestedStore<UnifiedStore> {
        TestedStore::new(UnifiedStore::new())
    }

    fn apply(
        mut unified: TestedStore<UnifiedStore>,
        after: &Model,
        step: Step,
    ) -> TestedStore<UnifiedStore> {
        unified.step(&step);
        if let Step::Commit(_) = step {
            // It has no transactions: the writes of the model's commit are plain writes.
            let present = unified.contents();
            for (r, k) in present.keys().chain(after.contents.keys()) {
                match after.contents.get(&(*r, *k)) {
                    Some(v) => drop(unified.store.put(run(*r), &key(*k), value(*v)).unwrap()),
                    None => drop(unified.store.delete(run(*r), &key(*k)).unwrap()),
                }
            }
        }
        unified
    }

    fn check_invariants(unified: &TestedStore<UnifiedStore>, model: &Model) {
        unified.check(model);
    }
}

impl TestedStore<UnifiedStore> {
    fn contents(&self) -> BTreeMap<(u8, u8), ()> {
        let keys = (0..2).flat_map(|r| (0..KEYS.len() as u8).map(move |k| (r, k)));
        keys.filter(|(r, k)| self.store.contains(run(*r), &key(*k))).map(|at| (at, ())).collect()
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig {
        // By default proptest would look for a regression file for this source.
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    })]

    #[test]
    fn the_store_does_what_the_model_does(sequential 1..80 => ShardedTest);

    #[test]
    fn the_baseline_does_what_the_model_does(sequential 1..80 => UnifiedTest);
}

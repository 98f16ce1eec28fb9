//! Both stores give the same answers through the `Storage` trait.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sharded_store::{
    Entry, Error, Key, RunId, Session, ShardedStore, SnapshotReads, Storage, UnifiedStore, Value,
    Version, Versioned, WriteSet,
};

use crate::support::key_table::{KEYS, PREFIXES, RUNS, VALUE_BYTES, key, run, value};
use crate::support::program::{Op, Via, programs};

/// The answer of an operation, without version numbers, which may differ.
#[derive(PartialEq, Debug)]
enum Answer {
    Done,
    Value(Option<Value>),
    Live(bool),
    Listed(Vec<(Key, Value)>),
}

/// Everything readable of a run: its entries, their number, and every get.
type RunContents = (Vec<Entry>, usize, Vec<Option<Versioned>>);

fn listed(entries: Vec<Entry>) -> Answer {
    Answer::Listed(entries.into_iter().map(|entry| (entry.key, entry.value)).collect())
}

/// Runs one step on one store.
fn step<S: Storage>(store: &S, op: &Op, made: u64) -> Result<Answer, Error> {
    let made = |size: usize| value(VALUE_BYTES[size], made);
    Ok(match op {
        Op::Put { via: Via::Store, run: r, key: k, size } => {
            store.put(run(*r), &key(*k), made(*size))?;
            Answer::Done
        }
        Op::Put { via: Via::Handle, run: r, key: k, size } => {
            store.session(run(*r)).put(&key(*k), made(*size))?;
            Answer::Done
        }
        Op::Delete { via: Via::Store, run: r, key: k } => {
            Answer::Value(store.delete(run(*r), &key(*k))?.map(|deleted| deleted.removed.value))
        }
        Op::Delete { via: Via::Handle, run: r, key: k } => {
            Answer::Live(store.session(run(*r)).delete(&key(*k))?)
        }
        Op::Get { via: Via::Store, run: r, key: k } => {
            let found = store.get(run(*r), &key(*k));
            assert_eq!(found.is_some(), store.contains(run(*r), &key(*k)));
            Answer::Value(found.map(|found| found.value))
        }
        Op::Get { via: Via::Handle, run: r, key: k } => {
            Answer::Value(store.session(run(*r)).get_with(&key(*k), Value::clone))
        }
        Op::List { run: r, prefix, .. } => {
            let entries = store.list(run(*r), PREFIXES[*prefix]);
            assert_eq!(entries.len(), store.session(run(*r)).list_len(PREFIXES[*prefix]));
            listed(entries)
        }
        Op::Apply(writes) => {
            let mut set = WriteSet::new();
            writes.iter().for_each(|(r, k, size)| set.add(run(*r), key(*k), size.map(made)));
            store.apply(&set)?;
            Answer::Done
        }
        _ => Answer::Done,
    })
}

fn of_store<S: Storage>(store: &S, run: RunId) -> RunContents {
    let found = (0..KEYS).map(|number| store.get(run, &key(number))).collect();
    (store.list(run, b""), store.count(run), found)
}

fn of_snapshot<S: SnapshotReads>(snapshot: &S, run: RunId) -> RunContents {
    for number in 0..KEYS {
        let live = snapshot.get(run, &key(number)).is_some();
        assert_eq!(snapshot.contains(run, &key(number)), live);
    }
    for prefix in PREFIXES {
        let (part, all) = (snapshot.list(run, prefix), snapshot.list(run, b""));
        assert!(part.iter().eq(all.iter().filter(|entry| entry.key.starts_with(prefix))));
    }
    let found = (0..KEYS).map(|number| snapshot.get(run, &key(number))).collect();
    (snapshot.list(run, b""), snapshot.count(run), found)
}

/// Checks that two stores show the same values, and order the versions of a run in the same way.
fn assert_same(
    (ours, our_count, our_gets): RunContents,
    (theirs, their_count, their_gets): RunContents,
) {
    assert_eq!(our_count, their_count);
    assert_eq!(ours.len(), theirs.len());
    for ((one, other), at) in ours.iter().zip(&theirs).zip(0..) {
        assert_eq!((&one.key, &one.value), (&other.key, &other.value), "entry {at}");
    }
    assert_eq!(ranks(&ours), ranks(&theirs), "the order of versions");
    for (one, other) in our_gets.iter().zip(&their_gets) {
        let value = |found: &Option<Versioned>| found.as_ref().map(|found| found.value.clone());
        assert_eq!(value(one), value(other));
    }
}

/// The rank of each entry's version among the versions of the run; entries of one commit share a
/// rank.
fn ranks(entries: &[Entry]) -> Vec<usize> {
    let mut sorted: Vec<Version> = entries.iter().map(|entry| entry.version).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let places: BTreeMap<Version, usize> = sorted.into_iter().zip(0..).collect();
    entries.iter().map(|entry| places[&entry.version]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        cases: 500,
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_stores_give_the_same_answers(program in programs(120)) {
        let (ours, theirs) = (ShardedStore::new(), UnifiedStore::new());
        let mut snapshots = Vec::new();
        for (op, made) in program.iter().zip(0..) {
            let answers = (step(&ours, op, made), step(&theirs, op, made));
            assert_eq!(answers.0, answers.1, "{op:?}");
            match op {
                Op::RemoveRun(r) => {
                    let [ours, theirs] =
                        [ours.remove_run(run(*r)), theirs.remove_run(run(*r))];
                    assert_eq!(ours.unwrap().is_some(), theirs.unwrap().is_some());
                }
                Op::Open => snapshots.push((ours.snapshot(), theirs.snapshot())),
                Op::Reclaim => drop(ours.reclaim()),
                Op::Drop(at) if !snapshots.is_empty() => {
                    snapshots.remove(at % snapshots.len());
                }
                _ => {}
            }
            assert_eq!(ours.runs(), theirs.runs());
        }
        for run in (0..RUNS).map(run) {
            assert_same(of_store(&ours, run), of_store(&theirs, run));
            for (our, their) in &snapshots {
                assert_same(of_snapshot(our, run), of_snapshot(their, run));
            }
        }
    }
}

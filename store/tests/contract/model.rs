//! Random programs of all operations, checked against a simple model that open every version.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sharded_store::{Key, ShardedStore, Snapshot, Transaction, Value, WriteSet};

use crate::support::checked_store::CheckedStore;
use crate::support::key_table::{KEYS, PREFIXES, RUNS, VALUE_BYTES, key, run, value};
use crate::support::program::{Op, programs};

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        cases: 1_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_read_matches_a_model_that_open_all_versions(program in programs(150)) {
        let store = ShardedStore::new();
        let mut checked = CheckedStore::new(&store);
        checked.run(&program);
        checked.finish();
    }

    #[test]
    fn a_snapshot_and_a_transaction_begun_with_it_read_the_same(
        before in programs(60),
        after in programs(60),
    ) {
        let store = ShardedStore::new();
        let mut open = Vec::new();
        before.iter().for_each(|op| write(&store, op, &mut open));
        let snapshot = store.snapshot();
        let mut begun: Vec<Transaction> =
            (0..RUNS).map(|r| store.begin_at(run(r), &snapshot).unwrap()).collect();
        begun.extend((0..RUNS).map(|r| store.begin(run(r))));
        let then: Vec<_> = (0..RUNS).map(|r| snapshot.list_all(run(r))).collect();
        for op in &after {
            write(&store, op, &mut open);
        }
        begun.iter_mut().for_each(|transaction| assert_same_reads(transaction, &snapshot));
        drop(open);
        store.reclaim();
        begun.iter_mut().for_each(|transaction| assert_same_reads(transaction, &snapshot));
        let now: Vec<_> = (0..RUNS).map(|r| snapshot.list_all(run(r))).collect();
        prop_assert_eq!(then, now);
    }
}

/// Runs the write of a step, on the store only. Some steps open or drop a snapshot.
fn write(store: &ShardedStore, op: &Op, open: &mut Vec<Snapshot>) {
    let made = |size: usize| value(VALUE_BYTES[size], store.version() + size as u64);
    match op {
        Op::Put { run: r, key: k, size, .. } => {
            store.put(run(*r), &key(*k), made(*size)).unwrap();
        }
        Op::Delete { run: r, key: k, .. } => {
            store.delete(run(*r), &key(*k)).unwrap();
        }
        Op::Apply(writes) => {
            let mut set = WriteSet::new();
            writes.iter().for_each(|(r, k, size)| set.add(run(*r), key(*k), size.map(made)));
            store.apply(&set).unwrap();
        }
        Op::RemoveRun(r) => {
            store.remove_run(run(*r)).unwrap();
        }
        Op::Open => open.push(store.snapshot()),
        Op::Drop(_) => drop(open.pop()),
        Op::Reclaim => drop(store.reclaim()),
        _ => {}
    }
}

/// Checks that a transaction without writes and a snapshot of the same moment read the same.
fn assert_same_reads(transaction: &mut Transaction, snapshot: &Snapshot) {
    let run = transaction.run();
    for key in (0..KEYS).map(key) {
        let wanted = snapshot.get(run, &key).map(|found| found.value);
        assert_eq!(transaction.contains(&key), snapshot.contains(run, &key), "`{key}`");
        assert_eq!(transaction.get(&key), wanted, "`{key}`");
    }
    for prefix in PREFIXES {
        let wanted: Vec<(Key, Value)> =
            snapshot.list(run, prefix).into_iter().map(|entry| (entry.key, entry.value)).collect();
        assert_eq!(transaction.list(prefix), wanted);
    }
    assert_eq!(transaction.list(b"").len(), snapshot.count(run));
}

//! Behaviour at the limits: bad input, panics, too many snapshots, and what remains afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use sharded_store::inspect::while_locked;
use sharded_store::{Error, Key, RunId, ShardedStore, Snapshot, Value, WriteSet};

use crate::support::key_table::{key, run, value};

const RUN: RunId = RunId::from_u128(7);

/// A store with one run of `keys` numbered keys.
fn filled(keys: usize) -> ShardedStore {
    let store = ShardedStore::new();
    for number in 0..keys {
        store.put(RUN, &key(number), value(8, number as u64)).unwrap();
    }
    store
}

#[test]
fn a_key_that_is_one_byte_too_long_is_refused_with_its_length() {
    assert!(Key::new(vec![1; Key::BYTES_MAX]).is_ok());
    let refused = Key::new(vec![1; Key::BYTES_MAX + 1]);
    assert_eq!(refused, Err(Error::KeyTooLong { bytes: Key::BYTES_MAX + 1 }));
}

#[test]
fn a_value_that_is_one_byte_too_long_is_refused_with_its_length() {
    let bytes = vec![0; Value::BYTES_MAX + 1];
    assert_eq!(Value::new(&bytes), Err(Error::ValueTooLong { bytes: bytes.len() }));
}

#[test]
fn the_longest_key_is_stored_listed_and_deleted() {
    let (store, longest) = (ShardedStore::new(), Key::new(vec![7; Key::BYTES_MAX]).unwrap());
    store.put(RUN, &longest, value(300, 1)).unwrap();
    assert_eq!(store.list(RUN, &longest).len(), 1);
    // A prefix longer than any key lists nothing, also in transactions.
    let too_long = vec![7; Key::BYTES_MAX + 1];
    assert!(store.list(RUN, &too_long).is_empty());
    assert!(store.snapshot().list(RUN, &too_long).is_empty());
    assert!(store.begin(RUN).list(&too_long).is_empty());
    assert!(store.delete(RUN, &longest).unwrap().is_some());
    assert_eq!(store.statistics().versions, 0);
}

#[test]
fn a_transaction_cannot_begin_at_a_snapshot_of_another_store() {
    let (store, other) = (filled(1), filled(1));
    let refused = store.begin_at(RUN, &other.snapshot());
    assert!(matches!(refused, Err(Error::ForeignSnapshot)));
    assert_eq!(other.statistics().snapshots_open, 0);
    // A clone is the same store.
    assert!(store.clone().begin_at(RUN, &store.snapshot()).is_ok());
}

#[test]
fn a_panic_in_a_closure_leaves_store_handle_and_snapshot_usable() {
    let store = filled(20);
    let (handle, snapshot) = (store.run(RUN), store.snapshot());
    for short_or_long in [key(1), key(12)] {
        let panics = [
            catch_unwind(AssertUnwindSafe(|| store.get_with(RUN, &short_or_long, |_| panic!()))),
            catch_unwind(AssertUnwindSafe(|| handle.get_with(&short_or_long, |_| panic!()))),
            catch_unwind(AssertUnwindSafe(|| snapshot.get_with(RUN, &short_or_long, |_| panic!()))),
            catch_unwind(AssertUnwindSafe(|| while_locked(&handle, || panic!()))),
        ];
        assert!(panics.iter().all(|result: &Result<Option<()>, _>| result.is_err()));
        store.put(RUN, &short_or_long, value(40, 99)).unwrap();
        assert_eq!(handle.get(&short_or_long).unwrap().value, value(40, 99));
        assert_ne!(snapshot.get(RUN, &short_or_long).unwrap().value, value(40, 99));
    }
    drop(snapshot);
    store.reclaim();
    assert_eq!(store.statistics().versions, 20);
}

#[test]
fn a_closure_may_use_the_run_it_reads() {
    let store = filled(3);
    let handle = store.run(RUN);
    let inside = |seen: &Value| {
        let before = seen.clone();
        store.put(RUN, &key(1), value(8, 50)).unwrap();
        handle.put(&key(2), value(300, 51)).unwrap();
        assert_eq!(*seen, before, "the value passed to a closure does not change");
        assert!(handle.delete(&key(0)).unwrap().is_some());
        let seen_inside = store.get(RUN, &key(1)).unwrap().value;
        assert_eq!(handle.get_with(&key(1), Value::clone), Some(seen_inside));
        handle.put(&key(0), before).unwrap();
        store.snapshot().count(RUN)
    };
    assert_eq!(handle.get_with(&key(1), inside), Some(3));
    assert_eq!(store.get_with(RUN, &key(1), inside), Some(3));
    assert_eq!(store.snapshot().get_with(RUN, &key(2), inside), Some(3));
}

#[test]
fn the_table_may_grow_inside_a_closure() {
    let store = filled(3);
    let (handle, other) = (store.run(RUN), store.run(RUN));
    let mut next = 3;
    let mut grow = |seen: &Value| {
        let before = seen.clone();
        for number in next..next * 20 {
            handle.put(&key(number), value(8, number as u64)).unwrap();
            assert!(handle.contains(&key(number)) && store.contains(RUN, &key(number)));
        }
        next *= 20;
        assert_eq!(*seen, before);
        next
    };
    assert_eq!(handle.get_with(&key(1), &mut grow), Some(60));
    assert_eq!(store.get_with(RUN, &key(1), &mut grow), Some(1200));
    assert_eq!(handle.get_with(&key(1), |seen| store.remove_run(RUN).map(|_| seen.clone())), {
        Some(Ok(value(8, 1)))
    });
    // Both handles, and the thread's cache of recent runs, notice the removal.
    assert_eq!(
        (handle.get(&key(1)), other.get(&key(1)), store.get(RUN, &key(1))),
        Default::default()
    );
}

#[test]
fn snapshots_beyond_the_slots_spill_and_still_read_correctly() {
    const SNAPSHOTS: u64 = 200;
    let store = filled(1);
    let mut open: Vec<(Snapshot, u64)> = Vec::new();
    for number in 1..=SNAPSHOTS {
        store.put(RUN, &key(0), value(8, number)).unwrap();
        let snapshot = store.snapshot();
        open.push((snapshot.clone(), number));
        open.push((snapshot, number));
    }
    store.delete(RUN, &key(0)).unwrap();
    let reads = |open: &[(Snapshot, u64)]| {
        for (snapshot, number) in open {
            assert_eq!(snapshot.get(RUN, &key(0)).unwrap().value, value(8, *number));
            assert_eq!((snapshot.count(RUN), snapshot.list_all(RUN).len()), (1, 1));
        }
    };
    reads(&open);
    let statistics = store.statistics();
    assert_eq!(statistics.spills, SNAPSHOTS - 64);
    assert_eq!(statistics.snapshots_open, 2 * SNAPSHOTS);
    assert_eq!(statistics.oldest_pin, Some(open[0].0.version()));
    assert_eq!(statistics.chain_length_max, SNAPSHOTS as usize + 1);
    // Drop every third one, both in slots and spilled; the others keep what they see.
    let mut at = 0;
    open.retain(|_| {
        at += 1;
        at % 3 != 0
    });
    store.reclaim();
    reads(&open);
    assert_eq!(store.statistics().snapshots_open, open.len() as u64);
    drop(open);
    store.reclaim();
    let statistics = store.statistics();
    assert_eq!(
        (statistics.versions, statistics.snapshots_open, statistics.oldest_pin),
        (0, 0, None)
    );
    let again: Vec<Snapshot> = (0..64).map(|_| store.snapshot()).collect();
    assert_eq!(store.statistics().spills, SNAPSHOTS - 64, "a slot is still taken");
    drop(again);
}

#[test]
fn statistics_match_a_known_history() {
    let store = ShardedStore::new();
    assert_eq!(store.statistics(), sharded_store::Statistics::default());
    store.put(run(0), &key(1), value(8, 1)).unwrap();
    store.put(run(0), &key(2), value(8, 2)).unwrap();
    store.put(run(1), &key(1), value(300, 3)).unwrap();
    let first = store.snapshot();
    store.put(run(0), &key(1), value(8, 4)).unwrap();
    store.put(run(0), &key(1), value(8, 5)).unwrap();
    let second = store.snapshot();
    let third = second.clone();
    store.put(run(0), &key(1), value(8, 6)).unwrap();
    store.delete(run(0), &key(2)).unwrap();
    let statistics = store.statistics();
    assert_eq!((statistics.runs, statistics.live_keys), (2, 2));
    // The first key has its newest version and one per snapshot; the second has the delete and one
    // version.
    assert_eq!((statistics.versions, statistics.chain_length_max), (6, 3));
    assert_eq!((statistics.snapshots_open, statistics.spills), (3, 0));
    assert_eq!(statistics.oldest_pin, Some(first.version()));
    assert!(statistics.bytes > 300);
    drop(first);
    assert_eq!(store.statistics().oldest_pin, Some(third.version()));
    assert_eq!(store.reclaim().versions, 1);
    drop((second, third));
    assert_eq!(store.reclaim().versions, 3);
    assert_eq!(store.statistics().versions, 2);
}

#[test]
fn chains_stay_short_with_one_old_and_many_brief_snapshots() {
    let store = filled(20);
    let handle = store.run(RUN);
    let old = store.snapshot();
    let before = old.list_all(RUN);
    for number in 0..5_000 {
        let _brief = store.snapshot();
        let (bytes, seed) = ([8, 40, 300][number % 3], number as u64);
        handle.put(&key(number % 20), value(bytes, seed)).unwrap();
        if number % 7 == 0 {
            handle.delete(&key(number % 20)).unwrap();
        }
        // Chains are pruned when they double: twice the two snapshots, and the newest version.
        assert!(store.statistics().chain_length_max <= 5);
    }
    assert_eq!(old.list_all(RUN), before);
    drop(old);
    store.reclaim();
    let statistics = store.statistics();
    assert_eq!(statistics.versions, statistics.live_keys);
}

#[test]
fn writes_alone_reclaim_versions_of_closed_snapshots() {
    let store = filled(20);
    let snapshot = store.snapshot();
    for number in 0..20 {
        store.put(RUN, &key(number), value(40, 1)).unwrap();
    }
    assert_eq!(store.statistics().versions, 40);
    drop(snapshot);
    // The next snapshot moves the clock, which makes writers check the open snapshots again.
    drop(store.snapshot());
    for number in 0..20 {
        store.put(RUN, &key(number), value(40, 2)).unwrap();
    }
    assert_eq!(store.statistics().versions, 20);
}

#[test]
fn a_removed_run_leaves_the_directory_once_no_snapshot_sees_it() {
    let store = filled(20);
    let snapshot = store.snapshot();
    assert!(store.remove_run(RUN).unwrap().is_some());
    assert_eq!(store.remove_run(RUN), Ok(None));
    assert_eq!((store.shard_count(), store.count(RUN)), (0, 0));
    assert_eq!(store.reclaim(), sharded_store::Reclaimed::default());
    assert_eq!(snapshot.count(RUN), 20);
    drop(snapshot);
    let reclaimed = store.reclaim();
    assert_eq!((reclaimed.versions, reclaimed.directory_entries), (20, 1));
    assert_eq!(store.statistics().bytes, 0);
}

#[test]
fn a_run_without_writes_leaves_the_directory() {
    let store = ShardedStore::new();
    drop(store.run(RUN));
    store.begin(RUN).abort();
    assert_eq!((store.shard_count(), store.runs()), (0, vec![]));
    assert_eq!(store.reclaim().directory_entries, 1);
    assert!(store.apply(&WriteSet::new().delete(RUN, key(1))).unwrap().is_empty());
    assert_eq!((store.shard_count(), store.runs()), (0, vec![]));
    store.reclaim();
    assert_eq!((store.statistics().bytes, store.version()), (0, 1));
}

#[test]
fn a_handle_that_outlives_its_run_still_writes_to_the_store() {
    let store = filled(20);
    let handle = store.run(RUN);
    let last = store.put(RUN, &key(5), value(8, 5)).unwrap();
    store.remove_run(RUN).unwrap();
    assert_eq!(store.reclaim().directory_entries, 0, "the handle keeps the run");
    assert_eq!((handle.get(&key(5)), handle.count()), (None, 0));
    let version = handle.put(&key(5), value(8, 6)).unwrap();
    assert!(version > last);
    assert_eq!(store.get(RUN, &key(5)).unwrap().version, version);
    assert_eq!((store.shard_count(), store.count(RUN)), (1, 1));
}

#[test]
fn versions_keep_growing_when_a_reclaimed_run_is_recreated() {
    let store = ShardedStore::new();
    let first = store.put(RUN, &key(1), value(8, 1)).unwrap();
    store.remove_run(RUN).unwrap();
    assert_eq!(store.reclaim().directory_entries, 1);
    let second = store.put(RUN, &key(1), value(8, 2)).unwrap();
    assert!(second > first, "{second} is not above {first}");
}

#[test]
fn concurrent_calls_of_next_version_yield_distinct_versions() {
    let store = ShardedStore::new();
    let mut drawn: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..10)
            .map(|_| {
                scope.spawn(|| (0..100).map(|_| store.next_version().unwrap()).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    drawn.sort_unstable();
    assert_eq!(store.version(), 1000);
    assert!(drawn.into_iter().eq(1..=1000));
}

#[test]
fn repeated_overwrites_reclaim_versions_of_a_closed_snapshot() {
    let store = filled(1_000);
    let handle = store.run(RUN);
    let overwrite_all = || {
        for number in 0..1_000 {
            handle.put(&key(number), value(8, 0)).unwrap();
        }
    };
    let snapshot = store.snapshot();
    overwrite_all();
    assert_eq!(store.statistics().versions, 2_000);
    drop(snapshot);
    // The clock does not move, so none of these writes adds a version.
    (0..10).for_each(|_| overwrite_all());
    assert_eq!(store.statistics().versions, 1_000);
}

#[test]
fn writes_reclaim_removed_runs_that_no_snapshot_sees() {
    let store = ShardedStore::new();
    for number in 0..10 {
        store.put(RUN, &key(number), value(8, 0)).unwrap();
        let snapshot = store.snapshot();
        assert!(store.remove_run(RUN).unwrap().is_some());
        assert_eq!(snapshot.count(RUN), 1);
    }
    store.put(RUN, &key(10), value(8, 0)).unwrap();
    assert_eq!(store.statistics().versions, 1);
}

//! Migrations are all or nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sharded_store::{
    Entry, MigrateError, Progress, RunId, ShardedStore, SnapshotReads, Storage, UnifiedStore,
    Version, Versioned, WriteSet, migrate,
};

use crate::support::key_table::{KEYS, PREFIXES, RUNS, VALUE_BYTES, key, run, value};
use crate::support::program::{Op, programs};

/// The complete visible state of a store: its runs, and the entries, count and gets of each.
type Everything = (Vec<RunId>, Vec<(Vec<Entry>, usize, Vec<Option<Versioned>>)>);

fn everything<S: Storage>(store: &S, runs: Vec<RunId>) -> Everything {
    let of_run = |run: RunId| {
        let gets = (0..KEYS).map(|number| store.get(run, &key(number))).collect();
        (store.list(run, b""), store.count(run), gets)
    };
    (runs, (0..RUNS).map(run).map(of_run).collect())
}

/// Runs the writes of a program; returns the largest version each run ever had.
fn fill(store: &UnifiedStore, program: &[Op]) -> Vec<Version> {
    let mut largest = vec![Version::NONE; RUNS];
    for (op, made) in program.iter().zip(0..) {
        match op {
            Op::Put { run: r, key: k, size, .. } => {
                let made = value(VALUE_BYTES[*size], made);
                largest[*r] = store.put(run(*r), &key(*k), made).unwrap();
            }
            Op::Delete { run: r, key: k, .. } => {
                store.delete(run(*r), &key(*k)).unwrap();
            }
            Op::Apply(writes) => {
                let mut set = WriteSet::new();
                for (r, k, size) in writes {
                    set.add(run(*r), key(*k), size.map(|size| value(VALUE_BYTES[size], made)));
                }
                store.apply(&set).unwrap();
            }
            Op::RemoveRun(r) => {
                store.remove_run(run(*r)).unwrap();
            }
            _ => {}
        }
        for (r, largest) in largest.iter_mut().enumerate() {
            let listed = store.list_all(run(r));
            let newest = listed.iter().map(|entry| entry.version).max();
            *largest = newest.unwrap_or_default().max(*largest);
        }
    }
    largest
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        cases: 300,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_migration_preserves_values_versions_and_runs(program in programs(120)) {
        let source = UnifiedStore::new();
        let largest = fill(&source, &program);
        let before = everything(&source, source.runs());
        let target = migrate(&source, |_| ControlFlow::Continue(())).unwrap();
        prop_assert_eq!(&everything(&target, target.runs()), &before);
        prop_assert_eq!(&everything(&source, source.runs()), &before);
        prop_assert_eq!(target.version(), source.version() + 1);
        prop_assert_eq!(target.shard_count(), source.shard_count());
        let statistics = target.statistics();
        prop_assert_eq!(statistics.versions, statistics.live_keys);
        assert_later_writes_are_later(&target, &largest);
    }

    #[test]
    fn a_cancelled_or_panicking_migration_leaves_the_source_unchanged(program in programs(60)) {
        let source = UnifiedStore::new();
        fill(&source, &program);
        stop_at_every_step(&source);
    }
}

/// Checks that the target behaves like any store: snapshots do not change, later writes have larger
/// versions, and deletes stay deletes.
fn assert_later_writes_are_later(target: &ShardedStore, largest: &[Version]) {
    let snapshot = target.snapshot();
    for (r, largest) in largest.iter().enumerate() {
        let before = snapshot.list_all(run(r));
        for number in 0..KEYS {
            let found = target.get(run(r), &key(number));
            assert!(found.is_none_or(|found| found.version.visible_at(snapshot.version())));
            let version = target.put(run(r), &key(number), value(8, 1)).unwrap();
            assert!(version > *largest, "{version} is not above {largest}");
            assert!(!version.visible_at(snapshot.version()));
        }
        for prefix in PREFIXES {
            let then = before.iter().filter(|entry| entry.key.starts_with(prefix));
            assert!(SnapshotReads::list(&snapshot, run(r), prefix).iter().eq(then));
        }
    }
}

/// Stops a migration at each of its steps, by cancelling and by panicking.
fn stop_at_every_step(source: &UnifiedStore) -> usize {
    let before = (everything(source, source.runs()), source.version());
    let mut steps = 0;
    migrate(source, |_| {
        steps += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    for last in 0..steps {
        let mut done = 0..last;
        let cancelled = migrate(source, |_| match done.next() {
            Some(_) => ControlFlow::Continue(()),
            None => ControlFlow::Break(()),
        });
        assert_eq!(cancelled.unwrap_err(), MigrateError::Cancelled);
        let mut done = 0..last;
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            migrate(source, |_| match done.next() {
                Some(_) => ControlFlow::Continue(()),
                // Unlike `panic!`, this prints nothing.
                None => resume_unwind(Box::new("the callback panics")),
            })
        }));
        assert!(panicked.is_err());
        assert_eq!((everything(source, source.runs()), source.version()), before);
    }
    // The source can still be written.
    source.put(run(0), &key(0), value(8, 1)).unwrap();
    steps
}

#[test]
fn progress_counts_every_entry() {
    let source = UnifiedStore::new();
    for number in 0..5_000 {
        source.put(run(number % 2), &key(number), value(40, 1)).unwrap();
    }
    for number in 0..500 {
        source.delete(run(number % 2), &key(number)).unwrap();
    }
    let mut seen = Vec::new();
    let target = migrate(&source, |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(target.count(run(0)) + target.count(run(1)), 4_500);
    let copied: Vec<usize> = seen.iter().filter_map(copied).collect();
    assert!(copied.is_sorted() && copied.last() == Some(&5_000));
    let totals: BTreeSet<usize> = seen.iter().map(total).collect();
    assert_eq!(totals.into_iter().collect::<Vec<_>>(), [5_000]);
    let end = Progress::Verified { done: 5_000, total: 5_000 };
    assert_eq!(seen.last(), Some(&end));
    assert!(stop_at_every_step(&source) > 10);
}

fn copied(progress: &Progress) -> Option<usize> {
    match progress {
        Progress::Copied { done, .. } => Some(*done),
        Progress::Verified { .. } => None,
    }
}

fn total(progress: &Progress) -> usize {
    let (Progress::Copied { total, .. } | Progress::Verified { total, .. }) = progress;
    *total
}

#[test]
fn a_run_with_only_deleted_keys_is_migrated() {
    let source = UnifiedStore::new();
    source.put(run(0), &key(0), value(8, 1)).unwrap();
    source.delete(run(0), &key(0)).unwrap();
    let deleted_at = source.version();
    let target = migrate(&source, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((target.runs(), target.count(run(0))), (vec![run(0)], 0));
    let version = target.put(run(0), &key(0), value(8, 2)).unwrap();
    assert!(version > Version::new(deleted_at, deleted_at));
    assert!(
        !version.visible_at(source.snapshot().version()),
        "the source's last snapshot must not see it"
    );
}

//! The store meets its contract for snapshots, and the literal design violates every part of it.
//!
//! Every check works on any store. It returns violations instead of panicking, so that the tests
//! can show that it finds some: a check that the literal design passes would prove nothing.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use sharded_store::{Key, RunId, ShardedStore, SnapshotReads, Storage, Value, WriteSet, inspect};
use shardproof::subject::seed::SeedStore;

/// How long to wait for a thread that should not block.
const TIMEOUT_PASS: Duration = Duration::from_secs(60);
/// How long to wait for a thread that is known to block on a lock that stays held: the result does
/// not depend on it.
const TIMEOUT_FAIL: Duration = Duration::from_millis(200);

const RUN: RunId = RunId::from_u128(1);

/// A violation that a check found.
type Violation = String;

fn key(number: usize) -> Key {
    Key::new(format!("key {number}")).unwrap()
}

fn value(number: usize) -> Value {
    Value::new(format!("value {number}")).unwrap()
}

/// A snapshot is unchanged by a put, a delete and a new key.
fn a_snapshot_is_unchanged_by_writes<S: Storage>(store: &S) -> Result<(), Vec<Violation>> {
    for number in 0..3 {
        store.put(RUN, &key(number), value(number)).unwrap();
    }
    let snapshot = store.snapshot().expect("the store claims to have snapshots");
    let before = snapshot.list(RUN, b"");
    store.put(RUN, &key(0), value(10)).unwrap();
    store.delete(RUN, &key(1)).unwrap();
    store.put(RUN, &key(3), value(3)).unwrap();
    let mut violations = Vec::new();
    for (number, wanted) in
        [Some(value(0)), Some(value(1)), Some(value(2)), None].iter().enumerate()
    {
        let found = snapshot.get(RUN, &key(number)).map(|found| found.value);
        if found != *wanted {
            violations.push(format!("get of key {number}: {found:?}, not {wanted:?}"));
        }
    }
    if snapshot.list(RUN, b"") != before {
        violations.push("the list has changed".to_owned());
    }
    if snapshot.count(RUN) != 3 || snapshot.contains(RUN, &key(3)) {
        violations.push("a key written later counts".to_owned());
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// A snapshot taken before an `apply` shows none of it, even if one half is read before and one
/// after; all writes of the set in one run have the same version, so that no snapshot can fall
/// between them.
fn an_apply_is_seen_whole<S: Storage>(store: &S) -> Result<(), Vec<Violation>> {
    let runs = [RUN, RunId::from_u128(2)];
    let both = |number: usize| {
        runs.iter().fold(WriteSet::new(), |set, run| {
            set.put(*run, key(0), value(number)).put(*run, key(1), value(number))
        })
    };
    store.apply(&both(1)).unwrap();
    let snapshot = store.snapshot().expect("the store claims to have snapshots");
    let first = snapshot.get(runs[0], &key(0)).map(|found| found.value);
    store.apply(&both(2)).unwrap();
    let second = snapshot.get(runs[1], &key(1)).map(|found| found.value);
    let mut violations = Vec::new();
    if first != second {
        violations.push(format!("half of an apply: {first:?} and {second:?} in one snapshot"));
    }
    for run in runs {
        let version = |number| store.get(run, &key(number)).map(|found| found.version);
        if version(0) != version(1) {
            violations.push(format!("two versions in one commit: run {run} can be seen in halves"));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// While `hold` holds the lock of a run, puts to and gets from another run finish within `timeout`.
fn a_held_lock_delays_no_other_run<S: Storage>(
    store: &S,
    other: RunId,
    hold: impl FnOnce(&mut dyn FnMut()),
    timeout: Duration,
) -> Result<(), Vec<Violation>> {
    let (sender, done) = channel();
    let (mut waited, mut sender) = (None, Some(sender));
    thread::scope(|scope| {
        hold(&mut || {
            let sender = sender.take().expect("the lock is held once");
            scope.spawn(move || {
                store.put(other, &key(0), value(1)).unwrap();
                assert!(store.get(other, &key(0)).is_some());
                // The receiver is gone if this took too long.
                let _ = sender.send(());
            });
            waited = Some(done.recv_timeout(timeout));
        });
    });
    match waited.expect("`hold` does its work") {
        Ok(()) => Ok(()),
        Err(RecvTimeoutError::Timeout) => {
            Err(vec![format!("run {other} waits for another's lock")])
        }
        Err(RecvTimeoutError::Disconnected) => Err(vec!["the other thread has failed".to_owned()]),
    }
}

fn ids() -> impl Iterator<Item = RunId> {
    (1..100_000).map(|number| RunId::from_u128(number << 64 | number))
}

/// The violations for a run in the same shard of the literal design's DashMap as [`RUN`]: a thread
/// cannot reach it while `RUN` is locked. The store itself shows which runs those are.
fn run_that_waits(store: &SeedStore) -> Option<Vec<Violation>> {
    // With four shards per core, one of a few hundred runs shares a shard.
    let tried: Vec<RunId> = ids().filter(|id| *id != RUN).take(4_096).collect();
    let (sender, reached) = channel();
    let mut first_stuck = None;
    thread::scope(|scope| {
        store.while_locked(RUN, || {
            scope.spawn(|| {
                for run in &tried {
                    let _ = sender.send(*run);
                    store.get_with(*run, &key(0), |_| ());
                }
                drop(sender);
            });
            // The last run that was tried is the one that blocked.
            while let Ok(run) = reached.recv_timeout(TIMEOUT_FAIL) {
                first_stuck = Some(run);
            }
        });
    });
    let stuck = first_stuck?;
    let hold = |work: &mut dyn FnMut()| store.while_locked(RUN, work);
    a_held_lock_delays_no_other_run(store, stuck, hold, TIMEOUT_FAIL).err()
}

#[test]
fn the_stores_snapshots_are_unchanged_by_writes() {
    assert_eq!(a_snapshot_is_unchanged_by_writes(&ShardedStore::new()), Ok(()));
}

#[test]
fn the_literal_designs_snapshots_change_with_writes() {
    let violations = a_snapshot_is_unchanged_by_writes(&SeedStore::new()).unwrap_err();
    assert!(violations.len() >= 5, "every kind of read sees it: {violations:#?}");
}

#[test]
fn the_store_shows_all_of_an_apply_or_none() {
    assert_eq!(an_apply_is_seen_whole(&ShardedStore::new()), Ok(()));
}

#[test]
fn the_literal_design_shows_half_of_an_apply() {
    let violations = an_apply_is_seen_whole(&SeedStore::new()).unwrap_err();
    assert!(violations.len() >= 3, "{violations:#?}");
}

#[test]
fn the_store_delays_no_run_that_shares_a_directory_shard_with_a_locked_one() {
    let store = ShardedStore::new();
    let shard = store.directory_shard(RUN);
    let colliding = ids().find(|id| *id != RUN && store.directory_shard(*id) == shard).unwrap();
    let handle = store.run(RUN);
    let hold = |work: &mut dyn FnMut()| inspect::while_locked(&handle, work);
    assert_eq!(a_held_lock_delays_no_other_run(&store, colliding, hold, TIMEOUT_PASS), Ok(()));
}

#[test]
fn the_literal_design_delays_a_run_that_shares_a_shard_with_a_locked_one() {
    let violations = run_that_waits(&SeedStore::new()).expect("a colliding run has to wait");
    assert_eq!(violations.len(), 1, "{violations:#?}");
}

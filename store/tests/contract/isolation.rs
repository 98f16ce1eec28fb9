//! A held lock of one run does not block other runs. The tests do not depend on timing: the
//! operations finish, or the deadlock guard fails the test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use sharded_store::inspect::{directory_shard, while_locked};
use sharded_store::{Key, RunId, ShardedStore, Value, WriteSet};

/// Makes a deadlock fail the test instead of hanging it.
const DEADLOCK_GUARD: Duration = Duration::from_secs(120);

fn key(name: &str) -> Key {
    Key::new(name).unwrap()
}

fn value(name: &str) -> Value {
    Value::new(name).unwrap()
}

/// The `nth` run other than `one` that falls in the same directory shard as `one`, or in another
/// one.
fn other_run(store: &ShardedStore, one: RunId, same_shard: bool, nth: usize) -> RunId {
    let mut ids = (1..100_000).map(|number| RunId::from_u128(number << 64 | number));
    let matches = |id: &RunId| {
        *id != one && (directory_shard(store, *id) == directory_shard(store, one)) == same_shard
    };
    ids.by_ref().filter(matches).nth(nth).expect("there are few shards")
}

/// Performs every operation in `run`, which exists, and in `fresh`, which does not.
fn work_in(store: &ShardedStore, run: RunId, fresh: RunId, done: impl Fn(&'static str)) {
    let (old, new) = (key("old"), key("new"));
    store.put(run, &new, value("1")).unwrap();
    done("a put of a new key");
    store.put(run, &old, value("2")).unwrap();
    store.put(run, &old, value(&"3".repeat(300))).unwrap();
    done("an overwriting put, short and long");
    assert!(store.get(run, &old).is_some() && store.contains(run, &new));
    done("a get");
    assert!(store.delete(run, &new).unwrap().is_some());
    done("a delete");
    assert_eq!((store.list_all(run).len(), store.count(run)), (1, 1));
    done("a list and a count");
    let set = WriteSet::new().put(run, old.clone(), value("4")).delete(run, new.clone());
    store.apply(&set).unwrap();
    done("an apply");
    let handle = store.run(run);
    handle.put(&old, value("5")).unwrap();
    assert!(handle.get(&old).is_some());
    done("a new handle");
    let snapshot = store.snapshot();
    done("opening a snapshot");
    handle.put(&old, value("6")).unwrap();
    assert_eq!(snapshot.get(run, &old).unwrap().value, value("5"));
    assert_eq!((snapshot.list_all(run).len(), snapshot.count(run)), (1, 1));
    done("reading a snapshot");
    drop(snapshot);
    done("closing a snapshot");
    let mut transaction = store.begin(run);
    assert_eq!(transaction.get(&old), Some(value("6")));
    assert_eq!(transaction.list(b"").len(), 1);
    transaction.put(&new, value("7"));
    transaction.commit().unwrap();
    done("a transaction");
    store.put(fresh, &new, value("8")).unwrap();
    done("creating a run");
    assert!(store.remove_run(fresh).unwrap().is_some());
    done("removing a run");
    for number in 0..1_000 {
        handle.put(&key(&format!("{number}")), value("9")).unwrap();
    }
    done("growing a run");
    store.next_version().unwrap();
    let _ = (store.version(), store.shard_count());
    done("drawing a version");
}

/// Operations that wait for a run's lock, each run on its own thread.
const WAITS: [fn(&ShardedStore, RunId); 7] = [
    |store, run| assert!(store.put(run, &key("new"), value("1")).is_ok()),
    |store, run| drop(store.delete(run, &key("old")).unwrap()),
    |store, run| drop(store.list_all(run)),
    |store, run| drop(store.snapshot().get(run, &key("old"))),
    |store, run| drop(store.run(run)),
    |store, run| assert!(store.remove_run(run).is_ok()),
    |store, _| assert!(store.statistics().runs > 0),
];

/// Counts steps until the sender is dropped, which the other thread does when it ends.
fn wait_for(done: &Receiver<&'static str>) -> usize {
    let (mut steps, mut last) = (0, "nothing");
    loop {
        match done.recv_timeout(DEADLOCK_GUARD) {
            Ok(step) => (steps, last) = (steps + 1, step),
            Err(RecvTimeoutError::Disconnected) => return steps,
            Err(RecvTimeoutError::Timeout) => panic!("stuck after {last}"),
        }
    }
}

fn assert_held_lock_blocks_no_other_run(same_shard: bool) {
    let store = ShardedStore::new();
    let held = RunId::from_u128(0xa);
    let free = other_run(&store, held, same_shard, 0);
    let fresh = other_run(&store, held, same_shard, 1);
    for run in [held, free] {
        store.put(run, &key("old"), value("0")).unwrap();
    }
    let handle = store.run(held);
    let (sender, done) = channel();
    let started = AtomicUsize::new(0);
    thread::scope(|scope| {
        let steps = while_locked(&handle, || {
            let store = &store;
            // Threads that wait for the lock must not block other runs.
            for wait in WAITS {
                let started = &started;
                scope.spawn(move || {
                    started.fetch_add(1, Ordering::SeqCst);
                    wait(store, held);
                });
            }
            // Give them time to reach the lock. Without it, the test would still hold, but see
            // less.
            while started.load(Ordering::SeqCst) < WAITS.len() {
                thread::yield_now();
            }
            (0..10_000).for_each(|_| thread::yield_now());
            scope.spawn(move || {
                work_in(store, free, fresh, |step| sender.send(step).unwrap());
            });
            wait_for(&done)
        });
        assert_eq!(steps, 15, "all operations finish while the lock is held");
    });
}

#[test]
fn a_held_lock_does_not_block_runs_of_other_directory_shards() {
    assert_held_lock_blocks_no_other_run(false);
}

#[test]
fn a_held_lock_does_not_block_runs_of_the_same_directory_shard() {
    assert_held_lock_blocks_no_other_run(true);
}

#[test]
fn a_held_lock_does_not_block_gets_of_short_keys_in_the_same_run() {
    let (store, run) = (ShardedStore::new(), RunId::from_u128(0xa));
    store.put(run, &key("here"), value("0")).unwrap();
    let handle = store.run(run);
    let (ready, started) = channel();
    let (go, gone) = channel::<()>();
    let (sender, done) = channel();
    thread::scope(|scope| {
        let store = &store;
        scope.spawn(move || {
            // Both ways to read look up the run once, under its lock, and remember it.
            let own = store.run(run);
            let _ = (own.get(&key("here")), store.get(run, &key("here")));
            ready.send(()).unwrap();
            gone.recv().unwrap();
            assert_eq!(own.get(&key("here")).unwrap().value, value("0"));
            assert_eq!(own.get_with(&key("here"), Value::clone), Some(value("0")));
            assert!(own.contains(&key("here")) && !own.contains(&key("not here")));
            sender.send("gets by handle").unwrap();
            assert_eq!(store.get(run, &key("here")).unwrap().value, value("0"));
            assert_eq!(store.get_with(run, &key("here"), Value::clone), Some(value("0")));
            assert!(store.contains(run, &key("here")) && !store.contains(run, &key("not here")));
            sender.send("gets by run id").unwrap();
            drop(sender);
        });
        started.recv().unwrap();
        let steps = while_locked(&handle, || {
            go.send(()).unwrap();
            wait_for(&done)
        });
        assert_eq!(steps, 2, "all gets finish while the lock is held");
    });
}

//! Reads without the lock while tables grow, keys are inserted and deleted, and runs are removed.

mod support {
    pub(crate) mod checksummed_values;
}

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use sharded_store::{Key, RunHandle, RunId, ShardedStore, Version, Versioned};

use support::checksummed_values::{Random, checksummed_value, verify_value};

const READERS: usize = 2;
/// Number of keys at which the run is removed and filled again.
const KEYS: usize = 600;
/// Lengths of values: only the longest does not fit in a cell.
const LENGTHS: [usize; 4] = [24, 32, 40, 41];
const RUN: RunId = RunId::from_u128(0x0dd);

/// Number of reads to check.
fn reads_wanted() -> u64 {
    match std::env::var("SHARDPROOF_PROFILE").as_deref() {
        Ok("ci") => 10_000_000,
        _ => 2_000_000,
    }
}

fn key(number: usize) -> Key {
    // Every seventh key is too long for a cell.
    let tail = if number.is_multiple_of(7) { " and a long tail" } else { "" };
    Key::new(format!("key {number}{tail}")).unwrap()
}

/// The progress of the writer, over all keys.
#[derive(Default)]
struct Progress {
    begun: AtomicU64,
    done: AtomicU64,
}

/// The last observation of a key.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// The counter, and which of the two writes with that counter it was.
    written: (u64, i64),
    version: Version,
}

/// Fills a run, writes and deletes, removes the run, and starts over, until stopped.
fn write_until(stop: &AtomicBool, handle: &RunHandle, store: &ShardedStore, progress: &Progress) {
    let (mut random, mut counter, mut full) = (Random(1), 0, 0);
    let keys: Vec<Key> = (0..KEYS).map(key).collect();
    while !stop.load(Ordering::Relaxed) {
        counter += 1;
        // SeqCst, here and below: readers rely on the order of these stores and the write.
        progress.begun.store(counter, Ordering::SeqCst);
        match random.below(8) {
            0 if full > 0 => drop(handle.delete(&keys[random.below(full)]).unwrap()),
            1..=5 if full > 0 => {
                let key = &keys[random.below(full)];
                handle.put(key, checksummed_value(key, counter, 0, &LENGTHS)).unwrap();
            }
            _ if full < KEYS => {
                handle
                    .put(&keys[full], checksummed_value(&keys[full], counter, 0, &LENGTHS))
                    .unwrap();
                full += 1;
            }
            _ => {
                assert!(store.remove_run(RUN).unwrap().is_some());
                full = 0;
            }
        }
        // The first key keeps getting the newest counter, so that readers can check freshness.
        if counter % 4 == 0 {
            handle.put(&keys[0], checksummed_value(&keys[0], counter, 1, &LENGTHS)).unwrap();
            full = full.max(1);
        }
        progress.done.store(counter, Ordering::SeqCst);
        if counter % 512 == 0 {
            drop(store.snapshot());
        }
    }
}

/// Reads in all three ways until enough reads are checked; returns how many found a value.
fn read_until(wanted: u64, reader: u64, store: &ShardedStore, progress: &Progress) -> (u64, u64) {
    let (mut random, mut found) = (Random(reader), 0);
    let keys: Vec<Key> = (0..KEYS).map(key).collect();
    let mut seen = vec![Seen::default(); KEYS];
    let handle = store.run(RUN);
    for number in 0..wanted {
        let at = if number % 8 == 0 { 0 } else { random.below(KEYS) };
        let key = &keys[at];
        let done = progress.done.load(Ordering::SeqCst);
        let read = match random.below(3) {
            0 => store.get(RUN, key),
            1 => handle.get(key),
            _ => {
                let counter = handle.get_with(key, |value| verify_value(key, value).0);
                if counter.is_some_and(|counter| counter < seen[at].written.0) {
                    panic!("`{key}` went back in time");
                }
                None
            }
        };
        let Some(Versioned { value, version }) = read else { continue };
        found += 1;
        let written = verify_value(key, &value);
        let counter = written.0;
        let before = std::mem::replace(&mut seen[at], Seen { written, version });
        assert!(version >= before.version && written >= before.written, "back in time");
        assert_eq!(version == before.version, written == before.written, "torn version");
        assert!(counter <= progress.begun.load(Ordering::SeqCst), "from the future");
        // The first key is written every fourth time, so an older value is stale.
        assert!(at != 0 || counter + 4 > done, "`{key}` shows {counter} after {done}");
    }
    (wanted, found)
}

#[test]
fn unlocked_reads_are_never_torn_or_stale() {
    let (store, progress, stop) =
        (ShardedStore::new(), Progress::default(), AtomicBool::new(false));
    let wanted = reads_wanted().div_ceil(READERS as u64);
    let sums = thread::scope(|scope| {
        let writer = scope.spawn(|| write_until(&stop, &store.run(RUN), &store, &progress));
        let readers: Vec<_> = (0..READERS as u64)
            .map(|reader| {
                let (store, progress) = (&store, &progress);
                scope.spawn(move || read_until(wanted, 100 + reader, store, progress))
            })
            .collect();
        let joined: Vec<_> = readers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        // Stop the writer first: in a failed test it would run forever.
        stop.store(true, Ordering::Relaxed);
        // Join explicitly: the thread sanitizer understands joins, but not scopes.
        writer.join().unwrap();
        joined.into_iter().map(Result::unwrap).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    });
    let writes = progress.done.load(Ordering::SeqCst);
    println!("{} gets checked beside {writes} writes, 0 wrong; {} found a value", sums.0, sums.1);
    assert!(sums.0 >= reads_wanted());
    assert!(sums.1 > 0 && writes > 0, "no read found a value");
}

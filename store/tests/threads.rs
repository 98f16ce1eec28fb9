//! Tests on real threads: writers in several runs and across runs, and readers that check every
//! value.
//!
//! The tests assert the number of checked reads, so that they cannot pass without reading: a few
//! hundred thousand by default, ten million with `SHARDPROOF_PROFILE=ci` in the environment.

mod support {
    #[allow(dead_code, reason = "other tests use the rest")]
    pub(crate) mod checksummed_values;
}

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use sharded_store::{Error, Key, RunId, ShardedStore, Snapshot, Value, Versioned, WriteSet};

use support::checksummed_values::{Random, checksummed_value, verify_value};

const WRITERS: usize = 2;
const READERS: usize = 2;
const RUNS: usize = 3;
/// The sum of the two keys of a pair.
const PAIR_SUM: i64 = 1_000;
/// The sum of a writer's `purse` keys over all runs.
const PURSES_SUM: i64 = 5_000;
/// A writer's keys in each run.
const NAMES: [&str; 5] = ["left", "the other half of the pair", "purse", "last", "comes and goes"];
/// Lengths of values stored inside and outside of a cell.
const LENGTHS: [usize; 4] = [24, 40, 41, 300];

/// Number of reads to check.
fn reads_wanted() -> u64 {
    match std::env::var("SHARDPROOF_PROFILE").as_deref() {
        Ok("ci") => 10_000_000,
        _ => 300_000,
    }
}

fn run(number: usize) -> RunId {
    RunId::from_u128(0x5eed << 64 | number as u128)
}

/// A key that only this writer writes.
fn key(writer: usize, name: &str) -> Key {
    Key::new(format!("{writer} {name}")).unwrap()
}

/// The progress of one writer: the commit it has begun, and the last one that returned.
#[derive(Default)]
struct Progress {
    begun: AtomicU64,
    done: AtomicU64,
}

/// A writer, with the amounts it last wrote.
struct Writer<'a> {
    number: usize,
    store: &'a ShardedStore,
    progress: &'a Progress,
    counter: u64,
    left: [i64; RUNS],
    purses: [i64; RUNS],
}

impl<'a> Writer<'a> {
    /// A writer whose keys are filled in all runs.
    fn new(number: usize, store: &'a ShardedStore, progress: &'a Progress) -> Self {
        let mut purses = [0; RUNS];
        purses[0] = PURSES_SUM;
        let writer = Self { number, store, progress, counter: 0, left: [0; RUNS], purses };
        let mut all = WriteSet::new();
        for (r, purse) in purses.into_iter().enumerate() {
            writer.add(&mut all, r, "left", 0);
            writer.add(&mut all, r, "the other half of the pair", PAIR_SUM);
            writer.add(&mut all, r, "purse", purse);
            writer.add(&mut all, r, "last", 0);
        }
        store.apply(&all).unwrap();
        writer
    }

    fn add(&self, set: &mut WriteSet, r: usize, name: &str, amount: i64) {
        let key = key(self.number, name);
        let value = checksummed_value(&key, self.counter, amount, &LENGTHS);
        set.add(run(r), key, Some(value));
    }

    /// Makes one commit: within a run, across two runs, or of one key.
    fn step(&mut self, random: &mut Random) {
        self.counter += 1;
        // SeqCst, here and below: readers rely on the order of these stores and the commit.
        self.progress.begun.store(self.counter, Ordering::SeqCst);
        let (from, to) = (random.below(RUNS), random.below(RUNS));
        let mut set = WriteSet::new();
        match random.below(4) {
            0 => {
                self.left[from] = random.below(PAIR_SUM as usize) as i64;
                self.add(&mut set, from, "left", self.left[from]);
                let other = PAIR_SUM - self.left[from];
                self.add(&mut set, from, "the other half of the pair", other);
            }
            1 if from != to => {
                let amount = random.below(100) as i64;
                self.purses[from] -= amount;
                self.purses[to] += amount;
                self.add(&mut set, from, "purse", self.purses[from]);
                self.add(&mut set, to, "purse", self.purses[to]);
            }
            2 => set.add(run(from), key(self.number, "comes and goes"), None),
            _ => self.add(&mut set, from, "comes and goes", 0),
        }
        // A plain put, to cover the usual path too.
        let last = key(self.number, "last");
        let value = checksummed_value(&last, self.counter, 0, &LENGTHS);
        self.store.apply(&set).unwrap();
        self.store.put(run(0), &last, value).unwrap();
        self.progress.done.store(self.counter, Ordering::SeqCst);
        if random.below(64) == 0 {
            self.store.reclaim();
        }
    }
}

/// A reader; `checked` counts the values it has checked.
struct Reader<'a> {
    store: &'a ShardedStore,
    progress: &'a [Progress],
    /// The last counter seen of each writer.
    seen: [u64; WRITERS],
    checked: u64,
}

impl Reader<'_> {
    /// Takes a snapshot, checks it completely, and returns it with its contents.
    fn read(&mut self) -> (Snapshot, Vec<Option<Versioned>>) {
        let done: Vec<u64> =
            self.progress.iter().map(|writer| writer.done.load(Ordering::SeqCst)).collect();
        let snapshot = self.store.snapshot();
        let begun: Vec<u64> =
            self.progress.iter().map(|writer| writer.begun.load(Ordering::SeqCst)).collect();
        let mut all = Vec::new();
        for (writer, begun) in begun.into_iter().enumerate() {
            let newest = self.check_writer(&snapshot, writer, &mut all);
            assert!(newest <= begun, "the snapshot contains a commit that began after it");
            let (_, last) = amount(&snapshot, 0, writer, "last");
            assert!(last >= done[writer], "the snapshot lacks a commit that had returned");
            assert!(last >= self.seen[writer], "a later snapshot contains less");
            self.seen[writer] = last;
        }
        self.check_lists(&snapshot, &all);
        (snapshot, all)
    }

    /// Checks one writer's sums; returns the largest counter.
    fn check_writer(
        &mut self,
        snapshot: &Snapshot,
        writer: usize,
        all: &mut Vec<Option<Versioned>>,
    ) -> u64 {
        let (mut newest, mut purses) = (0, 0);
        for r in 0..RUNS {
            let (left, one) = amount(snapshot, r, writer, "left");
            let (right, other) = amount(snapshot, r, writer, "the other half of the pair");
            assert_eq!(left + right, PAIR_SUM, "the snapshot contains half of a commit");
            assert_eq!(one, other, "the halves come from different commits");
            let (purse, counter) = amount(snapshot, r, writer, "purse");
            purses += purse;
            newest = newest.max(one).max(counter);
            for key in NAMES.map(|name| key(writer, name)) {
                let found = snapshot.get(run(r), &key);
                if let Some(Versioned { value, version }) = &found {
                    newest = newest.max(verify_value(&key, value).0);
                    assert!(version.visible_at(snapshot.version()));
                }
                assert_eq!(snapshot.contains(run(r), &key), found.is_some());
                all.push(found);
                self.checked += 1;
            }
        }
        assert_eq!(purses, PURSES_SUM, "the snapshot contains part of a commit across runs");
        newest
    }

    fn check_lists(&mut self, snapshot: &Snapshot, all: &[Option<Versioned>]) {
        let entries = (0..RUNS).map(|r| snapshot.list_all(run(r)).len()).sum::<usize>();
        let counted = (0..RUNS).map(|r| snapshot.count(run(r))).sum::<usize>();
        let live = all.iter().flatten().count();
        assert_eq!((entries, counted), (live, live), "lists, counts and gets disagree");
    }
}

/// The amount and the counter of a key that is in every snapshot.
fn amount(snapshot: &Snapshot, r: usize, writer: usize, name: &str) -> (i64, u64) {
    let key = key(writer, name);
    let found = snapshot.get(run(r), &key).expect("the key always exists");
    let (counter, amount) = verify_value(&key, &found.value);
    (amount, counter)
}

#[test]
fn snapshots_contain_whole_commits_and_never_change() {
    let store = ShardedStore::new();
    let progress: [Progress; WRITERS] = Default::default();
    let mut writers: Vec<Writer<'_>> =
        (0..WRITERS).map(|number| Writer::new(number, &store, &progress[number])).collect();
    let stop = AtomicBool::new(false);
    let wanted = reads_wanted().div_ceil(READERS as u64);
    let write_until_stopped = |writer: &mut Writer<'_>| {
        let mut random = Random(writer.number as u64);
        while !stop.load(Ordering::Relaxed) {
            writer.step(&mut random);
        }
    };
    let checked: u64 = thread::scope(|scope| {
        let work = &write_until_stopped;
        let writers: Vec<_> =
            writers.iter_mut().map(|writer| scope.spawn(move || work(writer))).collect();
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let (store, progress) = (&store, &progress[..]);
                scope.spawn(move || {
                    let reader = Reader { store, progress, seen: [0; WRITERS], checked: 0 };
                    reread_until(reader, wanted)
                })
            })
            .collect();
        let joined: Vec<_> = readers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        // Stop the writers first: in a failed test they would run forever.
        stop.store(true, Ordering::Relaxed);
        // Join explicitly: the thread sanitizer understands joins, but not scopes.
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        joined.into_iter().map(Result::unwrap).sum()
    });
    println!("{checked} values read in snapshots and checked, 0 wrong");
    assert!(checked >= reads_wanted());
    store.reclaim();
    let statistics = store.statistics();
    assert_eq!(statistics.versions, statistics.live_keys);
}

/// Reads snapshots, each twice with time for writes in between, until enough values are checked.
fn reread_until(mut reader: Reader<'_>, wanted: u64) -> u64 {
    // One is kept for long, so that some versions can never be pruned.
    let mut kept = reader.read();
    for round in 1.. {
        let (snapshot, all) = reader.read();
        thread::yield_now();
        reader.checked += check_same(&snapshot, &all);
        if round % 64 == 0 {
            reader.checked += check_same(&kept.0, &kept.1);
            kept = (snapshot, all);
        }
        if reader.checked >= wanted {
            break;
        }
    }
    reader.checked + check_same(&kept.0, &kept.1)
}

/// Checks that a snapshot has not changed; returns the number of values.
fn check_same(snapshot: &Snapshot, all: &[Option<Versioned>]) -> u64 {
    let mut reader_sees = Vec::with_capacity(all.len());
    for writer in 0..WRITERS {
        for r in 0..RUNS {
            reader_sees.extend(NAMES.map(|name| snapshot.get(run(r), &key(writer, name))));
        }
    }
    assert_eq!(reader_sees, all, "a snapshot changed");
    all.len() as u64
}

#[test]
fn concurrent_transactions_lose_no_update() {
    const THREADS: u64 = 4;
    const UPDATES: u64 = 500;
    let (store, counter) = (ShardedStore::new(), Key::from(b"counter"));
    let conflicts: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (store, counter) = (&store, &counter);
                scope.spawn(move || (0..UPDATES).map(|_| increment(store, counter)).sum::<u64>())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    println!("{} updates, {conflicts} conflicts", THREADS * UPDATES);
    let sum = store.get_with(run(0), &counter, number).unwrap();
    assert_eq!(sum, THREADS * UPDATES);
}

/// Increments a counter, retrying on conflicts; returns the number of conflicts.
fn increment(store: &ShardedStore, counter: &Key) -> u64 {
    for conflicts in 0.. {
        let mut transaction = store.begin(run(0));
        let before = transaction.get(counter).map_or(0, |value| number(&value));
        thread::yield_now();
        transaction.put(counter, Value::from((before + 1).to_le_bytes()));
        match transaction.commit() {
            Ok(_) => return conflicts,
            Err(Error::Conflict(conflict)) => assert_eq!(conflict.key, *counter),
            Err(other) => panic!("{other}"),
        }
    }
    unreachable!("the loop is endless")
}

fn number(value: &Value) -> u64 {
    u64::from_le_bytes(value.as_bytes().try_into().unwrap())
}

//! The measured cost of held snapshots, on stores whose cost is known.

use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sharded_store::{
    Capabilities, Deleted, Direct, Error, Held, Key, NoSnapshot, NoTransaction, RunId,
    ShardedStore, Snapshot, Storage, UnifiedStore, Value, Version, Versioned,
};
use shardproof::evidence::{HeldSnapshot, Reclaim};
use shardproof::machine::clock::Clock;
use shardproof::measure::memory::bytes_per_version;
use shardproof::measure::snapshots::held::Hold;
use shardproof::measure::snapshots::threads::{AcquireTimes, acquire_concurrently};
use shardproof::subject::seed::SeedStore;
use shardproof::trace::allocations::CountingAllocator;
use shardproof::workload::KeySet;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Number of keys: enough that their versions outweigh the allocations of a test's own thread.
const KEYS: usize = 2_000;
/// Minimum memory per key: its value.
const VALUE_BYTES: i64 = 40;

/// Live bytes are counted for the whole process, so tests run one at a time.
fn serialize_tests() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hold<S: Storage>(store: &S, reclaim: Duration) -> Option<HeldSnapshot> {
    let clock = Clock::new();
    let hold = Hold {
        subject: "mine",
        seed: 7,
        keys: KEYS,
        ages: &[0, 1, 4, 16],
        reading: Duration::from_millis(1),
        reclaim,
        clock: &clock,
    };
    hold.measure(store)
}

/// A time limit that is only reached if memory is never reclaimed.
const RECLAIM_TIME_MAX: Duration = Duration::from_secs(60);
/// A time limit for stores that never reclaim memory.
const SHORT_RECLAIM_TIME: Duration = Duration::from_millis(20);

#[test]
fn a_held_snapshot_keeps_one_version_per_overwritten_key() {
    let _guard = serialize_tests();
    let store = ShardedStore::new();
    let held = hold(&store, RECLAIM_TIME_MAX).unwrap();
    let overwrites: Vec<u64> = held.ages.iter().map(|age| age.overwrites).collect();
    assert_eq!(overwrites, [0, 1, 4, 16].map(|times| times * KEYS as u64));
    for age in &held.ages {
        assert_eq!(age.versions, Some(KEYS + age.keys_overwritten), "{age:?}");
        let least = age.keys_overwritten as i64 * VALUE_BYTES;
        assert!(age.extra_bytes.unwrap() >= least, "{age:?}");
    }
    let overwritten: Vec<usize> = held.ages.iter().map(|age| age.keys_overwritten).collect();
    assert_eq!(overwritten[0], 0);
    // n random draws miss about one key in e, and 16 n draws about none.
    assert!((KEYS / 2..KEYS * 3 / 4).contains(&overwritten[1]), "{overwritten:?}");
    assert!((KEYS - 2..=KEYS).contains(&overwritten[3]), "{overwritten:?}");
    assert_eq!((held.checks.checked, held.checks.failed), (4 * KEYS as u64, 0));
}

#[test]
fn dropping_and_overwriting_reclaims_the_versions() {
    let _guard = serialize_tests();
    let store = ShardedStore::new();
    let reclaim = hold(&store, RECLAIM_TIME_MAX).unwrap().reclaim.unwrap();
    assert!(
        reclaim.after_drop_bytes > reclaim.extra_bytes / 2,
        "only writers reclaim: {reclaim:?}"
    );
    assert!(reclaim.reclaimed_ms.is_some() && reclaim.overwrites > 0, "{reclaim:?}");
    assert!(reclaim.end_bytes <= reclaim.extra_bytes / 10, "{reclaim:?}");
    assert_eq!(reclaim.collected_bytes, None);
    let Held { versions, live_keys } = store.held().unwrap();
    // Up to a tenth of the bytes may remain.
    assert!(versions <= KEYS + KEYS / 5 && live_keys == KEYS, "{versions} versions");
}

#[test]
fn a_copy_costs_memory_from_the_start_until_the_drop() {
    let _guard = serialize_tests();
    let held = hold(&UnifiedStore::new(), RECLAIM_TIME_MAX).unwrap();
    let bytes: Vec<i64> = held.ages.iter().map(|age| age.extra_bytes.unwrap()).collect();
    assert!(bytes[0] > KEYS as i64 * VALUE_BYTES, "{bytes:?}");
    assert!(bytes.iter().all(|each| (each - bytes[0]).abs() < bytes[0] / 10), "{bytes:?}");
    assert!(
        held.ages.iter().all(|age| age.versions.is_none()),
        "the store does not count versions"
    );
    assert_eq!(held.checks.failed, 0);
    let Reclaim { after_drop_bytes, reclaimed_ms, overwrites, .. } = held.reclaim.unwrap();
    assert!(after_drop_bytes < bytes[0] / 10 && reclaimed_ms.is_some() && overwrites == 0);
}

#[test]
fn memory_that_is_never_reclaimed_is_reported() {
    let _guard = serialize_tests();
    let reclaim = hold(&Hoarding::<0>::default(), SHORT_RECLAIM_TIME).unwrap().reclaim.unwrap();
    assert_eq!(reclaim.reclaimed_ms, None);
    assert!(reclaim.end_bytes >= reclaim.extra_bytes * 9 / 10, "{reclaim:?}");
    assert!(reclaim.collected_bytes.unwrap() >= reclaim.extra_bytes * 9 / 10, "{reclaim:?}");
    assert!(reclaim.overwrites > 0);
}

#[test]
fn memory_that_only_collect_reclaims_is_distinguished_from_a_leak() {
    let _guard = serialize_tests();
    let reclaim = hold(&Hoarding::<1>::default(), SHORT_RECLAIM_TIME).unwrap().reclaim.unwrap();
    assert_eq!(reclaim.reclaimed_ms, None);
    assert!(reclaim.end_bytes >= reclaim.extra_bytes * 9 / 10, "{reclaim:?}");
    assert!(reclaim.collected_bytes.unwrap() <= reclaim.extra_bytes / 10, "{reclaim:?}");
}

#[test]
fn a_snapshot_of_live_data_costs_nothing_and_fails_its_checks() {
    let _guard = serialize_tests();
    let held = hold(&SeedStore::new(), RECLAIM_TIME_MAX).unwrap();
    for age in &held.ages {
        assert!(age.extra_bytes.unwrap() < KEYS as i64 * VALUE_BYTES / 10, "{age:?}");
    }
    let overwritten: usize = held.ages.iter().map(|age| age.keys_overwritten).sum();
    assert_eq!(held.checks.failed, overwritten as u64, "every overwritten key at every age");
    let first = held.checks.first_failure.unwrap();
    assert!(first.contains("after 2000 overwrites"), "{first}");
    assert!(held.reclaim.unwrap().reclaimed_ms.is_some(), "there is nothing to reclaim");
}

#[test]
fn a_store_without_snapshots_yields_no_results() {
    let _guard = serialize_tests();
    let (store, clock) = (Plain::default(), Clock::new());
    assert_eq!(hold(&store, SHORT_RECLAIM_TIME), None);
    assert_eq!(acquire_concurrently(&store, 1, Duration::ZERO, &clock), None);
    assert_eq!(bytes_per_version(&store, 7, &KeySet::new(10)), None);
}

#[test]
fn bytes_per_version_match_what_the_store_keeps() {
    let _guard = serialize_tests();
    let keys = KeySet::new(KEYS);
    let sharded = bytes_per_version(&ShardedStore::new(), 7, &keys).unwrap();
    let unified = bytes_per_version(&UnifiedStore::new(), 7, &keys).unwrap();
    let seed = bytes_per_version(&SeedStore::new(), 7, &keys).unwrap();
    let padded = bytes_per_version(&Padded::default(), 7, &keys).unwrap();
    assert!(sharded > VALUE_BYTES as f64, "{sharded}");
    // A copy holds the run id and the key in addition to the value.
    assert!(unified > (16 + 12 + VALUE_BYTES) as f64, "{unified}");
    assert!(seed < 1.0, "a snapshot of the literal design keeps nothing: {seed}");
    let pad = PAD_BYTES as f64;
    assert!((padded - sharded - pad).abs() < 1.0, "{padded} is {pad} more than {sharded}");
}

#[test]
fn concurrent_snapshots_take_time() {
    let _guard = serialize_tests();
    let clock = Clock::new();
    for threads in [1, 2] {
        let store = ShardedStore::new();
        let times = acquire_concurrently(&store, threads, Duration::from_millis(2), &clock);
        let AcquireTimes { acquire_ns: ns, on_cpu_share } = times.unwrap();
        assert!(ns.low > 0.0 && ns.low <= ns.median && ns.median <= ns.high, "{ns:?}");
        assert!(on_cpu_share.is_none_or(|share| share > 0.0), "{on_cpu_share:?}");
    }
}

/// Forwards reads and writes to an inner `ShardedStore`.
macro_rules! forward_to_inner {
    () => {
        type Session<'a> = Direct<'a, Self>;
        type Transaction<'a> = NoTransaction;

        fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
            self.store.get(run, key)
        }

        fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
            self.store.put(run, key, value)
        }

        fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
            self.store.delete(run, key)
        }
    };
}

const WITH_SNAPSHOTS: Capabilities = Capabilities { snapshots: true, ..Capabilities::BASIC };

/// Keeps a clone of each snapshot, and so its versions: forever (0), or until `collect` is called
/// (1).
#[derive(Default)]
struct Hoarding<const COLLECTS: usize> {
    store: ShardedStore,
    hoard: Mutex<Vec<Snapshot>>,
}

impl<const COLLECTS: usize> Storage for Hoarding<COLLECTS> {
    const CAPABILITIES: Capabilities = WITH_SNAPSHOTS;
    type Snapshot = Snapshot;
    forward_to_inner!();

    fn snapshot(&self) -> Option<Snapshot> {
        let snapshot = self.store.snapshot();
        self.hoard.lock().unwrap().push(snapshot.clone());
        Some(snapshot)
    }

    fn collect(&self) {
        if COLLECTS == 1 {
            self.hoard.lock().unwrap().clear();
            self.store.reclaim();
        }
    }
}

/// Bytes that [`Padded`] leaks with each put.
const PAD_BYTES: usize = 64;

/// Leaks [`PAD_BYTES`] with each put.
#[derive(Default)]
struct Padded {
    store: ShardedStore,
}

impl Storage for Padded {
    const CAPABILITIES: Capabilities = WITH_SNAPSHOTS;
    type Snapshot = Snapshot;
    type Session<'a> = Direct<'a, Self>;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.store.get(run, key)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        black_box(Box::leak(Box::new([1u8; PAD_BYTES])));
        self.store.put(run, key, value)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        self.store.delete(run, key)
    }

    fn snapshot(&self) -> Option<Snapshot> {
        Some(self.store.snapshot())
    }
}

/// A store with nothing but `get`, `put` and `delete`.
#[derive(Default)]
struct Plain {
    store: ShardedStore,
}

impl Storage for Plain {
    const CAPABILITIES: Capabilities = Capabilities::BASIC;
    type Snapshot = NoSnapshot;
    forward_to_inner!();
}

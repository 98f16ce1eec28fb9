//! Each peer gives the same answers as `UnifiedStore` in one thread, which shows that our adapter
//! is right. `verify` checks the stores among them under concurrency; the maps have adapters with
//! logic of their own, so they are checked under concurrency here too.

mod support {
    pub(crate) mod peer_programs;
    pub(crate) mod peer_world;
}

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_skiplist::SkipMap;
use fjall::{KeyspaceCreateOptions, OptimisticTxDatabase, Readable, UserValue};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestRunner};
use sharded_store::{Key, RunId, Storage, Value};
use shardproof::Subjects;
use shardproof::evidence::Checks;
use shardproof::measure::MeasureSubject;
use shardproof::measure::load::Load;
use shardproof::subject::Role;
use shardproof::subject::numbered::Numbered;
use shardproof::subject::peers::maps::{Flat, FlatKey, PeerMap};
use shardproof::subject::peers::{
    Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx,
};
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, Limits, VerifySubject};
use shardproof::verify::explain::explain;
use shardproof::verify::generate::{Mix as ProgramMix, Shape};
use shardproof::verify::program::Op;
use shardproof::verify::search::{Goal, SearchBudget, SearchOutcome, SearchTask, search};
use shardproof::workload::keys::run_id;
use shardproof::workload::{Placement, Stream, Workload};
use skipdb::serializable::SerializableDb;
use tempfile::TempDir;

use support::peer_programs::programs;
use support::peer_world::SideBySide;

/// Runs random programs on fresh stores, leaving out the operations that `allowed` does not allow.
fn agrees<S: Storage>(
    create: impl Fn() -> S,
    cases: u32,
    allowed: impl Fn(&SideBySide<'_, S>, &Op) -> bool,
) {
    let config = ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        cases,
        ..ProptestConfig::default()
    };
    let tested = TestRunner::new(config).run(&programs(120), |program| {
        let store = create();
        let mut world = SideBySide::new(&store);
        for op in &program {
            if allowed(&world, op) {
                world.step(op);
            }
        }
        world.reread();
        Ok(())
    });
    tested.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn surrealmx_answers_as_the_baseline_does() {
    agrees(Surrealmx::new, 300, |_, _| true);
}

#[test]
fn fjall_answers_as_the_baseline_does() {
    agrees(Fjall::new, 40, |_, _| true);
}

/// Its `get` is documented to be "wrapped in a read snapshot". Uses its own interface, without our
/// adapter.
#[test]
fn fjall_gets_what_a_later_snapshot_does_not_show() {
    let folder = TempDir::new().unwrap();
    let database = OptimisticTxDatabase::builder(folder.path()).open().unwrap();
    let keyspace = database.keyspace("counts", KeyspaceCreateOptions::default).unwrap();
    let number = |found: UserValue| u64::from_be_bytes((*found).try_into().unwrap());
    keyspace.insert("count", 0u64.to_be_bytes()).unwrap();
    let (start, seen) = (Instant::now(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            for count in 1u64.. {
                keyspace.insert("count", count.to_be_bytes()).unwrap();
                if seen.load(Ordering::Relaxed) || start.elapsed() > Duration::from_secs(30) {
                    return;
                }
            }
        });
        while !seen.load(Ordering::Relaxed) && start.elapsed() < Duration::from_secs(30) {
            let got = number(keyspace.get("count").unwrap().unwrap());
            let later = number(database.read_tx().get(&keyspace, "count").unwrap().unwrap());
            seen.store(later < got, Ordering::Relaxed);
        }
    });
    assert!(seen.into_inner(), "fixed in this version? Then say so in docs/PEERS.md");
}

#[test]
fn redb_answers_as_the_baseline_does() {
    agrees(Redb::new, 300, |_, _| true);
}

#[test]
fn numbered_peers_answer_as_the_baseline_does() {
    agrees(|| Numbered::new(Surrealmx::new()), 50, |_, _| true);
    agrees(|| Numbered::new(Redb::new()), 50, |_, _| true);
}

/// With the exceptions that the next three tests show.
#[test]
fn skipdb_answers_as_the_baseline_does() {
    agrees(Skipdb::new, 300, |world, op| {
        let (transaction, key) = match op {
            Op::Collect => return !world.is_observed(),
            Op::TransactionGet { transaction, key }
            | Op::TransactionPut { transaction, key, .. }
            | Op::TransactionDelete { transaction, key } => (*transaction, world.key(*key)),
            _ => return true,
        };
        world.draft(transaction).is_none_or(|draft| {
            let put_to_be_deleted =
                matches!(op, Op::TransactionDelete { .. }) && draft.has_put(&key);
            !draft.has_deleted(&key) && !put_to_be_deleted
        })
    });
}

/// Uses its own interface, without our adapter.
#[test]
fn skipdb_shows_a_transaction_what_it_has_deleted() {
    let database: SerializableDb<u64, u64> = SerializableDb::new();
    let mut first = database.serializable_write();
    first.insert(1, 10).unwrap();
    first.commit().unwrap();
    let mut second = database.serializable_write();
    second.remove(1).unwrap();
    let found = second.get(&1).unwrap().map(|found| *found.value());
    assert_eq!(found, Some(10), "fixed in this version? Then leave the exception out above");
    assert!(!second.contains_key(&1).unwrap());
}

/// Uses its own interface, without our adapter.
#[test]
fn skipdb_commits_a_put_that_the_transaction_then_deleted() {
    let database: SerializableDb<u64, u64> = SerializableDb::new();
    // The first commit is apart, because the fault needs a read version other than 0.
    for [deleted, put] in [[1, 2], [3, 4]] {
        let mut transaction = database.serializable_write();
        transaction.insert(deleted, 10).unwrap();
        transaction.remove(deleted).unwrap();
        transaction.remove(put).unwrap();
        transaction.insert(put, 20).unwrap();
        transaction.commit().unwrap();
    }
    let reader = database.read();
    let live = [1, 2, 3, 4].map(|key| reader.contains_key(&key));
    let repaired = "fixed in this version? Then leave the exception out above";
    assert_eq!(live, [false, true, true, false], "{repaired}");
}

/// Uses its own interface, without our adapter.
#[test]
fn skipdb_compacts_away_versions_that_an_open_reader_sees() {
    let database: SerializableDb<u64, u64> = SerializableDb::new();
    let put = |key, value| {
        let mut transaction = database.serializable_write();
        transaction.insert(key, value).unwrap();
        transaction.commit().unwrap();
    };
    for (key, value) in [(1, 10), (2, 20), (3, 30)] {
        put(key, value);
    }
    let reader = database.read();
    assert!(reader.contains_key(&1));
    put(1, 11);
    // A background thread tracks the progress of readers.
    let lost = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(10));
        database.compact();
        !reader.contains_key(&1)
    });
    assert!(lost, "fixed in this version? Then leave the exception out above");
}

#[test]
fn the_maps_answer_as_the_baseline_does() {
    agrees(Dashmap::new, 100, |_, _| true);
    agrees(Papaya::new, 100, |_, _| true);
    agrees(Scc::new, 100, |_, _| true);
    agrees(Skiplist::new, 100, |_, _| true);
    agrees(Moka::new, 100, |_, _| true);
    agrees(Rwlock::new, 100, |_, _| true);
}

#[test]
fn every_peer_answers_right_while_it_is_measured_under_every_placement_and_every_operation_it_can_do()
 {
    const MIXES: [&str; 10] = [
        "get100",
        "get50-put50",
        "put100",
        "get40-miss10-put20-insert15-delete15",
        "get40-contains10-put20-delete30",
        "get50-rmw50",
        "get50-list30-count20",
        "get50-apply50",
        "get50-put30-snapshot20",
        "get50-transaction50",
    ];
    let mixed = "disjoint50-shared50".parse().unwrap();
    let placements = Placement::ALL.into_iter().chain([mixed]);
    let subjects = Subjects::new();
    for mix in MIXES {
        let workload: Workload = format!("{mix}+keys_per_run=100").parse().unwrap();
        let keys = workload.key_set();
        let is_compatible_peer = |subject: &MeasureSubject| {
            subject.description().role == Role::Peer
                && subject.check_compatibility(&workload).is_ok()
        };
        for name in subjects.measured().into_iter().filter(is_compatible_peer) {
            for placement in placements.clone() {
                let streams = [0, 1]
                    .map(|thread| Stream::for_workload(1, &workload, placement, thread, &keys));
                // Two workers at rest, and under load each of their samples at least once.
                let least =
                    2 * 100 + streams.iter().map(|it| it.samples().len() as u64).sum::<u64>();
                let load = Load::new(&streams, &keys, Duration::from_millis(1));
                let slice = name.slice(Load { placement, ..load });
                let Checks { checked, failed, first_failure, exemption } = slice.checks;
                assert_eq!((failed, first_failure), (0, None), "{name} {placement} {mix}");
                assert!(checked >= least && exemption.is_none(), "{name}: {checked} of {least}");
            }
        }
    }
}

/// Searches programs of a few operations on few keys until one fails.
fn searched(
    subject: &VerifySubject,
    executor: Executor,
    programs: u64,
    time: Duration,
) -> SearchOutcome {
    const SHAPES: [Shape; 2] = [
        Shape { setup: 4, threads: 2, ops: 8, runs: 1, keys: 2, mix: ProgramMix::Even },
        Shape { setup: 4, threads: 3, ops: 40, runs: 2, keys: 6, mix: ProgramMix::Even },
    ];
    let axioms = Axioms::all();
    let task = SearchTask { subject, executor, catalogue: &[], seed: 1, axioms: &axioms };
    let random = Limits { executions: 64, time, preemptions: None };
    let (catalogue, shrinking, goal) = (None, Duration::ZERO, Goal::FirstFinding);
    let budget = SearchBudget {
        catalogue,
        collecting_factor: 1,
        programs,
        shapes: &SHAPES,
        random,
        time,
        shrinking,
        goal,
    };
    search(&task, &budget, &mut |_, _| ())
}

#[test]
fn the_maps_show_no_anomaly_to_concurrent_threads() {
    let subjects = Subjects::new();
    for name in ["dashmap", "papaya", "scc", "skiplist", "moka", "rwlock"] {
        let subject = subjects.verify(name).unwrap();
        for executor in [Executor::Litmus, Executor::Stress] {
            let search = searched(subject, executor, 40, Duration::from_secs(10));
            let failure = search.worst().map(|found| {
                let failure = &found.failure;
                explain(&failure.history, &failure.report.anomalies[0]).to_string()
            });
            assert_eq!(failure.as_deref(), None, "{name} {executor:?}");
            assert!(search.report.reads > 1_000, "{name} {executor:?}: {}", search.report.reads);
        }
    }
}

/// One thread puts a key and reads it at once, while another deletes it: a value that is not found
/// must have been deleted by then. Ends when a few were missed, or after a time limit.
fn loses_no_put(name: &str, store: &impl Storage) {
    const PUTS: u64 = 100_000;
    const MISSED: usize = 30;
    let start = Instant::now();
    let (run, key) = (run_id(1, 0), Key::from(b"k"));
    let number = |value: &Value| u64::from_be_bytes(value.as_bytes().try_into().unwrap());
    let (ended, mut missed) = (AtomicBool::new(false), BTreeSet::new());
    thread::scope(|scope| {
        let deleting = scope.spawn(|| {
            let mut deleted = BTreeSet::new();
            // Acquire: pairs with the store after the last put, which need only be seen eventually.
            while !ended.load(Ordering::Acquire) {
                let removed = store.delete(run, &key).unwrap();
                deleted.extend(removed.map(|deleted| number(&deleted.removed.value)));
            }
            deleted
        });
        for put in 1u64.. {
            store.put(run, &key, Value::from(put.to_be_bytes())).unwrap();
            match store.get_with(run, &key, number) {
                Some(found) => assert_eq!(found, put),
                None => assert!(missed.insert(put)),
            }
            let is_enough = put >= PUTS && missed.len() >= MISSED;
            if is_enough || start.elapsed() > Duration::from_secs(30) {
                break;
            }
        }
        // Release: pairs with the load above.
        ended.store(true, Ordering::Release);
        let deleted = deleting.join().unwrap();
        assert!(!missed.is_empty(), "{name}: nothing could have been lost");
        assert_eq!(missed.difference(&deleted).next(), None, "{name}: lost of {}", missed.len());
    });
}

#[test]
fn a_map_loses_no_put_during_a_delete_of_its_key() {
    loses_no_put("dashmap", &Dashmap::new());
    loses_no_put("papaya", &Papaya::new());
    loses_no_put("scc", &Scc::new());
    loses_no_put("skiplist", &Skiplist::new());
    loses_no_put("moka", &Moka::new());
    loses_no_put("rwlock", &Rwlock::new());
}

/// The obvious adapter of a skip list.
#[derive(Default)]
struct PlainSkipMap(SkipMap<FlatKey, Value>);

impl PeerMap for PlainSkipMap {
    const SETTINGS: &'static str = "insert, whatever is there";

    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.0.get(&(run, key.clone())).map(|found| read(found.value()))
    }

    fn write(&self, run: RunId, key: &Key, value: Value) {
        self.0.insert((run, key.clone()), value);
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        self.0.remove(&(run, key.clone())).map(|found| found.value().clone())
    }
}

#[test]
fn a_skip_list_that_inserts_over_an_entry_is_detected() {
    let subject = VerifySubject::new("plain skip list", Flat::<PlainSkipMap>::new);
    let search = searched(&subject, Executor::Litmus, 100_000, Duration::from_mins(2));
    assert!(!search.findings.is_empty(), "{} executions, {:?}", search.executions, search.ended);
}

/// Uses its own interface, without our adapter.
#[test]
fn a_skip_list_loses_a_key_for_a_moment_while_it_is_inserted_again() {
    let map = SkipMap::new();
    map.insert(1, 0);
    let (start, lost) = (Instant::now(), AtomicBool::new(false));
    let goes_on = || !lost.load(Ordering::Relaxed) && start.elapsed() < Duration::from_secs(30);
    thread::scope(|scope| {
        scope.spawn(|| {
            while goes_on() {
                map.insert(1, 1);
            }
        });
        while goes_on() {
            lost.store(map.get(&1).is_none(), Ordering::Relaxed);
        }
    });
    assert!(lost.into_inner(), "fixed in this version? Then insert in its adapter, too");
}

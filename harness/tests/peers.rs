//! Each peer answers as `UnifiedStore` does, in one thread: what our adapter makes of it is right. What
//! the peer does beside other threads is for `verify`.

mod support {
    pub(crate) mod peer_programs;
    pub(crate) mod peer_world;
}

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fjall::{KeyspaceCreateOptions, OptimisticTxDatabase, Readable, UserValue};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestRunner};
use sharded_store::Storage;
use shardproof::subject::numbered::Numbered;
use shardproof::subject::peers::{Fjall, Redb, Skipdb, Surrealmx};
use shardproof::verify::program::Op;
use skipdb::serializable::SerializableDb;
use tempfile::TempDir;

use support::peer_programs::programs;
use support::peer_world::World;

/// Runs random programs on fresh stores, leaving out the operations that `allowed` does not allow.
fn agrees<S: Storage>(
    create: impl Fn() -> S,
    cases: u32,
    allowed: impl Fn(&World<'_, S>, &Op) -> bool,
) {
    let config = ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        cases,
        ..ProptestConfig::default()
    };
    let tested = TestRunner::new(config).run(&programs(120), |program| {
        let store = create();
        let mut world = World::new(&store);
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

/// Its `get` is documented to be "wrapped in a read snapshot". Through its own interface, so that the adapter
/// has no part in it.
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
    assert!(seen.into_inner(), "repaired in this version? Then say so in docs/PEERS.md");
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

/// But for what the next three tests show of it.
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

/// Through its own interface, so that the adapter has no part in it.
#[test]
fn skipdb_shows_a_transaction_what_it_has_deleted() {
    let database: SerializableDb<u64, u64> = SerializableDb::new();
    let mut first = database.serializable_write();
    first.insert(1, 10).unwrap();
    first.commit().unwrap();
    let mut second = database.serializable_write();
    second.remove(1).unwrap();
    let found = second.get(&1).unwrap().map(|found| *found.value());
    assert_eq!(found, Some(10), "repaired in this version? Then leave the exception out above");
    assert!(!second.contains_key(&1).unwrap());
}

/// Through its own interface, so that the adapter has no part in it.
#[test]
fn skipdb_commits_a_put_that_the_transaction_then_deleted() {
    let database: SerializableDb<u64, u64> = SerializableDb::new();
    // The first commit apart, since it is the transaction's read version, not being 0, that does it.
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
    let repaired = "repaired in this version? Then leave the exception out above";
    assert_eq!(live, [false, true, true, false], "{repaired}");
}

/// Through its own interface, so that the adapter has no part in it.
#[test]
fn skipdb_compacts_away_what_an_open_reader_sees() {
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
    // It learns in the background how far the readers have come.
    let lost = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(10));
        database.compact();
        !reader.contains_key(&1)
    });
    assert!(lost, "repaired in this version? Then leave the exception out above");
}

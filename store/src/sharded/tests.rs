//! Tests of the store's limits.

use super::*;
use crate::cell::SEQUENCE_MAX;
use crate::clock::LAST;

const RUN: RunId = RunId::from_u128(1);

fn key(number: u8) -> Key {
    Key::from([number])
}

fn value(number: u8) -> Value {
    Value::from([number])
}

/// Checks that every way to write is refused, and that nothing changes by trying.
fn is_read_only(store: &ShardedStore) {
    let (before, handle) = (store.list_all(RUN), store.run(RUN));
    let refused = Error::VersionsExhausted;
    for (number, long) in [(1, vec![0; 99]), (2, vec![0; 9]), (3, vec![0; 9])] {
        let value = Value::new(long).unwrap();
        assert_eq!(store.put(RUN, &key(number), value.clone()), Err(refused.clone()));
        assert_eq!(handle.put(&key(number), value.clone()), Err(refused.clone()));
        let deletes = if number < 3 { Err(refused.clone()) } else { Ok(None) };
        assert_eq!(store.delete(RUN, &key(number)), deletes);
        let set = WriteSet::new().put(RUN, key(number), value.clone()).delete(RUN, key(1));
        assert_eq!(store.apply(&set), Err(refused.clone()));
        let mut transaction = store.begin(RUN);
        transaction.put(&key(number), value);
        assert_eq!(transaction.commit(), Err(refused.clone()));
    }
    assert_eq!(store.begin(RUN).commit(), Ok(None), "one that only reads never fails");
    let snapshot = store.snapshot();
    assert_eq!((snapshot.list_all(RUN), store.list_all(RUN)), (before.clone(), before.clone()));
    assert_eq!((snapshot.count(RUN), store.count(RUN)), (before.len(), before.len()));
    drop(snapshot);
    assert_eq!(store.reclaim(), Reclaimed::default());
}

#[test]
fn an_exhausted_clock_refuses_writes_and_still_shows_everything() {
    let store = ShardedStore::starting_at(LAST - 1, 0);
    store.put(RUN, &key(1), value(1)).unwrap();
    store.put(RUN, &key(2), value(2)).unwrap();
    let last_but_one = store.snapshot();
    assert_eq!((last_but_one.version(), store.version()), (LAST - 1, LAST));
    is_read_only(&store);
    assert_eq!(store.remove_run(RUN), Err(Error::VersionsExhausted));
    assert_eq!(store.next_version(), Err(Error::VersionsExhausted));
    assert_eq!((store.version(), store.snapshot().version()), (LAST, LAST));
    assert_eq!((store.shard_count(), last_but_one.count(RUN)), (1, 2));
    drop(last_but_one);
    is_read_only(&store);
}

#[test]
fn a_run_out_of_sequence_numbers_refuses_writes_and_leaves_other_runs_alone() {
    let store = ShardedStore::new();
    let version = Version::new(0, SEQUENCE_MAX - 1);
    store.shard_or_new(RUN).lock().restore(store.shared(), &key(1), Some(value(1)), version);
    let last = store.put(RUN, &key(2), value(2)).unwrap();
    assert_eq!(last.sequence(), SEQUENCE_MAX);
    assert_eq!(store.get(RUN, &key(2)).unwrap().version, last);
    let before = store.snapshot();
    is_read_only(&store);
    let other = RunId::from_u128(2);
    let set = WriteSet::new().put(other, key(1), value(1)).put(RUN, key(1), value(9));
    assert_eq!(store.apply(&set), Err(Error::VersionsExhausted));
    assert_eq!((store.count(other), store.shard_count()), (0, 1));
    assert!(store.put(other, &key(1), value(1)).is_ok());
    assert_eq!((before.count(other), before.count(RUN)), (0, 2));
}

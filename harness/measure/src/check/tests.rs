use shardproof_workload::stream::WriteAgo;
use shardproof_workload::{KeySet, Mix, ValueWriter};

use super::*;

const RUN: RunId = RunId::from_u128(1 << 64 | 2);
/// Keys that were filled.
const KEYS: usize = 10;
/// A get under load of key 3, which this worker's last write but one has put.
const SAMPLE: Sample =
    Sample { key: 3, slot: 0, last_write: Some(WriteAgo { writes: 1, is_delete: false }) };
/// The same, but that write was a delete.
const DELETED: Sample =
    Sample { last_write: Some(WriteAgo { writes: 1, is_delete: true }), ..SAMPLE };

/// The checker of worker 1 of three; worker 2 works in another run.
fn checker() -> Checker {
    checker_of(RunWriters {
        is_writer: vec![true, true, false],
        any_deletes: false,
        others_delete: false,
        any_inserts: false,
    })
}

fn checker_of(writers: RunWriters) -> Checker {
    let stream = Stream::new(1, Mix::with_puts(50), 1, &KeySet::new(KEYS));
    Checker::new((1, RUN), writers, KEYS, &stream)
}

/// The checker of worker 1, which deletes and inserts; worker 0 may do the same.
fn deleting(is_writer: [bool; 2]) -> Checker {
    let others_delete = is_writer[0];
    let is_writer = is_writer.to_vec();
    checker_of(RunWriters { is_writer, any_deletes: true, others_delete, any_inserts: true })
}

/// Write number `number` of a thread, to key 3.
fn write(thread: u32, number: u64) -> Value {
    let mut writer = ValueWriter::new(RUN, thread);
    while writer.written() + 1 < number {
        writer.next_value(0);
    }
    writer.next_value(3)
}

/// Why the last of `found` is wrong; the others must be right. The worker has made 20 writes.
fn failure(found: &[Value]) -> Option<String> {
    let mut checker = checker();
    let (last, before) = found.split_last().unwrap();
    for value in before {
        checker.check_sampled_get(SAMPLE, 20, Some(value));
    }
    assert_eq!(checker.checks.failed, 0, "{:?}", checker.checks.first_failure);
    checker.check_sampled_get(SAMPLE, 20, Some(last));
    assert_eq!(checker.checks.checked, found.len() as u64);
    checker.into_checks().first_failure
}

#[test]
fn of_its_own_puts_a_worker_finds_only_the_last() {
    assert_eq!(failure(&[write(1, 19)]), None);
    for number in [4, 18, 20, 21] {
        let failure = failure(&[write(1, number)]).unwrap();
        assert!(failure.ends_with("thread 1, whose last write to it is 19"), "{failure}");
    }
}

#[test]
fn a_key_that_the_worker_does_not_put_holds_what_it_was_filled_with() {
    for writes in [None, Some(10), Some(100)] {
        let mut checker = checker();
        let last_write = writes.map(|writes| WriteAgo { writes, is_delete: false });
        checker.check_sampled_get(Sample { last_write, ..SAMPLE }, 20, Some(&write(1, 4)));
        checker.check_sampled_get(Sample { last_write, ..SAMPLE }, 20, Some(&write(0, 4)));
        assert_eq!(checker.checks.failed, 0, "{writes:?}: {:?}", checker.checks);
    }
}

#[test]
fn writes_of_another_worker_may_be_found_in_order() {
    assert_eq!(failure(&[write(0, 11), write(1, 19), write(0, 12), write(0, 12)]), None);
    let failure = failure(&[write(0, 13), write(1, 19), write(0, 12)]).unwrap();
    assert!(failure.ends_with("goes back from write 13 of thread 0 to write 12"), "{failure}");
}

#[test]
fn an_overwritten_value_and_one_that_cannot_be_here_are_wrong() {
    let fill = failure(&[write(0, 4)]).unwrap();
    assert!(fill.contains("what thread 0 filled it with"), "{fill}");
    let elsewhere = failure(&[write(2, 12)]).unwrap();
    assert!(elsewhere.contains("thread 2, which does not write to this run"), "{elsewhere}");
    let nobody = failure(&[write(7, 12)]).unwrap();
    assert!(nobody.contains("thread 7, which does not write to this run"), "{nobody}");
    let other_run = ValueWriter::new(RunId::from_u128(5), 1).next_value(3);
    let other_run = failure(&[other_run]).unwrap();
    assert!(other_run.contains("holds a value of run"), "{other_run}");
    let other_key = failure(&[ValueWriter::new(RUN, 1).next_value(4)]).unwrap();
    assert!(other_key.ends_with("key 3 holds the value of key 4"), "{other_key}");
}

#[test]
fn at_rest_a_key_holds_a_last_write() {
    let writes = [13, 4, 99].map(|number| final_writes(number, false));
    let fails = |found: Option<&Value>| {
        let mut checker = checker();
        checker.check_at_rest(3, found, |thread| &writes[thread as usize]);
        checker.into_checks().first_failure
    };
    assert_eq!(fails(Some(&write(0, 13))), None);
    assert!(fails(Some(&write(0, 12))).unwrap().ends_with("whose last write to it is 13"));
    // Worker 1 has put nothing here, but worker 0 has overwritten what it filled it with.
    assert!(fails(Some(&write(1, 4))).unwrap().contains("what thread 1 filled it with"));
    assert!(fails(None).unwrap().contains("is not found"));
}

/// Those of a writer whose last write to every key has this number.
fn final_writes(number: u64, is_delete: bool) -> FinalWrites {
    FinalWrites { by_key: vec![LastWrite { number, is_delete }; KEYS], inserted: 0 }
}

/// Why this answer under load is wrong. Worker 1 has made 20 writes.
fn fails_under_load(mut checker: Checker, sample: Sample, found: Option<&Value>) -> Option<String> {
    checker.check_sampled_get(sample, 20, found);
    checker.into_checks().first_failure
}

#[test]
fn a_key_may_be_absent_only_if_a_delete_may_have_come_last() {
    let (alone, shared) = ([false, true], [true, true]);
    assert_eq!(fails_under_load(deleting(alone), DELETED, None), None);
    assert_eq!(fails_under_load(deleting(shared), DELETED, None), None);
    assert_eq!(fails_under_load(deleting(shared), SAMPLE, None), None);
    let lost = fails_under_load(deleting(alone), SAMPLE, None).unwrap();
    assert!(lost.contains("is not found"), "{lost}");
    let lost = fails_under_load(checker(), SAMPLE, None).unwrap();
    assert!(lost.contains("is not found"), "{lost}");
}

#[test]
fn after_its_own_delete_a_worker_finds_no_older_write_of_its_own() {
    for number in [4, 18, 19, 20] {
        let found = write(1, number);
        let lost = fails_under_load(deleting([true, true]), DELETED, Some(&found)).unwrap();
        assert!(lost.ends_with("thread 1, which write 19 deleted"), "{lost}");
    }
    let fill = fails_under_load(deleting([true, true]), DELETED, Some(&write(0, 4))).unwrap();
    assert!(fill.contains("what thread 0 filled it with"), "{fill}");
    assert_eq!(fails_under_load(deleting([true, true]), DELETED, Some(&write(0, 12))), None);
    // The first pass has no delete of an earlier pass.
    let first = Sample { last_write: Some(WriteAgo { writes: 12, is_delete: true }), ..SAMPLE };
    assert_eq!(fails_under_load(deleting([false, true]), first, Some(&write(1, 4))), None);
    assert!(fails_under_load(deleting([false, true]), first, None).is_some());
}

#[test]
fn a_committed_transaction_counts_as_a_write() {
    let found_after = |committed, number| {
        let mut checker = checker();
        checker.expect_transactions();
        checker.record_commit(3, committed);
        fails_under_load(checker, SAMPLE, Some(&write(1, number)))
    };
    assert_eq!(found_after(20, 20), None);
    assert_eq!(found_after(15, 19), None);
    assert!(found_after(20, 19).unwrap().ends_with("whose last write to it is 20"));
}

#[test]
fn at_rest_a_key_is_absent_only_if_some_last_write_is_a_delete() {
    let fails = |writes: [FinalWrites; 2], found: Option<&Value>| {
        let mut checker = deleting([true, true]);
        checker.check_at_rest(3, found, |thread| &writes[thread as usize]);
        checker.into_checks().first_failure
    };
    assert_eq!(fails([final_writes(13, true), final_writes(15, false)], None), None);
    assert_eq!(fails([final_writes(13, true), final_writes(15, false)], Some(&write(1, 15))), None);
    assert_eq!(fails([final_writes(4, false), final_writes(15, true)], None), None);
    let lost = fails([final_writes(13, false), final_writes(15, false)], None).unwrap();
    assert!(lost.contains("is not found"), "{lost}");
    let kept =
        fails([final_writes(13, true), final_writes(15, false)], Some(&write(0, 12))).unwrap();
    assert!(kept.contains("which write 13 deleted"), "{kept}");
    // Worker 1 has deleted what worker 0 filled it with.
    let kept = fails([final_writes(4, false), final_writes(15, true)], Some(&write(0, 4))).unwrap();
    assert!(kept.contains("what thread 0 filled it with"), "{kept}");
}

#[test]
fn a_read_finds_a_whole_value_of_its_own_key_and_run() {
    let fails = |mut checker: Checker, found: Option<&Value>| {
        checker.check_read(3, 20, found);
        checker.into_checks().first_failure
    };
    assert_eq!(fails(checker(), Some(&write(1, 20))), None);
    assert_eq!(fails(checker(), Some(&write(0, 99))), None);
    assert_eq!(fails(deleting([false, true]), None), None);
    assert!(fails(checker(), None).unwrap().contains("is not found"));
    assert!(
        fails(checker(), Some(&write(1, 21))).unwrap().ends_with("which has made only 20 writes")
    );
    assert!(fails(checker(), Some(&write(2, 12))).unwrap().contains("does not write to this run"));
    let torn = Value::from([7; 40]);
    assert!(fails(checker(), Some(&torn)).unwrap().contains("torn, or invented"));
}

#[test]
fn a_lost_key_and_an_invented_key_are_wrong() {
    let mut checker = checker();
    checker.check_contains(3, true);
    checker.check_miss(false);
    assert_eq!((checker.checks.checked, checker.checks.failed), (2, 0));
    checker.check_miss(true);
    checker.check_contains(3, false);
    assert_eq!(checker.checks.failed, 2);
    let mut checker = deleting([false, true]);
    checker.check_contains(3, false);
    assert_eq!(checker.checks.failed, 0, "the worker may have deleted it");
}

#[test]
fn a_count_is_the_filled_and_inserted_keys_or_fewer_with_deletes() {
    let fails = |mut checker: Checker, count, inserted| {
        checker.check_count(count, 10, inserted);
        checker.into_checks().first_failure
    };
    assert_eq!(fails(checker(), 10, (0, 0)), None);
    for count in [9, 11] {
        let failure = fails(checker(), count, (0, 0)).unwrap();
        assert!(failure.ends_with("are listed or counted, expected 10 to 10"), "{failure}");
    }
    let alone = || deleting([false, true]);
    assert_eq!(fails(alone(), 0, (5, 5)), None);
    assert_eq!(fails(alone(), 15, (5, 5)), None);
    assert!(fails(alone(), 16, (5, 5)).is_some());
    assert_eq!(fails(deleting([true, true]), 99, (5, 5)), None, "another may have inserted them");
    let mut inserting = deleting([false, true]);
    inserting.writers.any_deletes = false;
    assert!(fails(inserting, 14, (5, 5)).unwrap().contains("expected 15 to 15"));
}

#[test]
fn at_rest_an_inserted_key_holds_what_its_worker_put() {
    let fails = |found: Option<&Value>| {
        let mut checker = checker();
        checker.check_inserted_at_rest(12, found);
        checker.into_checks().first_failure
    };
    let inserted = |thread, skipped| {
        let mut writer = ValueWriter::new(RUN, thread);
        (0..skipped).for_each(|_| writer.skip());
        writer.next_value(12)
    };
    assert_eq!(fails(Some(&inserted(1, 15))), None);
    assert!(fails(None).unwrap().contains("inserted key 12 is not found"));
    assert!(fails(Some(&inserted(0, 15))).unwrap().contains("does not write to this run"));
    assert!(fails(Some(&write(1, 15))).unwrap().contains("holds the value of key 3"));
}

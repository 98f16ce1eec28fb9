use shardproof_workload::stream::WriteAgo;
use shardproof_workload::{KeySet, Mix, Writer};

use super::*;

const RUN: RunId = RunId::from_u128(1 << 64 | 2);
/// Keys that were filled.
const KEYS: usize = 10;
/// What is read under load: key 3, which this worker has put as its last write but one.
const SAMPLE: Sample =
    Sample { key: 3, slot: 0, last_write: Some(WriteAgo { writes: 1, is_delete: false }) };
/// The same, where that write was a delete.
const DELETED: Sample =
    Sample { last_write: Some(WriteAgo { writes: 1, is_delete: true }), ..SAMPLE };

/// The checker of worker 1 of three, of which the last works elsewhere.
fn checker() -> Checker {
    checker_of(Authors {
        are: vec![true, true, false],
        delete: false,
        others_delete: false,
        insert: false,
    })
}

fn checker_of(authors: Authors) -> Checker {
    let stream = Stream::new(1, Mix::with_puts(50), 1, &KeySet::new(KEYS));
    Checker::new((1, RUN), authors, KEYS, &stream)
}

/// Worker 1 alone, or with worker 0 beside it; both delete and insert.
fn deleting(are: [bool; 2]) -> Checker {
    let others_delete = are[0];
    checker_of(Authors { are: are.to_vec(), delete: true, others_delete, insert: true })
}

/// Write number `number` of a thread, to key 3.
fn write(thread: u32, number: u64) -> Value {
    let mut writer = Writer::new(RUN, thread);
    while writer.written() + 1 < number {
        writer.seal(0);
    }
    writer.seal(3)
}

/// Why the last of `found` is wrong; the others are not. The worker has made 20 writes.
fn failure(found: &[Value]) -> Option<String> {
    let mut checker = checker();
    let (last, before) = found.split_last().unwrap();
    for value in before {
        checker.under_load(SAMPLE, 20, Some(value));
    }
    assert_eq!(checker.checks.failed, 0, "{:?}", checker.checks.first_failure);
    checker.under_load(SAMPLE, 20, Some(last));
    assert_eq!(checker.checks.checked, found.len() as u64);
    checker.into_checks().first_failure
}

#[test]
fn a_worker_finds_its_own_last_put_and_no_other_of_its_own() {
    assert_eq!(failure(&[write(1, 19)]), None);
    for number in [4, 18, 20, 21] {
        let failure = failure(&[write(1, number)]).unwrap();
        assert!(failure.ends_with("thread 1, whose last to it is 19"), "{failure}");
    }
}

#[test]
fn a_key_that_its_worker_does_not_put_holds_what_it_was_filled_with() {
    for writes in [None, Some(10), Some(100)] {
        let mut checker = checker();
        let last_write = writes.map(|writes| WriteAgo { writes, is_delete: false });
        checker.under_load(Sample { last_write, ..SAMPLE }, 20, Some(&write(1, 4)));
        checker.under_load(Sample { last_write, ..SAMPLE }, 20, Some(&write(0, 4)));
        assert_eq!(checker.checks.failed, 0, "{writes:?}: {:?}", checker.checks);
    }
}

#[test]
fn what_another_has_written_may_be_found_and_never_goes_back() {
    assert_eq!(failure(&[write(0, 11), write(1, 19), write(0, 12), write(0, 12)]), None);
    let failure = failure(&[write(0, 13), write(1, 19), write(0, 12)]).unwrap();
    assert!(failure.ends_with("goes back to write 12 of thread 0 from write 13"), "{failure}");
}

#[test]
fn what_was_overwritten_and_what_cannot_be_here_is_noticed() {
    let filling = failure(&[write(0, 4)]).unwrap();
    assert!(filling.contains("what thread 0 filled it with"), "{filling}");
    let elsewhere = failure(&[write(2, 12)]).unwrap();
    assert!(elsewhere.contains("thread 2, whose writes cannot be here"), "{elsewhere}");
    let nobody = failure(&[write(7, 12)]).unwrap();
    assert!(nobody.contains("thread 7, whose writes cannot be here"), "{nobody}");
    let other_run = Writer::new(RunId::from_u128(5), 1).seal(3);
    let other_run = failure(&[other_run]).unwrap();
    assert!(other_run.contains("holds a value of run"), "{other_run}");
    let other_key = failure(&[Writer::new(RUN, 1).seal(4)]).unwrap();
    assert!(other_key.ends_with("key 3 holds the value of key 4"), "{other_key}");
}

#[test]
fn at_rest_a_key_holds_the_last_write_of_somebody() {
    let told = [13, 4, 99].map(|number| told(number, false));
    let fails = |found: Option<&Value>| {
        let mut checker = checker();
        checker.at_rest(3, found, |thread| &told[thread as usize]);
        checker.into_checks().first_failure
    };
    assert_eq!(fails(Some(&write(0, 13))), None);
    assert!(fails(Some(&write(0, 12))).unwrap().ends_with("whose last to it is 13"));
    // Worker 1 has put nothing here, but worker 0 has overwritten what it filled it with.
    assert!(fails(Some(&write(1, 4))).unwrap().contains("what thread 1 filled it with"));
    assert!(fails(None).unwrap().contains("is not found"));
}

/// An author whose last write to every key has this number.
fn told(number: u64, is_delete: bool) -> Told {
    Told { last: vec![LastWrite { number, is_delete }; KEYS], inserted: 0 }
}

/// Why this is wrong under load, where worker 1 has made 20 writes.
fn fails_under_load(mut checker: Checker, sample: Sample, found: Option<&Value>) -> Option<String> {
    checker.under_load(sample, 20, found);
    checker.into_checks().first_failure
}

#[test]
fn a_key_may_be_absent_if_its_worker_deleted_it_last_or_another_may_have() {
    let (alone, together) = ([false, true], [true, true]);
    assert_eq!(fails_under_load(deleting(alone), DELETED, None), None);
    assert_eq!(fails_under_load(deleting(together), DELETED, None), None);
    assert_eq!(fails_under_load(deleting(together), SAMPLE, None), None);
    let lost = fails_under_load(deleting(alone), SAMPLE, None).unwrap();
    assert!(lost.contains("is not found"), "{lost}");
    let lost = fails_under_load(checker(), SAMPLE, None).unwrap();
    assert!(lost.contains("is not found"), "{lost}");
}

#[test]
fn a_key_that_its_worker_deleted_last_holds_nothing_of_its_own() {
    for number in [4, 18, 19, 20] {
        let found = write(1, number);
        let lost = fails_under_load(deleting([true, true]), DELETED, Some(&found)).unwrap();
        assert!(lost.ends_with("thread 1, which deleted it by 19"), "{lost}");
    }
    let filling = fails_under_load(deleting([true, true]), DELETED, Some(&write(0, 4))).unwrap();
    assert!(filling.contains("what thread 0 filled it with"), "{filling}");
    assert_eq!(fails_under_load(deleting([true, true]), DELETED, Some(&write(0, 12))), None);
    // In the first pass the delete of the pass before was not made.
    let first = Sample { last_write: Some(WriteAgo { writes: 12, is_delete: true }), ..SAMPLE };
    assert_eq!(fails_under_load(deleting([false, true]), first, Some(&write(1, 4))), None);
    assert!(fails_under_load(deleting([false, true]), first, None).is_some());
}

#[test]
fn a_transaction_that_was_committed_is_the_last_write_if_it_came_last() {
    let found_after = |committed, number| {
        let mut checker = checker();
        checker.expect_transactions();
        checker.committed(3, committed);
        fails_under_load(checker, SAMPLE, Some(&write(1, number)))
    };
    assert_eq!(found_after(20, 20), None);
    assert_eq!(found_after(15, 19), None);
    assert!(found_after(20, 19).unwrap().ends_with("whose last to it is 20"));
}

#[test]
fn at_rest_a_key_is_absent_if_some_author_deleted_it_last() {
    let fails = |told: [Told; 2], found: Option<&Value>| {
        let mut checker = deleting([true, true]);
        checker.at_rest(3, found, |thread| &told[thread as usize]);
        checker.into_checks().first_failure
    };
    assert_eq!(fails([told(13, true), told(15, false)], None), None);
    assert_eq!(fails([told(13, true), told(15, false)], Some(&write(1, 15))), None);
    assert_eq!(fails([told(4, false), told(15, true)], None), None);
    let lost = fails([told(13, false), told(15, false)], None).unwrap();
    assert!(lost.contains("is not found"), "{lost}");
    let kept = fails([told(13, true), told(15, false)], Some(&write(0, 12))).unwrap();
    assert!(kept.contains("which deleted it by 13"), "{kept}");
    // Whatever worker 0 filled it with, worker 1 has deleted.
    let kept = fails([told(4, false), told(15, true)], Some(&write(0, 4))).unwrap();
    assert!(kept.contains("what thread 0 filled it with"), "{kept}");
}

#[test]
fn what_is_found_in_passing_is_whole_and_where_it_belongs() {
    let fails = |mut checker: Checker, found: Option<&Value>| {
        checker.in_passing(3, 20, found);
        checker.into_checks().first_failure
    };
    assert_eq!(fails(checker(), Some(&write(1, 20))), None);
    assert_eq!(fails(checker(), Some(&write(0, 99))), None);
    assert_eq!(fails(deleting([false, true]), None), None);
    assert!(fails(checker(), None).unwrap().contains("is not found"));
    assert!(fails(checker(), Some(&write(1, 21))).unwrap().ends_with("which has made 20"));
    assert!(fails(checker(), Some(&write(2, 12))).unwrap().contains("cannot be here"));
    let torn = Value::new([7; 40]).unwrap();
    assert!(fails(checker(), Some(&torn)).unwrap().contains("torn, or invented"));
}

#[test]
fn what_is_there_and_what_is_not_is_noticed() {
    let mut checker = checker();
    checker.there(3, true);
    checker.missing(false);
    assert_eq!((checker.checks.checked, checker.checks.failed), (2, 0));
    checker.missing(true);
    checker.there(3, false);
    assert_eq!(checker.checks.failed, 2);
    let mut checker = deleting([false, true]);
    checker.there(3, false);
    assert_eq!(checker.checks.failed, 0, "it may have been deleted");
}

#[test]
fn a_count_is_what_was_filled_and_inserted_or_less_where_keys_are_deleted() {
    let fails = |mut checker: Checker, count, inserted| {
        checker.counted(count, 10, inserted);
        checker.into_checks().first_failure
    };
    assert_eq!(fails(checker(), 10, (0, 0)), None);
    for count in [9, 11] {
        let failure = fails(checker(), count, (0, 0)).unwrap();
        assert!(failure.ends_with("are listed or counted, and not 10 to 10"), "{failure}");
    }
    let alone = || deleting([false, true]);
    assert_eq!(fails(alone(), 0, (5, 5)), None);
    assert_eq!(fails(alone(), 15, (5, 5)), None);
    assert!(fails(alone(), 16, (5, 5)).is_some());
    assert_eq!(fails(deleting([true, true]), 99, (5, 5)), None, "another may have inserted them");
    let mut inserting = deleting([false, true]);
    inserting.authors.delete = false;
    assert!(fails(inserting, 14, (5, 5)).unwrap().contains("not 15 to 15"));
}

#[test]
fn an_inserted_key_is_there_at_rest_as_its_worker_left_it() {
    let fails = |found: Option<&Value>| {
        let mut checker = checker();
        checker.inserted_at_rest(12, found);
        checker.into_checks().first_failure
    };
    let inserted = |thread, skipped| {
        let mut writer = Writer::new(RUN, thread);
        (0..skipped).for_each(|_| writer.skip());
        writer.seal(12)
    };
    assert_eq!(fails(Some(&inserted(1, 15))), None);
    assert!(fails(None).unwrap().contains("inserted key 12 is not found"));
    assert!(fails(Some(&inserted(0, 15))).unwrap().contains("cannot be here"));
    assert!(fails(Some(&write(1, 15))).unwrap().contains("holds the value of key 3"));
}

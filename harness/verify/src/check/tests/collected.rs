//! What was collected too early, and what only looks like it.

use crate::check::report::AnomalyKind::{
    self, CollectedTooEarly, FutureRead, MissingEntry, NonRepeatableRead, ResurrectedDelete,
    StaleRead,
};
use crate::check::report::Axiom;
use crate::history::flag;

use super::steps::*;

/// Key 0 is overwritten while snapshot 5 is open, which has a clone.
fn before() -> Vec<Step> {
    vec![put(0, 7, (0, 1)), open(5, 0), clone_of(5, 6, 0), put(0, 8, (1, 2))]
}

/// The right answer.
fn right(snapshot: u32) -> Step {
    see(snapshot, 0, 7, (0, 1))
}

/// Nothing, which is wrong.
fn nothing(snapshot: u32) -> Step {
    see(snapshot, 0, 0, (0, 0))
}

/// The names of what is wrong with reads after [`before`], in the order of names.
fn found(reads: &[Step]) -> Vec<AnomalyKind> {
    found_after(&before(), reads)
}

fn found_after(before: &[Step], reads: &[Step]) -> Vec<AnomalyKind> {
    let found = names(&report(&[before, reads].concat()));
    assert!(found.iter().all(|(axiom, _)| *axiom == Axiom::Equation), "{found:?}");
    found.into_iter().map(|(_, kind)| kind).collect()
}

#[test]
fn a_value_gone_after_a_collection_was_collected_too_early() {
    let reads = [nothing(5), see_contains(5, 0, 0), see_list(5, &[]), see_count(5, 0)];
    for read in reads {
        assert_eq!(found(&[read.flags(flag::AFTER_COLLECT)]), [CollectedTooEarly]);
    }
    assert_eq!(found(&[right(5).flags(flag::AFTER_COLLECT)]), []);
}

#[test]
fn a_value_gone_that_was_read_before_was_collected_too_early() {
    assert_eq!(found(&[right(5), nothing(5)]), [CollectedTooEarly]);
    assert_eq!(found(&[right(5), nothing(6)]), [CollectedTooEarly], "a clone's");
    assert_eq!(found(&[right(5), nothing(5).by(REST).flags(flag::REREAD)]), [CollectedTooEarly]);
    let listed = see_list(5, &[(0, 7, (0, 1))]);
    assert_eq!(found(&[listed.clone(), see_list(6, &[])]), [CollectedTooEarly]);
    let other = see_list(5, &[]).run(1);
    assert_eq!(found(&[other, see_list(5, &[])]), [MissingEntry], "another run's listing");
}

#[test]
fn a_value_that_was_never_seen_is_only_missing() {
    let again = |read: Step| read.by(REST).flags(flag::REREAD);
    for read in [nothing(5), again(nothing(5)), see_contains(5, 0, 0)] {
        assert_eq!(found(&[read]), [StaleRead]);
    }
    for read in [see_list(5, &[]), again(see_list(5, &[])), see_count(5, 0)] {
        assert_eq!(found(&[read]), [MissingEntry]);
    }
}

#[test]
fn what_was_wrong_before_a_collection_was_not_collected() {
    let late = |read: Step| read.flags(flag::AFTER_COLLECT);
    assert_eq!(found(&[nothing(5), late(nothing(5))]), [StaleRead; 2]);
    assert_eq!(found(&[see_count(5, 0), late(see_count(5, 0))]), [MissingEntry; 2]);
}

#[test]
fn an_older_value_may_be_what_a_collection_left_and_a_newer_one_is_not() {
    let before = [put(0, 6, (0, 1)), put(0, 7, (1, 2)), open(5, 1), put(0, 8, (2, 3))];
    let after = |reads: &[Step]| found_after(&before, reads);
    let [right, older, newer] = [(7, (1, 2)), (6, (0, 1)), (8, (2, 3))];
    let read = |(value, version): (u32, V)| see(5, 0, value, version);
    assert_eq!(after(&[read(older)]), [StaleRead]);
    assert_eq!(after(&[read(right), read(older)]), [CollectedTooEarly]);
    assert_eq!(after(&[read(older).flags(flag::AFTER_COLLECT)]), [CollectedTooEarly]);
    assert_eq!(after(&[read(newer).flags(flag::REREAD)]), [FutureRead]);
    assert_eq!(after(&[read(newer).flags(flag::AFTER_COLLECT)]), [FutureRead]);
    assert_eq!(after(&[read(right), read(newer)]), [NonRepeatableRead]);
}

#[test]
fn a_key_gone_as_it_was_deleted_later_was_not_collected() {
    let before = [put(0, 7, (0, 1)), open(5, 0), delete(0, 7, (1, 2))];
    let listed = see_list(5, &[(0, 7, (0, 1))]);
    assert_eq!(found_after(&before, &[right(5), nothing(5)]), [NonRepeatableRead]);
    assert_eq!(found_after(&before, &[nothing(5)]), [FutureRead]);
    assert_eq!(found_after(&before, &[listed, see_list(5, &[])]), [MissingEntry]);
}

#[test]
fn a_delete_that_was_dropped_brings_its_key_back() {
    let before = [put(0, 7, (0, 1)), delete(0, 7, (1, 2)), open(5, 1), put(0, 8, (2, 3))];
    let old = see(5, 0, 7, (0, 1));
    assert_eq!(found_after(&before, &[old.clone().flags(flag::REREAD)]), [ResurrectedDelete]);
    assert_eq!(found_after(&before, &[old.flags(flag::AFTER_COLLECT)]), [ResurrectedDelete]);
}

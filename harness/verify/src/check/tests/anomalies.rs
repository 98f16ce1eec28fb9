//! Every kind of anomaly: a history that shows it, and a similar one that is right.

use crate::check::check;
use crate::check::report::{AnomalyKind, Axiom, Axioms};
use crate::history::{GARBLED, Header, History, Order, flag};

use super::steps::*;

/// Checks that `wrong` shows one anomaly and no other, that it shows none without the axiom, and
/// that `right` shows none.
fn shows(axiom: Axiom, kind: AnomalyKind, wrong: &[Step], right: &[Step]) {
    let found = report(wrong);
    assert_eq!(names(&found), [(axiom, kind)], "{:#?}", found.anomalies);
    assert_eq!(found.anomalies_total.get(&kind), Some(&1));
    assert!(found.anomalies[0].message.ends_with('.'), "{}", found.anomalies[0].message);
    let without = check(&history(wrong), &Axioms::without(axiom));
    assert_eq!(names(&without), [], "without {axiom:?}");
    let none = report(right);
    assert_eq!(names(&none), [], "{:#?}", none.anomalies);
}

/// The steps of several lists, one after the other.
fn after(first: &[Step], then: &[Step]) -> Vec<Step> {
    [first, then].concat()
}

#[test]
fn a_value_that_no_write_made_is_garbled() {
    let before = [put(0, 7, (0, 1)), put(1, 8, (0, 2)), open(5, 0)];
    let right = after(&before, &[see(5, 0, 7, (0, 1))]);
    for value in [GARBLED, 99, 8] {
        let wrong = after(&before, &[see(5, 0, value, (0, 1))]);
        shows(Axiom::Intact, AnomalyKind::GarbledRead, &wrong, &right);
        let wrong = after(&before, &[get(0, value, (0, 1)).by(2)]);
        shows(Axiom::Intact, AnomalyKind::GarbledRead, &wrong, &right);
        let wrong = after(&before, &[get(0, value, (0, 1)).by(REST)]);
        shows(Axiom::Intact, AnomalyKind::GarbledRead, &wrong, &right);
    }
}

#[test]
fn a_value_of_an_uncommitted_write_is_a_dirty_read() {
    let before = [put(0, 7, (0, 1)), begin(9, 0), t_put(9, 0, 8)];
    let wrong = after(&before, &[abort(9), get(0, 8, (0, 2))]);
    let right = after(&before, &[commit(9, (1, 2)), get(0, 8, (1, 2))]);
    shows(Axiom::Intact, AnomalyKind::DirtyRead, &wrong, &right);
}

#[test]
fn a_value_that_its_own_write_set_replaced_is_a_dirty_read() {
    let set = [set_put(4, 0, 7, (0, 1)), set_put(4, 0, 8, (0, 1))];
    let wrong = after(&set, &[get(0, 7, (0, 1))]);
    let right = after(&set, &[get(0, 8, (0, 1)), count(1), get(0, 8, (0, 1)).by(REST)]);
    shows(Axiom::Intact, AnomalyKind::DirtyRead, &wrong, &right);
}

#[test]
fn a_value_whose_write_had_not_begun_is_a_dirty_read() {
    let wrong = [get(0, 7, (0, 1)), put(0, 7, (0, 1)).by(2)];
    let right = [get(0, 7, (0, 1)).at(10, 20), put(0, 7, (0, 1)).by(2).at(19, 30)];
    shows(Axiom::LatestRead, AnomalyKind::DirtyRead, &wrong, &right);
}

#[test]
fn an_old_value_in_a_snapshot_is_stale() {
    let before = [put(0, 7, (0, 1)), put(0, 8, (0, 2)), open(5, 0)];
    let wrong = after(&before, &[see(5, 0, 7, (0, 1))]);
    let right = after(&before, &[see(5, 0, 8, (0, 2))]);
    shows(Axiom::Equation, AnomalyKind::StaleRead, &wrong, &right);
    let wrong = after(&before, &[see(5, 0, 0, (0, 0))]);
    shows(Axiom::Equation, AnomalyKind::StaleRead, &wrong, &right);
    let wrong = after(&before, &[see_contains(5, 0, 0)]);
    let right = after(&before, &[see_contains(5, 0, 1)]);
    shows(Axiom::Equation, AnomalyKind::StaleRead, &wrong, &right);
}

#[test]
fn an_old_newest_value_is_stale() {
    let before = [put(0, 7, (0, 1)), put(0, 8, (0, 2))];
    let wrong = after(&before, &[get(0, 7, (0, 1)).by(2)]);
    let right = after(&before, &[get(0, 8, (0, 2)).by(2)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
    let wrong = after(&before, &[get(0, 0, (0, 0)).by(2)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
    let wrong = after(&before, &[contains(0, 0).by(2)]);
    let right = after(&before, &[contains(0, 1).by(2)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
    let wrong = after(&before, &[delete_nothing(0).by(2)]);
    let right = after(&before, &[delete(0, 8, (0, 3)).by(2), delete_nothing(0)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
    let wrong = after(&before, &[delete(0, 7, (0, 3)).by(2)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
}

#[test]
fn a_value_once_read_is_not_followed_by_an_older_one() {
    // The second put is under way all the time.
    let before = [put(0, 7, (0, 1)).at(10, 20), put(0, 8, (0, 2)).at(30, 100)];
    let read = |value, version, at| get(0, value, version).by(2).at(at, at + 5);
    let wrong = after(&before, &[read(8, (0, 2), 40), read(7, (0, 1), 50)]);
    let right = after(&before, &[read(7, (0, 1), 40), read(8, (0, 2), 50)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
}

#[test]
fn a_write_that_a_read_has_proved_stays() {
    // Only the delete explains a read that finds nothing, so the delete has taken effect.
    let before = [put(0, 7, (0, 1)), delete(0, 7, (0, 2)).at(30, 90)];
    let then =
        |first: Step| after(&before, &[first.by(2).at(40, 45), get(0, 7, (0, 1)).by(3).at(50, 55)]);
    for first in [get(0, 0, (0, 0)), contains(0, 0), delete_nothing(0)] {
        let kind = AnomalyKind::ResurrectedDelete;
        shows(Axiom::LatestRead, kind, &then(first), &then(contains(0, 1)));
    }
}

#[test]
fn a_value_later_than_the_snapshot_is_a_future_read() {
    let before =
        [put(0, 7, (0, 1)), put(1, 9, (0, 2)), open(5, 0), put(0, 8, (1, 3)), delete(1, 9, (1, 4))];
    let wrong = after(&before, &[see(5, 0, 8, (1, 3))]);
    let right = after(&before, &[see(5, 0, 7, (0, 1)), see(5, 1, 9, (0, 2))]);
    shows(Axiom::Equation, AnomalyKind::FutureRead, &wrong, &right);
    let wrong = after(&before, &[see(5, 1, 0, (0, 0))]);
    shows(Axiom::Equation, AnomalyKind::FutureRead, &wrong, &right);
}

#[test]
fn a_part_of_a_write_set_is_a_fractured_read() {
    let before = [
        put(0, 6, (0, 1)),
        put(1, 7, (0, 2)),
        set_put(4, 0, 8, (0, 3)),
        set_put(4, 1, 9, (0, 3)),
        open(5, 0),
        see(5, 0, 8, (0, 3)),
    ];
    let wrong = after(&before, &[see(5, 1, 7, (0, 2))]);
    let right = after(&before, &[see(5, 1, 9, (0, 3))]);
    shows(Axiom::Atomic, AnomalyKind::FracturedRead, &wrong, &right);
}

#[test]
fn a_part_of_a_later_write_set_is_a_fractured_read() {
    let before = [
        put(0, 6, (0, 1)),
        put(1, 7, (0, 2)),
        open(5, 0),
        see(5, 0, 6, (0, 1)),
        set_put(4, 0, 8, (1, 3)),
        set_put(4, 1, 9, (1, 3)),
    ];
    let wrong = after(&before, &[see(5, 1, 9, (1, 3))]);
    let right = after(&before, &[see(5, 1, 7, (0, 2))]);
    shows(Axiom::Atomic, AnomalyKind::FracturedRead, &wrong, &right);
}

#[test]
fn a_write_set_of_two_versions_is_fractured() {
    let set = |second| [set_put(4, 0, 8, (1, 1)), set_put(4, 1, 9, second)];
    shows(Axiom::Atomic, AnomalyKind::FracturedRead, &set((1, 2)), &set((1, 1)));
    let set = |second| [set_put(4, 0, 8, (1, 1)), set_put(4, 1, 9, second).run(1)];
    shows(Axiom::Atomic, AnomalyKind::FracturedRead, &set((2, 1)), &set((1, 9)));
}

#[test]
fn two_reads_of_a_key_in_a_snapshot_that_differ_are_non_repeatable() {
    let before =
        [put(0, 7, (0, 1)), open(5, 0), see(5, 0, 7, (0, 1)), put(0, 8, (1, 2)), clone_of(5, 6, 0)];
    for snapshot in [5, 6] {
        let wrong = after(&before, &[see(snapshot, 0, 8, (1, 2))]);
        let right = after(&before, &[see(snapshot, 0, 7, (0, 1))]);
        shows(Axiom::Equation, AnomalyKind::NonRepeatableRead, &wrong, &right);
    }
    let wrong = [put(0, 7, (0, 1)), open(5, 1), clone_of(5, 6, 2)];
    let right = [put(0, 7, (0, 1)), open(5, 1), clone_of(5, 6, 1)];
    shows(Axiom::Equation, AnomalyKind::NonRepeatableRead, &wrong, &right);
}

#[test]
fn an_extra_entry_is_a_phantom() {
    let before = [put(0, 7, (0, 1)), open(5, 0), put(1, 8, (1, 2))];
    let (seen, later) = ((0, 7, (0, 1)), (1, 8, (1, 2)));
    let right = after(&before, &[see_list(5, &[seen]), see_count(5, 1), count(2)]);
    let lists =
        [see_list(5, &[seen, later]), see_count(5, 2), see_list(5, &[seen, later]).digest_only()];
    for list in lists {
        let wrong = after(&before, &[list]);
        shows(Axiom::Equation, AnomalyKind::Phantom, &wrong, &right);
    }
    let wrong = after(&before, &[count(3)]);
    shows(Axiom::LatestRead, AnomalyKind::Phantom, &wrong, &right);
    let wrong = after(&before, &[count(3).by(REST)]);
    shows(Axiom::NoLostUpdate, AnomalyKind::Phantom, &wrong, &right);
}

#[test]
fn an_absent_entry_is_missing() {
    let before = [put(0, 7, (0, 1)), put(1, 8, (0, 2)), open(5, 0)];
    let (one, other) = ((0, 7, (0, 1)), (1, 8, (0, 2)));
    let right = after(&before, &[see_list(5, &[one, other]), see_count(5, 2), list(&[one, other])]);
    let lists = [see_list(5, &[one]), see_count(5, 1), see_list(5, &[one]).digest_only()];
    for list in lists {
        let wrong = after(&before, &[list]);
        shows(Axiom::Equation, AnomalyKind::MissingEntry, &wrong, &right);
    }
    for list in [list(&[one]), count(1), list(&[one]).digest_only()] {
        let wrong = after(&before, &[list.clone().by(2)]);
        shows(Axiom::LatestRead, AnomalyKind::MissingEntry, &wrong, &right);
        let wrong = after(&before, &[list.by(REST)]);
        shows(Axiom::NoLostUpdate, AnomalyKind::MissingEntry, &wrong, &right);
    }
}

#[test]
fn a_listing_of_no_single_moment_is_fractured() {
    // Key 0 is put and deleted during the listing, then key 1 is put: never both at once.
    let before = [
        put(0, 7, (0, 1)).at(20, 30),
        delete(0, 7, (0, 2)).at(40, 50),
        put(1, 8, (0, 3)).at(60, 70),
    ];
    let (one, other) = ((0, 7, (0, 1)), (1, 8, (0, 3)));
    let listing = |entries: &[_]| after(&before, &[list(entries).by(2).at(10, 80)]);
    for right in [&[one][..], &[other], &[]] {
        assert_eq!(names(&report(&listing(right))), []);
    }
    let both = listing(&[one, other]);
    shows(Axiom::LatestRead, AnomalyKind::FracturedRead, &both, &listing(&[one]));
}

#[test]
fn a_deleted_key_that_is_back_is_resurrected() {
    let before = [put(0, 7, (0, 1)), delete(0, 7, (0, 2)), open(5, 0)];
    let right = after(&before, &[see(5, 0, 0, (0, 0)), get(0, 0, (0, 0)), see_list(5, &[])]);
    let old = (0, 7, (0, 1));
    for read in [see(5, 0, 7, (0, 1)), see_contains(5, 0, 1), see_list(5, &[old])] {
        let wrong = after(&before, &[read]);
        shows(Axiom::Equation, AnomalyKind::ResurrectedDelete, &wrong, &right);
    }
    for read in [get(0, 7, (0, 1)), contains(0, 1), list(&[old]), delete(0, 7, (1, 3))] {
        let wrong = after(&before, &[read]);
        shows(Axiom::LatestRead, AnomalyKind::ResurrectedDelete, &wrong, &right);
    }
    for read in [get(0, 7, (0, 1)), contains(0, 1), list(&[old])] {
        let wrong = after(&before, &[read.by(REST)]);
        shows(Axiom::NoLostUpdate, AnomalyKind::ResurrectedDelete, &wrong, &right);
    }
}

#[test]
fn a_removed_run_that_is_back_is_resurrected() {
    let before = [put(0, 7, (0, 1)), remove_run((0, 2)), open(5, 0)];
    let right = after(&before, &[see(5, 0, 0, (0, 0)), get(0, 0, (0, 0)), count(0), held(0, 0)]);
    let wrong = after(&before, &[see(5, 0, 7, (0, 1))]);
    shows(Axiom::Equation, AnomalyKind::ResurrectedDelete, &wrong, &right);
    let wrong = after(&before, &[get(0, 7, (0, 1))]);
    shows(Axiom::LatestRead, AnomalyKind::ResurrectedDelete, &wrong, &right);
}

#[test]
fn a_write_missing_at_rest_is_a_lost_update() {
    let before = [put(0, 7, (0, 1)), put(0, 8, (0, 2)).by(2)];
    let right = after(&before, &[get(0, 8, (0, 2)).by(REST), contains(0, 1).by(REST)]);
    for read in [get(0, 7, (0, 1)), get(0, 0, (0, 0)), contains(0, 0), list(&[(0, 7, (0, 1))])] {
        let wrong = after(&before, &[read.by(REST)]);
        shows(Axiom::NoLostUpdate, AnomalyKind::LostUpdate, &wrong, &right);
    }
}

#[test]
fn a_commit_despite_a_change_to_what_was_read_is_an_unnoticed_conflict() {
    let between = |change: &[Step], read: Step| {
        let before = [put(0, 7, (0, 1)), begin(9, 0), read, t_put(9, 0, 8)];
        after(&after(&before, change), &[commit(9, (1, 3))])
    };
    let change = [put(0, 6, (1, 2)).by(2)];
    let elsewhere = [put(3, 6, (1, 2)).by(2)];
    let read = t_get(9, 0, 7);
    let (wrong, right) = (between(&change, read.clone()), between(&elsewhere, read));
    shows(Axiom::Isolation, AnomalyKind::UnnoticedConflict, &wrong, &right);
    let listing = t_list(9, &[(0, 7, (0, 0))]);
    let wrong = between(&[put(2, 6, (1, 2)).by(2)], listing.clone());
    let right = between(&[], listing);
    shows(Axiom::Isolation, AnomalyKind::UnnoticedConflict, &wrong, &right);
    let wrong = between(&[remove_run((1, 2)).by(2)], t_get(9, 0, 7));
    shows(Axiom::Isolation, AnomalyKind::UnnoticedConflict, &wrong, &right);
    // Put and deleted again: what was absent is absent still.
    let net = [put(2, 6, (1, 2)).by(2), delete(2, 6, (1, 3)).by(2)];
    let before = [begin(9, 0), t_get(9, 2, 0), t_put(9, 0, 8)];
    let right = after(&after(&before, &net), &[commit(9, (1, 4))]);
    assert_eq!(names(&report(&right)), []);
}

#[test]
fn a_conflict_without_a_cause_is_spurious() {
    let attempt = |change: &[Step], ops: &[Step]| {
        let before = after(&[put(0, 7, (0, 1)), begin(9, 0)], ops);
        after(&after(&before, change), &[conflict(9)])
    };
    let ops = [t_get(9, 0, 7), t_put(9, 0, 8)];
    let wrong = attempt(&[put(1, 6, (1, 2)).by(2)], &ops);
    let right = attempt(&[put(0, 6, (1, 2)).by(2)], &ops);
    shows(Axiom::Isolation, AnomalyKind::SpuriousConflict, &wrong, &right);
    let net = [put(2, 6, (1, 2)).by(2), delete(2, 6, (1, 3)).by(2)];
    let right = attempt(&net, &[t_get(9, 2, 0), t_put(9, 0, 8)]);
    let wrong = attempt(&net, &[t_get(9, 2, 0)]);
    shows(Axiom::Isolation, AnomalyKind::SpuriousConflict, &wrong, &right);
    let wrong = attempt(&net, &[t_put(9, 2, 8)]);
    shows(Axiom::Isolation, AnomalyKind::SpuriousConflict, &wrong, &right);
    let too_late = [conflict(9), put(0, 6, (1, 2)).by(2)];
    let wrong = after(&after(&[put(0, 7, (0, 1)), begin(9, 0)], &ops), &too_late);
    shows(Axiom::Isolation, AnomalyKind::SpuriousConflict, &wrong, &right);
}

#[test]
fn a_transaction_sees_its_own_writes() {
    let before = [put(0, 7, (0, 1)), begin(9, 0), t_put(9, 0, 8)];
    let wrong = after(&before, &[t_get(9, 0, 7)]);
    let right = after(
        &before,
        &[
            t_get(9, 0, 8),
            t_list(9, &[(0, 8, (0, 0))]),
            t_delete(9, 0, 8),
            t_get(9, 0, 0),
            t_list(9, &[]),
        ],
    );
    shows(Axiom::Equation, AnomalyKind::OwnWriteLost, &wrong, &right);
}

#[test]
fn a_transaction_reads_as_of_its_beginning() {
    let before = [put(0, 7, (0, 1)), begin(9, 0), put(0, 8, (1, 2)).by(2)];
    let wrong = after(&before, &[t_get(9, 0, 8)]);
    let right = after(&before, &[t_get(9, 0, 7)]);
    shows(Axiom::Equation, AnomalyKind::FutureRead, &wrong, &right);
}

#[test]
fn two_commits_of_a_run_do_not_share_a_version() {
    let both = |other| [put(0, 7, (0, 1)).at(10, 20), put(1, 8, other).by(2).at(10, 20)];
    let right = after(&both((0, 2)), &[put(0, 9, (0, 1)).run(1)]);
    shows(Axiom::UniqueVersions, AnomalyKind::DuplicateVersion, &both((0, 1)), &right);
}

#[test]
fn a_later_commit_has_a_later_version() {
    let both = |one, other| [put(0, 7, one), put(1, 8, other).by(2)];
    let (wrong, right) = (both((0, 2), (0, 1)), both((0, 1), (0, 2)));
    shows(Axiom::CommitOrder, AnomalyKind::VersionOrder, &wrong, &right);
    let concurrent = [put(0, 7, (0, 2)).at(10, 20), put(1, 8, (0, 1)).by(2).at(20, 30)];
    assert_eq!(names(&report(&concurrent)), [], "they may have overlapped");
}

#[test]
fn a_snapshot_contains_commits_that_had_returned() {
    let open_at = |stamp| [put(0, 7, (3, 1)), open(5, stamp).by(2)];
    shows(Axiom::Freshness, AnomalyKind::StaleSnapshot, &open_at(2), &open_at(3));
}

#[test]
fn a_snapshot_contains_no_commit_begun_after_it_opened() {
    let put_at = |stamp| [open(5, 3), put(0, 7, (stamp, 1)).by(2)];
    shows(Axiom::NotFromTheFuture, AnomalyKind::FutureSnapshot, &put_at(3), &put_at(4));
}

#[test]
fn a_later_snapshot_sees_as_much() {
    let both = |other| [open(5, 3), open(6, other).by(2)];
    shows(Axiom::Monotonic, AnomalyKind::NonMonotonicSnapshot, &both(2), &both(3));
}

#[test]
fn a_read_has_the_version_of_its_write() {
    let before = [put(0, 7, (0, 1)), open(5, 0)];
    let right = after(&before, &[see(5, 0, 7, (0, 1)), get(0, 7, (0, 1))]);
    let listing = see_list(5, &[(0, 7, (0, 2))]);
    for read in [see(5, 0, 7, (0, 2)), listing.clone(), listing.digest_only()] {
        let wrong = after(&before, &[read]);
        shows(Axiom::Equation, AnomalyKind::WrongVersion, &wrong, &right);
    }
    let wrong = after(&before, &[get(0, 7, (0, 2))]);
    shows(Axiom::LatestRead, AnomalyKind::WrongVersion, &wrong, &right);
    let wrong = after(&before, &[get(0, 7, (0, 2)).by(REST)]);
    shows(Axiom::NoLostUpdate, AnomalyKind::WrongVersion, &wrong, &right);
}

#[test]
fn a_listing_is_sorted() {
    let before = [put(0, 7, (0, 1))];
    let listing = list(&[(0, 7, (0, 1))]);
    let wrong = after(&before, &[listing.clone().flags(flag::UNSORTED)]);
    shows(Axiom::Intact, AnomalyKind::Unsorted, &wrong, &after(&before, &[listing]));
}

#[test]
fn versions_that_no_snapshot_sees_are_garbage() {
    let before = [put(0, 7, (0, 1)), put(0, 8, (0, 2)), put(1, 9, (0, 3))];
    let right = after(&before, &[held(2, 2)]);
    for wrong in [held(3, 2), held(3, 3), held(1, 1)] {
        let wrong = after(&before, &[wrong]);
        shows(Axiom::NoGarbage, AnomalyKind::Garbage, &wrong, &right);
    }
}

#[test]
fn no_operation_is_refused() {
    let put = |flags| [put(0, 7, (0, 1)).flags(flags)];
    shows(Axiom::Progress, AnomalyKind::Refused, &put(flag::REFUSED), &put(0));
}

#[test]
fn an_anomaly_names_the_wrong_event_and_the_right_answer() {
    use crate::check::report::{EventRef, Expected};
    let found =
        report(&[put(0, 7, (0, 1)), put(0, 8, (0, 2)).by(2), open(5, 0), see(5, 0, 7, (0, 1))]);
    let [anomaly] = &found.anomalies[..] else { panic!("{found:#?}") };
    assert_eq!(anomaly.events, [EventRef { log: 1, event: 2 }, EventRef { log: 2, event: 0 }]);
    assert_eq!(anomaly.expected, Expected::Value { id: 8, stamp: 0, sequence: 2 });
    assert_eq!(
        anomaly.message,
        "A read of key 0 of run 0 in snapshot 5 of version 0 returned value 7 (version 0.1); the \
         newest write \
         it sees is value 8 (version 0.2)."
    );
}

#[test]
fn the_first_anomalies_of_a_kind_are_kept_and_all_are_counted() {
    let mut steps = vec![put(0, 7, (0, 1)), put(0, 8, (0, 2))];
    steps.extend(vec![get(0, 7, (0, 1)).by(2); 20]);
    let found = report(&steps);
    assert_eq!(found.anomalies.len(), 8);
    assert_eq!(found.anomalies_total[&AnomalyKind::StaleRead], 20);
}

#[test]
fn under_weak_memory_only_happens_before_orders_events() {
    let anomalies_of = |raised, then: Step| {
        let steps = [put(0, 7, (0, 1)), notify(0), observe(0, raised).by(2), then.by(2)];
        let mut history = history(&steps);
        history.header.order = Order::HappensBefore;
        names(&check(&history, &Axioms::all()))
    };
    assert_eq!(anomalies_of(0, get(0, 0, (0, 0))), [], "it did not see the flag");
    assert_eq!(anomalies_of(1, get(0, 7, (0, 1))), []);
    let stale = (Axiom::LatestRead, AnomalyKind::StaleRead);
    assert_eq!(
        anomalies_of(1, get(0, 0, (0, 0))),
        [stale],
        "it saw the flag, which was raised after the put"
    );
    let at_rest = (Axiom::NoLostUpdate, AnomalyKind::LostUpdate);
    assert_eq!(anomalies_of(0, open(5, 0)), []);
    let lost = history(&[put(0, 7, (0, 1)), get(0, 0, (0, 0)).by(REST)]);
    let lost = History { header: Header { order: Order::HappensBefore, ..lost.header }, ..lost };
    assert_eq!(names(&check(&lost, &Axioms::all())), [at_rest]);
}

#[test]
fn every_axiom_alone_detects_an_anomaly() {
    let one = put(0, 7, (0, 1));
    let only_seen_by = |axiom: Axiom| match axiom {
        Axiom::Equation => vec![one.clone(), open(5, 0), see(5, 0, 0, (0, 0))],
        Axiom::UniqueVersions => vec![one.clone().at(10, 20), put(1, 8, (0, 1)).by(2).at(10, 20)],
        Axiom::CommitOrder => vec![put(0, 7, (0, 2)), put(1, 8, (0, 1))],
        Axiom::Freshness => vec![put(0, 7, (1, 1)), open(5, 0)],
        Axiom::NotFromTheFuture => vec![open(5, 0), one.clone()],
        Axiom::Monotonic => vec![open(5, 1), open(6, 0)],
        Axiom::Atomic => vec![set_put(4, 0, 7, (0, 1)), set_put(4, 1, 8, (0, 2))],
        Axiom::NoLostUpdate => vec![one.clone(), get(0, 0, (0, 0)).by(REST)],
        Axiom::Isolation => vec![begin(9, 0), t_put(9, 0, 7), conflict(9)],
        Axiom::LatestRead => vec![one.clone(), get(0, 0, (0, 0))],
        Axiom::Intact => vec![get(0, GARBLED, (0, 0))],
        Axiom::NoGarbage => vec![one.clone(), held(2, 1)],
        Axiom::Progress => vec![get(0, 0, (0, 0)).flags(flag::REFUSED)],
    };
    for axiom in Axiom::ALL {
        let history = history(&only_seen_by(axiom));
        let found = check(&history, &Axioms::all()).anomalies;
        assert_eq!(found.iter().map(|one| one.axiom).collect::<Vec<_>>(), [axiom]);
        assert_eq!(names(&check(&history, &Axioms::without(axiom))), []);
    }
}

#[test]
fn versions_may_use_all_64_bits() {
    const HIGH: u64 = u64::MAX - 9;
    let before = [put(0, 7, (HIGH, HIGH)), put(0, 8, (HIGH, HIGH + 1)), open(5, HIGH)];
    let right = after(&before, &[see(5, 0, 8, (HIGH, HIGH + 1)), get(0, 8, (HIGH, HIGH + 1))]);
    let wrong = after(&before, &[see(5, 0, 7, (HIGH, HIGH))]);
    shows(Axiom::Equation, AnomalyKind::StaleRead, &wrong, &right);
}

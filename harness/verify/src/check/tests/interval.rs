//! Anomalies in histories without versions.

use crate::check::check;
use crate::check::report::{AnomalyKind, Axiom, Axioms};
use crate::history::{History, Order, flag};

use super::model::hide_versions;
use super::steps::*;

const NO: V = (0, 0);

/// The axioms and kinds of the anomalies of steps without versions.
fn found(steps: &[Step]) -> Vec<(Axiom, AnomalyKind)> {
    names(&check(&hide_versions(history(steps)), &Axioms::all()))
}

/// Checks that `wrong` shows one anomaly and no other, that it shows none without the axiom, and
/// that `right` shows none.
fn shows(axiom: Axiom, kind: AnomalyKind, wrong: &[Step], right: &[Step]) {
    assert_eq!(found(wrong), [(axiom, kind)]);
    let wrong = hide_versions(history(wrong));
    assert_eq!(names(&check(&wrong, &Axioms::without(axiom))), [], "without {axiom:?}");
    assert_eq!(found(right), []);
}

fn after(first: &[Step], then: &[Step]) -> Vec<Step> {
    [first, then].concat()
}

#[test]
fn a_value_replaced_before_the_read_began_is_stale() {
    let before = [put(0, 7, NO), put(0, 8, NO)];
    let right = after(&before, &[get(0, 8, NO).by(2), contains(0, 1)]);
    for read in [get(0, 7, NO), get(0, 0, NO), contains(0, 0), delete_nothing(0), list(&[])] {
        let wrong = after(&before, &[read.by(2)]);
        shows(Axiom::LatestRead, AnomalyKind::StaleRead, &wrong, &right);
    }
    // The second put may come after the read: nothing is certain.
    let concurrent = [put(0, 7, NO), put(0, 8, NO).at(30, 50), get(0, 7, NO).by(2).at(45, 60)];
    assert_eq!(found(&concurrent), []);
}

#[test]
fn a_replacement_is_found_among_many_concurrent_writes() {
    // All the later puts are under way together, and the last one to begin is the first to end.
    let later = (0..1000).map(|at| put(0, 8 + at, NO).at(10 + u64::from(at), 5000 - u64::from(at)));
    let before: Vec<Step> = [put(0, 7, NO).at(1, 2)].into_iter().chain(later).collect();
    let read = |at| after(&before, &[get(0, 7, NO).by(2).at(at, at + 1)]);
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &read(4500), &read(3999));
}

#[test]
fn a_delete_in_progress_is_found_among_many_concurrent_writes() {
    let deleted = |returned| delete(0, 7, NO).by(2).at(5, returned);
    let puts = |at: u32| put(0, 8 + at, NO).at(10 + 2 * u64::from(at), 11 + 2 * u64::from(at));
    let all = |delete: Step| {
        let before = [put(0, 7, NO).at(1, 2), delete].into_iter().chain((0..1000).map(puts));
        after(&before.collect::<Vec<Step>>(), &[get(0, 0, NO).by(3).at(8000, 8001)])
    };
    shows(Axiom::LatestRead, AnomalyKind::StaleRead, &all(deleted(7)), &all(deleted(9000)));
}

#[test]
fn a_value_whose_write_had_not_begun_is_a_dirty_read() {
    let wrong = [get(0, 7, NO), put(0, 7, NO).by(2)];
    let right = [get(0, 7, NO).at(10, 20), put(0, 7, NO).by(2).at(19, 30)];
    shows(Axiom::LatestRead, AnomalyKind::DirtyRead, &wrong, &right);
}

#[test]
fn a_deleted_key_that_is_back_is_resurrected() {
    let before = [put(0, 7, NO), delete(0, 7, NO)];
    let right = after(&before, &[get(0, 0, NO), contains(0, 0)]);
    for read in [get(0, 7, NO), contains(0, 1), list(&[(0, 7, NO)])] {
        let wrong = after(&before, &[read.clone().by(2)]);
        shows(Axiom::LatestRead, AnomalyKind::ResurrectedDelete, &wrong, &right);
        let wrong = after(&before, &[read.by(REST)]);
        shows(Axiom::NoLostUpdate, AnomalyKind::ResurrectedDelete, &wrong, &right);
    }
    let removed = [put(0, 7, NO), remove_run(NO).by(2)];
    let wrong = after(&removed, &[get(0, 7, NO)]);
    shows(Axiom::LatestRead, AnomalyKind::ResurrectedDelete, &wrong, &removed);
}

#[test]
fn a_write_missing_at_rest_is_a_lost_update() {
    let before = [put(0, 7, NO), put(0, 8, NO).by(2)];
    let right = after(&before, &[get(0, 8, NO).by(REST), count(1).by(REST)]);
    for read in [get(0, 7, NO), get(0, 0, NO), contains(0, 0), list(&[])] {
        let wrong = after(&before, &[read.by(REST)]);
        shows(Axiom::NoLostUpdate, AnomalyKind::LostUpdate, &wrong, &right);
    }
    let wrong = after(&before, &[count(0).by(REST)]);
    shows(Axiom::NoLostUpdate, AnomalyKind::MissingEntry, &wrong, &right);
    let wrong = after(&before, &[count(2).by(REST)]);
    shows(Axiom::NoLostUpdate, AnomalyKind::Phantom, &wrong, &right);
    // Two concurrent puts: either may be the last.
    let concurrent = [put(0, 7, NO).at(10, 20), put(0, 8, NO).by(2).at(15, 25)];
    for value in [7, 8] {
        assert_eq!(found(&after(&concurrent, &[get(0, value, NO).by(REST)])), []);
    }
}

#[test]
fn a_snapshot_contains_commits_that_had_returned_and_none_begun_later() {
    let before = [put(0, 7, NO), put(0, 8, NO), open(5, 0), put(0, 9, NO)];
    let right = after(&before, &[see(5, 0, 8, NO), see_contains(5, 0, 1), see_contains(5, 1, 0)]);
    for read in [see(5, 0, 7, NO), see(5, 0, 0, NO), see_contains(5, 0, 0), see_list(5, &[])] {
        let wrong = after(&before, &[read]);
        shows(Axiom::Freshness, AnomalyKind::StaleRead, &wrong, &right);
    }
    for read in [see(5, 0, 9, NO), see_list(5, &[(0, 9, NO)]), see_contains(5, 1, 1)] {
        let wrong = after(&before, &[read]);
        shows(Axiom::NotFromTheFuture, AnomalyKind::FutureRead, &wrong, &right);
    }
}

#[test]
fn two_reads_of_a_key_in_a_snapshot_that_differ_are_non_repeatable() {
    let before = [
        put(0, 7, NO),
        put(0, 8, NO).at(20, 60),
        open(5, 0).by(2).at(20, 60),
        see(5, 0, 7, NO).by(2),
    ];
    let right = after(&before, &[see(5, 0, 7, NO).by(2)]);
    let wrong = after(&before, &[see(5, 0, 8, NO).by(2)]);
    shows(Axiom::Equation, AnomalyKind::NonRepeatableRead, &wrong, &right);
    let wrong = after(&before, &[see(5, 0, 8, NO).by(2).flags(flag::AFTER_COLLECT)]);
    shows(Axiom::Equation, AnomalyKind::CollectedTooEarly, &wrong, &right);
}

#[test]
fn a_snapshot_of_no_single_moment_is_fractured() {
    // Key 0 was replaced before key 1 was written, all while the snapshot was opened.
    let before = [
        put(0, 7, NO).at(1, 5),
        open(5, 0).by(2).at(10, 90),
        put(0, 8, NO).at(20, 30),
        put(1, 9, NO).at(40, 50),
        see(5, 1, 9, NO).by(2),
    ];
    let right = after(&before, &[see(5, 0, 8, NO).by(2)]);
    let wrong = after(&before, &[see(5, 0, 7, NO).by(2)]);
    shows(Axiom::Equation, AnomalyKind::FracturedRead, &wrong, &right);
}

#[test]
fn a_part_of_a_write_set_is_a_fractured_read() {
    let before = [
        put(1, 7, NO).at(1, 5),
        open(5, 0).by(2).at(10, 90),
        set_put(4, 0, 8, NO).at(20, 80),
        set_put(4, 1, 9, NO).at(20, 80),
        set_put(4, 2, 6, NO).at(20, 80),
        see(5, 0, 8, NO).by(2),
    ];
    let right = after(&before, &[see(5, 1, 9, NO).by(2), see(5, 2, 6, NO).by(2)]);
    for read in [see(5, 1, 7, NO), see(5, 2, 0, NO)] {
        let wrong = after(&before, &[read.by(2)]);
        shows(Axiom::Atomic, AnomalyKind::FracturedRead, &wrong, &right);
    }
}

#[test]
fn a_count_beside_writers_lies_between_the_keys_certainly_live_and_those_that_may_be() {
    // Key 0 is overwritten beside the count, key 1 is put, key 2 is deleted, and key 3 is neither.
    let before = [
        put(0, 7, NO).at(1, 2),
        put(2, 8, NO).at(3, 4),
        put(3, 9, NO).at(5, 6),
        put(0, 6, NO).at(20, 60),
        put(1, 5, NO).at(20, 60),
        delete(2, 8, NO).by(3).at(20, 60),
    ];
    let read = |step: Step| after(&before, &[step.by(2).at(30, 50)]);
    for (number, kind) in [(1, AnomalyKind::MissingEntry), (5, AnomalyKind::Phantom)] {
        for right in 2..=4 {
            shows(Axiom::LatestRead, kind, &read(count(number)), &read(count(right)));
            // Of such a listing only the number of entries is known.
            let listing = |entries| read(list(&[]).digest_only().value(entries));
            shows(Axiom::LatestRead, kind, &listing(number), &listing(right));
        }
    }
}

#[test]
fn a_count_of_a_snapshot_agrees_with_the_moment_and_the_reads_of_the_snapshot() {
    let beside = |step: Step| step.at(20, 60);
    let before = [
        put(0, 7, NO).at(1, 2),
        put(3, 9, NO).at(5, 6),
        beside(put(1, 5, NO)),
        open(5, 0).by(2).at(30, 50),
        // After the snapshot was opened.
        put(2, 6, NO).at(70, 80),
    ];
    let after_open = |steps: &[Step]| after(&before, steps);
    for (number, kind) in [(1, AnomalyKind::MissingEntry), (4, AnomalyKind::Phantom)] {
        for right in 2..=3 {
            let [wrong, right] = [number, right].map(|number| after_open(&[see_count(5, number)]));
            shows(Axiom::Equation, kind, &wrong, &right);
        }
    }
    for (reads, live) in [
        (vec![see(5, 1, 5, NO)], 3),
        (vec![see(5, 1, 0, NO)], 2),
        (vec![see_contains(5, 1, 1)], 3),
        (vec![see_list(5, &[(0, 7, NO), (1, 5, NO), (3, 9, NO)])], 3),
    ] {
        let counted = |number| after_open(&after(&reads, &[see_count(5, number)]));
        let kind = if live == 3 { AnomalyKind::MissingEntry } else { AnomalyKind::Phantom };
        shows(Axiom::Equation, kind, &counted(5 - live), &counted(live));
    }
    let twice = |second: Step| after_open(&[see_count(5, 2), second]);
    let kind = AnomalyKind::NonRepeatableRead;
    shows(Axiom::Equation, kind, &twice(see_count(5, 3)), &twice(see_count(5, 2)));
}

#[test]
fn a_listing_within_a_transaction_is_read_like_its_keys() {
    let before = [put(0, 7, NO), put(1, 8, NO), put(1, 9, NO), begin(6, 0), t_put(6, 2, 5)];
    let right = after(&before, &[t_list(6, &[(0, 7, NO), (1, 9, NO), (2, 5, NO)]), commit(6, NO)]);
    for (entries, axiom, kind) in [
        (vec![(0, 7, NO), (2, 5, NO)], Axiom::Freshness, AnomalyKind::StaleRead),
        (vec![(0, 7, NO), (1, 8, NO), (2, 5, NO)], Axiom::Freshness, AnomalyKind::StaleRead),
        (vec![(0, 7, NO), (1, 9, NO)], Axiom::Equation, AnomalyKind::OwnWriteLost),
    ] {
        let wrong = after(&before, &[t_list(6, &entries), commit(6, NO)]);
        shows(axiom, kind, &wrong, &right);
    }
}

#[test]
fn two_transactions_that_replace_one_value_are_an_unnoticed_conflict() {
    let both = |second: Step| {
        let one = [put(0, 7, NO), begin(8, 0), t_get(8, 0, 7), t_put(8, 0, 1)];
        let other = [begin(9, 0).by(2), t_get(9, 0, 7).by(2), t_put(9, 0, 2).by(2)];
        after(&after(&one, &other), &[commit(8, NO), second.by(2)])
    };
    let (wrong, right) = (both(commit(9, NO)), both(conflict(9)));
    shows(Axiom::Isolation, AnomalyKind::UnnoticedConflict, &wrong, &right);
    let alone = [put(0, 7, NO), begin(8, 0), t_get(8, 0, 7), t_put(8, 0, 1), conflict(8)];
    shows(Axiom::Isolation, AnomalyKind::SpuriousConflict, &alone, &right);
    let listing = t_list(8, &[(0, 7, NO)]);
    let alone = [put(0, 7, NO), begin(8, 0), listing, t_put(8, 0, 1), conflict(8)];
    shows(Axiom::Isolation, AnomalyKind::SpuriousConflict, &alone, &right);
}

#[test]
fn a_transaction_that_deleted_nothing_may_have_taken_effect_when_it_began() {
    let transaction = [begin(8, 0), t_delete(8, 0, 0), commit(8, NO).flags(flag::NO_EFFECT)];
    let put = put(0, 7, NO).by(2);
    let wrong = after(std::slice::from_ref(&put), &transaction);
    let right = after(&transaction[..2], &[put, transaction[2].clone()]);
    assert!(found(&wrong).contains(&(Axiom::LatestRead, AnomalyKind::StaleRead)));
    assert_eq!(found(&right), []);
}

#[test]
fn anomalies_that_need_no_version_are_found() {
    let one = [put(0, 7, NO)];
    let refused = [put(0, 7, NO).flags(flag::REFUSED)];
    shows(Axiom::Progress, AnomalyKind::Refused, &refused, &one);
    let garbled = after(&one, &[get(0, 99, NO)]);
    shows(Axiom::Intact, AnomalyKind::GarbledRead, &garbled, &one);
    let kept = after(&one, &[held(2, 1)]);
    shows(Axiom::NoGarbage, AnomalyKind::Garbage, &kept, &after(&one, &[held(1, 1)]));
    let own = [begin(9, 0), t_put(9, 0, 8), t_get(9, 0, 0)];
    shows(Axiom::Equation, AnomalyKind::OwnWriteLost, &own, &one);
    let report = check(&hide_versions(history(&one)), &Axioms::all());
    assert!(report.unchecked.contains_key(&Axiom::UniqueVersions));
}

#[test]
fn the_same_anomalies_are_found_by_happens_before() {
    let by_happens_before = |steps: &[Step]| {
        let mut history: History = hide_versions(history(steps));
        history.header.order = Order::HappensBefore;
        names(&check(&history, &Axioms::all()))
    };
    let anomalies_of = |raised, then: Step| {
        let steps = [put(0, 6, NO), put(0, 7, NO), notify(0), observe(0, raised).by(2)];
        by_happens_before(&after(&steps, &[open(5, 0).by(2), then.by(2)]))
    };
    for (read, axiom, kind) in [
        (get(0, 6, NO), Axiom::LatestRead, AnomalyKind::StaleRead),
        (get(0, 0, NO), Axiom::LatestRead, AnomalyKind::StaleRead),
        (see(5, 0, 6, NO), Axiom::Freshness, AnomalyKind::StaleRead),
        (see(5, 0, 0, NO), Axiom::Freshness, AnomalyKind::StaleRead),
    ] {
        assert_eq!(anomalies_of(0, read.clone()), []);
        assert_eq!(anomalies_of(1, read), [(axiom, kind)]);
    }
    let torn = |key_one| {
        let writes = [put(0, 7, NO), put(0, 8, NO), put(1, 9, NO), open(5, 0).by(2)];
        by_happens_before(&after(&writes, &[see(5, 1, 9, NO).by(2), see(5, 0, key_one, NO).by(2)]))
    };
    assert_eq!(torn(8), []);
    assert_eq!(torn(7), [(Axiom::Equation, AnomalyKind::FracturedRead)]);
}

//! Writes that the store acknowledged without a version.

use crate::check::check;
use crate::check::report::{AnomalyKind, Axiom, Axioms};
use crate::history::flag;

use super::model::hide_versions;
use super::steps::*;

const NO: V = (0, 0);
const LOST: (Axiom, AnomalyKind) = (Axiom::NoLostUpdate, AnomalyKind::LostUpdate);
const STALE: (Axiom, AnomalyKind) = (Axiom::LatestRead, AnomalyKind::StaleRead);
const MISSING: (Axiom, AnomalyKind) = (Axiom::LatestRead, AnomalyKind::MissingEntry);

/// The anomalies of steps.
fn found(steps: &[Step]) -> Vec<(Axiom, AnomalyKind)> {
    names(&report(steps))
}

/// The anomalies of steps without versions.
fn found_without_versions(steps: &[Step]) -> Vec<(Axiom, AnomalyKind)> {
    names(&check(&hide_versions(history(steps)), &Axioms::all()))
}

/// A write that claims to have changed nothing.
fn without_effect(step: Step) -> Step {
    step.flags(flag::NO_EFFECT)
}

#[test]
fn a_put_of_a_set_that_has_no_version_is_a_lost_update() {
    let other = set_put(4, 0, 8, (0, 2)).run(1);
    let wrong = [put(0, 7, (0, 1)), other.clone(), without_effect(set_put(4, 1, 9, NO))];
    assert_eq!(found(&wrong), [LOST]);
    let message = &report(&wrong).anomalies[0].message;
    assert_eq!(message, "A put of value 9 to key 1 of run 0 that was acknowledged has no version.");
    let without = check(&history(&wrong), &Axioms::without(Axiom::NoLostUpdate));
    assert_eq!(names(&without), []);
    assert_eq!(found(&[put(0, 7, (0, 1)), other, set_put(4, 1, 9, (0, 2))]), []);
}

#[test]
fn a_put_that_its_own_set_deleted_needs_no_version() {
    let set = [without_effect(set_put(4, 1, 9, NO)), without_effect(set_delete(4, 1, NO))];
    assert_eq!(found(&set), []);
    let other = set_put(5, 1, 8, (0, 1)).run(1);
    let live = [put(1, 7, (0, 1)), other, set[0].clone(), set[1].clone()];
    assert_eq!(found(&live), [STALE], "there was something to delete");
}

#[test]
fn a_put_without_a_version_is_a_lost_update() {
    assert_eq!(found(&[put(0, 7, NO), put(1, 8, (0, 1))]), [LOST]);
    assert_eq!(found_without_versions(&[put(0, 7, NO), put(1, 8, NO)]), []);
}

#[test]
fn a_commit_of_puts_that_changed_nothing_is_a_lost_update() {
    let deal = |end: Step| [begin(9, 0), t_put(9, 0, 7), t_put(9, 1, 8), end];
    let wrong = deal(without_effect(commit(9, NO)));
    let right = deal(commit(9, (1, 1)));
    assert_eq!(report(&wrong).anomalies_total[&AnomalyKind::LostUpdate], 2);
    assert_eq!((found(&wrong), found_without_versions(&wrong)), (vec![LOST; 2], vec![LOST; 2]));
    assert_eq!((found(&right), found_without_versions(&right)), (vec![], vec![]));
}

#[test]
fn a_commit_that_only_deleted_absent_keys_may_change_nothing() {
    let deal = |value| [begin(9, 0), t_put(9, 0, 7), t_delete(9, 0, value)];
    let right = [&deal(7)[..], &[without_effect(commit(9, NO))]].concat();
    assert_eq!((found(&right), found_without_versions(&right)), (vec![], vec![]));
    let wrong = [&[put(0, 6, (0, 1))], &right[..]].concat();
    assert_eq!((found(&wrong), found_without_versions(&wrong)), (vec![STALE], vec![STALE]));
}

#[test]
fn a_delete_that_found_nothing_is_checked_like_a_read() {
    let before = [put(0, 7, (0, 1))];
    let concurrent = [before[0].clone().at(10, 30), delete_nothing(0).by(2).at(20, 25)];
    assert_eq!(found(&[&before[..], &[delete_nothing(0).by(2)]].concat()), [STALE]);
    // Another set has a version, so this one claims that it changed nothing.
    let sets = [set_put(5, 1, 8, (0, 1)).run(1), without_effect(set_delete(4, 0, NO)).by(2)];
    assert_eq!(found(&[&before[..], &sets].concat()), [STALE]);
    assert_eq!(found(&concurrent), []);
}

#[test]
fn a_removal_that_found_no_run_is_checked_like_a_count() {
    let nothing = || without_effect(remove_run(NO).value(0)).by(2);
    let wrong = [put(0, 7, (0, 1)), nothing()];
    assert_eq!((found(&wrong), found_without_versions(&wrong)), (vec![MISSING], vec![MISSING]));
    let message = &report(&wrong).anomalies[0].message;
    assert_eq!(message, "A removal of run 0 found 0 entries, but there were 1.");
    let elsewhere = [put(0, 7, (0, 1)).run(1), nothing()];
    let concurrent = [put(0, 7, (0, 1)).at(10, 30), nothing().at(20, 25)];
    for right in [&[nothing()][..], &elsewhere, &concurrent] {
        assert_eq!((found(right), found_without_versions(right)), (vec![], vec![]));
    }
}

#[test]
fn a_commit_that_was_read_is_in_the_next_snapshot_even_before_it_returned() {
    let steps = |stamp| {
        [
            put(0, 7, (3, 1)).at(10, 100),
            get(0, 7, (3, 1)).by(2).at(20, 30),
            open(5, stamp).by(2).at(40, 50),
        ]
    };
    assert_eq!(names(&report(&steps(2))), [(Axiom::Freshness, AnomalyKind::StaleSnapshot)]);
    assert_eq!(names(&report(&steps(3))), []);
}

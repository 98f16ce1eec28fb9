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

/// What is wrong with steps.
fn found(steps: &[Step]) -> Vec<(Axiom, AnomalyKind)> {
    names(&report(steps))
}

/// What is wrong with steps whose versions are hidden.
fn found_hidden(steps: &[Step]) -> Vec<(Axiom, AnomalyKind)> {
    names(&check(&hide_versions(history(steps)), &Axioms::all()))
}

/// A write that is said to have changed nothing.
fn in_vain(step: Step) -> Step {
    step.flags(flag::NO_EFFECT)
}

#[test]
fn a_put_of_a_set_that_has_no_version_is_a_lost_update() {
    let other = set_put(4, 0, 8, (0, 2)).run(1);
    let wrong = [put(0, 7, (0, 1)), other.clone(), in_vain(set_put(4, 1, 9, NO))];
    assert_eq!(found(&wrong), [LOST]);
    let message = &report(&wrong).anomalies[0].message;
    assert_eq!(message, "A put of value 9 to key 1 of run 0 that was acknowledged has no version.");
    let without = check(&history(&wrong), &Axioms::without(Axiom::NoLostUpdate));
    assert_eq!(names(&without), []);
    assert_eq!(found(&[put(0, 7, (0, 1)), other, set_put(4, 1, 9, (0, 2))]), []);
}

#[test]
fn a_put_that_its_own_set_deleted_needs_no_version() {
    let set = [in_vain(set_put(4, 1, 9, NO)), in_vain(set_delete(4, 1, NO))];
    assert_eq!(found(&set), []);
    let live = [put(1, 7, (0, 1)), set[0].clone(), set[1].clone()];
    assert_eq!(found(&live), [STALE], "there was something to delete");
}

#[test]
fn a_put_that_shows_no_version_is_a_lost_update() {
    assert_eq!(found(&[put(0, 7, NO), put(1, 8, (0, 1))]), [LOST]);
    assert_eq!(found_hidden(&[put(0, 7, NO), put(1, 8, NO)]), []);
}

#[test]
fn a_commit_of_puts_that_changed_nothing_is_a_lost_update() {
    let deal = |end: Step| [begin(9, 0), t_put(9, 0, 7), t_put(9, 1, 8), end];
    let wrong = deal(in_vain(commit(9, NO)));
    let right = deal(commit(9, (1, 1)));
    assert_eq!(report(&wrong).anomalies_total[&AnomalyKind::LostUpdate], 2);
    assert_eq!((found(&wrong), found_hidden(&wrong)), (vec![LOST; 2], vec![LOST; 2]));
    assert_eq!((found(&right), found_hidden(&right)), (vec![], vec![]));
}

#[test]
fn a_commit_that_only_deleted_what_was_gone_may_change_nothing() {
    let deal = |value| [begin(9, 0), t_put(9, 0, 7), t_delete(9, 0, value)];
    let right = [&deal(7)[..], &[in_vain(commit(9, NO))]].concat();
    assert_eq!((found(&right), found_hidden(&right)), (vec![], vec![]));
    let wrong = [&[put(0, 6, (0, 1))], &right[..]].concat();
    assert_eq!((found(&wrong), found_hidden(&wrong)), (vec![STALE], vec![STALE]));
}

#[test]
fn a_delete_that_found_nothing_is_a_read_of_absence() {
    let before = [put(0, 7, (0, 1))];
    let beside = [before[0].clone().at(10, 30), delete_nothing(0).by(2).at(20, 25)];
    assert_eq!(found(&[&before[..], &[delete_nothing(0).by(2)]].concat()), [STALE]);
    assert_eq!(found(&[&before[..], &[in_vain(set_delete(4, 0, NO)).by(2)]].concat()), [STALE]);
    assert_eq!(found(&beside), []);
}

#[test]
fn a_removal_that_found_no_run_is_a_count_of_none() {
    let nothing = || in_vain(remove_run(NO).value(0)).by(2);
    let wrong = [put(0, 7, (0, 1)), nothing()];
    assert_eq!((found(&wrong), found_hidden(&wrong)), (vec![MISSING], vec![MISSING]));
    let message = &report(&wrong).anomalies[0].message;
    assert_eq!(message, "A removal of run 0 found 0 entries, but there were 1.");
    let elsewhere = [put(0, 7, (0, 1)).run(1), nothing()];
    let beside = [put(0, 7, (0, 1)).at(10, 30), nothing().at(20, 25)];
    for right in [&[nothing()][..], &elsewhere, &beside] {
        assert_eq!((found(right), found_hidden(right)), (vec![], vec![]));
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

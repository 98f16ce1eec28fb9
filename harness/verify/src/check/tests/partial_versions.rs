//! Stores that report versions for commits of some kinds only.

use proptest::prelude::*;

use crate::check::check;
use crate::check::report::{AnomalyKind, Axiom, Axioms, Report};
use crate::history::{Event, History, Kind, flag};

use super::model;
use super::steps::*;

const NO: V = (0, 0);

/// The kinds of events that are commits, as a store may leave them without versions.
const COMMITS: [&[Kind]; 5] = [
    &[Kind::Put],
    &[Kind::Delete],
    &[Kind::SetPut, Kind::SetDelete],
    &[Kind::RemoveRun],
    &[Kind::Commit],
];

/// A history as a store shows it that numbers no commits of these kinds.
fn without_versions_of(mut history: History, kinds: &[Kind]) -> History {
    let events = history.logs.iter_mut().flat_map(|log| &mut log.events);
    for event in events.filter(|event| kinds.contains(&event.kind())) {
        let of_set = [Kind::SetPut, Kind::SetDelete].contains(&event.kind());
        (event.stamp, event.sequence) = (0, 0);
        // A list without the run counts as a claim that the run did not change.
        event.flags |= if of_set { flag::NO_EFFECT } else { 0 };
    }
    history
}

fn is_effective(event: &Event) -> bool {
    !event.has(flag::REFUSED | flag::CONFLICT | flag::NO_EFFECT)
}

/// That a report has no anomalies, and says of each axiom why it is not fully checked.
fn says(report: &Report, why: &str) {
    assert_eq!(names(report), []);
    for axiom in [Axiom::CommitOrder, Axiom::NoLostUpdate, Axiom::LatestRead] {
        let reason = report.unchecked.get(&axiom).map_or("", |reason| reason);
        assert!(reason.starts_with(why), "{axiom:?}: {reason}");
    }
}

#[test]
fn puts_without_versions_are_accepted_and_the_report_says_so() {
    let right = [put(0, 7, NO), set_put(4, 1, 8, (1, 1)), get(0, 7, NO), get(1, 8, (1, 1))];
    says(&report(&right), "puts have no versions: ");
    let wrong = [&right[..], &[put(0, 9, NO), get(0, 7, NO).by(2)]].concat();
    assert_eq!(names(&report(&wrong)), [(Axiom::LatestRead, AnomalyKind::StaleRead)]);
    let numbered = [put(0, 7, (1, 1)), set_put(4, 1, 8, (1, 2)), get(0, 7, (1, 1))];
    assert_eq!(report(&numbered).unchecked.get(&Axiom::CommitOrder), None);
}

#[test]
fn deletes_and_removals_without_versions_are_accepted() {
    let right = [put(0, 7, (1, 1)), delete(0, 7, NO), get(0, 0, NO).by(2), remove_run(NO).value(1)];
    says(&report(&right), "deletes and removals of runs have no versions: ");
    let wrong = [&right[..2], &[get(0, 7, (1, 1)).by(2)]].concat();
    assert_eq!(names(&report(&wrong)), [(Axiom::LatestRead, AnomalyKind::ResurrectedDelete)]);
}

#[test]
fn write_sets_without_versions_are_accepted_even_if_they_only_delete() {
    let no_effect = |step: Step| step.flags(flag::NO_EFFECT);
    let before = put(0, 7, (1, 1));
    let deletes = [before.clone(), no_effect(set_delete(4, 0, NO)), get(0, 0, NO).by(2)];
    says(&report(&deletes), "write sets have no versions: ");
    let puts = [before.clone(), no_effect(set_put(4, 0, 8, NO)), get(0, 8, NO).by(2)];
    says(&report(&puts), "write sets have no versions: ");
    // A set that had nothing to delete is checked exactly.
    let nothing = report(&[before.clone(), no_effect(set_delete(4, 1, NO)), get(0, 7, (1, 1))]);
    assert_eq!((names(&nothing), nothing.unchecked.len()), (vec![], 0));
    // A lost put is found, with or without another set that has a version.
    let lost = [before, no_effect(set_put(4, 0, 8, NO)), get(0, 7, (1, 1)).by(2)];
    assert_eq!(names(&report(&lost)), [(Axiom::LatestRead, AnomalyKind::StaleRead)]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_correct_store_passes_whatever_commits_it_does_not_number(
        seed: u64, operations in 1..400usize, kinds in 0..COMMITS.len(), more in 0..COMMITS.len()
    ) {
        let kinds = [COMMITS[kinds], COMMITS[more]].concat();
        let history = model::history(seed, operations);
        let events = || history.logs.iter().flat_map(|log| &log.events);
        let numbered = events().any(|event| {
            [Kind::Put, Kind::Delete].contains(&event.kind())
                && kinds.contains(&event.kind())
                && is_effective(event)
        });
        let report = check(&without_versions_of(history.clone(), &kinds), &Axioms::all());
        prop_assert_eq!(names(&report), []);
        prop_assert!(!numbered || report.unchecked.contains_key(&Axiom::CommitOrder));
    }
}

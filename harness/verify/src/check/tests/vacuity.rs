//! How much was checked, how much of that could have failed, and what is reported as unchecked.

use std::collections::BTreeMap;

use crate::check::check;
use crate::check::report::{Axiom, Axioms, Count, Snapshots};
use crate::history::{Claims, Kind, Order};

use super::model::hide_versions;
use super::steps::*;

fn count(steps: &[Step], axiom: Axiom) -> (u64, u64) {
    let Count { checked, could_have_failed } =
        report(steps).counts.get(&axiom).copied().unwrap_or_default();
    (checked, could_have_failed)
}

#[test]
fn a_snapshot_read_without_a_concurrent_commit_is_vacuous() {
    let quiet = [put(0, 7, (0, 1)), open(5, 0), see(5, 0, 7, (0, 1))];
    assert_eq!(count(&quiet, Axiom::Equation), (1, 0));
    let later = [quiet.clone().as_slice(), &[put(0, 8, (1, 2))]].concat();
    assert_eq!(count(&later, Axiom::Equation), (1, 0), "the put came after the read");
    let between = [put(0, 7, (0, 1)), open(5, 0), put(0, 8, (1, 2)).by(2), see(5, 0, 7, (0, 1))];
    assert_eq!(count(&between, Axiom::Equation), (1, 1));
    let concurrent = [put(0, 7, (0, 1)), open(5, 0), put(1, 8, (1, 2)).by(2), see(5, 0, 7, (0, 1))];
    assert_eq!(count(&concurrent, Axiom::Equation), (1, 0), "another key");
}

#[test]
fn an_order_within_a_thread_is_vacuous() {
    for (thread, could) in [(1, 0), (2, 1)] {
        let steps = [put(0, 7, (0, 1)), open(5, 0).by(thread), put(0, 8, (1, 2)).by(thread)];
        assert_eq!(count(&steps, Axiom::Freshness), (1, could));
        assert_eq!(count(&steps, Axiom::CommitOrder), (1, could));
        assert_eq!(count(&steps, Axiom::UniqueVersions), (1, could));
        assert_eq!(count(&steps, Axiom::NotFromTheFuture), (1, 0));
        let steps = [open(5, 0), open(6, 1).by(thread)];
        assert_eq!(count(&steps, Axiom::Monotonic), (1, could));
    }
}

#[test]
fn without_versions_a_read_of_nothing_counts_if_another_thread_wrote_its_key() {
    for (thread, could) in [(1, 0), (2, 1)] {
        let open_first = [open(5, 0), see(5, 0, 0, (0, 0)), put(0, 7, (0, 1)).by(thread)];
        let hidden = check(&hide_versions(history(&open_first)), &Axioms::all());
        for axiom in [Axiom::Freshness, Axiom::NotFromTheFuture] {
            assert_eq!(hidden.counts[&axiom], Count { checked: 1, could_have_failed: could });
        }
        let get_first = [get(0, 0, (0, 0)), put(0, 7, (0, 1)).by(thread)];
        let hidden = check(&hide_versions(history(&get_first)), &Axioms::all());
        let count = Count { checked: 1, could_have_failed: could };
        assert_eq!(hidden.counts[&Axiom::LatestRead], count);
    }
}

#[test]
fn without_versions_listings_not_kept_in_full_are_reported_as_unchecked() {
    let reason = |listing: Step| {
        let report = check(&hide_versions(history(&[listing])), &Axioms::all());
        report.unchecked[&Axiom::LatestRead].clone()
    };
    assert!(reason(list(&[]).digest_only()).ends_with("only the number of entries is checked"));
    assert!(reason(list(&[])).ends_with("sound, incomplete"));
}

#[test]
fn without_versions_listings_not_kept_in_full_are_counted_as_unjudged() {
    let unjudged = |listing: Step| {
        check(&hide_versions(history(&[open(5, 0), begin(6, 0), listing])), &Axioms::all()).unjudged
    };
    for (listing, kind) in [
        (list(&[]), Kind::List),
        (see_list(5, &[]), Kind::SnapshotList),
        (t_list(6, &[]), Kind::TransactionList),
    ] {
        assert_eq!(unjudged(listing.clone()), BTreeMap::new());
        assert_eq!(unjudged(listing.digest_only()), BTreeMap::from([(kind, 1)]));
    }
}

#[test]
fn a_snapshot_is_beside_a_commit_if_their_times_overlap_and_the_commit_has_several_keys() {
    let part = |key| set_put(4, key, 7, (0, 1)).at(20, 60);
    let counted = |other_key, (from, to)| {
        let steps = [part(0), part(other_key), open(5, 0).by(2).at(from, to)];
        let in_time = history(&steps);
        let Snapshots { opened, beside_commits } = check(&in_time, &Axioms::all()).snapshots;
        assert_eq!(opened, 1);
        beside_commits
    };
    assert_eq!(counted(1, (30, 40)), 1);
    assert_eq!(counted(1, (60, 70)), 1, "it may have begun before the commit ended");
    assert_eq!(counted(1, (61, 70)), 0);
    assert_eq!(counted(1, (10, 19)), 0);
    assert_eq!(counted(0, (30, 40)), 0, "one key");
    let by_happens_before = |steps: &[Step]| {
        let mut history = history(steps);
        history.header.order = Order::HappensBefore;
        check(&history, &Axioms::all()).snapshots.beside_commits
    };
    let set = [part(0), part(1)];
    assert_eq!(by_happens_before(&[&set[..], &[open(5, 0).by(2)]].concat()), 1);
    assert_eq!(by_happens_before(&[&set[..], &[open(5, 0)]].concat()), 0, "one thread");
}

#[test]
fn an_axiom_that_does_not_apply_is_not_counted() {
    let report = report(&[put(0, 7, (0, 1))]);
    assert_eq!(report.counts.keys().collect::<Vec<_>>(), [&Axiom::Progress]);
    assert_eq!((report.events, report.reads), (1, 0));
}

#[test]
fn axioms_that_a_subject_does_not_claim_are_reported_as_unchecked() {
    let mut history = history(&[put(0, 8, (1, 1)), open(5, 0).by(2), see(5, 0, 9, (0, 0))]);
    history.header.claims = Claims { versions: true, ..Claims::default() };
    let report = check(&history, &Axioms::all());
    assert_eq!(names(&report), []);
    for axiom in [Axiom::Freshness, Axiom::Equation, Axiom::Atomic, Axiom::Isolation] {
        assert!(report.unchecked.contains_key(&axiom), "{axiom:?}");
    }
}

#[test]
fn unknown_handles_and_empty_histories_pass() {
    let steps = [see(5, 0, 7, (0, 1)), t_get(9, 0, 7), commit(9, (0, 1)), see_list(6, &[])];
    assert_eq!(names(&report(&steps)), []);
    for logs in 0..3 {
        let mut history = history(&[]);
        history.logs.truncate(logs);
        assert_eq!(names(&check(&history, &Axioms::all())), []);
    }
}

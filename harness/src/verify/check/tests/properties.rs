//! Random histories: those of a correct store pass, and a corrupted one does not.

use proptest::prelude::*;

use crate::verify::check::check;
use crate::verify::check::report::{Anomaly, Axioms};
use crate::verify::history::{Event, History, Order};

use super::model;

fn passes(history: &History) {
    let report = check(history, &Axioms::all());
    let found: Vec<_> = report.anomalies.iter().map(|one| (one, events(history, one))).collect();
    assert!(found.is_empty(), "{found:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_correct_store_passes_with_its_versions_shown(seed: u64, operations in 1..400usize) {
        passes(&model::history(seed, operations));
    }

    #[test]
    fn what_holds_over_time_holds_by_happens_before(seed: u64, operations in 1..60usize) {
        let mut history = model::history(seed, operations);
        history.header.order = Order::HappensBefore;
        passes(&history);
    }
}

/// The events of an anomaly.
fn events(history: &History, anomaly: &Anomaly) -> Vec<Event> {
    let all = anomaly.events.iter();
    all.map(|place| history.logs[place.log as usize].events[place.event as usize]).collect()
}

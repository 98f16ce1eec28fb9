//! Random histories: those of a correct store pass, and corrupted ones fail.

use proptest::prelude::*;

use crate::check::check;
use crate::check::report::{Anomaly, Axioms};
use crate::history::{ABSENT, Digest, Event, History, Kind, Order};

use super::dice::Dice;
use super::model;

fn passes(history: &History) {
    let report = check(history, &Axioms::all());
    let found: Vec<_> = report.anomalies.iter().map(|one| (one, events(history, one))).collect();
    assert!(found.is_empty(), "{found:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_correct_store_passes_with_its_versions_shown(seed: u64, operations in 1..400usize) {
        passes(&model::history(seed, operations));
    }

    #[test]
    fn a_correct_store_passes_with_its_versions_hidden(seed: u64, operations in 1..400usize) {
        let mut history = model::hide_versions(model::history(seed, operations));
        passes(&history);
        history.logs.iter_mut().for_each(|log| log.listings.clear());
        passes(&history);
    }

    #[test]
    fn one_corruption_is_detected(seed: u64, operations in 100..300usize, which: u64) {
        let mut history = model::history(seed, operations);
        let mut dice = Dice(which);
        if let Some(what) = corrupt(&mut history, &mut dice) {
            let report = check(&history, &Axioms::all());
            prop_assert!(!report.anomalies.is_empty(), "not caught: {what:?}");
            // Without versions less is seen, but nothing is out of bounds.
            let _ = check(&model::hide_versions(history), &Axioms::all());
        }
    }

    #[test]
    fn a_history_that_passes_in_real_time_passes_by_happens_before(seed: u64, operations in 1..60usize) {
        let mut history = model::history(seed, operations);
        history.header.order = Order::HappensBefore;
        passes(&history);
        passes(&model::hide_versions(history));
    }
}

/// How a history was corrupted.
#[derive(Debug)]
#[expect(dead_code, reason = "it is printed when a corruption is not caught")]
struct Corruption {
    how: &'static str,
    before: Event,
    after: Event,
}

/// Corrupts one event so that no correct store can have shown it; none if the history has no event
/// for the corruption that was drawn.
fn corrupt(history: &mut History, dice: &mut Dice) -> Option<Corruption> {
    let how = dice.below(6);
    let suits = |event: &Event| match how {
        0..3 => {
            let kinds =
                [Kind::SnapshotGet, Kind::TransactionGet, Kind::TransactionDelete, Kind::Delete];
            kinds.contains(&event.kind()) && event.value != ABSENT
        }
        3 => {
            let kinds = [Kind::SnapshotCount, Kind::SnapshotContains];
            kinds.contains(&event.kind())
        }
        4 => [Kind::SnapshotGet, Kind::Get].contains(&event.kind()) && event.value != ABSENT,
        _ => {
            let lists = [Kind::SnapshotList, Kind::TransactionList];
            lists.contains(&event.kind()) && event.value > 0
        }
    };
    let all = history.logs.iter().enumerate().flat_map(|(log, events)| {
        events.events.iter().enumerate().map(move |(at, event)| (log, at, *event))
    });
    let fit: Vec<_> = all.filter(|(_, _, event)| suits(event)).collect();
    if fit.is_empty() {
        return None;
    }
    let (log, at, before) = fit[dice.below(fit.len() as u64) as usize];
    let event = &mut history.logs[log].events[at];
    let how = match how {
        0 if before.kind() != Kind::Delete => {
            (event.value, event.stamp, event.sequence) = (ABSENT, 0, 0);
            "the value is missing"
        }
        0..3 => {
            let other = another_write(history, &before, dice)?;
            let event = &mut history.logs[log].events[at];
            event.value = other.value;
            if before.kind() == Kind::SnapshotGet {
                (event.stamp, event.sequence) = (other.stamp, other.sequence);
            }
            "the value is another write's"
        }
        3 => {
            event.value ^= 1;
            "the number is off by one"
        }
        4 => {
            event.sequence += 1;
            "the version is off by one"
        }
        _ => {
            let listings = &mut history.logs[log].listings;
            let (_, listed) = listings.iter_mut().find(|(event, _)| *event as usize == at)?;
            listed.remove(dice.below(listed.len() as u64) as usize);
            let mut digest = Digest::default();
            listed.iter().for_each(|entry| digest.add(entry));
            let event = &mut history.logs[log].events[at];
            (event.value, event.stamp) = (event.value - 1, digest.contents);
            "an entry is missing"
        }
    };
    Some(Corruption { how, before, after: history.logs[log].events[at] })
}

/// Another write of the key that an event read.
fn another_write(history: &History, read: &Event, dice: &mut Dice) -> Option<Event> {
    let events = history.logs.iter().flat_map(|log| &log.events);
    let puts = events.filter(|event| {
        [Kind::Put, Kind::SetPut].contains(&event.kind())
            && (event.run, event.key) == (read.run, read.key)
            && event.value != read.value
    });
    let puts: Vec<&Event> = puts.collect();
    (!puts.is_empty()).then(|| *puts[dice.below(puts.len() as u64) as usize])
}

/// The events of an anomaly.
fn events(history: &History, anomaly: &Anomaly) -> Vec<Event> {
    let all = anomaly.events.iter();
    all.map(|place| history.logs[place.log as usize].events[place.event as usize]).collect()
}

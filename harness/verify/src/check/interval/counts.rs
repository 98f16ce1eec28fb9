//! Counts, and listings of which only the digest is known: the number of entries lies between the
//! keys that were certainly live and those that may have been.
//!
//! The bounds hold for a count of one moment and for one that visits the keys one after the other,
//! as long as it visits each key once.

use rustc_hash::FxHashMap;

use crate::check::context::Context;
use crate::check::describe;
use crate::check::index::Index;
use crate::check::interval::latest;
use crate::check::interval::write_intervals::{State, WriteIntervals};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::history::{Event, Kind, flag};

/// How many keys of a run were live.
#[derive(Clone, Copy)]
struct Bounds {
    /// The keys that were certainly live throughout.
    fewest: u64,
    /// The keys that may have been live at some moment.
    most: u64,
}

/// The keys that a snapshot's reads found or did not find, by run and key.
pub(super) type Known = FxHashMap<(u16, u32), State>;

impl Bounds {
    /// The bounds on the keys that a read counted or listed, from the beginning of one event to the
    /// end of another. What is known of a key counts instead of its writes.
    fn of(
        intervals: &WriteIntervals<'_>,
        event: &Event,
        (since, until): (u32, u32),
        known: &Known,
    ) -> Self {
        let mut bounds = Self { fewest: 0, most: 0 };
        for key in counted_keys(intervals.index, event) {
            let certainly = |state: State| match known.get(&(event.run, key)) {
                Some(known) => *known == state,
                None => intervals.certainly((event.run, key), state, since, until).is_some(),
            };
            if !certainly(State::Absent) {
                bounds.most += 1;
                bounds.fewest += u64::from(certainly(State::Live));
            }
        }
        bounds
    }

    /// How a number is out of bounds.
    fn broken_by(self, number: u64) -> Option<AnomalyKind> {
        match number {
            _ if number < self.fewest => Some(AnomalyKind::MissingEntry),
            _ if number > self.most => Some(AnomalyKind::Phantom),
            _ => None,
        }
    }
}

/// The keys that a count or listing is about.
fn counted_keys<'a>(index: &'a Index<'_>, event: &'a Event) -> impl Iterator<Item = u32> + 'a {
    let is_count = matches!(event.kind(), Kind::Count | Kind::SnapshotCount);
    (0..index.keys as u32).filter(move |key| is_count || index.starts_with(*key, event.key))
}

/// Checks a count, or the number of entries of a listing, of the newest values.
pub(super) fn check_latest(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    read: u32,
    event: &Event,
) {
    let axiom = latest::axiom(context, read);
    let bounds = Bounds::of(intervals, event, (read, read), &Known::default());
    count_check(context, intervals, axiom, (read, event));
    let Some(kind) = bounds.broken_by(u64::from(event.value)) else { return };
    context.add((axiom, kind), &[read], Expected::Unknown, || {
        let when = match axiom {
            Axiom::NoLostUpdate => "At rest, a",
            _ => "A",
        };
        message(when, event, bounds, "throughout it", "at some moment of it")
    });
}

/// Checks the counts of a snapshot, and its listings of which only the digest is known.
pub(super) fn check_snapshot(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    open: u32,
    counts: &[u32],
    known: &Known,
) {
    let index = context.index;
    for (at, read) in counts.iter().copied().enumerate() {
        let event = index.events.at(read);
        count_check(context, intervals, Axiom::Equation, (read, event));
        if check_repeated(context, &counts[..at], (read, event)) {
            continue;
        }
        let bounds = Bounds::of(intervals, event, (open, open), known);
        let Some(kind) = bounds.broken_by(u64::from(event.value)) else { continue };
        context.add((Axiom::Equation, kind), &[read, open], Expected::Unknown, || {
            let when = format!("As of snapshot {}, a", event.handle);
            let opened = "when it was opened";
            message(&when, event, bounds, opened, opened)
        });
    }
}

/// Checks that a count agrees with an earlier one of the same snapshot; returns whether it does
/// not.
fn check_repeated(
    context: &mut Context<'_>,
    earlier: &[u32],
    (read, event): (u32, &Event),
) -> bool {
    let index = context.index;
    let is_same = |other: &&u32| {
        let other = index.events.at(**other);
        (other.kind, other.run, other.key) == (event.kind, event.run, event.key)
    };
    let Some(first) = earlier.iter().find(is_same).copied() else { return false };
    let before = index.events.at(first).value;
    if before == event.value {
        return false;
    }
    let kind = match event.has(flag::AFTER_COLLECT) {
        true => AnomalyKind::CollectedTooEarly,
        false => AnomalyKind::NonRepeatableRead,
    };
    context.add((Axiom::Equation, kind), &[read, first], Expected::Unknown, || {
        format!(
            "Snapshot {} has {} of run {}, and had {before} before.",
            event.handle,
            describe::entries(event.value),
            event.run
        )
    });
    true
}

/// Counts a check. It could have failed if another thread wrote one of the keys.
fn count_check(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    axiom: Axiom,
    (read, event): (u32, &Event),
) {
    context.findings.checked(axiom);
    let mut keys = counted_keys(context.index, event);
    if keys.any(|key| intervals.is_written_beside((event.run, key), read)) {
        context.findings.could_have_failed(axiom);
    }
}

fn message(when: &str, event: &Event, bounds: Bounds, live: &str, maybe: &str) -> String {
    let what = match event.kind() {
        Kind::Count | Kind::SnapshotCount => "count",
        _ => "listing",
    };
    format!(
        "{when} {what} of run {} found {}; {} keys were certainly live {live}, and {} may have \
         been {maybe}.",
        event.run,
        describe::entries(event.value),
        bounds.fewest,
        bounds.most,
    )
}

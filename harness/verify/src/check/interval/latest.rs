//! Reads of the newest value, and reads at rest.

use crate::check::context::Context;
use crate::check::describe;
use crate::check::index::{is_put, takes_effect};
use crate::check::interval::counts;
use crate::check::interval::write_intervals::{State, WriteIntervals};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::versioned::equation;
use crate::history::{ABSENT, Event, Kind, Listed, flag};

/// Checks every read of the newest value, and what a single event shows.
pub(super) fn check(context: &mut Context<'_>, intervals: &WriteIntervals<'_>) {
    let index = context.index;
    for (read, event) in index.events.iter() {
        equation::check_single_event(context, read, event);
        if event.has(flag::REFUSED) {
            continue;
        }
        match event.kind() {
            Kind::Get => check_value(context, intervals, read, event),
            Kind::Delete if takes_effect(event) => check_value(context, intervals, read, event),
            Kind::Delete | Kind::SetDelete if event.has(flag::NO_EFFECT) => {
                check_state(context, intervals, (read, event), State::Absent);
            }
            Kind::RemoveRun if event.has(flag::NO_EFFECT) => {
                check_no_run(context, intervals, read, event);
            }
            Kind::Commit if event.has(flag::NO_EFFECT) => {
                check_deletes_of_nothing(context, intervals, read, event);
            }
            Kind::Contains if event.value == 0 => {
                check_state(context, intervals, (read, event), State::Absent);
            }
            Kind::Contains => check_state(context, intervals, (read, event), State::Live),
            Kind::List => check_list(context, intervals, read, event),
            Kind::Count => counts::check_latest(context, intervals, read, event),
            Kind::Held => check_held(context, read, event),
            _ => {}
        }
    }
}

/// The axiom that a wrong read of the newest value breaks.
pub(super) fn axiom(context: &Context<'_>, read: u32) -> Axiom {
    if context.index.is_at_rest(read) { Axiom::NoLostUpdate } else { Axiom::LatestRead }
}

/// Checks a read of one key, from an event or from an entry of its listing.
fn check_value(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    read: u32,
    event: &Event,
) {
    let index = context.index;
    let Ok(position) = context.intact(read, event) else { return };
    let Some(position) = position else {
        return check_state(context, intervals, (read, event), State::Absent);
    };
    let axiom = axiom(context, read);
    context.findings.checked(axiom);
    let write = index.key_writes()[position as usize].event;
    if index.events.log_of(write) != index.events.log_of(read) {
        context.findings.could_have_failed(axiom);
    }
    let message = |what: &str, other: u32| {
        format!(
            "A read of {} returned {}, {what} {}.",
            describe::key(event),
            describe::write(index, Some(write)),
            describe::write(index, Some(other)),
        )
    };
    if let Some(other) = intervals.replaced((event.run, event.key), position, read) {
        let kind = match axiom {
            _ if !index.makes_live(other) => AnomalyKind::ResurrectedDelete,
            Axiom::NoLostUpdate => AnomalyKind::LostUpdate,
            _ => AnomalyKind::StaleRead,
        };
        context.add((axiom, kind), &[read, index.commit_of(other)], Expected::Unknown, || {
            message("which had been replaced before the read began, by", other)
        });
    } else if intervals.began_after(read, position) {
        let name = (axiom, AnomalyKind::DirtyRead);
        context.add(name, &[read, index.commit_of(write)], Expected::Unknown, || {
            message("whose write began after the read had ended:", write)
        });
    }
}

/// Checks that the keys a transaction deleted may have been absent when its commit changed nothing.
/// It has written nothing, so it may have taken effect at any moment since it began.
fn check_deletes_of_nothing(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    commit: u32,
    event: &Event,
) {
    let index = context.index;
    let position = index.transactions.position(event.handle);
    let began = position.map_or(commit, |position| index.transactions.at(position).begin);
    for write in index.last_writes(event.handle) {
        let delete = index.events.at(write);
        if !is_put(delete) {
            check_state_since(context, intervals, began, (commit, delete), State::Absent);
        }
    }
}

/// Checks that a key may have been in a state at some moment of a read.
fn check_state(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    (read, event): (u32, &Event),
    state: State,
) {
    check_state_since(context, intervals, read, (read, event), state);
}

/// The same for any moment from the beginning of one event to the end of the read.
fn check_state_since(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    since: u32,
    (read, event): (u32, &Event),
    state: State,
) {
    let index = context.index;
    let axiom = axiom(context, read);
    context.findings.checked(axiom);
    if intervals.is_written_beside((event.run, event.key), read) {
        context.findings.could_have_failed(axiom);
    }
    let other = if state == State::Live { State::Absent } else { State::Live };
    let key = (event.run, event.key);
    let Some(made) = intervals.certainly(key, other, since, read) else { return };
    let kind = match (state, made) {
        (State::Absent, _) if axiom == Axiom::NoLostUpdate => AnomalyKind::LostUpdate,
        (State::Absent, _) => AnomalyKind::StaleRead,
        (State::Live, Some(_)) => AnomalyKind::ResurrectedDelete,
        (State::Live, None) => AnomalyKind::Phantom,
    };
    let made_by = made.map(|made| index.commit_of(made));
    let shown_by: Vec<u32> = [read].into_iter().chain(made_by).collect();
    context.add((axiom, kind), &shown_by, Expected::Unknown, || {
        let found = if state == State::Live { "found" } else { "did not find" };
        let made = match made {
            Some(_) => describe::write(index, made),
            None => "never having been written".to_owned(),
        };
        format!(
            "A read {found} {}, which was impossible throughout it, because of {made}.",
            describe::key(event)
        )
    });
}

/// Checks that no key of a run was certainly live throughout a removal that found no run.
fn check_no_run(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    removal: u32,
    event: &Event,
) {
    let index = context.index;
    context.findings.checked(Axiom::LatestRead);
    let live = |key| intervals.certainly((event.run, key), State::Live, removal, removal).flatten();
    let Some(made) = (0..index.keys as u32).find_map(live) else { return };
    let name = (Axiom::LatestRead, AnomalyKind::MissingEntry);
    context.add(name, &[removal, index.commit_of(made)], Expected::Number(1), || {
        let made = describe::write(index, Some(made));
        format!("A removal of run {} found 0 entries, but there was {made}.", event.run)
    });
}

/// Checks every entry of a listing, and every key without an entry; the number of entries if only
/// the listing's digest is known.
fn check_list(context: &mut Context<'_>, intervals: &WriteIntervals<'_>, read: u32, event: &Event) {
    let index = context.index;
    let Some(listed) = index.listing(read) else {
        context.findings.leave_unjudged(Kind::List);
        return counts::check_latest(context, intervals, read, event);
    };
    for_each_key(context, (event.run, event.key), listed, |context, event| {
        check_value(context, intervals, read, &event);
    });
}

/// Calls `show` with every key of a prefix as if it had been read by itself.
pub(super) fn for_each_key(
    context: &mut Context<'_>,
    (run, prefix): (u16, u32),
    listed: &[Listed],
    mut show: impl FnMut(&mut Context<'_>, Event),
) {
    let mut values = vec![ABSENT; context.index.keys];
    for entry in listed {
        values[entry.key as usize] = entry.value;
    }
    for (key, value) in (0..).zip(values) {
        if value != ABSENT || context.index.starts_with(key, prefix) {
            show(context, Event { run, key, value, kind: Kind::Get as u8, ..Event::default() });
        }
    }
}

/// Checks that the store keeps no more versions than there are live keys.
fn check_held(context: &mut Context<'_>, held: u32, event: &Event) {
    context.findings.checked(Axiom::NoGarbage);
    context.findings.could_have_failed(Axiom::NoGarbage);
    if event.stamp != u64::from(event.value) {
        let name = (Axiom::NoGarbage, AnomalyKind::Garbage);
        context.add(name, &[held], Expected::Number(u64::from(event.value)), || {
            format!(
                "At rest and without snapshots the store holds {} versions of {} live keys.",
                event.stamp, event.value
            )
        });
    }
}

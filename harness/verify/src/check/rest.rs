//! At rest: when all threads have ended, the store equals the fold of all commits in version order.

use crate::check::context::Context;
use crate::check::events::Part;
use crate::check::index::Index;
use crate::check::lists::{Query, View};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::tell;
use crate::history::{ABSENT, Event, Kind, flag};

/// Checks what was read of the newest values when all threads had ended.
pub(super) fn check(context: &mut Context<'_>) {
    let index = context.index;
    let Some(log) = index.events.logs().checked_sub(1) else { return };
    if index.events.part(log) != Part::Rest {
        return;
    }
    for (event, at) in index.events.log(log).iter().zip(0..) {
        let read = index.events.number(log, at);
        if event.has(flag::REFUSED) {
            continue;
        }
        match event.kind() {
            Kind::Get => check_get(context, read, event),
            Kind::Contains => check_contains(context, read, event),
            Kind::Count => ask(context, read, event, Query::ALL),
            Kind::List => ask(context, read, event, event.key),
            Kind::Held => check_held(context, read, event),
            _ => {}
        }
    }
}

/// The newest of all writes of a key.
fn newest(index: &Index<'_>, event: &Event) -> Option<u32> {
    index.newest(event.run, event.key, |_| true)
}

fn check_get(context: &mut Context<'_>, read: u32, event: &Event) {
    let index = context.index;
    let newest = newest(index, event);
    count(context, event);
    let Ok(place) = context.intact(read, event) else { return };
    let got = place.map(|place| index.places()[place as usize].write);
    let right = match got {
        None => index.value_after(newest) == ABSENT,
        Some(_) => got == newest,
    };
    if right {
        if let Some(place) = place {
            context.check_version(Axiom::NoLostUpdate, read, event, place);
        }
        return;
    }
    let kind = match newest {
        Some(newest) if index.makes_live(newest) => AnomalyKind::LostUpdate,
        _ => AnomalyKind::ResurrectedDelete,
    };
    let shown_by: Vec<u32> =
        [read].into_iter().chain(newest.map(|newest| index.commit_of(newest))).collect();
    let expected = tell::expected(index, newest);
    context.add((Axiom::NoLostUpdate, kind), &shown_by, expected, || {
        format!(
            "At rest, {} holds {}; its newest write is {}.",
            tell::key(event),
            tell::write(index, got),
            tell::write(index, newest)
        )
    });
}

fn check_contains(context: &mut Context<'_>, read: u32, event: &Event) {
    let index = context.index;
    let newest = newest(index, event);
    count(context, event);
    let live = index.value_after(newest) != ABSENT;
    if live == (event.value != 0) {
        return;
    }
    let kind = match (live, newest) {
        (true, _) => AnomalyKind::LostUpdate,
        (false, Some(_)) => AnomalyKind::ResurrectedDelete,
        (false, None) => AnomalyKind::Phantom,
    };
    let shown_by: Vec<u32> =
        [read].into_iter().chain(newest.map(|newest| index.commit_of(newest))).collect();
    let expected = Expected::Number(u64::from(live));
    context.add((Axiom::NoLostUpdate, kind), &shown_by, expected, || {
        let is = if live { "is not there" } else { "is there" };
        let newest = tell::write(index, newest);
        format!("At rest, {} {is}; its newest write is {newest}.", tell::key(event))
    });
}

fn ask(context: &mut Context<'_>, read: u32, event: &Event, prefix: u32) {
    let rank = context.index.order(event.run).len() as u32;
    context.queries.push(Query::exact(View::Rest, read, event.run, prefix, rank));
}

/// Counts that a read at rest was checked. It could have failed if more than one thread wrote its
/// key.
fn count(context: &mut Context<'_>, event: &Event) {
    context.findings.checked(Axiom::NoLostUpdate);
    let index = context.index;
    let places = index.key_places(event.run, event.key);
    let mut writers = places.iter().map(|place| index.events.log_of(place.write));
    let first = writers.next();
    if first.is_some_and(|first| writers.any(|other| other != first)) {
        context.findings.could_have_failed(Axiom::NoLostUpdate);
    }
}

/// Checks that nothing is kept but the newest version of each live key.
fn check_held(context: &mut Context<'_>, held: u32, event: &Event) {
    let index = context.index;
    let (mut live, mut writes) = (0, 0);
    for run in 0..index.runs as u16 {
        for key in 0..index.keys as u32 {
            let newest = index.newest(run, key, |_| true);
            live += u64::from(index.value_after(newest) != ABSENT);
        }
        writes += index.order(run).len() as u64;
    }
    context.findings.checked(Axiom::NoGarbage);
    if writes > live {
        context.findings.could_have_failed(Axiom::NoGarbage);
    }
    if event.stamp == live && u64::from(event.value) == live {
        return;
    }
    let name = (Axiom::NoGarbage, AnomalyKind::Garbage);
    context.add(name, &[held], Expected::Number(live), || {
        format!(
            "At rest and without snapshots the store holds {} versions of {} live keys; {live} \
             keys are \
             live.",
            event.stamp, event.value
        )
    });
}

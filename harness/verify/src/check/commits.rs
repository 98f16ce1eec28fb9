//! What the versions of commits must be among themselves.

use crate::check::acknowledged;
use crate::check::context::Context;
use crate::check::events::{Events, is_of_set};
use crate::check::index::takes_effect;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::tell;
use crate::history::Event;

/// Checks that versions are unique, that puts have one, and that a write set has one only.
pub(super) fn check(context: &mut Context<'_>) {
    for run in 0..context.index.runs {
        check_unique(context, run as u16);
        acknowledged::check_versions(context, run as u16);
    }
    if context.index.history.header.claims.atomic_apply {
        for log in 0..context.index.events.logs() {
            check_sets(context, log);
        }
    }
}

fn check_unique(context: &mut Context<'_>, run: u16) {
    let index = context.index;
    let (pairs, ties) = (index.order(run).len().saturating_sub(1), index.ties(run));
    context.findings.checked_many(Axiom::UniqueVersions, pairs as u64, ties.of_logs);
    for (before, write) in ties.equal.iter().copied() {
        let name = (Axiom::UniqueVersions, AnomalyKind::DuplicateVersion);
        let commits = [index.commit_of(write), index.commit_of(before)];
        context.add(name, &commits, Expected::Unknown, || {
            format!(
                "Two commits of run {run} have one version: {} and {}.",
                tell::write(index, Some(write)),
                tell::write(index, Some(before))
            )
        });
    }
}

fn check_sets(context: &mut Context<'_>, log: usize) {
    let events = context.index.events.log(log);
    let mut at = 0;
    while at < events.len() {
        let end = at + Events::operation_len(events, at);
        if end - at > 1 && is_of_set(&events[at]) {
            check_set(context, log, at..end);
        }
        at = end;
    }
}

fn check_set(context: &mut Context<'_>, log: usize, set: std::ops::Range<usize>) {
    let index = context.index;
    context.findings.checked(Axiom::Atomic);
    let events = index.events.log(log);
    let mut in_effect = set.filter(|at| takes_effect(&events[*at]));
    let Some(first) = in_effect.next() else { return };
    let differs = |one: &Event, other: &Event| {
        one.stamp != other.stamp || one.run == other.run && one.sequence != other.sequence
    };
    let mut firsts = vec![first];
    for at in in_effect {
        let event = &events[at];
        // The stamp is the same everywhere, so any of them will do; the sequence is its run's.
        let of_run = firsts.iter().copied().find(|first| events[*first].run == event.run);
        let other = of_run.unwrap_or(first);
        if of_run.is_none() {
            firsts.push(at);
        }
        if differs(&events[other], event) {
            let shown_by = [index.events.number(log, at), index.events.number(log, other)];
            let name = (Axiom::Atomic, AnomalyKind::FracturedRead);
            context.add(name, &shown_by, Expected::Unknown, || {
                format!(
                    "Write set {} has version {} in run {} and version {} in run {}, so that a \
                     snapshot can \
                     see a part of it.",
                    event.handle,
                    index.version(shown_by[0]),
                    event.run,
                    index.version(shown_by[1]),
                    events[other].run,
                )
            });
        }
    }
}

//! The checker: histories in, reports out.
//!
//! [`check`] reads a history once to index what it wrote, and then holds it against the axioms:
//! reads of snapshots against the newest write that each may see, orders in one walk along time,
//! listings in one sweep along each run's versions.

mod acknowledged;
mod commits;
mod context;
mod equation;
mod events;
mod findings;
mod hidden;
mod ids;
mod index;
mod isolation;
mod latest;
mod listings;
mod lists;
mod merge;
mod moments;
mod naming;
mod precedence;
pub mod report;
mod rest;
mod sessions;
mod tell;

use crate::verify::check::context::Context;
use crate::verify::check::findings::Findings;
use crate::verify::check::index::Index;
use crate::verify::check::report::{Axiom, Axioms, Report};
use crate::verify::history::{Claims, Event, History, Kind};

/// Holds a history against a set of axioms, as far as the subject claims to keep them.
///
/// # Panics
/// If an event's kind is no [`Kind`]'s number, or there are more than four thousand million events.
#[must_use]
pub fn check(history: &History, axioms: &Axioms) -> Report {
    let index = Index::new(history);
    let findings = Findings::new(axioms);
    let mut context = Context { index: &index, findings, queries: Vec::new() };
    leave_unchecked(&mut context.findings, history.header.claims);
    if history.header.claims.versions {
        check_with_versions(&mut context);
    } else {
        hidden::check(&mut context);
    }
    let all = || history.logs.iter().flat_map(|log| &log.events);
    let reads = all().filter(|event| is_read(event)).count() as u64;
    context.findings.report(all().count() as u64, reads)
}

fn check_with_versions(context: &mut Context<'_>) {
    commits::check(context);
    equation::check(context);
    isolation::check(context);
    let moments = moments::Moments::new(context.index);
    let latest = latest::Latest::new(context.index);
    moments::follow(context, moments, latest);
    latest::check_deletes(context);
    rest::check(context);
    lists::check(context);
}

/// Says which axioms a subject does not claim to keep.
fn leave_unchecked(findings: &mut Findings, claims: Claims) {
    if !claims.snapshots {
        let reason = "the subject has no snapshots";
        for axiom in [Axiom::Freshness, Axiom::NotFromTheFuture, Axiom::Monotonic, Axiom::Equation]
        {
            findings.leave_unchecked(axiom, reason);
        }
    }
    if !claims.atomic_apply {
        findings.leave_unchecked(Axiom::Atomic, "the subject does not claim atomic write sets");
    }
    if !claims.transactions {
        findings.leave_unchecked(Axiom::Isolation, "the subject has no transactions");
    }
}

/// Whether an event is a read, listings and counts included.
fn is_read(event: &Event) -> bool {
    const READS: u32 = 1 << Kind::Get as u8
        | 1 << Kind::Contains as u8
        | 1 << Kind::Count as u8
        | 1 << Kind::List as u8
        | 1 << Kind::SnapshotGet as u8
        | 1 << Kind::SnapshotContains as u8
        | 1 << Kind::SnapshotCount as u8
        | 1 << Kind::SnapshotList as u8
        | 1 << Kind::TransactionGet as u8
        | 1 << Kind::TransactionList as u8;
    READS & 1 << event.kind != 0
}

#[cfg(test)]
mod tests;

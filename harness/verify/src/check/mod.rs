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

use crate::check::context::Context;
use crate::check::findings::Findings;
use crate::check::index::Index;
use crate::check::report::{Axiom, Axioms, Report};
use crate::history::{Claims, History};

/// Holds a history against a set of axioms, as far as the subject claims to keep them.
///
/// # Panics
/// If an event's kind is no [`Kind`](crate::history::Kind)'s number, or there are more than four thousand million events.
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
    let events: usize = history.logs.iter().map(|log| log.events.len()).sum();
    context.findings.report(events as u64, index.reads)
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

#[cfg(test)]
mod tests;

//! The checker: histories in, reports out.
//!
//! [`check`] indexes the writes of a history and then checks it against the axioms: by versions
//! where the subject shows them (`versioned`), otherwise by the intervals of operations
//! (`interval`).

mod context;
mod describe;
mod events;
mod findings;
mod handles;
mod ids;
mod index;
mod interval;
mod merge;
mod overlap;
mod partial_versions;
mod precedence;
pub mod report;
mod versioned;

use crate::check::context::Context;
use crate::check::findings::Findings;
use crate::check::index::Index;
use crate::check::partial_versions::Unnumbered;
use crate::check::report::{Axiom, Axioms, Report};
use crate::history::{Claims, History};

/// Checks a history against a set of axioms, as far as the subject claims to keep them.
///
/// Where a subject that shows versions shows none for some kind of commit, the history is checked
/// as that of a subject without versions, and the report says so.
///
/// # Panics
/// If the kind of an event is not the number of a [`Kind`](crate::history::Kind), or there are more
/// than 2³² events.
#[must_use]
pub fn check(history: &History, axioms: &Axioms) -> Report {
    if !history.header.claims.versions {
        return check_as_claimed(history, Findings::new(axioms));
    }
    let unnumbered = Unnumbered::of(history);
    if !unnumbered.is_certain() {
        let report = check_as_claimed(history, Findings::new(axioms));
        if report.anomalies_total.is_empty() || !unnumbered.is_possible() {
            return report;
        }
    }
    let mut findings = Findings::new(axioms);
    findings.explain_unchecked(format!("{} have no versions", unnumbered.names()));
    check_as_claimed(&unnumbered.without_versions(history), findings)
}

/// Checks a history by what it shows, adding to findings.
fn check_as_claimed(history: &History, findings: Findings) -> Report {
    let index = Index::new(history);
    let mut context = Context { index: &index, findings, queries: Vec::new() };
    leave_unchecked(&mut context.findings, history.header.claims);
    if history.header.claims.versions {
        versioned::check(&mut context);
    } else {
        interval::check(&mut context);
    }
    let events: usize = history.logs.iter().map(|log| log.events.len()).sum();
    let snapshots = overlap::count(&index);
    Report { snapshots, ..context.findings.report(events as u64, index.reads) }
}

/// Reports which axioms a subject does not claim to keep.
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

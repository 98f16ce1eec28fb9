//! The checker of histories that show no versions: by intervals over time.
//!
//! Every value names its write, so a read is wrong if that write had certainly been replaced before
//! the read began, or had certainly not begun when it ended. A snapshot is of one moment, which
//! every read of it narrows. What is said is so; but not everything wrong is seen.

mod deals;
mod latest;
mod past;
mod sights;

use crate::check::context::Context;
use crate::check::hidden::past::Past;
use crate::check::report::Axiom;
use crate::history::Order;

/// Checks a history that shows no versions.
pub(super) fn check(context: &mut Context<'_>) {
    leave_unchecked(context);
    let past = Past::new(context.index);
    latest::check(context, &past);
    sights::check(context, &past);
    deals::check(context, &past);
}

fn leave_unchecked(context: &mut Context<'_>) {
    let findings = &mut context.findings;
    for axiom in [Axiom::UniqueVersions, Axiom::CommitOrder] {
        findings.leave_unchecked(axiom, "the subject shows no versions");
    }
    let reason = "without versions it follows from the moments at which snapshots were opened";
    findings.leave_unchecked(Axiom::Monotonic, reason);
    let index = context.index;
    let by = match index.history.header.order {
        Order::RealTime => "intervals over time",
        Order::HappensBefore => "happens-before",
    };
    let kept: usize = index.history.logs.iter().map(|log| log.listings.len()).sum();
    let listings = match index.listings as usize > kept {
        true => "; listings that are known by their digests alone are not checked",
        false => "",
    };
    let reason = format!("without versions only by {by}: sound, incomplete{listings}");
    for axiom in [
        Axiom::Equation,
        Axiom::Freshness,
        Axiom::NotFromTheFuture,
        Axiom::Atomic,
        Axiom::NoLostUpdate,
        Axiom::Isolation,
        Axiom::LatestRead,
        Axiom::NoGarbage,
    ] {
        context.findings.leave_unchecked(axiom, &reason);
    }
}

//! The checker of histories without versions: by the intervals of operations over time.
//!
//! Every value names its write, so a read is wrong if that write had certainly been replaced before
//! the read began, or had certainly not begun when the read ended. A snapshot is of one moment, and
//! each of its reads narrows that down. A count lies between the keys that were certainly live and
//! those that may have been. The checks are sound but incomplete.

mod counts;
mod latest;
mod snapshot_reads;
mod transactions;
mod write_intervals;

use crate::check::context::Context;
use crate::check::interval::write_intervals::WriteIntervals;
use crate::check::report::Axiom;
use crate::history::Order;

/// Checks a history without versions.
pub(super) fn check(context: &mut Context<'_>) {
    leave_unchecked(context);
    let intervals = WriteIntervals::new(context.index);
    latest::check(context, &intervals);
    snapshot_reads::check(context, &intervals);
    transactions::check(context, &intervals);
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
        true => {
            "; of listings that are known by their digests alone only the number of entries is \
             checked"
        }
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

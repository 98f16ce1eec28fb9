//! The checker of histories that show versions: exact.
//!
//! Versions order all commits of a run, so every read has one right answer, or a range of them:
//! reads of snapshots are compared with the newest write that each may see, orders are checked in
//! one pass along time, listings in one pass along the versions of each run.

mod acknowledged;
mod at_rest;
mod classify_lists;
mod classify_reads;
mod commits;
pub(super) mod equation;
pub(super) mod isolation;
mod latest;
pub(super) mod lists;
mod version_order;

use crate::check::context::Context;

/// Checks a history that shows versions.
pub(super) fn check(context: &mut Context<'_>) {
    commits::check(context);
    equation::check(context);
    isolation::check(context);
    let orders = version_order::VersionOrder::new(context.index);
    let latest = latest::Latest::new(context.index);
    version_order::follow(context, orders, latest);
    latest::check_deletes(context);
    at_rest::check(context);
    lists::check(context);
}

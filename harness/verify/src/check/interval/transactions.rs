//! Transactions without versions.

use rustc_hash::FxHashMap;

use crate::check::context::Context;
use crate::check::describe;
use crate::check::events::NONE;
use crate::check::handles::{Outcome, Transaction};
use crate::check::interval::latest::for_each_key;
use crate::check::interval::snapshot_reads::{KeyRead, check_moment, saw};
use crate::check::interval::write_intervals::WriteIntervals;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::versioned::isolation::check_own;
use crate::history::{ABSENT, Event, Kind};

/// The operations of a transaction.
#[derive(Default)]
struct TransactionOps {
    /// Its own writes: the value by key, [`ABSENT`] for a delete.
    own: FxHashMap<u32, u32>,
    /// The keys that it read, with the values that it found.
    keys: Vec<(u32, u32)>,
    /// The prefixes that it listed.
    prefixes: Vec<u32>,
}

/// Checks every transaction.
pub(super) fn check(context: &mut Context<'_>, intervals: &WriteIntervals<'_>) {
    let index = context.index;
    if !index.history.header.claims.transactions {
        return;
    }
    // The values that a committed transaction read and replaced.
    let mut replaced: FxHashMap<u32, u32> = FxHashMap::default();
    for position in index.transactions.positions() {
        let transaction = *index.transactions.at(position);
        let ops = check_reads(context, intervals, position, &transaction);
        match transaction.outcome {
            Outcome::Conflict => check_conflict(context, intervals, &transaction, &ops),
            Outcome::Committed => {
                context.findings.checked(Axiom::Isolation);
                for (key, value) in &ops.keys {
                    if *value == ABSENT || !ops.own.contains_key(key) {
                        continue;
                    }
                    let other = replaced.insert(*value, transaction.end);
                    if let Some(other) = other.filter(|other| *other != transaction.end) {
                        add_unnoticed_conflict(context, (transaction.end, other), (*key, *value));
                    }
                }
            }
            Outcome::NoEffect | Outcome::Nothing => {}
        }
    }
}

fn check_reads(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    position: usize,
    transaction: &Transaction,
) -> TransactionOps {
    let index = context.index;
    let (mut ops, mut seen) = (TransactionOps::default(), Vec::new());
    for read in index.transactions.events(position).iter().copied() {
        let event = index.events.at(read);
        match event.kind() {
            Kind::TransactionGet | Kind::TransactionDelete => {
                if let Some(own) = ops.own.get(&event.key).copied() {
                    check_own(context, read, event, own);
                } else {
                    ops.keys.push((event.key, event.value));
                    seen.extend(saw(context, read, event));
                }
                if event.kind == Kind::TransactionDelete as u8 {
                    ops.own.insert(event.key, ABSENT);
                }
            }
            Kind::TransactionPut => {
                ops.own.insert(event.key, event.value);
            }
            Kind::TransactionList => {
                ops.prefixes.push(event.key);
                seen.extend(see_list(context, &ops, read, event));
            }
            _ => {}
        }
    }
    if transaction.end != NONE {
        check_moment(context, intervals, &seen, (transaction.begin, transaction.end));
    }
    ops
}

/// The values that a listing within a transaction saw, without the transaction's own writes, which
/// are checked here.
fn see_list(
    context: &mut Context<'_>,
    ops: &TransactionOps,
    read: u32,
    event: &Event,
) -> Vec<KeyRead> {
    let mut seen = Vec::new();
    let Some(listed) = context.index.listing(read) else {
        context.findings.leave_unjudged(Kind::TransactionList);
        return seen;
    };
    for_each_key(context, (event.run, event.key), listed, |context, entry| {
        match ops.own.get(&entry.key) {
            Some(own) => {
                check_own(context, read, &Event { handle: event.handle, ..entry }, *own);
            }
            None => seen.extend(saw(context, read, &entry)),
        }
    });
    seen
}

/// Adds an anomaly: two transactions committed that had both read a value and replaced it.
fn add_unnoticed_conflict(
    context: &mut Context<'_>,
    (end, other): (u32, u32),
    (key, value): (u32, u32),
) {
    let index = context.index;
    let name = (Axiom::Isolation, AnomalyKind::UnnoticedConflict);
    context.add(name, &[end, other], Expected::Unknown, || {
        let (one, two) = (index.events.at(end), index.events.at(other));
        format!(
            "Transactions {} and {} both committed although both had read value {value} of key \
             {key} of run {} \
             and wrote that key: a lost update.",
            one.handle, two.handle, one.run
        )
    });
}

/// Checks that a conflict may have had a cause.
fn check_conflict(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    transaction: &Transaction,
    ops: &TransactionOps,
) {
    let index = context.index;
    context.findings.checked(Axiom::Isolation);
    context.findings.could_have_failed(Axiom::Isolation);
    let end = index.events.at(transaction.end);
    let changed =
        |key: u32| intervals.may_have_changed((end.run, key), transaction.begin, transaction.end);
    let listed = |key: &u32| ops.prefixes.iter().any(|prefix| index.starts_with(*key, *prefix));
    // A store without versions may let the first of two writers win, or count a read of the
    // transaction's own write as a read: then a commit to a key that it wrote is a cause too.
    let caused = ops.keys.iter().any(|(key, _)| changed(*key))
        || ops.own.keys().any(|key| changed(*key))
        || !ops.prefixes.is_empty() && (0..index.keys as u32).filter(listed).any(changed);
    if caused && !ops.own.is_empty() {
        return;
    }
    let name = (Axiom::Isolation, AnomalyKind::SpuriousConflict);
    context.add(name, &[transaction.end, transaction.begin], Expected::Unknown, || {
        format!(
            "Transaction {} failed with a conflict, but no commit changed what it had read or \
             written of run {} ({}).",
            end.handle,
            end.run,
            describe::count(ops.keys.len() + ops.own.len(), "key")
        )
    });
}

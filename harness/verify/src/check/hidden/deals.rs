//! Transactions without versions.

use rustc_hash::FxHashMap;

use crate::check::context::Context;
use crate::check::events::NONE;
use crate::check::hidden::past::Past;
use crate::check::hidden::sights::{check_moment, saw};
use crate::check::isolation::check_own;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::sessions::{Outcome, Transaction};
use crate::check::tell;
use crate::history::{ABSENT, Kind};

/// What a transaction did.
#[derive(Default)]
struct Deeds {
    /// Its own writes: the value by key, [`ABSENT`] for a delete.
    own: FxHashMap<u32, u32>,
    /// The keys it read, with the values it found.
    keys: Vec<(u32, u32)>,
    /// The prefixes it listed.
    prefixes: Vec<u32>,
}

/// Checks every transaction.
pub(super) fn check(context: &mut Context<'_>, past: &Past<'_>) {
    let index = context.index;
    if !index.history.header.claims.transactions {
        return;
    }
    // The values that were read by a committed transaction which replaced them.
    let mut replaced: FxHashMap<u32, u32> = FxHashMap::default();
    for place in index.transactions.places() {
        let transaction = *index.transactions.at(place);
        let deeds = check_reads(context, past, place, &transaction);
        match transaction.outcome {
            Outcome::Conflict => check_conflict(context, past, &transaction, &deeds),
            Outcome::Committed => {
                context.findings.checked(Axiom::Isolation);
                for (key, value) in &deeds.keys {
                    if *value == ABSENT || !deeds.own.contains_key(key) {
                        continue;
                    }
                    let other = replaced.insert(*value, transaction.end);
                    if let Some(other) = other.filter(|other| *other != transaction.end) {
                        unnoticed(context, (transaction.end, other), (*key, *value));
                    }
                }
            }
            Outcome::NoEffect | Outcome::Nothing => {}
        }
    }
}

fn check_reads(
    context: &mut Context<'_>,
    past: &Past<'_>,
    place: usize,
    transaction: &Transaction,
) -> Deeds {
    let index = context.index;
    let (mut deeds, mut seen) = (Deeds::default(), Vec::new());
    for read in index.transactions.events(place).iter().copied() {
        let event = index.events.at(read);
        match event.kind() {
            Kind::TransactionGet | Kind::TransactionDelete => {
                if let Some(own) = deeds.own.get(&event.key).copied() {
                    check_own(context, read, event, own);
                } else {
                    deeds.keys.push((event.key, event.value));
                    seen.extend(saw(context, read, event));
                }
                if event.kind == Kind::TransactionDelete as u8 {
                    deeds.own.insert(event.key, ABSENT);
                }
            }
            Kind::TransactionPut => {
                deeds.own.insert(event.key, event.value);
            }
            Kind::TransactionList => deeds.prefixes.push(event.key),
            _ => {}
        }
    }
    if transaction.end != NONE {
        check_moment(context, past, &seen, (transaction.begin, transaction.end));
    }
    deeds
}

/// Two transactions committed that had both read a value and replaced it.
fn unnoticed(context: &mut Context<'_>, (end, other): (u32, u32), (key, value): (u32, u32)) {
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

/// Checks that something may have stood in the way of a transaction that was told so.
fn check_conflict(
    context: &mut Context<'_>,
    past: &Past<'_>,
    transaction: &Transaction,
    deeds: &Deeds,
) {
    let index = context.index;
    context.findings.checked(Axiom::Isolation);
    context.findings.could_have_failed(Axiom::Isolation);
    let end = index.events.at(transaction.end);
    let changed =
        |key: u32| past.may_have_changed((end.run, key), transaction.begin, transaction.end);
    let listed = |key: &u32| deeds.prefixes.iter().any(|prefix| index.starts_with(*key, *prefix));
    // Stores that show no versions may let the first of two writers win, or take a read of an own write for one
    // of the store, and say so: then a commit of what it wrote is a cause too.
    let caused = deeds.keys.iter().any(|(key, _)| changed(*key))
        || deeds.own.keys().any(|key| changed(*key))
        || !deeds.prefixes.is_empty() && (0..index.keys as u32).filter(listed).any(changed);
    if caused && !deeds.own.is_empty() {
        return;
    }
    let name = (Axiom::Isolation, AnomalyKind::SpuriousConflict);
    context.add(name, &[transaction.end, transaction.begin], Expected::Unknown, || {
        format!(
            "Transaction {} was told of a conflict, but no commit changed what it had read or \
             written of run {} ({}).",
            end.handle,
            end.run,
            tell::count(deeds.keys.len() + deeds.own.len(), "key")
        )
    });
}

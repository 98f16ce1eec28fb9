//! Transactions: what they read, and whether they committed when they might.

use rustc_hash::FxHashMap;

use crate::check::context::Context;
use crate::check::equation;
use crate::check::index::Index;
use crate::check::lists::{Query, View};
use crate::check::naming;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::sessions::{Outcome, Transaction};
use crate::check::tell;
use crate::history::{ABSENT, Digest, Event, Kind};

/// Commits that certainly began after a conflict that are looked at in search of its cause, in case
/// one before them in time comes after them in version.
const TOO_LATE: usize = 1 << 12;

/// What a transaction has done so far.
#[derive(Default)]
struct Deeds {
    /// Its own writes: the value by key, [`ABSENT`] for a delete.
    own: FxHashMap<u32, u32>,
    /// The keys it read of its snapshot.
    keys: Vec<u32>,
    /// The prefixes it listed.
    prefixes: Vec<u32>,
    /// Its reads of single keys of its snapshot.
    reads: Vec<u32>,
}

/// Checks every transaction.
pub(super) fn check(context: &mut Context<'_>) {
    let index = context.index;
    if !index.history.header.claims.transactions {
        return;
    }
    let mut deeds = Deeds::default();
    for place in index.transactions.places() {
        let transaction = *index.transactions.at(place);
        deeds.own.clear();
        deeds.keys.clear();
        deeds.prefixes.clear();
        deeds.reads.clear();
        check_reads(context, place, &transaction, &mut deeds);
        match transaction.outcome {
            Outcome::Committed => check_commit(context, &transaction, &deeds),
            Outcome::Conflict => check_conflict(context, &transaction, &deeds),
            Outcome::NoEffect | Outcome::Nothing => {}
        }
    }
}

fn check_reads(
    context: &mut Context<'_>,
    place: usize,
    transaction: &Transaction,
    deeds: &mut Deeds,
) {
    let index = context.index;
    let stamp = index.events.at(transaction.begin).stamp;
    let mut wrong = Vec::new();
    for read in index.transactions.events(place).iter().copied() {
        let event = index.events.at(read);
        match event.kind() {
            Kind::TransactionGet | Kind::TransactionDelete => {
                if let Some(own) = deeds.own.get(&event.key).copied() {
                    check_own(context, read, event, own);
                } else {
                    deeds.keys.push(event.key);
                    deeds.reads.push(read);
                    if let Ok(place) = context.intact(read, event) {
                        let sight = index.sight(event.run, event.key, stamp, place);
                        equation::count(context, read, event, sight, 0);
                        wrong.extend(equation::check_value(context, read, event, place, sight));
                    }
                }
                if event.kind == Kind::TransactionDelete as u8 {
                    deeds.own.insert(event.key, ABSENT);
                }
            }
            Kind::TransactionPut => {
                deeds.own.insert(event.key, event.value);
            }
            Kind::TransactionList => {
                deeds.prefixes.push(event.key);
                ask(context, read, event, stamp, deeds);
            }
            _ => {}
        }
    }
    for wrong in wrong {
        naming::name_one(context, wrong, stamp, &deeds.reads);
    }
}

/// Checks that a transaction found its own write of a key.
pub(super) fn check_own(context: &mut Context<'_>, read: u32, event: &Event, own: u32) {
    context.findings.checked(Axiom::Equation);
    if event.value == own {
        return;
    }
    let index = context.index;
    let write = index.own_write(read, event.key);
    let shown_by: Vec<u32> = [read].into_iter().chain(write).collect();
    let expected = match own {
        ABSENT => Expected::Absent,
        id => Expected::Value { id, stamp: 0, sequence: 0 },
    };
    let name = (Axiom::Equation, AnomalyKind::OwnWriteLost);
    context.add(name, &shown_by, expected, || {
        let own =
            if own == ABSENT { "deleted it".to_owned() } else { format!("wrote value {own}") };
        format!(
            "Transaction {} found value {} at {}, and had {own} before (0 is nothing).",
            event.handle,
            event.value,
            tell::key(event)
        )
    });
}

/// Asks for a listing with the transaction's own writes on top.
fn ask(context: &mut Context<'_>, read: u32, event: &Event, stamp: u64, deeds: &Deeds) {
    let index = context.index;
    let rank = index.rank(event.run, |version| version.stamp() <= stamp) as u32;
    let mut query = Query::exact(View::Transaction, read, event.run, event.key, rank);
    for (key, own) in &deeds.own {
        if !index.starts_with(*key, event.key) {
            continue;
        }
        let below = index.value_after(index.sight(event.run, *key, stamp, None).newest);
        let contents = |value: u32| match value {
            ABSENT => 0,
            value => Digest::of_contents(*key, value),
        };
        query.own_entries += i32::from(*own != ABSENT) - i32::from(below != ABSENT);
        query.own_contents =
            query.own_contents.wrapping_add(contents(*own)).wrapping_sub(contents(below));
    }
    context.queries.push(query);
}

/// Checks that what a committed transaction read was still so when it committed.
fn check_commit(context: &mut Context<'_>, transaction: &Transaction, deeds: &Deeds) {
    let index = context.index;
    let run = index.events.at(transaction.begin).run;
    if deeds.keys.is_empty() && deeds.prefixes.is_empty() {
        return;
    }
    context.findings.checked(Axiom::Isolation);
    let since = writes_since(index, transaction);
    let version = index.version(transaction.end);
    let until = index.rank(run, |other| other < version);
    let between = index.order(run).get(since..until).unwrap_or_default();
    let log = index.events.log_of(transaction.end);
    if between.iter().any(|write| index.events.log_of(*write) != log) {
        context.findings.could_have_failed(Axiom::Isolation);
    }
    for write in between.iter().copied() {
        let event = index.events.at(write);
        let removal = event.kind == Kind::RemoveRun as u8;
        let changed = if removal {
            let all = 0..index.keys as u32;
            let read = all.filter(|key| deeds.has_read(index, *key));
            { read }.find(|key| changed(index, transaction, *key))
        } else {
            let read = deeds.has_read(index, event.key);
            (read && changed(index, transaction, event.key)).then_some(event.key)
        };
        if let Some(key) = changed {
            unnoticed(context, transaction, deeds, (write, key));
            return;
        }
    }
}

/// How many writes of the run a transaction's snapshot sees.
fn writes_since(index: &Index<'_>, transaction: &Transaction) -> usize {
    let begin = index.events.at(transaction.begin);
    index.rank(begin.run, |version| version.stamp() <= begin.stamp)
}

/// Whether a key was another just before the commit than when the transaction began.
fn changed(index: &Index<'_>, transaction: &Transaction, key: u32) -> bool {
    let begin = index.events.at(transaction.begin);
    let version = index.version(transaction.end);
    let then = index.sight(begin.run, key, begin.stamp, None).newest;
    let now = index.newest(begin.run, key, |other| other < version);
    then != now && (index.value_after(then), index.value_after(now)) != (ABSENT, ABSENT)
}

fn unnoticed(
    context: &mut Context<'_>,
    transaction: &Transaction,
    deeds: &Deeds,
    (write, key): (u32, u32),
) {
    let index = context.index;
    let end = index.events.at(transaction.end);
    let name = (Axiom::Isolation, AnomalyKind::UnnoticedConflict);
    let shown_by = [transaction.end, index.commit_of(write)];
    context.add(name, &shown_by, Expected::Unknown, || {
        let what = if !deeds.keys.contains(&key) {
            "a phantom: it had listed that key's prefix"
        } else if deeds.own.contains_key(&key) {
            "a lost update: it had read that key and wrote it"
        } else {
            "a stale read: it had read that key"
        };
        format!(
            "Transaction {} committed at version {} although key {key} of run {} had been \
             changed since it \
             began, by {}; {what}.",
            end.handle,
            index.version(transaction.end),
            end.run,
            tell::write(index, Some(write)),
        )
    });
}

/// Checks that something stood in the way of a transaction that was told so.
fn check_conflict(context: &mut Context<'_>, transaction: &Transaction, deeds: &Deeds) {
    let index = context.index;
    let end = index.events.at(transaction.end);
    context.findings.checked(Axiom::Isolation);
    context.findings.could_have_failed(Axiom::Isolation);
    let reads = !deeds.keys.is_empty() || !deeds.prefixes.is_empty();
    let mut too_late = 0;
    let since = writes_since(index, transaction);
    let mut later = index.order(end.run)[since..].iter().take_while(|write| {
        too_late += usize::from(index.before(transaction.end, index.commit_of(**write)));
        too_late < TOO_LATE
    });
    let is_cause = |write: u32| {
        let event = index.events.at(write);
        let touches = event.kind == Kind::RemoveRun as u8 || deeds.has_read(index, event.key);
        touches && !index.before(transaction.end, index.commit_of(write))
    };
    if reads && !deeds.own.is_empty() && later.any(|write| is_cause(*write)) {
        return;
    }
    let name = (Axiom::Isolation, AnomalyKind::SpuriousConflict);
    context.add(name, &[transaction.end, transaction.begin], Expected::Unknown, || {
        let why = if deeds.own.is_empty() {
            "it wrote nothing"
        } else if reads {
            "no commit changed what it had read"
        } else {
            "it had read nothing"
        };
        format!("Transaction {} on run {} was told of a conflict, but {why}.", end.handle, end.run)
    });
}

impl Deeds {
    /// Whether a key was read, by itself or in a listing.
    fn has_read(&self, index: &Index<'_>, key: u32) -> bool {
        self.keys.contains(&key)
            || self.prefixes.iter().any(|prefix| index.starts_with(key, *prefix))
    }
}

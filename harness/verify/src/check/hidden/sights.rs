//! Reads of snapshots: every one of them narrows the moment that the snapshot may be of.

use crate::check::context::Context;
use crate::check::hidden::latest::for_each_key;
use crate::check::hidden::past::{Past, State};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::tell;
use crate::history::{ABSENT, Event, Kind, flag};

/// One key as a snapshot, or a transaction, saw it.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// The read, which may be a listing.
    pub(super) read: u32,
    /// The run.
    pub(super) run: u16,
    /// The key.
    pub(super) key: u32,
    /// The value.
    pub(super) value: u32,
    /// The place of the value's write; none if nothing was found.
    pub(super) place: Option<u32>,
}

/// Checks every snapshot.
pub(super) fn check(context: &mut Context<'_>, past: &Past<'_>) {
    let index = context.index;
    if !index.history.header.claims.snapshots {
        return;
    }
    let (reads, ends) = by_snapshot(context);
    let mut start = 0;
    for (root, end) in (0..).zip(ends) {
        let reads = &reads[start as usize..end as usize];
        start = end;
        if reads.is_empty() {
            continue;
        }
        let open = index.snapshots.open(root);
        let seen = see(context, past, open, reads);
        check_moment(context, past, &seen, (open, open));
    }
}

/// The reads of all snapshots, those of one and its clones together, and where each one's end.
fn by_snapshot(context: &Context<'_>) -> (Vec<u32>, Vec<u32>) {
    let index = context.index;
    let root = |event: &Event| {
        let is_read = (Kind::SnapshotGet as u8..=Kind::SnapshotList as u8).contains(&event.kind);
        let is_read = is_read && event.kind != Kind::SnapshotCount as u8;
        if !is_read || event.has(flag::REFUSED) {
            return None;
        }
        index.snapshots.of(event.handle).map(|snapshot| snapshot.root as usize)
    };
    let mut ends = vec![0; index.snapshots.len()];
    for root in index.events.iter().filter_map(|(_, event)| root(event)) {
        ends[root] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        (*end, total) = (total, total + *end);
    }
    let mut reads = vec![0; total as usize];
    for (number, event) in index.events.iter() {
        if let Some(root) = root(event) {
            reads[ends[root] as usize] = number;
            ends[root] += 1;
        }
    }
    (reads, ends)
}

/// The keys that a snapshot's reads saw; those that are wrong by themselves are noted and left out.
fn see(context: &mut Context<'_>, past: &Past<'_>, open: u32, reads: &[u32]) -> Vec<Seen> {
    let index = context.index;
    let mut seen = Vec::with_capacity(reads.len());
    for read in reads.iter().copied() {
        let event = index.events.at(read);
        match event.kind() {
            Kind::SnapshotGet => seen.extend(saw(context, read, event)),
            Kind::SnapshotContains if event.value == 0 => {
                let (run, key) = (event.run, event.key);
                seen.push(Seen { read, run, key, value: ABSENT, place: None });
            }
            Kind::SnapshotContains => check_live(context, past, (read, event), open),
            _ => {
                let Some(listed) = index.listing(read) else { continue };
                for_each_key(context, (event.run, event.key), listed, |context, event| {
                    seen.extend(saw(context, read, &event));
                });
            }
        }
    }
    seen
}

/// The key that a read saw, unless its value is none that was written there.
pub(super) fn saw(context: &mut Context<'_>, read: u32, event: &Event) -> Option<Seen> {
    let place = context.intact(read, event).ok()?;
    Some(Seen { read, run: event.run, key: event.key, value: event.value, place })
}

fn check_live(context: &mut Context<'_>, past: &Past<'_>, (read, event): (u32, &Event), open: u32) {
    context.findings.checked(Axiom::Freshness);
    let key = (event.run, event.key);
    let Some(made) = past.certainly(key, State::Absent, open, open) else { return };
    let kind =
        if made.is_some() { AnomalyKind::ResurrectedDelete } else { AnomalyKind::FutureRead };
    let axiom = if made.is_some() { Axiom::Freshness } else { Axiom::NotFromTheFuture };
    let shown_by: Vec<u32> = [read, open].into_iter().chain(made).collect();
    context.add((axiom, kind), &shown_by, Expected::Number(0), || {
        format!(
            "Snapshot {} says that {} is there, which it certainly was not when it was opened.",
            event.handle,
            tell::key(event)
        )
    });
}

/// Checks that what was seen is of one moment between the beginning of one event and the end of
/// another.
pub(super) fn check_moment(
    context: &mut Context<'_>,
    past: &Past<'_>,
    seen: &[Seen],
    (since, until): (u32, u32),
) {
    let mut alone = Vec::with_capacity(seen.len());
    for one in seen {
        if is_of_moment(context, past, one, (since, until)) {
            alone.push(*one);
        }
    }
    if !check_repeats(context, &mut alone) {
        return;
    }
    check_torn(context, past, &alone);
    check_sets(context, past, &alone, until);
}

/// Checks one read by itself.
fn is_of_moment(
    context: &mut Context<'_>,
    past: &Past<'_>,
    seen: &Seen,
    (since, until): (u32, u32),
) -> bool {
    let index = context.index;
    context.findings.checked(Axiom::Freshness);
    context.findings.checked(Axiom::NotFromTheFuture);
    if seen.place.is_none() && past.is_written_beside((seen.run, seen.key), since) {
        context.findings.could_have_failed(Axiom::Freshness);
        context.findings.could_have_failed(Axiom::NotFromTheFuture);
    }
    let wrong = match seen.place {
        None => past
            .certainly((seen.run, seen.key), State::Live, since, until)
            .flatten()
            .map(|made| (Axiom::Freshness, AnomalyKind::StaleRead, made)),
        Some(place) => {
            let write = index.places()[place as usize].write;
            if index.events.log_of(write) != index.events.log_of(since) {
                context.findings.could_have_failed(Axiom::Freshness);
                context.findings.could_have_failed(Axiom::NotFromTheFuture);
            }
            let stale = past.replaced((seen.run, seen.key), place, since).map(|other| match index
                .makes_live(other)
            {
                true => (Axiom::Freshness, AnomalyKind::StaleRead, other),
                false => (Axiom::Freshness, AnomalyKind::ResurrectedDelete, other),
            });
            let future = past.began_after(until, place);
            stale.or(future.then_some((Axiom::NotFromTheFuture, AnomalyKind::FutureRead, write)))
        }
    };
    let Some((axiom, kind, other)) = wrong else { return true };
    let shown_by = [seen.read, index.commit_of(other), since];
    context.add((axiom, kind), &shown_by, Expected::Unknown, || {
        let of =
            if kind == AnomalyKind::FutureRead { "which began later" } else { "and had to see" };
        format!(
            "A read of key {} of run {} returned value {} (0 is nothing), {of}: {}.",
            seen.key,
            seen.run,
            seen.value,
            tell::write(index, Some(other))
        )
    });
    false
}

/// Sorts reads by key, checks that those of one key agree, and keeps one of each. Whether all did.
fn check_repeats(context: &mut Context<'_>, seen: &mut Vec<Seen>) -> bool {
    seen.sort_unstable_by_key(|one| (one.run, one.key, one.read));
    let mut all_agree = true;
    for pair in seen.windows(2) {
        let (first, one) = (&pair[0], &pair[1]);
        if (first.run, first.key) != (one.run, one.key) {
            continue;
        }
        context.findings.checked(Axiom::Equation);
        context.findings.could_have_failed(Axiom::Equation);
        if first.value == one.value {
            continue;
        }
        all_agree = false;
        let kind = match context.index.events.at(one.read).has(flag::AFTER_COLLECT) {
            true => AnomalyKind::CollectedTooEarly,
            false => AnomalyKind::NonRepeatableRead,
        };
        context.add((Axiom::Equation, kind), &[one.read, first.read], Expected::Unknown, || {
            format!(
                "A read of key {} of run {} returned value {}, and another in the same snapshot \
                 value {} (0 is nothing).",
                one.key, one.run, one.value, first.value
            )
        });
    }
    seen.dedup_by_key(|one| (one.run, one.key));
    all_agree
}

/// Checks that no value was certainly replaced before the write of another began.
fn check_torn(context: &mut Context<'_>, past: &Past<'_>, seen: &[Seen]) {
    let index = context.index;
    let commit = |place: u32| index.commit_of(index.places()[place as usize].write);
    let values = || seen.iter().filter_map(|one| Some((one, one.place?)));
    let torn = if past.is_by_time() {
        let began = |place: u32| index.places()[place as usize].began();
        let newest = values().max_by_key(|(_, place)| began(*place));
        let replaced = values()
            .filter_map(|(one, place)| Some((one, past.replacement((one.run, one.key), place)?)));
        let oldest = replaced.min_by_key(|(_, by)| by.returned());
        let oldest =
            oldest.filter(|(_, by)| newest.is_some_and(|(_, place)| by.returned() < began(place)));
        newest.zip(oldest.map(|(one, by)| (one, by.write)))
    } else {
        let pairs = values().flat_map(|new| values().map(move |old| (new, old)));
        let mut torn = pairs.filter_map(|(new, (old, place))| {
            let key = (old.run, old.key);
            past.replaced(key, place, commit(new.1)).map(|by| (new, (old, by)))
        });
        torn.next()
    };
    context.findings.checked(Axiom::Equation);
    let Some(((new, place), (old, by))) = torn else { return };
    let name = (Axiom::Equation, AnomalyKind::FracturedRead);
    let shown_by = [old.read, new.read, index.commit_of(by)];
    context.add(name, &shown_by, Expected::Unknown, || {
        format!(
            "One snapshot shows value {} of key {} of run {}, which {} had replaced before the \
             write of {} began, \
             which it shows too.",
            old.value,
            old.key,
            old.run,
            tell::write(index, Some(by)),
            tell::write(index, Some(index.places()[place as usize].write)),
        )
    });
}

/// Checks that whoever shows one part of a commit shows nothing older at its other parts.
fn check_sets(context: &mut Context<'_>, past: &Past<'_>, seen: &[Seen], until: u32) {
    let index = context.index;
    let atomic_sets = index.has_sets && index.history.header.claims.atomic_apply;
    if !atomic_sets && index.transactions.places().is_empty() {
        return;
    }
    let of_key = |run: u16, key: u32| {
        let at = seen.binary_search_by_key(&(run, key), |one| (one.run, one.key)).ok()?;
        Some(&seen[at])
    };
    for one in seen {
        let Some(place) = one.place else { continue };
        let write = index.places()[place as usize].write;
        for part in index.parts(write) {
            let event = index.events.at(part);
            let Some(other) = of_key(event.run, event.key) else { continue };
            if part == write || other.read == one.read && other.key == one.key {
                continue;
            }
            context.findings.checked(Axiom::Atomic);
            context.findings.could_have_failed(Axiom::Atomic);
            if is_older(past, other, part, until) {
                let name = (Axiom::Atomic, AnomalyKind::FracturedRead);
                let shown_by = [other.read, one.read, index.commit_of(part)];
                context.add(name, &shown_by, Expected::Unknown, || {
                    format!(
                        "A snapshot shows value {} of key {} of run {}, which is older than {} \
                         of the same \
                         commit as value {} of key {} of run {}, which it shows too.",
                        other.value,
                        other.key,
                        other.run,
                        tell::write(index, Some(part)),
                        one.value,
                        one.key,
                        one.run
                    )
                });
                return;
            }
        }
    }
}

/// Whether what was seen of a key is certainly older than a write of it.
fn is_older(past: &Past<'_>, seen: &Seen, write: u32, until: u32) -> bool {
    let index = past.index;
    let commit = index.commit_of(write);
    match seen.place {
        Some(place) => {
            let old = index.places()[place as usize].write;
            index.before(index.commit_of(old), commit)
        }
        // Nothing, although it was put: unless a delete may have followed.
        None => {
            index.makes_live(write) && !past.may_be_deleted((seen.run, seen.key), commit, until)
        }
    }
}

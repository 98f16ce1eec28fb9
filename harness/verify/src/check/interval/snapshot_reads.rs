//! Snapshot reads: each narrows down the moment of its snapshot.

use crate::check::context::Context;
use crate::check::describe;
use crate::check::interval::counts::{self, Known};
use crate::check::interval::latest::for_each_key;
use crate::check::interval::write_intervals::{State, WriteIntervals};
use crate::check::overlap;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::history::{ABSENT, Event, Kind, flag};

/// The value of one key that a snapshot or transaction read.
#[derive(Clone, Copy)]
pub(super) struct KeyRead {
    /// The read, which may be a listing.
    pub(super) read: u32,
    /// The run.
    pub(super) run: u16,
    /// The key.
    pub(super) key: u32,
    /// The value.
    pub(super) value: u32,
    /// The position of the value's write; `None` if nothing was found.
    pub(super) position: Option<u32>,
}

/// What the reads of one snapshot saw.
struct Seen {
    /// The values of keys.
    keys: Vec<KeyRead>,
    /// The counts, and the listings of which only the digest is known.
    counts: Vec<u32>,
    /// Whether each key that was read was live; empty if nothing was counted.
    known: Known,
}

/// Checks every snapshot.
pub(super) fn check(context: &mut Context<'_>, intervals: &WriteIntervals<'_>) {
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
        let Seen { keys, counts, known } = see(context, intervals, open, reads);
        check_moment(context, intervals, &keys, (open, open));
        counts::check_snapshot(context, intervals, open, &counts, &known);
    }
}

/// The reads of all snapshots, grouped by original, and where each group ends.
fn by_snapshot(context: &Context<'_>) -> (Vec<u32>, Vec<u32>) {
    let index = context.index;
    let root = |event: &Event| {
        let is_read = (Kind::SnapshotGet as u8..=Kind::SnapshotList as u8).contains(&event.kind);
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

/// What the reads of a snapshot saw; wrong ones are added to the findings and left out.
fn see(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    open: u32,
    reads: &[u32],
) -> Seen {
    let index = context.index;
    let (mut seen, mut counts) = (Vec::with_capacity(reads.len()), Vec::new());
    let mut known = Known::default();
    for read in reads.iter().copied() {
        let event = index.events.at(read);
        match event.kind() {
            Kind::SnapshotGet => seen.extend(saw(context, read, event)),
            Kind::SnapshotContains if event.value == 0 => {
                let (run, key) = (event.run, event.key);
                seen.push(KeyRead { read, run, key, value: ABSENT, position: None });
            }
            Kind::SnapshotContains => {
                known.insert((event.run, event.key), State::Live);
                check_live(context, intervals, (read, event), open);
            }
            Kind::SnapshotCount => counts.push(read),
            _ => {
                let Some(listed) = index.listing(read) else {
                    context.findings.leave_unjudged(Kind::SnapshotList);
                    counts.push(read);
                    continue;
                };
                for_each_key(context, (event.run, event.key), listed, |context, event| {
                    seen.extend(saw(context, read, &event));
                });
            }
        }
    }
    if !counts.is_empty() {
        known.extend(seen.iter().map(|one| {
            let state = if one.value == ABSENT { State::Absent } else { State::Live };
            ((one.run, one.key), state)
        }));
    }
    Seen { keys: seen, counts, known }
}

/// The value that a read saw, unless no write put it there.
pub(super) fn saw(context: &mut Context<'_>, read: u32, event: &Event) -> Option<KeyRead> {
    let position = context.intact(read, event).ok()?;
    Some(KeyRead { read, run: event.run, key: event.key, value: event.value, position })
}

fn check_live(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    (read, event): (u32, &Event),
    open: u32,
) {
    context.findings.checked(Axiom::Freshness);
    let key = (event.run, event.key);
    let Some(made) = intervals.certainly(key, State::Absent, open, open) else { return };
    let kind =
        if made.is_some() { AnomalyKind::ResurrectedDelete } else { AnomalyKind::FutureRead };
    let axiom = if made.is_some() { Axiom::Freshness } else { Axiom::NotFromTheFuture };
    let shown_by: Vec<u32> = [read, open].into_iter().chain(made).collect();
    context.add((axiom, kind), &shown_by, Expected::Number(0), || {
        format!(
            "Snapshot {} contains {}, which was certainly absent when it was opened.",
            event.handle,
            describe::key(event)
        )
    });
}

/// Checks that all values existed at one moment between the beginning of one event and the end of
/// another.
pub(super) fn check_moment(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    seen: &[KeyRead],
    (since, until): (u32, u32),
) {
    let mut possible = Vec::with_capacity(seen.len());
    for one in seen {
        if is_of_moment(context, intervals, one, (since, until)) {
            possible.push(*one);
        }
    }
    if !check_repeats(context, &mut possible) {
        return;
    }
    check_torn(context, intervals, &possible);
    check_sets(context, intervals, &possible, (since, until));
}

/// Checks one read by itself.
fn is_of_moment(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    seen: &KeyRead,
    (since, until): (u32, u32),
) -> bool {
    let index = context.index;
    context.findings.checked(Axiom::Freshness);
    context.findings.checked(Axiom::NotFromTheFuture);
    if seen.position.is_none() && intervals.is_written_beside((seen.run, seen.key), since) {
        context.findings.could_have_failed(Axiom::Freshness);
        context.findings.could_have_failed(Axiom::NotFromTheFuture);
    }
    let wrong = match seen.position {
        None => intervals
            .certainly((seen.run, seen.key), State::Live, since, until)
            .flatten()
            .map(|made| (Axiom::Freshness, AnomalyKind::StaleRead, made)),
        Some(position) => {
            let write = index.key_writes()[position as usize].event;
            if index.events.log_of(write) != index.events.log_of(since) {
                context.findings.could_have_failed(Axiom::Freshness);
                context.findings.could_have_failed(Axiom::NotFromTheFuture);
            }
            let stale =
                intervals.replaced((seen.run, seen.key), position, since).map(|other| match index
                    .makes_live(other)
                {
                    true => (Axiom::Freshness, AnomalyKind::StaleRead, other),
                    false => (Axiom::Freshness, AnomalyKind::ResurrectedDelete, other),
                });
            let future = intervals.began_after(until, position);
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
            describe::write(index, Some(other))
        )
    });
    false
}

/// Sorts reads by key, checks that those of one key agree, and keeps one of each. Returns whether
/// all agreed.
fn check_repeats(context: &mut Context<'_>, seen: &mut Vec<KeyRead>) -> bool {
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
fn check_torn(context: &mut Context<'_>, intervals: &WriteIntervals<'_>, seen: &[KeyRead]) {
    let index = context.index;
    let commit = |position: u32| index.commit_of(index.key_writes()[position as usize].event);
    let values = || seen.iter().filter_map(|one| Some((one, one.position?)));
    let torn = if intervals.is_by_time() {
        let began = |position: u32| index.key_writes()[position as usize].began();
        let newest = values().max_by_key(|(_, position)| began(*position));
        let replaced = values().filter_map(|(one, position)| {
            Some((one, intervals.replacement((one.run, one.key), position)?))
        });
        let oldest = replaced.min_by_key(|(_, by)| by.returned());
        let oldest = oldest
            .filter(|(_, by)| newest.is_some_and(|(_, position)| by.returned() < began(position)));
        newest.zip(oldest.map(|(one, by)| (one, by.event)))
    } else {
        let pairs = values().flat_map(|new| values().map(move |old| (new, old)));
        let mut torn = pairs.filter_map(|(new, (old, position))| {
            let key = (old.run, old.key);
            intervals.replaced(key, position, commit(new.1)).map(|by| (new, (old, by)))
        });
        torn.next()
    };
    context.findings.checked(Axiom::Equation);
    let Some(((new, position), (old, by))) = torn else { return };
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
            describe::write(index, Some(by)),
            describe::write(index, Some(index.key_writes()[position as usize].event)),
        )
    });
}

/// Checks that a snapshot with one part of a commit has nothing older for its other parts.
fn check_sets(
    context: &mut Context<'_>,
    intervals: &WriteIntervals<'_>,
    seen: &[KeyRead],
    (since, until): (u32, u32),
) {
    let index = context.index;
    let atomic_sets = index.has_sets && index.history.header.claims.atomic_apply;
    if !atomic_sets && index.transactions.positions().is_empty() {
        return;
    }
    let of_key = |run: u16, key: u32| {
        let at = seen.binary_search_by_key(&(run, key), |one| (one.run, one.key)).ok()?;
        Some(&seen[at])
    };
    for one in seen {
        let Some(position) = one.position else { continue };
        let write = index.key_writes()[position as usize].event;
        for part in index.parts(write) {
            let event = index.events.at(part);
            let Some(other) = of_key(event.run, event.key) else { continue };
            if part == write || other.read == one.read && other.key == one.key {
                continue;
            }
            context.findings.checked(Axiom::Atomic);
            if overlap::is_beside(index, index.commit_of(part), (since, until)) {
                context.findings.could_have_failed(Axiom::Atomic);
            }
            if is_older(intervals, other, part, until) {
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
                        describe::write(index, Some(part)),
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

/// Whether the value seen of a key is certainly older than a write of it.
fn is_older(intervals: &WriteIntervals<'_>, seen: &KeyRead, write: u32, until: u32) -> bool {
    let index = intervals.index;
    let commit = index.commit_of(write);
    match seen.position {
        Some(position) => {
            let old = index.key_writes()[position as usize].event;
            index.before(index.commit_of(old), commit)
        }
        // Absent although it was put, unless a delete may have followed.
        None => {
            index.makes_live(write)
                && !intervals.may_be_deleted((seen.run, seen.key), commit, until)
        }
    }
}

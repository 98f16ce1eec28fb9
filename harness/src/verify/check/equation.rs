//! The one equation: a read of a snapshot returns the value of the newest write that the snapshot
//! sees.

use sharded_store::Version;

use crate::verify::check::context::Context;
use crate::verify::check::events::{NONE, is_of_set};
use crate::verify::check::index::{Index, is_put};
use crate::verify::check::lists::{Query, View};
use crate::verify::check::naming::{self, Wrong};
use crate::verify::check::report::{AnomalyKind, Axiom, Expected};
use crate::verify::history::{ABSENT, Event, Kind, flag};

/// What a snapshot sees of a key.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    /// The newest write that it sees.
    pub(super) newest: Option<u32>,
    /// The write after that.
    pub(super) next: Option<u32>,
}

/// Checks every read of a snapshot, and what can be seen of an event alone.
pub(super) fn check(context: &mut Context<'_>) {
    let index = context.index;
    let claims = index.history.header.claims;
    let mut wrong = Vec::new();
    for (number, event) in index.events.iter() {
        check_alone(context, number, event);
        if event.kind == Kind::Clone as u8 && claims.snapshots && !event.has(flag::REFUSED) {
            check_clone(context, number, event);
        }
        let is_of_snapshot =
            (Kind::SnapshotGet as u8..=Kind::SnapshotList as u8).contains(&event.kind);
        if !is_of_snapshot || !claims.snapshots || event.has(flag::REFUSED) {
            continue;
        }
        let Some(snapshot) = index.snapshots.of(event.handle) else { continue };
        let stamp = snapshot.stamp;
        match event.kind() {
            Kind::SnapshotGet => wrong.extend(check_get(context, number, event, stamp)),
            Kind::SnapshotContains => wrong.extend(check_contains(context, number, event, stamp)),
            kind => {
                let rank = index.rank(event.run, |version| version.stamp() <= stamp) as u32;
                let prefix = if kind == Kind::SnapshotList { event.key } else { Query::ALL };
                context.queries.push(Query::exact(View::Snapshot, number, event.run, prefix, rank));
            }
        }
    }
    naming::name_all(context, &wrong);
}

/// Checks what needs no other event.
#[inline]
fn check_alone(context: &mut Context<'_>, number: u32, event: &Event) {
    context.findings.checked(Axiom::Progress);
    context.findings.could_have_failed(Axiom::Progress);
    if event.has(flag::REFUSED | flag::UNSORTED) {
        note_flags(context, number, event);
    }
}

#[cold]
fn note_flags(context: &mut Context<'_>, number: u32, event: &Event) {
    if event.has(flag::REFUSED) {
        let name = (Axiom::Progress, AnomalyKind::Refused);
        context.add(name, &[number], Expected::Unknown, || {
            "The store refused an operation that it has no reason to refuse.".to_owned()
        });
    } else {
        let name = (Axiom::Intact, AnomalyKind::Unsorted);
        context.add(name, &[number], Expected::Unknown, || {
            format!("A listing of run {} is not in ascending order of keys.", event.run)
        });
    }
}

/// Checks that a clone is of the version of what it is a clone of.
fn check_clone(context: &mut Context<'_>, number: u32, event: &Event) {
    let Some(source) = context.index.snapshots.of(event.value) else { return };
    if event.stamp == source.stamp {
        return;
    }
    let name = (Axiom::Equation, AnomalyKind::NonRepeatableRead);
    let expected = Expected::AtLeast { stamp: source.stamp, sequence: 0 };
    context.add(name, &[number, source.open], expected, || {
        format!(
            "Snapshot {} of version {} is a clone of snapshot {}, which is of version {}.",
            event.handle, event.stamp, event.value, source.stamp
        )
    });
}

fn check_get(context: &mut Context<'_>, read: u32, event: &Event, stamp: u64) -> Option<Wrong> {
    let place = context.intact(read, event).ok()?;
    let sight = context.index.sight(event.run, event.key, stamp, place);
    count(context, read, event, sight);
    check_value(context, read, event, place, sight)
}

/// Compares a value read with the one that should have been.
#[inline]
pub(super) fn check_value(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    place: Option<u32>,
    sight: Sight,
) -> Option<Wrong> {
    let index = context.index;
    let right = match place {
        None => index.value_after(sight.newest) == ABSENT,
        Some(place) => sight.newest == Some(index.by_key()[place as usize]),
    };
    if !right {
        return Some(Wrong { read, newest: sight.newest.unwrap_or(NONE) });
    }
    if let (Some(_), Some(write), Kind::SnapshotGet) = (place, sight.newest, event.kind()) {
        context.check_version(Axiom::Equation, read, event, write);
    }
    None
}

fn check_contains(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    stamp: u64,
) -> Option<Wrong> {
    let index = context.index;
    let sight = index.sight(event.run, event.key, stamp, None);
    count(context, read, event, sight);
    let live = index.value_after(sight.newest) != ABSENT;
    (live != (event.value != 0)).then(|| Wrong { read, newest: sight.newest.unwrap_or(NONE) })
}

/// Counts that a read was checked, and whether it could have failed.
#[inline]
pub(super) fn count(context: &mut Context<'_>, read: u32, event: &Event, sight: Sight) {
    let index = context.index;
    let could = event.has(flag::REREAD | flag::AFTER_COLLECT)
        || sight.next.is_some_and(|next| !index.before(read, index.commit_of(next)));
    context.findings.checked(Axiom::Equation);
    let of_set = sight.newest.is_some_and(|write| is_of_set(index.events.at(write)));
    if of_set {
        context.findings.checked(Axiom::Atomic);
    }
    if could {
        context.findings.could_have_failed(Axiom::Equation);
        if of_set || sight.next.is_some_and(|next| is_of_set(index.events.at(next))) {
            context.findings.could_have_failed(Axiom::Atomic);
        }
    }
}

impl Index<'_> {
    /// What a snapshot sees of a key. A guess, the place of a write of that key, saves the search
    /// if it is right.
    #[inline]
    pub(super) fn sight(&self, run: u16, key: u32, stamp: u64, guess: Option<u32>) -> Sight {
        let range = self.key_range(run, key);
        let sees = |write: u32| self.version(write).stamp() <= stamp;
        let writes = self.by_key();
        let is_end = |end: u32| {
            (end == range.start || sees(writes[end as usize - 1]))
                && (end == range.end || !sees(writes[end as usize]))
        };
        let guess = guess.map_or(range.start, |place| place + 1);
        let end = if is_end(guess) {
            guess
        } else {
            let writes = &writes[range.start as usize..range.end as usize];
            range.start + writes.partition_point(|write| sees(*write)) as u32
        };
        let newest = (end > range.start).then(|| writes[end as usize - 1]);
        let next = (end < range.end).then(|| writes[end as usize]);
        if self.removals(run).is_empty() {
            return Sight { newest, next };
        }
        self.with_removals(run, stamp, Sight { newest, next })
    }

    /// The same with the removals of the run.
    #[cold]
    fn with_removals(&self, run: u16, stamp: u64, sight: Sight) -> Sight {
        let removals = self.removals(run);
        let end = removals.partition_point(|removal| self.version(*removal).stamp() <= stamp);
        let version = |write: &u32| self.version(*write);
        let last = end.checked_sub(1).map(|last| removals[last]);
        let next = removals.get(end).copied();
        Sight {
            newest: sight.newest.into_iter().chain(last).max_by_key(version),
            next: sight.next.into_iter().chain(next).min_by_key(version),
        }
    }

    /// Whether a write is later than what a snapshot sees.
    pub(super) fn is_future(&self, write: u32, stamp: u64) -> bool {
        self.version(write).stamp() > stamp
    }

    /// The first delete of a key or removal of its run that is later than what a snapshot sees, and
    /// that may have begun before a read ended.
    pub(super) fn future_delete(&self, read: u32, stamp: u64) -> Option<u32> {
        let event = self.events.at(read);
        let all = self.key_writes(event.run, event.key).iter().chain(self.removals(event.run));
        let deletes = all.copied().filter(|write| !is_put(self.events.at(*write)));
        deletes
            .filter(|write| self.is_future(*write, stamp))
            .filter(|write| !self.before(read, self.commit_of(*write)))
            .min_by_key(|write| self.version(*write))
    }

    /// The newest write of a key of a smaller version than a write, if any: what it replaced.
    pub(super) fn replaced_by(&self, run: u16, key: u32, version: Version) -> Option<u32> {
        self.newest(run, key, |other| other < version)
    }
}

//! The one equation: a read of a snapshot returns the value of the newest write that the snapshot
//! sees.

use sharded_store::Version;

use crate::check::acknowledged;
use crate::check::context::Context;
use crate::check::events::{NONE, is_of_set};
use crate::check::index::{Index, Place, is_put, takes_effect};
use crate::check::lists::{Query, View};
use crate::check::naming::{self, Wrong};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::history::{ABSENT, Event, Kind, flag};

/// What a snapshot sees of a key.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    /// The newest write that it sees.
    pub(super) newest: Option<u32>,
    /// The write after that.
    pub(super) next: Option<u32>,
    /// Its stamp, if there is one.
    pub(super) next_stamp: u64,
}

/// Checks every read of a snapshot, and what can be seen of an event alone.
pub(super) fn check(context: &mut Context<'_>) {
    let index = context.index;
    let claims = index.history.header.claims;
    let (mut wrong, mut clock) = (Vec::new(), Clock::default());
    for (number, event) in index.events.iter() {
        clock.pass(index, number, event);
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
            Kind::SnapshotGet => {
                wrong.extend(check_get(context, number, event, (stamp, clock.reached)));
            }
            Kind::SnapshotContains => {
                wrong.extend(check_contains(context, number, event, (stamp, clock.reached)));
            }
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
pub(super) fn check_alone(context: &mut Context<'_>, number: u32, event: &Event) {
    context.findings.checked(Axiom::Progress);
    context.findings.could_have_failed(Axiom::Progress);
    if event.has(flag::REFUSED | flag::UNSORTED | flag::NO_EFFECT) {
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
    } else if event.has(flag::NO_EFFECT) {
        acknowledged::check(context, number, event);
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

fn check_get(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    (stamp, reached): (u64, u64),
) -> Option<Wrong> {
    let place = context.intact(read, event).ok()?;
    let sight = context.index.sight(event.run, event.key, stamp, place);
    count(context, read, event, sight, reached);
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
        Some(place) => sight.newest == Some(index.places()[place as usize].write),
    };
    if !right {
        return Some(Wrong { read, newest: sight.newest.unwrap_or(NONE) });
    }
    if let (Some(place), Kind::SnapshotGet) = (place, event.kind()) {
        context.check_version(Axiom::Equation, read, event, place);
    }
    None
}

fn check_contains(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    (stamp, reached): (u64, u64),
) -> Option<Wrong> {
    let index = context.index;
    let sight = index.sight(event.run, event.key, stamp, None);
    count(context, read, event, sight, reached);
    let live = index.value_after(sight.newest) != ABSENT;
    (live != (event.value != 0)).then(|| Wrong { read, newest: sight.newest.unwrap_or(NONE) })
}

/// Counts that a read was checked, and whether it could have failed. The clock is known to have
/// reached `reached` before the read.
#[inline]
pub(super) fn count(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    sight: Sight,
    reached: u64,
) {
    let index = context.index;
    // A commit with an earlier stamp than the clock's began before; else its event is looked at.
    let begun =
        |next: u32| sight.next_stamp < reached || !index.before(read, index.commit_of(next));
    let could = event.has(flag::REREAD | flag::AFTER_COLLECT) || sight.next.is_some_and(begun);
    context.findings.checked(Axiom::Equation);
    if could {
        context.findings.could_have_failed(Axiom::Equation);
    }
    if index.has_sets {
        count_set(context, sight, could.then_some(Axiom::Atomic));
    }
}

/// Counts that a read was checked in which a part of a write set had to be seen, or must not be.
fn count_set(context: &mut Context<'_>, sight: Sight, could: Option<Axiom>) {
    let is_of_set = |write: u32| is_of_set(context.index.events.at(write));
    if sight.newest.is_some_and(is_of_set) || sight.next.is_some_and(is_of_set) {
        context.findings.checked(Axiom::Atomic);
        if let Some(axiom) = could {
            context.findings.could_have_failed(axiom);
        }
    }
}

/// How far the store's clock is known to have gone before a thread's next event.
#[derive(Default)]
struct Clock {
    /// The thread's log.
    log: usize,
    /// The highest stamp it has seen.
    reached: u64,
}

impl Clock {
    #[inline]
    fn pass(&mut self, index: &Index<'_>, number: u32, event: &Event) {
        let log = index.events.log_of(number);
        if log != self.log {
            *self = Self { log, reached: 0 };
        }
        let shows_clock = takes_effect(event)
            || event.kind == Kind::Open as u8
            || event.kind == Kind::Begin as u8;
        if shows_clock && !event.has(flag::REFUSED) {
            self.reached = self.reached.max(event.stamp);
        }
    }
}

impl Index<'_> {
    /// What a snapshot sees of a key. A guess, the place of a write of that key, saves the search
    /// if it is right.
    #[inline]
    pub(super) fn sight(&self, run: u16, key: u32, stamp: u64, guess: Option<u32>) -> Sight {
        let range = self.key_range(run, key);
        let places = &self.places()[range.start as usize..range.end as usize];
        let sees = |place: &Place| self.version_at(place).stamp() <= stamp;
        let is_end = |end: usize| {
            (end == 0 || sees(&places[end - 1])) && (end == places.len() || !sees(&places[end]))
        };
        let guess = guess.map_or(0, |place| (place - range.start) as usize + 1);
        let end = if is_end(guess) { guess } else { places.partition_point(sees) };
        let newest = end.checked_sub(1).map(|last| places[last].write);
        let next = places.get(end).map(|place| place.write);
        let next_stamp = places.get(end).map_or(0, |place| self.version_at(place).stamp());
        if self.removals(run).is_empty() {
            return Sight { newest, next, next_stamp };
        }
        self.with_removals(run, stamp, Sight { newest, next, next_stamp })
    }

    /// The same with the removals of the run.
    #[cold]
    fn with_removals(&self, run: u16, stamp: u64, sight: Sight) -> Sight {
        let removals = self.removals(run);
        let end = removals.partition_point(|removal| self.version(*removal).stamp() <= stamp);
        let version = |write: &u32| self.version(*write);
        let last = end.checked_sub(1).map(|last| removals[last]);
        let next = removals.get(end).copied();
        let next = sight.next.into_iter().chain(next).min_by_key(version);
        Sight {
            newest: sight.newest.into_iter().chain(last).max_by_key(version),
            next,
            next_stamp: next.map_or(0, |next| self.version(next).stamp()),
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
        self.future_delete_of((event.run, event.key), read, stamp)
    }

    /// The same for a key that the read says nothing of by itself.
    pub(super) fn future_delete_of(
        &self,
        (run, key): (u16, u32),
        read: u32,
        stamp: u64,
    ) -> Option<u32> {
        let writes = self.key_places(run, key).iter().map(|place| place.write);
        let all = writes.chain(self.removals(run).iter().copied());
        let deletes = all.filter(|write| !is_put(self.events.at(*write)));
        deletes
            .filter(|write| self.is_future(*write, stamp))
            .filter(|write| !self.before(read, self.commit_of(*write)))
            .min_by_key(|write| self.version(*write))
    }

    /// What a write of a key replaced: its newest write of a smaller version. A guess, the place of
    /// a write of that key, saves the search if it is right.
    pub(super) fn replaced_by(
        &self,
        run: u16,
        key: u32,
        version: Version,
        guess: Option<u32>,
    ) -> Option<u32> {
        let range = self.key_range(run, key);
        if let Some(place) = guess.filter(|place| place + 1 < range.end)
            && self.removals(run).is_empty()
            && self.version_at(&self.places()[place as usize + 1]) == version
        {
            return Some(self.places()[place as usize].write);
        }
        self.newest(run, key, |other| other < version)
    }
}

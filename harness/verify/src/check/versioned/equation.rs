//! The equation: a snapshot read returns the value of the newest write that the snapshot sees.

use sharded_store::Version;

use crate::check::context::Context;
use crate::check::events::{NONE, is_of_set};
use crate::check::index::{Index, KeyWrite, is_put, takes_effect};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::versioned::acknowledged;
use crate::check::versioned::classify_reads::{self, WrongRead};
use crate::check::versioned::lists::{Query, View};
use crate::history::{ABSENT, Event, Kind, flag};

/// What a snapshot sees of a key.
#[derive(Clone, Copy)]
pub(in crate::check) struct VisibleWrite {
    /// The newest write that it sees.
    pub(in crate::check) newest: Option<u32>,
    /// The write after that.
    pub(in crate::check) next: Option<u32>,
    /// Its stamp, if there is one.
    pub(in crate::check) next_stamp: u64,
}

/// Checks every snapshot read, and what a single event shows.
pub(in crate::check) fn check(context: &mut Context<'_>) {
    let index = context.index;
    let claims = index.history.header.claims;
    let (mut wrong, mut clock) = (Vec::new(), Clock::default());
    for (number, event) in index.events.iter() {
        clock.pass(index, number, event);
        check_single_event(context, number, event);
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
    classify_reads::classify_all(context, &wrong);
}

/// Checks what a single event shows.
#[inline]
pub(in crate::check) fn check_single_event(context: &mut Context<'_>, number: u32, event: &Event) {
    context.findings.checked(Axiom::Progress);
    context.findings.could_have_failed(Axiom::Progress);
    if event.has(flag::REFUSED | flag::UNSORTED | flag::NO_EFFECT) {
        check_flags(context, number, event);
    }
}

#[cold]
fn check_flags(context: &mut Context<'_>, number: u32, event: &Event) {
    if event.has(flag::REFUSED) {
        let name = (Axiom::Progress, AnomalyKind::Refused);
        context.add(name, &[number], Expected::Unknown, || {
            "The store refused an operation without a reason.".to_owned()
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

/// Checks that a clone has the version of its original.
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
) -> Option<WrongRead> {
    let position = context.intact(read, event).ok()?;
    let visible = context.index.visible(event.run, event.key, stamp, position);
    count(context, read, event, visible, reached);
    check_value(context, read, event, position, visible)
}

/// Compares a value that was read with the expected one.
#[inline]
pub(in crate::check) fn check_value(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    position: Option<u32>,
    visible: VisibleWrite,
) -> Option<WrongRead> {
    let index = context.index;
    let right = match position {
        None => index.value_after(visible.newest) == ABSENT,
        Some(position) => visible.newest == Some(index.key_writes()[position as usize].event),
    };
    if !right {
        return Some(WrongRead { read, newest: visible.newest.unwrap_or(NONE) });
    }
    if let (Some(position), Kind::SnapshotGet) = (position, event.kind()) {
        context.check_version(Axiom::Equation, read, event, position);
    }
    None
}

fn check_contains(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    (stamp, reached): (u64, u64),
) -> Option<WrongRead> {
    let index = context.index;
    let visible = index.visible(event.run, event.key, stamp, None);
    count(context, read, event, visible, reached);
    let live = index.value_after(visible.newest) != ABSENT;
    (live != (event.value != 0)).then(|| WrongRead { read, newest: visible.newest.unwrap_or(NONE) })
}

/// Counts a check of a read, and whether it could have failed. The clock had certainly reached
/// `reached` before the read.
#[inline]
pub(in crate::check) fn count(
    context: &mut Context<'_>,
    read: u32,
    event: &Event,
    visible: VisibleWrite,
    reached: u64,
) {
    let index = context.index;
    // A commit with an earlier stamp than the clock's began before; otherwise its event decides.
    let begun =
        |next: u32| visible.next_stamp < reached || !index.before(read, index.commit_of(next));
    let could = event.has(flag::REREAD | flag::AFTER_COLLECT) || visible.next.is_some_and(begun);
    context.findings.checked(Axiom::Equation);
    if could {
        context.findings.could_have_failed(Axiom::Equation);
    }
    if index.has_sets {
        count_set(context, visible, could.then_some(Axiom::Atomic));
    }
}

/// Counts a check of a read that had to see part of a write set, or must not.
fn count_set(context: &mut Context<'_>, visible: VisibleWrite, could: Option<Axiom>) {
    let is_of_set = |write: u32| is_of_set(context.index.events.at(write));
    if visible.newest.is_some_and(is_of_set) || visible.next.is_some_and(is_of_set) {
        context.findings.checked(Axiom::Atomic);
        if let Some(axiom) = could {
            context.findings.could_have_failed(axiom);
        }
    }
}

/// How far the store's clock had certainly advanced before a thread's next event.
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
    /// What a snapshot sees of a key. A correct guess, the position of a write of that key, saves
    /// the search.
    #[inline]
    pub(in crate::check) fn visible(
        &self,
        run: u16,
        key: u32,
        stamp: u64,
        guess: Option<u32>,
    ) -> VisibleWrite {
        let range = self.key_range(run, key);
        let writes = &self.key_writes()[range.start as usize..range.end as usize];
        let sees = |write: &KeyWrite| self.version_at(write).stamp() <= stamp;
        let is_end = |end: usize| {
            (end == 0 || sees(&writes[end - 1])) && (end == writes.len() || !sees(&writes[end]))
        };
        let guess = guess.map_or(0, |position| (position - range.start) as usize + 1);
        let end = if is_end(guess) { guess } else { writes.partition_point(sees) };
        let newest = end.checked_sub(1).map(|last| writes[last].event);
        let next = writes.get(end).map(|write| write.event);
        let next_stamp = writes.get(end).map_or(0, |write| self.version_at(write).stamp());
        if self.removals(run).is_empty() {
            return VisibleWrite { newest, next, next_stamp };
        }
        self.with_removals(run, stamp, VisibleWrite { newest, next, next_stamp })
    }

    /// The same, with removals of the run.
    #[cold]
    fn with_removals(&self, run: u16, stamp: u64, visible: VisibleWrite) -> VisibleWrite {
        let removals = self.removals(run);
        let end = removals.partition_point(|removal| self.version(*removal).stamp() <= stamp);
        let version = |write: &u32| self.version(*write);
        let last = end.checked_sub(1).map(|last| removals[last]);
        let next = removals.get(end).copied();
        let next = visible.next.into_iter().chain(next).min_by_key(version);
        VisibleWrite {
            newest: visible.newest.into_iter().chain(last).max_by_key(version),
            next,
            next_stamp: next.map_or(0, |next| self.version(next).stamp()),
        }
    }

    /// Whether a write is later than what a snapshot sees.
    pub(in crate::check) fn is_future(&self, write: u32, stamp: u64) -> bool {
        self.version(write).stamp() > stamp
    }

    /// The first delete of a key, or removal of its run, that is later than what a snapshot sees
    /// and may have begun before a read ended.
    pub(in crate::check) fn future_delete(&self, read: u32, stamp: u64) -> Option<u32> {
        let event = self.events.at(read);
        self.future_delete_of((event.run, event.key), read, stamp)
    }

    /// The same for a key that the read does not name, as a listing does not.
    pub(in crate::check) fn future_delete_of(
        &self,
        (run, key): (u16, u32),
        read: u32,
        stamp: u64,
    ) -> Option<u32> {
        let writes = self.writes_of_key(run, key).iter().map(|write| write.event);
        let all = writes.chain(self.removals(run).iter().copied());
        let deletes = all.filter(|write| !is_put(self.events.at(*write)));
        deletes
            .filter(|write| self.is_future(*write, stamp))
            .filter(|write| !self.before(read, self.commit_of(*write)))
            .min_by_key(|write| self.version(*write))
    }

    /// The write that a write of a key replaced: the newest with a smaller version. A correct
    /// guess, the position of a write of that key, saves the search.
    pub(in crate::check) fn replaced_by(
        &self,
        run: u16,
        key: u32,
        version: Version,
        guess: Option<u32>,
    ) -> Option<u32> {
        let range = self.key_range(run, key);
        if let Some(position) = guess.filter(|position| position + 1 < range.end)
            && self.removals(run).is_empty()
            && self.version_at(&self.key_writes()[position as usize + 1]) == version
        {
            return Some(self.key_writes()[position as usize].event);
        }
        self.newest(run, key, |other| other < version)
    }
}

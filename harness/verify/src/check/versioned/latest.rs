//! Reads of the newest value: some moment between the beginning and the end of each must explain
//! it.

use rustc_hash::FxHashMap;
use sharded_store::Version;

use crate::check::context::Context;
use crate::check::describe;
use crate::check::handles::Outcome;
use crate::check::index::{Index, Origin, is_put, takes_effect};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::versioned::lists::{Query, View};
use crate::history::{ABSENT, Event, Kind, flag};

/// The oldest writes that a read beginning now may see.
pub(in crate::check) struct Latest {
    /// By key: the newest write that has ended, or was read or proved by a read that has ended.
    keys: Vec<Floor>,
    /// By run: its newest removal that has ended.
    removals: Vec<Floor>,
    /// By run: its newest commit that has ended.
    runs: Vec<Floor>,
    /// By read that only writes beside it explain: the oldest such write, which later reads must
    /// see.
    proved: FxHashMap<u32, Floor>,
}

/// A write that must be seen.
#[derive(Clone, Copy)]
struct Floor {
    /// Its version.
    version: Version,
    /// The write; meaningless in [`Floor::NONE`].
    write: u32,
    /// The operation that proves it: its commit, or a read of it.
    shown_by: u32,
}

/// The state of a key that a read reports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyState {
    /// The key was live.
    Live,
    /// It was not.
    Absent,
}

impl Floor {
    /// Nothing must be seen. No write has this version: sequences start at 1.
    const NONE: Self = Self { version: Version::NONE, write: 0, shown_by: 0 };

    #[inline]
    fn raise(&mut self, other: Self) {
        // Of two writes of a key in one write set, the last counts.
        if other.version >= self.version {
            *self = other;
        }
    }

    fn is_none(&self) -> bool {
        self.version == Version::NONE
    }
}

impl Latest {
    pub(in crate::check) fn new(index: &Index<'_>) -> Self {
        Self {
            keys: vec![Floor::NONE; index.runs * index.keys],
            removals: vec![Floor::NONE; index.runs],
            runs: vec![Floor::NONE; index.runs],
            proved: FxHashMap::default(),
        }
    }

    pub(in crate::check) fn forget(&mut self) {
        self.keys.fill(Floor::NONE);
        self.removals.fill(Floor::NONE);
        self.runs.fill(Floor::NONE);
    }

    #[inline]
    pub(in crate::check) fn ended(&mut self, index: &Index<'_>, number: u32, event: &Event) {
        if takes_effect(event) {
            self.wrote(index, number, number);
        } else if let Some(floor) = self.proved.get(&number) {
            self.keys[index.slot(event.run, event.key)].raise(*floor);
        } else if event.kind == Kind::Get as u8 {
            if let Origin::Written(position) = index.origin(event.value, event.run, event.key) {
                let write = &index.key_writes()[position as usize];
                let (version, write) = (index.version_at(write), write.event);
                let floor = Floor { version, write, shown_by: number };
                self.keys[index.slot(event.run, event.key)].raise(floor);
            }
        } else if event.kind == Kind::Commit as u8
            && let Some(position) = index.transactions.position(event.handle)
            && index.transactions.at(position).outcome == Outcome::Committed
        {
            for write in index.transactions.writes(position) {
                self.wrote(index, *write, number);
            }
        }
    }

    #[inline]
    fn wrote(&mut self, index: &Index<'_>, write: u32, commit: u32) {
        let (event, its_commit) = (index.events.at(write), index.events.at(commit));
        let version = Version::new(its_commit.stamp, its_commit.sequence);
        let (run, floor) = (usize::from(event.run), Floor { version, write, shown_by: commit });
        self.runs[run].raise(floor);
        if event.kind == Kind::RemoveRun as u8 {
            self.removals[run].raise(floor);
        } else {
            self.keys[index.slot(event.run, event.key)].raise(floor);
        }
    }

    #[inline]
    pub(in crate::check) fn began(
        &mut self,
        context: &mut Context<'_>,
        number: u32,
        event: &Event,
    ) {
        const READS: u32 = 1 << Kind::Get as u8
            | 1 << Kind::Contains as u8
            | 1 << Kind::Count as u8
            | 1 << Kind::List as u8
            | 1 << Kind::Delete as u8
            | 1 << Kind::SetDelete as u8
            | 1 << Kind::RemoveRun as u8
            | 1 << Kind::Commit as u8;
        if READS & 1 << event.kind == 0 || context.index.is_at_rest(number) {
            return;
        }
        match event.kind() {
            Kind::Get => self.check_get(context, number, event),
            Kind::Contains if event.value != 0 => {
                self.check_state(context, number, event, KeyState::Live);
            }
            Kind::Contains => self.check_state(context, number, event, KeyState::Absent),
            Kind::Count => self.queue(context, number, event, Query::ALL),
            Kind::List => self.queue(context, number, event, event.key),
            // It removed nothing, which is checked like a count of 0.
            Kind::RemoveRun if event.has(flag::NO_EFFECT) => {
                self.queue(context, number, event, Query::ALL);
            }
            Kind::Commit if event.has(flag::NO_EFFECT) => {
                self.check_deletes_of_nothing(context, number, event);
            }
            Kind::RemoveRun | Kind::Commit => {}
            // It deleted nothing, which is checked like a read that finds nothing.
            _ if !takes_effect(event) && event.value == ABSENT => {
                self.check_state(context, number, event, KeyState::Absent);
            }
            _ => {}
        }
    }

    /// Checks that the keys a transaction deleted may have been absent when its commit changed
    /// nothing.
    #[cold]
    fn check_deletes_of_nothing(&mut self, context: &mut Context<'_>, commit: u32, event: &Event) {
        let index = context.index;
        let last = index.last_writes(event.handle).into_iter().map(|write| index.events.at(write));
        for delete in last.filter(|write| !is_put(write)) {
            self.check_state(context, commit, delete, KeyState::Absent);
        }
    }

    /// The oldest write of a key that a read beginning now may see.
    #[inline]
    fn floor(&self, index: &Index<'_>, event: &Event) -> Floor {
        let mut floor = self.keys[index.slot(event.run, event.key)];
        floor.raise(self.removals[usize::from(event.run)]);
        floor
    }

    fn check_get(&mut self, context: &mut Context<'_>, read: u32, event: &Event) {
        let Ok(position) = context.intact(read, event) else { return };
        let Some(position) = position else {
            return self.check_state(context, read, event, KeyState::Absent);
        };
        let index = context.index;
        let found = &index.key_writes()[position as usize];
        let (write, version) = (found.event, index.version_at(found));
        let floor = self.floor(index, event);
        count(context, read, floor, Some(write));
        if version < floor.version {
            let expected = Expected::AtLeast {
                stamp: floor.version.stamp(),
                sequence: floor.version.sequence(),
            };
            let deleted = !is_put(index.events.at(floor.write));
            let kind =
                if deleted { AnomalyKind::ResurrectedDelete } else { AnomalyKind::StaleRead };
            context.add((Axiom::LatestRead, kind), &[read, floor.shown_by], expected, || {
                format!(
                    "A read of {} returned {}, which {} had replaced before the read began.",
                    describe::key(event),
                    describe::write(index, Some(write)),
                    describe::write(index, Some(floor.write)),
                )
            });
        } else if version > floor.version && index.before(read, index.commit_of(write)) {
            let name = (Axiom::LatestRead, AnomalyKind::DirtyRead);
            context.add(name, &[read, index.commit_of(write)], Expected::Unknown, || {
                format!(
                    "A read of {} returned {}, whose write began after the read had ended.",
                    describe::key(event),
                    describe::write(index, Some(write)),
                )
            });
        } else {
            context.check_version(Axiom::LatestRead, read, event, position);
        }
    }

    /// Checks that a key was live, or absent, at some moment of a read.
    fn check_state(
        &mut self,
        context: &mut Context<'_>,
        read: u32,
        event: &Event,
        state: KeyState,
    ) {
        let index = context.index;
        let floor = self.floor(index, event);
        count(context, read, floor, None);
        let state_after = |write: Option<u32>| match index.value_after(write) {
            ABSENT => KeyState::Absent,
            _ => KeyState::Live,
        };
        let now = (!floor.is_none()).then_some(floor.write);
        if state_after(now) == state {
            return;
        }
        let after = index.after(event.run, event.key, floor.version);
        let mut begun = after.take_while(|write| !index.before(read, index.commit_of(*write)));
        if let Some(write) = begun.find(|write| state_after(Some(*write)) == state) {
            // A commit's event does not name the key.
            if index.events.at(read).kind != Kind::Commit as u8 {
                let version = index.version(write);
                self.proved.insert(read, Floor { version, write, shown_by: read });
            }
            return;
        }
        let kind = match (state, now) {
            (KeyState::Absent, _) => AnomalyKind::StaleRead,
            (KeyState::Live, Some(_)) => AnomalyKind::ResurrectedDelete,
            (KeyState::Live, None) => AnomalyKind::Phantom,
        };
        let shown_by: Vec<u32> = [read].into_iter().chain(now.map(|_| floor.shown_by)).collect();
        let expected = match event.kind() {
            Kind::Contains => Expected::Number(u64::from(state == KeyState::Absent)),
            _ => Expected::Unknown,
        };
        context.add((Axiom::LatestRead, kind), &shown_by, expected, || {
            let found = if state == KeyState::Live { "found" } else { "did not find" };
            format!(
                "A read {found} {}; at every moment of it, the key's newest write was {}.",
                describe::key(event),
                describe::write(index, now),
            )
        });
    }

    /// Queues a listing that begins now for comparison.
    fn queue(&self, context: &mut Context<'_>, read: u32, event: &Event, prefix: u32) {
        let index = context.index;
        let (order, floor) = (index.order(event.run), self.runs[usize::from(event.run)]);
        let from = index.rank(event.run, |version| version <= floor.version);
        let begun = order[from..].iter();
        let begun = begun.take_while(|write| !index.before(read, index.commit_of(**write)));
        let to = from + begun.count();
        let query = Query::exact(View::Latest, read, event.run, prefix, from as u32);
        context.queries.push(Query { to: to as u32, ..query });
    }
}

/// Counts a check of a read. It could have failed if another thread wrote what it had to see, or
/// wrote concurrently.
#[inline]
fn count(context: &mut Context<'_>, read: u32, floor: Floor, write: Option<u32>) {
    context.findings.checked(Axiom::LatestRead);
    let events = &context.index.events;
    let log = events.log_of(read);
    let other = |write: u32| events.log_of(write) != log;
    if !floor.is_none() && other(floor.shown_by) || write.is_some_and(other) {
        context.findings.could_have_failed(Axiom::LatestRead);
    }
}

/// Checks that every delete returned what it replaced.
pub(in crate::check) fn check_deletes(context: &mut Context<'_>) {
    let index = context.index;
    for (delete, event) in index.events.iter() {
        if event.kind != Kind::Delete as u8 || !takes_effect(event) {
            continue;
        }
        let Ok(position) = context.intact(delete, event) else { continue };
        let version = index.version(delete);
        let replaced = index.replaced_by(event.run, event.key, version, position);
        context.findings.checked(Axiom::LatestRead);
        let log = index.events.log_of(delete);
        if replaced.is_some_and(|write| index.events.log_of(write) != log) {
            context.findings.could_have_failed(Axiom::LatestRead);
        }
        let got = position.map(|position| index.key_writes()[position as usize].event);
        if got == replaced {
            continue;
        }
        let kind = match replaced {
            _ if got.is_some_and(|got| index.version(got) > version) => AnomalyKind::DirtyRead,
            Some(replaced) if is_put(index.events.at(replaced)) => AnomalyKind::StaleRead,
            _ => AnomalyKind::ResurrectedDelete,
        };
        let shown_by: Vec<u32> = [delete].into_iter().chain(replaced).collect();
        let expected = describe::expected(index, replaced);
        context.add((Axiom::LatestRead, kind), &shown_by, expected, || {
            format!(
                "A delete of {} at version {version} returned {}; what it replaced is {}.",
                describe::key(event),
                describe::write(index, got),
                describe::write(index, replaced),
            )
        });
    }
}

impl Index<'_> {
    /// The writes of a key and the removals of its run above a version, in order.
    fn after(&self, run: u16, key: u32, version: Version) -> impl Iterator<Item = u32> + '_ {
        let (writes, removals) = (self.writes_of_key(run, key), self.removals(run));
        let from = writes.partition_point(|write| self.version_at(write) <= version);
        let mut writes = writes[from..].iter().map(|write| write.event).peekable();
        let from = removals.partition_point(|removal| self.version(*removal) <= version);
        let mut removals = removals[from..].iter().copied().peekable();
        std::iter::from_fn(move || match (writes.peek(), removals.peek()) {
            (Some(write), Some(removal)) if self.version(*removal) < self.version(*write) => {
                removals.next()
            }
            (None, _) => removals.next(),
            _ => writes.next(),
        })
    }
}

/// Whether a read was repeated at rest or after a collection.
pub(in crate::check) fn is_repeated(event: &Event) -> bool {
    event.has(flag::REREAD | flag::AFTER_COLLECT)
}

//! Reads of the newest value: each must be explained by some moment between its beginning and its
//! end.

use sharded_store::Version;

use crate::check::context::Context;
use crate::check::index::{Index, Origin, is_put, takes_effect};
use crate::check::lists::{Query, View};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::sessions::Outcome;
use crate::check::tell;
use crate::history::{ABSENT, Event, Kind, flag};

/// What every read that begins now must see, or something newer.
pub(super) struct Latest {
    /// By key: the newest write that has ended or been read.
    keys: Vec<Floor>,
    /// By run: its newest removal that has ended.
    removals: Vec<Floor>,
    /// By run: its newest commit that has ended.
    runs: Vec<Floor>,
}

/// A write that must be seen.
#[derive(Clone, Copy)]
struct Floor {
    /// Its version.
    version: Version,
    /// The write; [`Floor::NONE`]'s has no meaning.
    write: u32,
    /// The operation that makes it certain: the write's commit, or a read of it.
    shown_by: u32,
}

/// What a read of one key asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// That the key was live.
    Live,
    /// That it was not.
    Absent,
}

impl Floor {
    /// Nothing must be seen. No write has this version: the first commit's sequence is 1.
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
    pub(super) fn new(index: &Index<'_>) -> Self {
        Self {
            keys: vec![Floor::NONE; index.runs * index.keys],
            removals: vec![Floor::NONE; index.runs],
            runs: vec![Floor::NONE; index.runs],
        }
    }

    pub(super) fn forget(&mut self) {
        self.keys.fill(Floor::NONE);
        self.removals.fill(Floor::NONE);
        self.runs.fill(Floor::NONE);
    }

    #[inline]
    pub(super) fn ended(&mut self, index: &Index<'_>, number: u32, event: &Event) {
        if takes_effect(event) {
            self.wrote(index, number, number);
        } else if event.kind == Kind::Get as u8 {
            if let Origin::Written(place) = index.origin(event.value, event.run, event.key) {
                let place = &index.places()[place as usize];
                let (version, write) = (index.version_at(place), place.write);
                let floor = Floor { version, write, shown_by: number };
                self.keys[index.slot(event.run, event.key)].raise(floor);
            }
        } else if event.kind == Kind::Commit as u8
            && let Some(place) = index.transactions.place(event.handle)
            && index.transactions.at(place).outcome == Outcome::Committed
        {
            for write in index.transactions.writes(place) {
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
    pub(super) fn began(&mut self, context: &mut Context<'_>, number: u32, event: &Event) {
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
                self.check_state(context, number, event, Asked::Live);
            }
            Kind::Contains => self.check_state(context, number, event, Asked::Absent),
            Kind::Count => self.ask(context, number, event, Query::ALL),
            Kind::List => self.ask(context, number, event, event.key),
            // It found no key there to remove: as if it had counted none.
            Kind::RemoveRun if event.has(flag::NO_EFFECT) => {
                self.ask(context, number, event, Query::ALL);
            }
            Kind::Commit if event.has(flag::NO_EFFECT) => {
                self.check_deletes_of_nothing(context, number, event);
            }
            Kind::RemoveRun | Kind::Commit => {}
            // It found nothing there to delete.
            _ if !takes_effect(event) && event.value == ABSENT => {
                self.check_state(context, number, event, Asked::Absent);
            }
            _ => {}
        }
    }

    /// Checks that what a transaction deleted may have been gone when its commit changed nothing.
    #[cold]
    fn check_deletes_of_nothing(&self, context: &mut Context<'_>, commit: u32, event: &Event) {
        let index = context.index;
        let last = index.last_writes(event.handle).into_iter().map(|write| index.events.at(write));
        for delete in last.filter(|write| !is_put(write)) {
            self.check_state(context, commit, delete, Asked::Absent);
        }
    }

    /// What a read of a key that begins now must see.
    #[inline]
    fn floor(&self, index: &Index<'_>, event: &Event) -> Floor {
        let mut floor = self.keys[index.slot(event.run, event.key)];
        floor.raise(self.removals[usize::from(event.run)]);
        floor
    }

    fn check_get(&self, context: &mut Context<'_>, read: u32, event: &Event) {
        let Ok(place) = context.intact(read, event) else { return };
        let Some(place) = place else {
            return self.check_state(context, read, event, Asked::Absent);
        };
        let index = context.index;
        let found = &index.places()[place as usize];
        let (write, version) = (found.write, index.version_at(found));
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
                    tell::key(event),
                    tell::write(index, Some(write)),
                    tell::write(index, Some(floor.write)),
                )
            });
        } else if version > floor.version && index.before(read, index.commit_of(write)) {
            let name = (Axiom::LatestRead, AnomalyKind::DirtyRead);
            context.add(name, &[read, index.commit_of(write)], Expected::Unknown, || {
                format!(
                    "A read of {} returned {}, whose write began after the read had ended.",
                    tell::key(event),
                    tell::write(index, Some(write)),
                )
            });
        } else {
            context.check_version(Axiom::LatestRead, read, event, place);
        }
    }

    /// Checks that a key was live, or was not, at some moment of a read.
    fn check_state(&self, context: &mut Context<'_>, read: u32, event: &Event, asked: Asked) {
        let index = context.index;
        let floor = self.floor(index, event);
        count(context, read, floor, None);
        let state = |write: Option<u32>| match index.value_after(write) {
            ABSENT => Asked::Absent,
            _ => Asked::Live,
        };
        let now = (!floor.is_none()).then_some(floor.write);
        if state(now) == asked {
            return;
        }
        let after = index.after(event.run, event.key, floor.version);
        let mut begun = after.take_while(|write| !index.before(read, index.commit_of(*write)));
        if begun.any(|write| state(Some(write)) == asked) {
            return;
        }
        let kind = match (asked, now) {
            (Asked::Absent, _) => AnomalyKind::StaleRead,
            (Asked::Live, Some(_)) => AnomalyKind::ResurrectedDelete,
            (Asked::Live, None) => AnomalyKind::Phantom,
        };
        let shown_by: Vec<u32> = [read].into_iter().chain(now.map(|_| floor.shown_by)).collect();
        let expected = match event.kind() {
            Kind::Contains => Expected::Number(u64::from(asked == Asked::Absent)),
            _ => Expected::Unknown,
        };
        context.add((Axiom::LatestRead, kind), &shown_by, expected, || {
            let found = if asked == Asked::Live { "found" } else { "did not find" };
            format!(
                "A read {found} {}; at every moment of it, the key's newest write was {}.",
                tell::key(event),
                tell::write(index, now),
            )
        });
    }

    /// Asks for the listings that may be returned by one that begins now.
    fn ask(&self, context: &mut Context<'_>, read: u32, event: &Event, prefix: u32) {
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

/// Counts that a read was checked. It could have failed if another thread wrote what it had to see,
/// or wrote beside it.
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
pub(super) fn check_deletes(context: &mut Context<'_>) {
    let index = context.index;
    for (delete, event) in index.events.iter() {
        if event.kind != Kind::Delete as u8 || !takes_effect(event) {
            continue;
        }
        let Ok(place) = context.intact(delete, event) else { continue };
        let version = index.version(delete);
        let replaced = index.replaced_by(event.run, event.key, version, place);
        context.findings.checked(Axiom::LatestRead);
        let log = index.events.log_of(delete);
        if replaced.is_some_and(|write| index.events.log_of(write) != log) {
            context.findings.could_have_failed(Axiom::LatestRead);
        }
        let got = place.map(|place| index.places()[place as usize].write);
        if got == replaced {
            continue;
        }
        let kind = match replaced {
            _ if got.is_some_and(|got| index.version(got) > version) => AnomalyKind::DirtyRead,
            Some(replaced) if is_put(index.events.at(replaced)) => AnomalyKind::StaleRead,
            _ => AnomalyKind::ResurrectedDelete,
        };
        let shown_by: Vec<u32> = [delete].into_iter().chain(replaced).collect();
        let expected = tell::expected(index, replaced);
        context.add((Axiom::LatestRead, kind), &shown_by, expected, || {
            format!(
                "A delete of {} at version {version} returned {}; what it replaced is {}.",
                tell::key(event),
                tell::write(index, got),
                tell::write(index, replaced),
            )
        });
    }
}

impl Index<'_> {
    /// The writes of a key and the removals of its run above a version, in order.
    fn after(&self, run: u16, key: u32, version: Version) -> impl Iterator<Item = u32> + '_ {
        let (places, removals) = (self.key_places(run, key), self.removals(run));
        let from = places.partition_point(|place| self.version_at(place) <= version);
        let mut writes = places[from..].iter().map(|place| place.write).peekable();
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

/// Whether a flag says that a read was made again.
pub(super) fn was_made_again(event: &Event) -> bool {
    event.has(flag::REREAD | flag::AFTER_COLLECT)
}

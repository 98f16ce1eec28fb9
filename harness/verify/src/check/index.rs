//! What a history wrote, by run, by key and by value.
//!
//! Every write stands once in the order of its run, by its number alone; once in the order of its
//! key, with its version and value beside it, so that a read is checked without a look at the
//! write's event; and once by its value.

mod build;

use std::ops::Range;

use sharded_store::Version;

use crate::check::events::{Events, NONE, Part, is_of_set};
use crate::check::ids::Ids;
use crate::check::merge::Ties;
use crate::check::precedence::Precedence;
use crate::check::sessions::{Snapshots, Transactions};
use crate::history::{ABSENT, Event, GARBLED, History, Kind, end_of, flag};

/// Marks a number in [`Index::unborn`] among those in [`Index::places`].
const UNBORN: u32 = 1 << 31;

/// What a history wrote, by run, by key and by value.
pub(super) struct Index<'a> {
    /// The history.
    pub(super) history: &'a History,
    /// Its events.
    pub(super) events: Events<'a>,
    /// What certainly came before what.
    pub(super) precedence: Precedence,
    /// Its snapshots.
    pub(super) snapshots: Snapshots,
    /// Its transactions.
    pub(super) transactions: Transactions,
    /// How many runs there are.
    pub(super) runs: usize,
    /// How many keys there are in each run.
    pub(super) keys: usize,
    /// The writes of each run, run removals too, in order.
    orders: Vec<Vec<u32>>,
    /// What was noticed as they were put in order.
    ties: Vec<Ties>,
    /// The removals of each run, in order.
    removals: Vec<Vec<u32>>,
    /// The writes of each key, in order, one key after the other.
    places: Vec<Place>,
    /// What [`Place::order`] holds.
    packing: Packing,
    /// Whether there are write sets.
    pub(super) has_sets: bool,
    /// Where each key's writes begin, and at last where they all end.
    starts: Vec<u32>,
    /// From values to numbers of `places`, or in `unborn` with a mark.
    values: Ids,
    /// Writes that never took effect.
    unborn: Vec<u32>,
    /// How many reads there are, listings and counts included.
    pub(super) reads: u64,
    /// How many listings there are.
    pub(super) listings: u64,
}

/// One write among those of its key.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// What it is sorted by: see [`Packing`].
    order: u64,
    /// The write.
    pub(super) write: u32,
    /// While the index is built, the value that the key has after it, [`ABSENT`] for a delete;
    /// then, where no versions are shown, how long the write's commit took.
    rest: u32,
}

impl Place {
    /// When the write's commit began; only where no versions are shown.
    #[inline]
    pub(super) fn began(&self) -> u64 {
        self.order
    }

    /// When the write's commit ended; only where no versions are shown.
    #[inline]
    pub(super) fn returned(&self) -> u64 {
        end_of(self.order, self.rest)
    }
}

/// How a write's order fits in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Packing {
    /// Stamp and sequence, each in half of it.
    Version,
    /// Versions are too large: the word is empty, and the event is asked.
    TooLarge,
    /// No versions are shown: when the commit began.
    Beginning,
}

/// What a value read is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// None: the read found nothing.
    Absent,
    /// Bytes that no write made.
    Garbled,
    /// An id that no write had.
    Unknown,
    /// The value of this write of another key or run.
    Elsewhere(u32),
    /// The value of this write, which never took effect.
    NeverCommitted(u32),
    /// The value of the write at this place among the writes of all keys.
    Written(u32),
}

impl<'a> Index<'a> {
    /// The number of a key in its run among all keys of all runs.
    #[inline]
    pub(super) fn slot(&self, run: u16, key: u32) -> usize {
        usize::from(run) * self.keys + key as usize
    }

    /// The writes of a run, its removals too, in order; without versions, its removals alone.
    pub(super) fn order(&self, run: u16) -> &[u32] {
        &self.orders[usize::from(run)]
    }

    /// The removals of a run, in order.
    #[inline]
    pub(super) fn removals(&self, run: u16) -> &[u32] {
        &self.removals[usize::from(run)]
    }

    /// Pairs of writes of a run, by different threads or of one version, that follow each other.
    pub(super) fn ties(&self, run: u16) -> &Ties {
        &self.ties[usize::from(run)]
    }

    /// The writes of all keys; see [`Index::key_range`].
    #[inline]
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// A removal as if it were a write of one key.
    pub(super) fn place_of_removal(&self, removal: u32) -> Place {
        let event = self.events.at(removal);
        Place { order: self.order_of(event), write: removal, rest: event.took }
    }

    /// The version of a write, which stands beside it unless versions are too large for that.
    #[inline]
    pub(super) fn version_at(&self, place: &Place) -> Version {
        match self.packing {
            Packing::Version => Version::new(place.order >> 32, place.order & u64::from(u32::MAX)),
            _ => self.version(place.write),
        }
    }

    /// Where the writes of a key stand among those of all keys.
    #[inline]
    pub(super) fn key_range(&self, run: u16, key: u32) -> Range<u32> {
        let slot = self.slot(run, key);
        self.starts[slot]..self.starts[slot + 1]
    }

    /// The writes of a key, in order.
    #[inline]
    pub(super) fn key_places(&self, run: u16, key: u32) -> &[Place] {
        let Range { start, end } = self.key_range(run, key);
        &self.places[start as usize..end as usize]
    }

    /// The event by which a write took effect: its own, or its transaction's commit.
    #[inline]
    pub(super) fn commit_of(&self, write: u32) -> u32 {
        let event = self.events.at(write);
        if event.kind != Kind::TransactionPut as u8 && event.kind != Kind::TransactionDelete as u8 {
            return write;
        }
        let place = self.transactions.place(event.handle);
        let end = place.map_or(NONE, |place| self.transactions.at(place).end);
        if end == NONE { write } else { end }
    }

    /// The same, the event itself.
    #[inline]
    pub(super) fn commit_event(&self, write: u32) -> &'a Event {
        self.events.at(self.commit_of(write))
    }

    /// The version of a write.
    #[inline]
    pub(super) fn version(&self, write: u32) -> Version {
        let commit = self.commit_event(write);
        Version::new(commit.stamp, commit.sequence)
    }

    /// What a value found under a key is.
    #[inline]
    pub(super) fn origin(&self, value: u32, run: u16, key: u32) -> Origin {
        match value {
            ABSENT => return Origin::Absent,
            GARBLED => return Origin::Garbled,
            _ => {}
        }
        let Some(place) = self.values.get(value) else { return Origin::Unknown };
        let never = place & UNBORN != 0;
        if !never && self.key_range(run, key).contains(&place) {
            return Origin::Written(place);
        }
        let write = if never {
            self.unborn[(place & !UNBORN) as usize]
        } else {
            self.places[place as usize].write
        };
        let event = self.events.at(write);
        if (event.run, event.key) == (run, key) {
            Origin::NeverCommitted(write)
        } else {
            Origin::Elsewhere(write)
        }
    }

    /// The newest write of a key, a removal of its run counted in, among those whose version a test
    /// accepts. The test accepts every version below one that it accepts.
    pub(super) fn newest(
        &self,
        run: u16,
        key: u32,
        accepts: impl Fn(Version) -> bool,
    ) -> Option<u32> {
        let places = self.key_places(run, key);
        let end = places.partition_point(|place| accepts(self.version_at(place)));
        let write = end.checked_sub(1).map(|last| places[last].write);
        let removals = self.removals(run);
        let end = removals.partition_point(|removal| accepts(self.version(*removal)));
        let removal = end.checked_sub(1).map(|last| removals[last]);
        match (write, removal) {
            (Some(write), Some(removal)) if self.version(removal) > self.version(write) => {
                Some(removal)
            }
            (None, removal) => removal,
            (write, _) => write,
        }
    }

    /// How many writes of a run have a version that a test accepts.
    pub(super) fn rank(&self, run: u16, accepts: impl Fn(Version) -> bool) -> usize {
        self.order(run).partition_point(|write| accepts(self.version(*write)))
    }

    /// The value that a key has after a write: none, if that deleted it, or was none.
    #[inline]
    pub(super) fn value_after(&self, write: Option<u32>) -> u32 {
        let event = write.map(|write| self.events.at(write));
        event.filter(|event| is_put(event)).map_or(ABSENT, |event| event.value)
    }

    /// Whether one event certainly came before another.
    #[inline]
    pub(super) fn before(&self, one: u32, other: u32) -> bool {
        self.precedence.before(&self.events, one, other)
    }

    /// Whether two writes are part of one commit.
    pub(super) fn is_one_commit(&self, one: u32, other: u32) -> bool {
        if self.commit_of(one) == self.commit_of(other) {
            return true;
        }
        let (first, second) = (self.events.at(one), self.events.at(other));
        is_of_set(first) && is_of_set(second) && first.handle == second.handle
    }

    /// All writes of the commit that a write is part of, if that is a write set or a transaction.
    pub(super) fn parts(&self, write: u32) -> Vec<u32> {
        let event = self.events.at(write);
        if is_of_set(event) {
            let place = self.events.place(write);
            let log = self.events.log(place.log as usize);
            let start = Events::operation_start(log, place.event as usize);
            let numbers = start..start + Events::operation_len(log, start);
            let numbers = numbers.filter(|at| takes_effect(&log[*at]));
            numbers.map(|at| self.events.number(place.log as usize, at)).collect()
        } else if event.kind == Kind::Put as u8 {
            Vec::new()
        } else {
            let place = self.transactions.place(event.handle);
            place.map_or_else(Vec::new, |place| self.transactions.writes(place).to_vec())
        }
    }

    /// Whether a read was made after all threads had ended.
    pub(super) fn is_at_rest(&self, read: u32) -> bool {
        self.events.part(self.events.log_of(read)) == Part::Rest
    }
}

/// Whether an event is a commit by itself and changed something: one write of a write set is.
#[inline]
pub(super) fn takes_effect(event: &Event) -> bool {
    const WRITES: u32 = 1 << Kind::Put as u8
        | 1 << Kind::Delete as u8
        | 1 << Kind::SetPut as u8
        | 1 << Kind::SetDelete as u8
        | 1 << Kind::RemoveRun as u8;
    const FOUND: u32 = 1 << Kind::Delete as u8 | 1 << Kind::RemoveRun as u8;
    let kind = 1u32 << event.kind;
    WRITES & kind != 0
        && !event.has(flag::REFUSED | flag::NO_EFFECT)
        && (FOUND & kind == 0 || event.value != ABSENT)
}

/// Whether an event writes a value.
#[inline]
pub(super) fn is_put(event: &Event) -> bool {
    const PUTS: u32 =
        1 << Kind::Put as u8 | 1 << Kind::SetPut as u8 | 1 << Kind::TransactionPut as u8;
    PUTS & 1 << event.kind != 0
}

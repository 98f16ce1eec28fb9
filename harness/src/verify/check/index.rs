//! What a history wrote, by run, by key and by value.
//!
//! Every write stands once in the order of its run, by its number alone; once in the order of its
//! key, with its version and value beside it, so that a read is checked without a look at the
//! write's event; and once by its value.

use std::ops::Range;

use sharded_store::Version;

use crate::verify::check::events::{Events, NONE, Part, is_of_set};
use crate::verify::check::ids::Ids;
use crate::verify::check::merge::{Ties, Unordered};
use crate::verify::check::precedence::Precedence;
use crate::verify::check::sessions::{Snapshots, Transactions};
use crate::verify::history::{ABSENT, Event, GARBLED, History, Kind, flag};

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
}

/// One write among those of its key.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// What it is sorted by: see [`Packing`].
    order: u64,
    /// The write.
    pub(super) write: u32,
    /// The value that the key has after it, [`ABSENT`] for a delete.
    pub(super) value: u32,
}

impl Place {
    /// When the write's commit began; only where no versions are shown.
    pub(super) fn began(&self) -> u64 {
        self.order
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

/// How many of what there is.
#[derive(Default)]
struct Sizes {
    runs: usize,
    keys: usize,
    snapshots: usize,
    transactions: usize,
    values: usize,
    writes: Vec<u32>,
    /// The highest stamp or sequence of a commit.
    highest: u64,
    /// Whether there are write sets.
    sets: bool,
}

impl<'a> Index<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let events = Events::new(history);
        let sizes = Sizes::of(history, &events);
        let Sizes { runs, keys, .. } = sizes;
        let snapshots = Snapshots::gather(&events, sizes.snapshots);
        let transactions = Transactions::gather(&events, sizes.transactions);
        let precedence = Precedence::new(history.header.order, &events);
        let values = Ids::for_about(sizes.values);
        let packing = match (history.header.claims.versions, sizes.highest <= u64::from(u32::MAX)) {
            (false, _) => Packing::Beginning,
            (true, true) => Packing::Version,
            (true, false) => Packing::TooLarge,
        };
        let mut index = Self {
            history,
            events,
            precedence,
            snapshots,
            transactions,
            runs,
            keys,
            orders: Vec::new(),
            ties: Vec::new(),
            removals: vec![Vec::new(); runs],
            places: Vec::new(),
            packing,
            has_sets: sizes.sets,
            starts: vec![0; runs * keys + 1],
            values,
            unborn: Vec::new(),
        };
        index.add_orders(&sizes.writes);
        index.add_places();
        index.values.seal();
        index
    }

    /// Puts each run's writes in order, and counts each key's.
    fn add_orders(&mut self, how_many: &[u32]) {
        let room = |writes: &u32| match self.packing {
            Packing::Beginning => Unordered::default(),
            _ => Unordered::for_about(*writes as usize),
        };
        let mut unordered: Vec<Unordered> = how_many.iter().map(room).collect();
        unordered.resize_with(self.runs, Unordered::default);
        for log in 0..self.events.logs() {
            for (event, at) in self.events.log(log).iter().zip(0..) {
                self.each_write(self.events.number(log, at), event, |write, event, commit| {
                    // Without versions a run has no order but that of its removals.
                    if self.packing == Packing::Beginning && event.kind != Kind::RemoveRun as u8 {
                        return;
                    }
                    unordered[usize::from(event.run)].push(write, self.order_of(commit));
                });
            }
            unordered.iter_mut().for_each(Unordered::end_part);
        }
        for unordered in unordered {
            let unpack = |order: u64, write: u32| match self.packing {
                Packing::TooLarge => self.sort_key(write),
                _ => (order, 0),
            };
            let (order, ties) =
                unordered.merge(unpack, |one, other| self.is_one_commit(one, other));
            self.orders.push(order);
            self.ties.push(ties);
        }
    }

    /// Shows the writes by which an event took effect: its own, or a commit's; with the event that
    /// has the version and the times.
    #[inline]
    fn each_write(
        &self,
        number: u32,
        event: &'a Event,
        mut show: impl FnMut(u32, &'a Event, &'a Event),
    ) {
        if takes_effect(event) {
            show(number, event, event);
        } else if event.kind == Kind::Commit as u8
            && let Some(place) = self.transactions.place(event.handle)
        {
            // There are none unless it committed.
            for write in self.transactions.writes(place) {
                show(*write, self.events.at(*write), event);
            }
        }
    }

    /// Puts each key's writes in order, and sets apart those that never took effect.
    fn add_places(&mut self) {
        let mut starts = std::mem::take(&mut self.starts);
        for (run, order) in self.orders.iter().enumerate() {
            self.removals[run] =
                order.iter().copied().filter(|write| self.is_removal(*write)).collect();
        }
        for (number, event) in self.events.iter() {
            self.each_write(number, event, |_, event, _| {
                if event.kind != Kind::RemoveRun as u8 {
                    starts[self.slot(event.run, event.key) + 1] += 1;
                }
            });
        }
        for slot in 1..starts.len() {
            starts[slot] += starts[slot - 1];
        }
        let mut places = vec![Place::default(); starts[starts.len() - 1] as usize];
        let mut ends = starts.clone();
        for (number, event) in self.events.iter() {
            self.each_write(number, event, |write, event, commit| {
                if event.kind != Kind::RemoveRun as u8 {
                    let end = &mut ends[self.slot(event.run, event.key)];
                    let value = if is_put(event) { event.value } else { ABSENT };
                    places[*end as usize] = Place { order: self.order_of(commit), write, value };
                    *end += 1;
                }
            });
        }
        drop(ends);
        for slot in 1..starts.len() {
            let of_key = &mut places[starts[slot - 1] as usize..starts[slot] as usize];
            match self.packing {
                Packing::TooLarge => {
                    of_key.sort_by_key(|place| (self.sort_key(place.write), place.write));
                }
                _ => of_key.sort_by_key(|place| (place.order, place.write)),
            }
        }
        (self.starts, self.places) = (starts, places);
        self.add_values();
    }

    fn add_values(&mut self) {
        for (place, number) in self.places.iter().zip(0..) {
            if place.value != ABSENT {
                self.values.add(place.value, number);
            }
        }
        let mut unborn = Vec::new();
        for pair in self.places.windows(2).filter(|_| self.has_sets) {
            let (one, next) = (self.events.at(pair[0].write), self.events.at(pair[1].write));
            let replaced = is_of_set(next)
                && (one.run, one.key, one.handle, one.kind)
                    == (next.run, next.key, next.handle, Kind::SetPut as u8);
            if replaced {
                unborn.push(pair[0].write);
            }
        }
        for (number, event) in self.events.iter() {
            let never = match event.kind {
                kind if kind == Kind::TransactionPut as u8 => !self.is_committed(number, event),
                kind if kind == Kind::Put as u8 || kind == Kind::SetPut as u8 => {
                    !takes_effect(event)
                }
                _ => false,
            };
            if never {
                unborn.push(number);
            }
        }
        for (number, at) in unborn.iter().zip(0..) {
            self.values.add(self.events.at(*number).value, UNBORN | at);
        }
        self.unborn = unborn;
    }

    /// Whether a transaction committed what it put, and did not write that key again.
    fn is_committed(&self, number: u32, event: &Event) -> bool {
        let place = self.transactions.place(event.handle);
        place.is_some_and(|place| self.transactions.writes(place).contains(&number))
    }

    fn is_removal(&self, write: u32) -> bool {
        self.events.at(write).kind == Kind::RemoveRun as u8
    }

    /// What a write's order is packed into.
    #[inline]
    fn order_of(&self, commit: &Event) -> u64 {
        match self.packing {
            Packing::Version => commit.stamp << 32 | commit.sequence,
            Packing::TooLarge => 0,
            Packing::Beginning => commit.invoke,
        }
    }

    /// What a run's writes are sorted by: the version, or without versions the beginning.
    #[inline]
    fn sort_key(&self, write: u32) -> (u64, u64) {
        let commit = self.commit_event(write);
        match self.packing {
            Packing::Beginning => (commit.invoke, 0),
            _ => (commit.stamp, commit.sequence),
        }
    }

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
        let order = self.order_of(self.events.at(removal));
        Place { order, write: removal, value: ABSENT }
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

impl Sizes {
    fn of(history: &History, events: &Events<'_>) -> Self {
        let mut sizes = Self {
            runs: usize::from(history.header.runs),
            keys: history.header.alphabet.keys.len(),
            ..Self::default()
        };
        for (_, event) in events.iter() {
            sizes.add(event);
        }
        let listed = history.logs.iter().flat_map(|log| &log.listings);
        let listed = listed.flat_map(|(_, entries)| entries).map(|entry| entry.key as usize + 1);
        sizes.keys = sizes.keys.max(listed.max().unwrap_or(0));
        sizes
    }

    #[inline]
    fn add(&mut self, event: &Event) {
        let run = usize::from(event.run);
        self.runs = self.runs.max(run + 1);
        if has_key(event) {
            self.keys = self.keys.max(event.key as usize + 1);
        }
        if takes_effect(event) || crate::verify::check::sessions::writes(event) {
            if self.writes.len() <= run {
                self.writes.resize(run + 1, 0);
            }
            self.writes[run] += 1;
        }
        if takes_effect(event) || event.kind == Kind::Commit as u8 {
            self.highest = self.highest.max(event.stamp).max(event.sequence);
            self.sets |= is_of_set(event);
        }
        self.snapshots +=
            usize::from(event.kind == Kind::Open as u8 || event.kind == Kind::Clone as u8);
        self.transactions += usize::from(event.kind == Kind::Begin as u8);
        self.values += usize::from(is_put(event));
    }
}

/// Whether an event's `key` is a key's number.
#[inline]
fn has_key(event: &Event) -> bool {
    const KEYED: u32 = 1 << Kind::Put as u8
        | 1 << Kind::Delete as u8
        | 1 << Kind::SetPut as u8
        | 1 << Kind::SetDelete as u8
        | 1 << Kind::Get as u8
        | 1 << Kind::Contains as u8
        | 1 << Kind::SnapshotGet as u8
        | 1 << Kind::SnapshotContains as u8
        | 1 << Kind::TransactionGet as u8
        | 1 << Kind::TransactionPut as u8
        | 1 << Kind::TransactionDelete as u8;
    KEYED & 1 << event.kind != 0
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

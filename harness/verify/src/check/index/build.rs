//! Builds the index: three passes over the events, and a sort of what is nearly sorted.

use crate::check::events::{Events, is_of_set};
use crate::check::ids::Ids;
use crate::check::index::{Index, Packing, Place, UNBORN, is_put, takes_effect};
use crate::check::merge::{Ties, Unordered};
use crate::check::precedence::Precedence;
use crate::check::sessions::{self, Snapshots, Transactions};
use crate::history::{ABSENT, Event, History, Kind};

/// The kinds of listings, as bits.
const LISTINGS: u32 =
    1 << Kind::List as u8 | 1 << Kind::SnapshotList as u8 | 1 << Kind::TransactionList as u8;
/// The kinds of reads, as bits.
const READS: u32 = LISTINGS
    | 1 << Kind::Get as u8
    | 1 << Kind::Contains as u8
    | 1 << Kind::Count as u8
    | 1 << Kind::SnapshotGet as u8
    | 1 << Kind::SnapshotContains as u8
    | 1 << Kind::SnapshotCount as u8
    | 1 << Kind::TransactionGet as u8;

/// How many of what there is.
#[derive(Default)]
struct Sizes {
    /// Runs.
    runs: usize,
    /// Keys of a run.
    keys: usize,
    /// Snapshots, clones counted in.
    snapshots: usize,
    /// Transactions.
    transactions: usize,
    /// Values written.
    values: usize,
    /// Writes of each run, at most.
    writes: Vec<u32>,
    /// The highest stamp or sequence of a commit.
    highest: u64,
    /// Whether there are write sets.
    sets: bool,
    /// Whether a run was removed.
    removes: bool,
    /// Reads, listings and counts included.
    reads: u64,
    /// Listings.
    listings: u64,
}

impl<'a> Index<'a> {
    /// Reads a history.
    pub(in crate::check) fn new(history: &'a History) -> Self {
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
            reads: sizes.reads,
            listings: sizes.listings,
        };
        index.add_orders(&sizes.writes, sizes.removes);
        index.add_places();
        index.values.seal();
        index
    }

    /// Puts each run's writes in order, and counts each key's.
    fn add_orders(&mut self, how_many: &[u32], removes: bool) {
        if self.packing == Packing::Beginning && !removes {
            // Without versions a run has no order but that of its removals.
            self.orders.resize_with(self.runs, Vec::new);
            self.ties.resize_with(self.runs, Ties::default);
            return;
        }
        let room = |writes: &u32| match self.packing {
            Packing::Beginning => Unordered::default(),
            _ => Unordered::for_about(*writes as usize),
        };
        let mut unordered: Vec<Unordered> = how_many.iter().map(room).collect();
        unordered.resize_with(self.runs, Unordered::default);
        for log in 0..self.events.logs() {
            for (event, at) in self.events.log(log).iter().zip(0..) {
                self.each_write(self.events.number(log, at), event, |write, event, commit| {
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
                    let order = self.order_of(commit);
                    places[*end as usize] = Place { order, write, rest: value };
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
            if place.rest != ABSENT {
                self.values.add(place.rest, number);
            }
        }
        if self.packing == Packing::Beginning {
            let mut places = std::mem::take(&mut self.places);
            for place in &mut places {
                place.rest = self.commit_event(place.write).took;
            }
            self.places = places;
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
    pub(super) fn order_of(&self, commit: &Event) -> u64 {
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
        if takes_effect(event) || sessions::writes(event) {
            if self.writes.len() <= run {
                self.writes.resize(run + 1, 0);
            }
            self.writes[run] += 1;
        }
        if takes_effect(event) || event.kind == Kind::Commit as u8 {
            self.highest = self.highest.max(event.stamp).max(event.sequence);
            self.sets |= is_of_set(event);
            self.removes |= event.kind == Kind::RemoveRun as u8;
        }
        self.snapshots +=
            usize::from(event.kind == Kind::Open as u8 || event.kind == Kind::Clone as u8);
        self.transactions += usize::from(event.kind == Kind::Begin as u8);
        self.values += usize::from(is_put(event));
        self.reads += u64::from(READS & 1 << event.kind != 0);
        self.listings += u64::from(LISTINGS & 1 << event.kind != 0);
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

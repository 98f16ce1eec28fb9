//! What a history wrote, by run, by key and by value.
//!
//! It holds numbers of events, four bytes each: every write once in the order of its run, once in
//! the order of its key, and once by its value.

use std::ops::Range;

use sharded_store::Version;

use crate::verify::check::events::{Events, NONE, Part, is_of_set};
use crate::verify::check::ids::Ids;
use crate::verify::check::merge::merge;
use crate::verify::check::precedence::Precedence;
use crate::verify::check::sessions::{Outcome, Snapshots, Transactions};
use crate::verify::history::{ABSENT, Event, GARBLED, History, Kind, flag};

/// Marks a place in [`Index::unborn`] among those in [`Index::by_key`].
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
    /// The removals of each run, in order.
    removals: Vec<Vec<u32>>,
    /// The writes of each key, in order, one key after the other.
    by_key: Vec<u32>,
    /// Where each key's writes begin, and at last where they all end.
    starts: Vec<u32>,
    /// From values to places in `by_key`, or in `unborn` with a mark.
    values: Ids,
    /// Writes that never took effect.
    unborn: Vec<u32>,
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
        let mut index = Self {
            history,
            events,
            precedence,
            snapshots,
            transactions,
            runs,
            keys,
            orders: Vec::new(),
            removals: vec![Vec::new(); runs],
            by_key: Vec::new(),
            starts: vec![0; runs * keys + 1],
            values,
            unborn: Vec::new(),
        };
        index.add_writes(&sizes.writes);
        index.add_keys();
        index.values.seal();
        index
    }

    /// Puts each run's writes in order, counts each key's, and sets apart those without effect.
    fn add_writes(&mut self, how_many: &[u32]) {
        let mut orders: Vec<Vec<u32>> =
            how_many.iter().map(|writes| Vec::with_capacity(*writes as usize)).collect();
        orders.resize_with(self.runs, Vec::new);
        let mut parts: Vec<Vec<Range<usize>>> = vec![Vec::new(); self.runs];
        for log in 0..self.events.logs() {
            let begins: Vec<usize> = orders.iter().map(Vec::len).collect();
            for (event, at) in self.events.log(log).iter().zip(0..) {
                self.add_event(&mut orders, self.events.number(log, at), event);
            }
            for ((order, begin), parts) in orders.iter().zip(begins).zip(&mut parts) {
                parts.push(begin..order.len());
            }
        }
        for (order, parts) in orders.iter_mut().zip(&parts) {
            merge(order, parts, |number| self.sort_key(number));
        }
        self.orders = orders;
    }

    fn add_event(&mut self, orders: &mut [Vec<u32>], number: u32, event: &Event) {
        match event.kind {
            kind if kind == Kind::Commit as u8 => self.add_commit(orders, event),
            kind if kind == Kind::TransactionPut as u8 => {
                let place = self.transactions.place(event.handle);
                let written =
                    place.is_some_and(|place| self.transactions.writes(place).contains(&number));
                if !written {
                    self.add_unborn(number, event);
                }
            }
            _ if takes_effect(event) => {
                orders[usize::from(event.run)].push(number);
                self.count_key(event);
            }
            kind if kind == Kind::Put as u8 || kind == Kind::SetPut as u8 => {
                self.add_unborn(number, event);
            }
            _ => {}
        }
    }

    fn add_commit(&mut self, orders: &mut [Vec<u32>], event: &Event) {
        let Some(place) = self.transactions.place(event.handle) else { return };
        if self.transactions.at(place).outcome != Outcome::Committed {
            return;
        }
        for number in self.transactions.writes(place).to_vec() {
            let event = self.events.at(number);
            orders[usize::from(event.run)].push(number);
            self.count_key(event);
        }
    }

    fn add_unborn(&mut self, number: u32, event: &Event) {
        self.values.add(event.value, UNBORN | self.unborn.len() as u32);
        self.unborn.push(number);
    }

    fn count_key(&mut self, event: &Event) {
        if event.kind != Kind::RemoveRun as u8 {
            let slot = self.slot(event.run, event.key);
            self.starts[slot + 1] += 1;
        }
    }

    /// Puts each key's writes in order, from the order of its run, and sets apart what a later
    /// write of the same write set replaced.
    fn add_keys(&mut self) {
        for slot in 1..self.starts.len() {
            self.starts[slot] += self.starts[slot - 1];
        }
        let (mut ends, mut replaced) = (self.starts.clone(), Vec::new());
        self.by_key = vec![0; self.starts[self.starts.len() - 1] as usize];
        for (run, order) in self.orders.iter().enumerate() {
            for number in order {
                let event = self.events.at(*number);
                if event.kind == Kind::RemoveRun as u8 {
                    self.removals[run].push(*number);
                    continue;
                }
                let slot = self.slot(event.run, event.key);
                let place = ends[slot];
                self.by_key[place as usize] = *number;
                if is_put(event) {
                    self.values.add(event.value, place);
                }
                if is_of_set(event) && place > self.starts[slot] {
                    let before = self.by_key[place as usize - 1];
                    let other = self.events.at(before);
                    if is_of_set(other) && is_put(other) && other.handle == event.handle {
                        replaced.push(before);
                    }
                }
                ends[slot] += 1;
            }
        }
        for number in replaced {
            self.add_unborn(number, self.events.at(number));
        }
    }

    /// What a run's writes are sorted by: the version, or without versions the beginning.
    #[inline]
    fn sort_key(&self, number: u32) -> (u64, u64) {
        let commit = self.commit_event(number);
        if self.history.header.claims.versions {
            (commit.stamp, commit.sequence)
        } else {
            (commit.invoke, 0)
        }
    }

    /// The number of a key in its run among all keys of all runs.
    #[inline]
    pub(super) fn slot(&self, run: u16, key: u32) -> usize {
        usize::from(run) * self.keys + key as usize
    }

    /// The writes of a run, its removals too, in order.
    pub(super) fn order(&self, run: u16) -> &[u32] {
        &self.orders[usize::from(run)]
    }

    /// The removals of a run, in order.
    #[inline]
    pub(super) fn removals(&self, run: u16) -> &[u32] {
        &self.removals[usize::from(run)]
    }

    /// The writes of all keys; see [`Index::key_range`].
    #[inline]
    pub(super) fn by_key(&self) -> &[u32] {
        &self.by_key
    }

    /// Where the writes of a key stand among those of all keys.
    #[inline]
    pub(super) fn key_range(&self, run: u16, key: u32) -> Range<u32> {
        let slot = self.slot(run, key);
        self.starts[slot]..self.starts[slot + 1]
    }

    /// The writes of a key, in order.
    #[inline]
    pub(super) fn key_writes(&self, run: u16, key: u32) -> &[u32] {
        let Range { start, end } = self.key_range(run, key);
        &self.by_key[start as usize..end as usize]
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
            self.by_key[place as usize]
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
        let last = |writes: &[u32]| {
            let end = writes.partition_point(|write| accepts(self.version(*write)));
            end.checked_sub(1).map(|last| writes[last])
        };
        let write = last(self.key_writes(run, key));
        match (write, last(self.removals(run))) {
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

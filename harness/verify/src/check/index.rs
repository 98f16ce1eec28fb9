//! Index of the writes of a history, by run, by key and by value.
//!
//! Every write is stored three times: in the order of its run, as its number alone; in the order of
//! its key, with its version and value, so that a read is checked without loading the write's
//! event; and by its value.

mod build;

use std::ops::Range;

use sharded_store::Version;

use crate::check::events::{Events, NONE, Part, is_of_set};
use crate::check::handles::{Snapshots, Transactions};
use crate::check::ids::Ids;
use crate::check::merge::Ties;
use crate::check::precedence::Precedence;
use crate::history::{ABSENT, Event, GARBLED, History, Kind, end_of, flag};

/// Marks a position in [`Index::uncommitted`] among those in [`Index::key_writes`].
const UNCOMMITTED: u32 = 1 << 31;

/// The writes of a history, by run, by key and by value.
pub(super) struct Index<'a> {
    /// The history.
    pub(super) history: &'a History,
    /// Its events.
    pub(super) events: Events<'a>,
    /// Which events certainly came before which.
    pub(super) precedence: Precedence,
    /// Its snapshots.
    pub(super) snapshots: Snapshots,
    /// Its transactions.
    pub(super) transactions: Transactions,
    /// The number of runs.
    pub(super) runs: usize,
    /// The number of keys in each run.
    pub(super) keys: usize,
    /// The writes of each run, including removals of the run, in order.
    orders: Vec<Vec<u32>>,
    /// What sorting them found.
    ties: Vec<Ties>,
    /// The removals of each run, in order.
    removals: Vec<Vec<u32>>,
    /// The writes of each key, in order, one key after the other.
    writes: Vec<KeyWrite>,
    /// What [`KeyWrite::order`] holds.
    packing: Packing,
    /// Whether there are write sets.
    pub(super) has_sets: bool,
    /// Where the writes of each key begin; the last entry is where all end.
    starts: Vec<u32>,
    /// Maps values to positions in `writes`, or marked ones to positions in `uncommitted`.
    values: Ids,
    /// Writes that never took effect.
    uncommitted: Vec<u32>,
    /// The number of reads, including listings and counts.
    pub(super) reads: u64,
    /// The number of listings.
    pub(super) listings: u64,
}

/// One write among those of its key.
#[derive(Clone, Copy, Default)]
pub(super) struct KeyWrite {
    /// Its sort key: see [`Packing`].
    order: u64,
    /// The number of its event.
    pub(super) event: u32,
    /// While the index is built, the value of the key after it, [`ABSENT`] for a delete;
    /// afterwards, without versions, how long its commit took.
    rest: u32,
}

impl KeyWrite {
    /// When its commit began; only without versions.
    #[inline]
    pub(super) fn began(&self) -> u64 {
        self.order
    }

    /// When its commit ended; only without versions.
    #[inline]
    pub(super) fn returned(&self) -> u64 {
        end_of(self.order, self.rest)
    }
}

/// How the sort key of a write fits in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Packing {
    /// Stamp and sequence, each in half of the word.
    Version,
    /// Versions are too large: the word is empty, and the event is read instead.
    TooLarge,
    /// Without versions: when the commit began.
    Beginning,
}

/// Where a value that was read comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// None: the read found nothing.
    Absent,
    /// Bytes that no write made.
    Garbled,
    /// An id of no write.
    Unknown,
    /// The value of this write of another key or run.
    Elsewhere(u32),
    /// The value of this write, which never took effect.
    NeverCommitted(u32),
    /// The value of the write at this position in [`Index::key_writes`].
    Written(u32),
}

impl<'a> Index<'a> {
    /// The number of a key of a run among the keys of all runs.
    #[inline]
    pub(super) fn slot(&self, run: u16, key: u32) -> usize {
        usize::from(run) * self.keys + key as usize
    }

    /// The writes of a run, including its removals, in order; without versions, only its removals.
    pub(super) fn order(&self, run: u16) -> &[u32] {
        &self.orders[usize::from(run)]
    }

    /// The removals of a run, in order.
    #[inline]
    pub(super) fn removals(&self, run: u16) -> &[u32] {
        &self.removals[usize::from(run)]
    }

    /// Adjacent writes of a run from different threads, or with the same version.
    pub(super) fn ties(&self, run: u16) -> &Ties {
        &self.ties[usize::from(run)]
    }

    /// The writes of all keys; see [`Index::key_range`].
    #[inline]
    pub(super) fn key_writes(&self) -> &[KeyWrite] {
        &self.writes
    }

    /// A removal of a run as a write of one key.
    pub(super) fn removal_as_write(&self, removal: u32) -> KeyWrite {
        let event = self.events.at(removal);
        KeyWrite { order: self.order_of(event), event: removal, rest: event.took }
    }

    /// The version of a write; unpacked where it fits in the sort key, otherwise read from its
    /// event.
    #[inline]
    pub(super) fn version_at(&self, write: &KeyWrite) -> Version {
        match self.packing {
            Packing::Version => Version::new(write.order >> 32, write.order & u64::from(u32::MAX)),
            _ => self.version(write.event),
        }
    }

    /// The positions of the writes of a key.
    #[inline]
    pub(super) fn key_range(&self, run: u16, key: u32) -> Range<u32> {
        let slot = self.slot(run, key);
        self.starts[slot]..self.starts[slot + 1]
    }

    /// The writes of a key, in order.
    #[inline]
    pub(super) fn writes_of_key(&self, run: u16, key: u32) -> &[KeyWrite] {
        let Range { start, end } = self.key_range(run, key);
        &self.writes[start as usize..end as usize]
    }

    /// The number of the event that committed a write: its own, or the commit of its transaction.
    #[inline]
    pub(super) fn commit_of(&self, write: u32) -> u32 {
        let event = self.events.at(write);
        if event.kind != Kind::TransactionPut as u8 && event.kind != Kind::TransactionDelete as u8 {
            return write;
        }
        let position = self.transactions.position(event.handle);
        let end = position.map_or(NONE, |position| self.transactions.at(position).end);
        if end == NONE { write } else { end }
    }

    /// The event that committed a write.
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

    /// Where a value found under a key comes from.
    #[inline]
    pub(super) fn origin(&self, value: u32, run: u16, key: u32) -> Origin {
        match value {
            ABSENT => return Origin::Absent,
            GARBLED => return Origin::Garbled,
            _ => {}
        }
        let Some(position) = self.values.get(value) else { return Origin::Unknown };
        let never = position & UNCOMMITTED != 0;
        if !never && self.key_range(run, key).contains(&position) {
            return Origin::Written(position);
        }
        let write = if never {
            self.uncommitted[(position & !UNCOMMITTED) as usize]
        } else {
            self.writes[position as usize].event
        };
        let event = self.events.at(write);
        if (event.run, event.key) == (run, key) {
            Origin::NeverCommitted(write)
        } else {
            Origin::Elsewhere(write)
        }
    }

    /// The newest write of a key, or removal of its run, with a version that `accepts`, which must
    /// accept every version below one that it accepts.
    pub(super) fn newest(
        &self,
        run: u16,
        key: u32,
        accepts: impl Fn(Version) -> bool,
    ) -> Option<u32> {
        let writes = self.writes_of_key(run, key);
        let end = writes.partition_point(|write| accepts(self.version_at(write)));
        let write = end.checked_sub(1).map(|last| writes[last].event);
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

    /// The number of writes of a run with a version that `accepts`.
    pub(super) fn rank(&self, run: u16, accepts: impl Fn(Version) -> bool) -> usize {
        self.order(run).partition_point(|write| accepts(self.version(*write)))
    }

    /// The value of a key after a write; [`ABSENT`] after a delete, or without a write.
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

    /// All writes of a write's commit, if that is a write set or a transaction.
    pub(super) fn parts(&self, write: u32) -> Vec<u32> {
        let event = self.events.at(write);
        if is_of_set(event) {
            let part = self.events.event_ref(write);
            let log = self.events.log(part.log as usize);
            let start = Events::operation_start(log, part.event as usize);
            let parts = start..start + Events::operation_len(log, start);
            let parts = parts.filter(|at| takes_effect(&log[*at]));
            parts.map(|at| self.events.number(part.log as usize, at)).collect()
        } else if event.kind == Kind::Put as u8 {
            Vec::new()
        } else {
            let position = self.transactions.position(event.handle);
            position.map_or_else(Vec::new, |position| self.transactions.writes(position).to_vec())
        }
    }

    /// Whether a read was made after all threads had ended.
    pub(super) fn is_at_rest(&self, read: u32) -> bool {
        self.events.part(self.events.log_of(read)) == Part::Rest
    }
}

/// Whether an event committed a change by itself, as a write of a write set does.
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

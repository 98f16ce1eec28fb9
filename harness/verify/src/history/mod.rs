//! What was seen: every operation of every thread, with when it began and ended and what it
//! returned.
//!
//! A history is plain data in records of one size, so that recording allocates nothing, a file of it is
//! those records behind a header, and ten million of them fit in half a gigabyte.

pub mod file;
pub(crate) mod names;
pub mod validate;

use bytemuck::{Pod, Zeroable};
use serde::{Deserialize, Serialize};

use crate::alphabet::Alphabet;
use crate::program::Program;

/// `Event::value` of a read that found nothing.
pub const ABSENT: u32 = 0;
/// `Event::value` of a read that found bytes no write made.
pub const GARBLED: u32 = u32::MAX;
/// `Event::took` of an operation that took this many ticks or more: its end is not known.
pub const TOOK_LONG: u32 = u32::MAX;

/// Everything seen of one execution of a program.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    /// What was executed, and what the events mean.
    pub header: Header,
    /// The logs, in this order: the setup's, one for each thread, and what was read again when all threads had
    /// ended. A program of `n` threads has `n + 2`.
    pub logs: Vec<Log>,
}

/// What was executed, and what the events mean.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// The subject's name.
    pub subject: String,
    /// The executor's name.
    pub executor: String,
    /// The seed of the program and of its schedule.
    pub seed: Option<u64>,
    /// What the subject claims to do.
    pub claims: Claims,
    /// What orders events of different threads.
    pub order: Order,
    /// What the numbers stand for.
    pub alphabet: Alphabet,
    /// How many runs there are.
    pub runs: u16,
    /// The program; none if it was too long to keep.
    pub program: Option<Program>,
}

/// What a subject claims to do; nothing else is asked of it, and what is not checked is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one independent yes or no each, named by field")]
pub struct Claims {
    /// Reads and writes report a version, unique in its run and increasing.
    pub versions: bool,
    /// It has snapshots that never change.
    pub snapshots: bool,
    /// `list` and `count` work.
    pub lists: bool,
    /// `apply` is atomic in every snapshot, across runs.
    pub atomic_apply: bool,
    /// It has transactions on one run.
    pub transactions: bool,
    /// Runs can be removed.
    pub removal: bool,
}

/// What orders events of different threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The times of events: one that ended before another began came before it.
    RealTime,
    /// Under weak memory the times mean nothing. An event comes before a later one of its own log; the
    /// setup before all threads, all threads before the last log; and a `Notify` before an `Observe` of
    /// the same flag that saw it, with all that came before the one and after the other.
    HappensBefore,
}

/// What one thread saw, in the order of its program.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Log {
    /// Its events.
    pub events: Vec<Event>,
    /// The entries of those listings that were kept in full, by the index of their event, in order. A
    /// listing that is not here is known by its digest alone.
    pub listings: Vec<(u32, Vec<Listed>)>,
}

/// One entry of a listing: the key's number, the value's id, and the version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// The key's number.
    pub key: u32,
    /// The value's id, or [`GARBLED`].
    pub value: u32,
    /// The version's stamp, where versions are shown.
    pub stamp: u64,
    /// The version's sequence, where versions are shown.
    pub sequence: u64,
}

/// One operation as it was seen. What each field means depends on the kind, and is told there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Event {
    /// When it began, in ticks (nanoseconds on real threads).
    pub invoke: u64,
    /// The stamp of the version, or of the snapshot; of a listing, [`Digest::contents`].
    pub stamp: u64,
    /// The sequence of the version; of a listing, [`Digest::versions`].
    pub sequence: u64,
    /// How many ticks it took, or [`TOOK_LONG`].
    pub took: u32,
    /// The id of the value written or read, [`ABSENT`] or [`GARBLED`]; a count; a yes (1) or no (0).
    pub value: u32,
    /// The key's number; of a listing, the prefix's.
    pub key: u32,
    /// The id of the snapshot, transaction or write set; 0 for none. Unique in the history.
    pub handle: u32,
    /// The run's number.
    pub run: u16,
    /// What it was: a [`Kind`].
    pub kind: u8,
    /// [`flag`]s.
    pub flags: u8,
    /// Always 0.
    pub unused: u32,
}

/// Bits of `Event::flags`.
pub mod flag {
    /// The store returned an error, which no program here gives it reason to. Nothing else of the
    /// event counts.
    pub const REFUSED: u8 = 1;
    /// Of a commit: another transaction's commit stood in the way, and nothing was written.
    pub const CONFLICT: u8 = 2;
    /// Of a listing: the keys were not in ascending order, or one came twice.
    pub const UNSORTED: u8 = 4;
    /// Of a write: the store reported no version for it, so that it cannot have changed anything
    /// (a delete of a key that was not live, a write set of such, a commit that wrote nothing).
    pub const NO_EFFECT: u8 = 8;
    /// Of a read: it was made again, after all threads had ended, or after a collection.
    pub const REREAD: u8 = 16;
    /// Of a snapshot read: it was made after something was collected, or after its key was overwritten, by the
    /// same thread: it could have failed for having been collected.
    pub const AFTER_COLLECT: u8 = 32;
    /// Of a read of the newest value: its version was not asked for, and is 0 here.
    pub const NO_VERSION: u8 = 64;
}

/// What an event was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// Wrote `value` to `key` at the version.
    Put = 1,
    /// Deleted `key` at the version; `value` is what that removed ([`ABSENT`]: nothing was, and there is
    /// no version).
    Delete = 2,
    /// One put of write set `handle`. All writes of a set stand one after the other, with the same times; the
    /// version is its run's. The last write of a key counts.
    SetPut = 3,
    /// One delete of write set `handle`.
    SetDelete = 4,
    /// Removed the run with all its keys at the version; `value` is 1 if it existed, and without that there
    /// is no version.
    RemoveRun = 5,
    /// Found `value` of `key`, with the version that wrote it.
    Get = 6,
    /// Found `key` live (`value` 1) or not (0).
    Contains = 7,
    /// Counted `value` live keys.
    Count = 8,
    /// Listed `value` entries under prefix number `key`.
    List = 9,
    /// Opened snapshot `handle`, of version `stamp`.
    Open = 10,
    /// Cloned snapshot number `value`; the clone is `handle`, of version `stamp`.
    Clone = 11,
    /// Dropped snapshot `handle`.
    Drop = 12,
    /// [`Kind::Get`] as of snapshot `handle`.
    SnapshotGet = 13,
    /// [`Kind::Contains`] as of snapshot `handle`.
    SnapshotContains = 14,
    /// [`Kind::Count`] as of snapshot `handle`.
    SnapshotCount = 15,
    /// [`Kind::List`] as of snapshot `handle`.
    SnapshotList = 16,
    /// Began transaction `handle` on the run; it reads as of version `stamp`.
    Begin = 17,
    /// Found `value` of `key` within transaction `handle`, its own writes included; no version.
    TransactionGet = 18,
    /// Wrote `value` to `key` within transaction `handle`; takes effect with its commit.
    TransactionPut = 19,
    /// Deleted `key` within transaction `handle`, which found `value` there.
    TransactionDelete = 20,
    /// Listed `value` entries within transaction `handle`; no versions.
    TransactionList = 21,
    /// Committed transaction `handle` at the version, or see the flags.
    Commit = 22,
    /// Aborted transaction `handle`.
    Abort = 23,
    /// Dropped what nobody could see.
    Collect = 24,
    /// Moved the clock on, to `stamp`.
    Tick = 25,
    /// Raised flag number `key`.
    Notify = 26,
    /// Looked at flag number `key`: raised (`value` 1) or not (0).
    Observe = 27,
    /// At rest, without snapshots, after a collection: the store holds `stamp` versions of `value` live
    /// keys.
    Held = 28,
}

impl Kind {
    /// The kinds, in the order of their numbers, from 1.
    pub const ALL: [Self; 28] = [
        Self::Put,
        Self::Delete,
        Self::SetPut,
        Self::SetDelete,
        Self::RemoveRun,
        Self::Get,
        Self::Contains,
        Self::Count,
        Self::List,
        Self::Open,
        Self::Clone,
        Self::Drop,
        Self::SnapshotGet,
        Self::SnapshotContains,
        Self::SnapshotCount,
        Self::SnapshotList,
        Self::Begin,
        Self::TransactionGet,
        Self::TransactionPut,
        Self::TransactionDelete,
        Self::TransactionList,
        Self::Commit,
        Self::Abort,
        Self::Collect,
        Self::Tick,
        Self::Notify,
        Self::Observe,
        Self::Held,
    ];

    /// The kind with a number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }
}

impl Event {
    /// What it was.
    ///
    /// # Panics
    /// When `kind` is no [`Kind`]'s number; reading a file checks that.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::from_number(self.kind).expect("the kind of an event is a kind's number")
    }

    /// When it ended: the first moment that was certainly after it.
    #[must_use]
    pub fn returned(&self) -> u64 {
        end_of(self.invoke, self.took)
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// When something ended that began at a moment and took so long, or [`TOOK_LONG`].
#[inline]
pub(crate) fn end_of(invoke: u64, took: u32) -> u64 {
    match took {
        TOOK_LONG => u64::MAX,
        took => invoke.saturating_add(u64::from(took)),
    }
}

/// What a listing held, in two words: sums, so that the order does not matter (it is checked as the
/// listing is recorded).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Digest {
    /// Of keys and values.
    pub contents: u64,
    /// Of keys and versions; 0 where versions are not shown.
    pub versions: u64,
}

impl Digest {
    /// Adds an entry.
    pub fn add(&mut self, entry: &Listed) {
        self.contents = self.contents.wrapping_add(Self::of_contents(entry.key, entry.value));
        self.versions =
            self.versions.wrapping_add(Self::of_version(entry.key, entry.stamp, entry.sequence));
    }

    /// What one entry adds to [`Digest::contents`].
    #[must_use]
    pub fn of_contents(key: u32, value: u32) -> u64 {
        mix(u64::from(key) << 32 | u64::from(value))
    }

    /// What one entry adds to [`Digest::versions`].
    #[must_use]
    pub fn of_version(key: u32, stamp: u64, sequence: u64) -> u64 {
        mix(mix(stamp ^ u64::from(key) << 32).wrapping_add(sequence))
    }
}

/// The finisher of splitmix64.
fn mix(bits: u64) -> u64 {
    let mut bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_survives_its_number() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind as u8), Some(kind));
        }
        assert_eq!((Kind::from_number(0), Kind::from_number(29)), (None, None));
    }

    #[test]
    fn an_event_is_forty_eight_bytes() {
        assert_eq!(size_of::<Event>(), 48);
    }
}

//! The cells of a table: how one key and its newest version lie in memory.

use std::hash::Hasher;
use std::num::NonZeroU8;

use rustc_hash::FxHasher;

use crate::arena::Arena;
use crate::bytes::Inline;
use crate::key::KEY_WORDS;
use crate::sync::{AtomicU64, Ordering};
use crate::value::VALUE_WORDS;

/// Stamps of cells that share one cache line.
pub(crate) const STAMPS_PER_LINE: usize = 4;

/// The mark of a key or value in the arena. A key's words are then its hash and its index there, a
/// value's first word is its index.
const IN_ARENA: u8 = 255;
/// The mark of a delete.
const TOMBSTONE: u8 = 0;

/// A short key.
pub(crate) type InlineKey = Inline<KEY_WORDS>;
/// A short value.
pub(crate) type InlineValue = Inline<VALUE_WORDS>;

/// A key as a cell holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CellKey {
    /// In place.
    Inline(InlineKey),
    /// In the arena.
    Arena { hash: u64, index: u64 },
}

/// A key to look for.
pub(crate) trait Probe {
    /// The hash under which the table files the key.
    fn hash(&self) -> u64;
    /// Whether the key is in this cell.
    fn is_in(&self, cell: &Cell) -> bool;
}

impl Probe for InlineKey {
    #[inline(always)]
    fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        self.hash_words(&mut hasher);
        hasher.finish()
    }

    #[inline(always)]
    fn is_in(&self, cell: &Cell) -> bool {
        let mark = cell.marks.load(Ordering::Relaxed) as u8;
        let [k0, k1] = [&cell.key[0], &cell.key[1]].map(|word| word.load(Ordering::Relaxed));
        mark == self.mark.get() && k0 == self.words[0] && k1 == self.words[1]
    }
}

/// A long key to look for.
pub(crate) struct LongKey<'a> {
    /// Its hash.
    pub(crate) hash: u64,
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// Where the run's long keys are.
    pub(crate) arena: &'a Arena,
}

impl Probe for LongKey<'_> {
    fn hash(&self) -> u64 {
        self.hash
    }

    fn is_in(&self, cell: &Cell) -> bool {
        cell.marks.load(Ordering::Relaxed) as u8 == IN_ARENA
            && cell.key[0].load(Ordering::Relaxed) == self.hash
            && **self.arena.get(cell.key[1].load(Ordering::Relaxed)) == *self.bytes
    }
}

impl CellKey {
    /// The hash under which the table files the key.
    pub(crate) fn hash(self) -> u64 {
        match self {
            Self::Inline(key) => key.hash(),
            Self::Arena { hash, .. } => hash,
        }
    }
}

/// A value as a cell holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CellValue {
    /// Deleted.
    Tombstone,
    /// In place.
    Inline(InlineValue),
    /// In the arena.
    Arena { index: u64 },
}

/// The words of a value as they were found in a cell.
#[derive(Clone, Copy)]
pub(crate) struct CopiedValue {
    mark: u8,
    words: [u64; VALUE_WORDS],
}

/// The newest version of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// The clock when it was installed.
    pub(crate) stamp: u64,
    /// Its number in the run.
    pub(crate) sequence: u64,
    /// What it wrote.
    pub(crate) value: CellValue,
}

/// One key with its newest value: one cache line, so that a read of both touches no other, and two
/// runs never share one.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct Cell {
    /// The key's mark in bits 0 to 7, the value's in bits 8 to 15: one more than a length, or one of
    /// the constants above.
    marks: AtomicU64,
    key: [AtomicU64; KEY_WORDS],
    value: [AtomicU64; VALUE_WORDS],
}

/// The version of a cell's value, apart from it: reads of a value need not fetch it.
#[derive(Default)]
pub(crate) struct Stamp {
    stamp: AtomicU64,
    sequence: AtomicU64,
}

/// Stamps that share a cache line with each other and with nothing else.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct StampLine(pub(crate) [Stamp; STAMPS_PER_LINE]);

impl Cell {
    /// The key.
    pub(crate) fn key(&self) -> CellKey {
        let words = self.key.each_ref().map(|word| word.load(Ordering::Relaxed));
        match NonZeroU8::new(self.marks.load(Ordering::Relaxed) as u8) {
            Some(mark) if mark.get() != IN_ARENA => CellKey::Inline(Inline { words, mark }),
            _ => CellKey::Arena { hash: words[0], index: words[1] },
        }
    }

    /// The newest value, not yet looked at: without the lock it may be torn.
    #[inline(always)]
    pub(crate) fn copy_value(&self) -> CopiedValue {
        // Relaxed, here and everywhere in a cell: either the caller holds the run's lock, or the
        // table's sequence decides afterwards whether what was read counts.
        let [a, b, c, d, e] = &self.value;
        CopiedValue {
            mark: self.value_mark(),
            words: [a, b, c, d, e].map(|word| word.load(Ordering::Relaxed)),
        }
    }

    /// The newest value, for the lock's holder.
    #[inline(always)]
    pub(crate) fn value(&self) -> CellValue {
        self.copy_value().value()
    }

    /// Whether the newest value is in place: neither a delete nor a long one.
    #[inline(always)]
    pub(crate) fn is_inline(&self) -> bool {
        !matches!(self.value_mark(), TOMBSTONE | IN_ARENA)
    }

    /// Files a key here.
    pub(crate) fn set_key(&self, key: CellKey) {
        let (mark, words) = match key {
            CellKey::Inline(Inline { words, mark }) => (mark.get(), words),
            CellKey::Arena { hash, index } => (IN_ARENA, [hash, index]),
        };
        for (cell, word) in self.key.iter().zip(words) {
            cell.store(word, Ordering::Relaxed);
        }
        self.marks.store(u64::from(mark), Ordering::Relaxed);
    }

    /// Replaces the value.
    #[inline(always)]
    pub(crate) fn set_value(&self, value: CellValue) {
        let mark = match value {
            CellValue::Tombstone => TOMBSTONE,
            CellValue::Inline(Inline { words, mark }) => {
                for (cell, word) in self.value.iter().zip(words) {
                    cell.store(word, Ordering::Relaxed);
                }
                mark.get()
            }
            CellValue::Arena { index } => {
                self.value[0].store(index, Ordering::Relaxed);
                IN_ARENA
            }
        };
        let key_mark = self.marks.load(Ordering::Relaxed) & 0xff;
        self.marks.store(key_mark | (u64::from(mark) << 8), Ordering::Relaxed);
    }

    #[inline(always)]
    fn value_mark(&self) -> u8 {
        (self.marks.load(Ordering::Relaxed) >> 8) as u8
    }
}

impl CopiedValue {
    /// What it says, once it is known not to be torn.
    #[inline(always)]
    pub(crate) fn value(self) -> CellValue {
        match NonZeroU8::new(self.mark) {
            None => CellValue::Tombstone,
            Some(mark) if mark.get() == IN_ARENA => CellValue::Arena { index: self.words[0] },
            Some(mark) => CellValue::Inline(Inline { words: self.words, mark }),
        }
    }
}

impl Stamp {
    /// The clock and the run's sequence when the value was installed.
    #[inline(always)]
    pub(crate) fn get(&self) -> (u64, u64) {
        (self.stamp.load(Ordering::Relaxed), self.sequence.load(Ordering::Relaxed))
    }

    /// Replaces both.
    #[inline(always)]
    pub(crate) fn set(&self, stamp: u64, sequence: u64) {
        self.stamp.store(stamp, Ordering::Relaxed);
        self.sequence.store(sequence, Ordering::Relaxed);
    }
}

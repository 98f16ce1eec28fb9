//! The cells of a table: how one key and its newest version lie in memory.

use std::hash::Hasher;
use std::num::NonZeroU8;

use rustc_hash::FxHasher;

use crate::arena::Arena;
use crate::contract::bytes::Inline;
use crate::contract::key::KEY_WORDS;
use crate::sync::VALUE_WORDS;
use crate::word::Word;

/// The last sequence number: what is left of a word beside the two marks, rounded down so that it
/// is a multiple of how often a put looks up from its work. At fifty million commits a second it
/// lasts for more than five years.
pub(crate) const SEQUENCE_MAX: u64 = (u64::MAX >> SEQUENCE_SHIFT) & !(LOOKS_UP_EVERY - 1);
/// A usual put looks for garbage, and for the end of the numbers, once in so many commits of its
/// run.
pub(crate) const LOOKS_UP_EVERY: u64 = 64;

/// A cell's header: the key's mark in bits 0 to 4, the value's in bits 5 to 10, the sequence above.
/// A mark is one more than a length, or one of the constants below.
const VALUE_SHIFT: u32 = 5;
const SEQUENCE_SHIFT: u32 = 11;
const KEY_BITS: u64 = 0b1_1111;
const VALUE_BITS: u64 = 0b11_1111;

/// The mark of a key in the arena; its words are its hash and its index there.
const KEY_IN_ARENA: u8 = 31;
/// The mark of a value in the arena; its first word is its index there.
const VALUE_IN_ARENA: u8 = 63;
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
        let mark = cell.header.get() & KEY_BITS;
        let [k0, k1] = [&cell.key[0], &cell.key[1]].map(Word::get);
        mark == u64::from(self.mark.get()) && k0 == self.words[0] && k1 == self.words[1]
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
        cell.header.get() & KEY_BITS == u64::from(KEY_IN_ARENA)
            && cell.key[0].get() == self.hash
            && **self.arena.get(cell.key[1].get()) == *self.bytes
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

/// The header and the value of a cell, as they were found.
#[derive(Clone, Copy)]
pub(crate) struct CopiedValue {
    /// The marks of key and value, and the sequence.
    header: u64,
    /// The words of the value.
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
    /// The marks of key and value, and the sequence of the commit that wrote the value.
    header: Word,
    /// The key's bytes, or where they are.
    key: [Word; KEY_WORDS],
    /// The value's bytes, or where they are.
    value: [Word; VALUE_WORDS],
}

impl Cell {
    /// The key.
    pub(crate) fn key(&self) -> CellKey {
        let words = self.key.each_ref().map(Word::get);
        match NonZeroU8::new((self.header.get() & KEY_BITS) as u8) {
            Some(mark) if mark.get() != KEY_IN_ARENA => CellKey::Inline(Inline { words, mark }),
            _ => CellKey::Arena { hash: words[0], index: words[1] },
        }
    }

    /// The newest value, not yet looked at: without the lock it may be torn.
    #[inline(always)]
    pub(crate) fn copy_value(&self) -> CopiedValue {
        CopiedValue { header: self.header.get(), words: self.value.each_ref().map(Word::get) }
    }

    /// Files a key here, without a value.
    pub(crate) fn set_key(&self, key: CellKey) {
        let (mark, words) = match key {
            CellKey::Inline(Inline { words, mark }) => (mark.get(), words),
            CellKey::Arena { hash, index } => (KEY_IN_ARENA, [hash, index]),
        };
        for (cell, word) in self.key.iter().zip(words) {
            cell.set(word);
        }
        self.header.set(u64::from(mark));
    }

    /// Replaces the value and the sequence.
    pub(crate) fn set_value(&self, sequence: u64, value: CellValue) {
        match value {
            CellValue::Inline(value) => self.set_inline(sequence, &value),
            CellValue::Tombstone => self.set_header(sequence, TOMBSTONE),
            CellValue::Arena { index } => {
                self.value[0].set(index);
                self.set_header(sequence, VALUE_IN_ARENA);
            }
        }
    }

    /// Replaces the value and the sequence by a short value.
    #[inline(always)]
    pub(crate) fn set_inline(&self, sequence: u64, value: &InlineValue) {
        for (cell, word) in self.value.iter().zip(value.words) {
            cell.set(word);
        }
        self.set_header(sequence, value.mark.get());
    }

    #[inline(always)]
    fn set_header(&self, sequence: u64, value_mark: u8) {
        let key_mark = self.header.get() & KEY_BITS;
        let header = key_mark | u64::from(value_mark) << VALUE_SHIFT | sequence << SEQUENCE_SHIFT;
        self.header.set(header);
    }

    /// Whether the newest version is not a delete.
    #[inline(always)]
    pub(crate) fn is_live(&self) -> bool {
        value_mark(self.header.get()) != TOMBSTONE
    }

    /// Whether the newest value is in place: neither a delete nor a long one.
    #[inline(always)]
    pub(crate) fn is_inline(&self) -> bool {
        // One comparison: the marks of a delete and of the arena are the smallest and the largest.
        value_mark(self.header.get()).wrapping_sub(1) < VALUE_IN_ARENA - 1
    }
}

impl CopiedValue {
    /// What it says, once it is known not to be torn.
    #[inline(always)]
    pub(crate) fn value(self) -> CellValue {
        match NonZeroU8::new(value_mark(self.header)) {
            None => CellValue::Tombstone,
            Some(mark) if mark.get() == VALUE_IN_ARENA => CellValue::Arena { index: self.words[0] },
            Some(mark) => CellValue::Inline(Inline { words: self.words, mark }),
        }
    }

    /// The number of the commit that wrote it.
    #[inline(always)]
    pub(crate) fn sequence(self) -> u64 {
        self.header >> SEQUENCE_SHIFT
    }
}

#[inline(always)]
fn value_mark(header: u64) -> u8 {
    (header >> VALUE_SHIFT & VALUE_BITS) as u8
}

//! What the numbers of a program stand for: runs, keys, prefixes, and values that describe themselves.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use crate::program::Size;

/// The keys and prefixes that a program's numbers stand for, as bytes; the same for every copy of
/// the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alphabet {
    /// Key number `i` at place `i`.
    pub keys: Vec<Vec<u8>>,
    /// Prefix number `i` at place `i`; number 0 is empty, and so lists everything.
    pub prefixes: Vec<Vec<u8>>,
}

/// Keys at the edges, the ones that meet most often first: prefixes of each other, trailing zeros,
/// the last byte, 16 and 17 bytes (the longest that a store may keep in place, and one more).
const ODD_KEYS: [&[u8]; 12] = [
    b"a",
    b"ab",
    b"b",
    b"a\0",
    b"",
    b"abcdefghijklmnop",
    b"abcdefghijklmnopq",
    b"\xff\xff",
    b"b\xff",
    b"a long key with a prefix in common: one",
    b"a long key with a prefix in common: two",
    b"c",
];

/// Prefixes to list by.
const PREFIXES: [&[u8]; 6] = [b"", b"a", b"ab", b"b", b"a long key with", b"number "];

impl Alphabet {
    /// The first `keys` keys: a dozen odd ones, then numbered ones.
    #[must_use]
    pub fn new(keys: usize) -> Self {
        let numbered = (ODD_KEYS.len()..keys).map(|number| format!("number {number}").into_bytes());
        let odd = ODD_KEYS.iter().take(keys).map(|key| key.to_vec());
        Self {
            keys: odd.chain(numbered).collect(),
            prefixes: PREFIXES.iter().map(|prefix| prefix.to_vec()).collect(),
        }
    }

    /// Whether key number `key` starts with prefix number `prefix`.
    #[must_use]
    pub fn starts_with(&self, key: u32, prefix: u32) -> bool {
        self.keys[key as usize].starts_with(&self.prefixes[prefix as usize])
    }

    /// The numbers of all keys by their bytes.
    #[must_use]
    pub fn numbers(&self) -> KeyNumbers {
        let numbers = self.keys.iter().zip(0u32..).map(|(key, number)| (key.clone(), number));
        KeyNumbers(numbers.collect())
    }
}

/// From a key's bytes to its number.
#[derive(Clone, Debug)]
pub struct KeyNumbers(HashMap<Vec<u8>, u32, BuildHasherDefault<FxHasher>>);

impl KeyNumbers {
    /// The number of a key; none if no program writes it.
    #[must_use]
    pub fn of(&self, key: &[u8]) -> Option<u32> {
        self.0.get(key).copied()
    }
}

/// The 128 bits of a run's id.
#[must_use]
pub fn run_bits(number: u16) -> u128 {
    // Spread over the whole id, as a UUID is.
    (u128::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

/// Bytes of the longest value.
pub const VALUE_BYTES_MAX: usize = 64;

/// A value that says which write made it, and where.
///
/// `id` is unique in a history and not 0. The first word is the id, every other one a mixture of the id, its
/// place, run and key, so that a value put together from two, or found under another key, is noticed.
#[must_use]
pub fn value_bytes(id: u32, run: u16, key: u32, size: Size) -> ([u8; VALUE_BYTES_MAX], usize) {
    let len = bytes_of(size);
    let mut bytes = [0; VALUE_BYTES_MAX];
    bytes[..8].copy_from_slice(&first_word(id, size).to_le_bytes());
    for (word, place) in bytes[8..len].chunks_exact_mut(8).zip(1u64..) {
        word.copy_from_slice(&seal(id, run, key, place).to_le_bytes());
    }
    (bytes, len)
}

/// The id of the write that made a value found under this run and key; none if no write did.
#[must_use]
pub fn value_id(bytes: &[u8], run: u16, key: u32) -> Option<u32> {
    let (words, rest) = bytes.as_chunks::<8>();
    let (first, others) = words.split_first()?;
    let first = u64::from_le_bytes(*first);
    let (id, size) = (first as u32, if first >> 32 == 0 { Size::Short } else { Size::Long });
    let sealed = others
        .iter()
        .zip(1u64..)
        .all(|(word, place)| u64::from_le_bytes(*word) == seal(id, run, key, place));
    let whole = rest.is_empty() && bytes.len() == bytes_of(size) && first == first_word(id, size);
    (id != 0 && whole && sealed).then_some(id)
}

const fn bytes_of(size: Size) -> usize {
    match size {
        Size::Short => 16,
        Size::Long => VALUE_BYTES_MAX,
    }
}

const fn first_word(id: u32, size: Size) -> u64 {
    id as u64 | (size as u64) << 32
}

/// The finisher of splitmix64.
const fn seal(id: u32, run: u16, key: u32, place: u64) -> u64 {
    let mixed = (id as u64) << 32 ^ (key as u64) ^ (run as u64) << 24 ^ place << 56;
    let mut bits = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_tells_its_write_and_no_other_place() {
        for size in [Size::Short, Size::Long] {
            let (bytes, len) = value_bytes(7, 2, 3, size);
            assert_eq!(value_id(&bytes[..len], 2, 3), Some(7));
            assert_eq!(value_id(&bytes[..len], 2, 4), None, "under another key");
            assert_eq!(value_id(&bytes[..len], 1, 3), None, "in another run");
            assert_eq!(value_id(&bytes[..len - 8], 2, 3), None, "cut short");
            for place in 0..len {
                let mut changed = bytes;
                changed[place] ^= 1;
                assert_eq!(value_id(&changed[..len], 2, 3), None, "byte {place}");
            }
        }
        assert_eq!(value_id(b"", 0, 0), None);
    }

    #[test]
    fn a_torn_value_is_noticed() {
        let ((one, len), (other, _)) =
            (value_bytes(1, 0, 0, Size::Short), value_bytes(2, 0, 0, Size::Short));
        let mut torn = one;
        torn[8..len].copy_from_slice(&other[8..len]);
        assert_eq!(value_id(&torn[..len], 0, 0), None);
    }

    #[test]
    fn keys_and_prefixes_have_numbers() {
        let alphabet = Alphabet::new(20);
        let numbers = alphabet.numbers();
        for (key, number) in alphabet.keys.iter().zip(0u32..) {
            assert_eq!(numbers.of(key), Some(number));
            assert!(alphabet.starts_with(number, 0));
        }
        assert_eq!((alphabet.keys.len(), numbers.of(b"number 19")), (20, Some(19)));
    }
}

//! What the numbers of a program stand for: runs, keys and prefixes, and self-describing values.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use crate::program::Size;

/// The keys and prefixes that a program's numbers stand for, as bytes; the same for every variant
/// of the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyTable {
    /// The keys; the index is the key's number.
    pub keys: Vec<Vec<u8>>,
    /// The prefixes; the index is the prefix's number. Number 0 is empty and lists everything.
    pub prefixes: Vec<Vec<u8>>,
}

/// Edge cases, the most used first: prefixes of each other, trailing zeros, the last byte, 16 and
/// 17 bytes (the longest key that a store may keep inline, and one more).
const EDGE_KEYS: [&[u8]; 12] = [
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

impl KeyTable {
    /// The first `keys` keys: a dozen edge cases, then numbered ones.
    #[must_use]
    pub fn new(keys: usize) -> Self {
        let numbered =
            (EDGE_KEYS.len()..keys).map(|number| format!("number {number}").into_bytes());
        let edges = EDGE_KEYS.iter().take(keys).map(|key| key.to_vec());
        Self {
            keys: edges.chain(numbered).collect(),
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
    /// The number of a key; `None` if it is not in the table.
    #[must_use]
    pub fn of(&self, key: &[u8]) -> Option<u32> {
        self.0.get(key).copied()
    }
}

/// The 128 bits of a run's id.
#[must_use]
pub fn run_bits(number: u16) -> u128 {
    // Spread over all 128 bits, as a UUID is.
    (u128::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

/// The length of the longest value, in bytes.
pub const VALUE_BYTES_MAX: usize = 64;

/// A value that names its write, run and key.
///
/// `id` is unique in a history and not 0. The first word is the id; every other word is a checksum
/// of the id, its position, the run and the key, so that a torn value, or one found under another
/// key, is detected.
#[must_use]
pub fn value_bytes(id: u32, run: u16, key: u32, size: Size) -> ([u8; VALUE_BYTES_MAX], usize) {
    let len = bytes_of(size);
    let mut bytes = [0; VALUE_BYTES_MAX];
    bytes[..8].copy_from_slice(&first_word(id, size).to_le_bytes());
    for (word, position) in bytes[8..len].chunks_exact_mut(8).zip(1u64..) {
        word.copy_from_slice(&checksum_word(id, run, key, position).to_le_bytes());
    }
    (bytes, len)
}

/// The id of the write that made a value found under this run and key; `None` if no write did.
#[must_use]
pub fn value_id(bytes: &[u8], run: u16, key: u32) -> Option<u32> {
    let (words, rest) = bytes.as_chunks::<8>();
    let (first, others) = words.split_first()?;
    let first = u64::from_le_bytes(*first);
    let (id, size) = (first as u32, if first >> 32 == 0 { Size::Short } else { Size::Long });
    let unchanged = others
        .iter()
        .zip(1u64..)
        .all(|(word, position)| u64::from_le_bytes(*word) == checksum_word(id, run, key, position));
    let whole = rest.is_empty() && bytes.len() == bytes_of(size) && first == first_word(id, size);
    (id != 0 && whole && unchanged).then_some(id)
}

/// The runs and keys, from 0, that [`id_elsewhere`] tries.
const TRIED: (u16, u32) = (64, 1024);

/// The id of the write that made a value under another run or key than where it was found; `None`
/// if none of the first 64 runs and 1 024 keys fits. It tries them all, so it is only for values that
/// are wrong.
#[cold]
#[must_use]
pub fn id_elsewhere(bytes: &[u8]) -> Option<u32> {
    let (runs, keys) = TRIED;
    let places = (0..runs).flat_map(|run| (0..keys).map(move |key| (run, key)));
    places.into_iter().find_map(|(run, key)| value_id(bytes, run, key))
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
const fn checksum_word(id: u32, run: u16, key: u32, position: u64) -> u64 {
    let mixed = (id as u64) << 32 ^ (key as u64) ^ (run as u64) << 24 ^ position << 56;
    let mut bits = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_its_write_and_is_rejected_anywhere_else() {
        for size in [Size::Short, Size::Long] {
            let (bytes, len) = value_bytes(7, 2, 3, size);
            assert_eq!(value_id(&bytes[..len], 2, 3), Some(7));
            assert_eq!(value_id(&bytes[..len], 2, 4), None, "under another key");
            assert_eq!(value_id(&bytes[..len], 1, 3), None, "in another run");
            assert_eq!(value_id(&bytes[..len - 8], 2, 3), None, "cut short");
            for position in 0..len {
                let mut changed = bytes;
                changed[position] ^= 1;
                assert_eq!(value_id(&changed[..len], 2, 3), None, "byte {position}");
            }
        }
        assert_eq!(value_id(b"", 0, 0), None);
    }

    #[test]
    fn a_value_of_another_place_still_names_its_write() {
        for size in [Size::Short, Size::Long] {
            let (bytes, len) = value_bytes(7, 2, 3, size);
            assert_eq!(id_elsewhere(&bytes[..len]), Some(7));
            let mut changed = bytes;
            changed[9] ^= 1;
            assert_eq!(id_elsewhere(&changed[..len]), None, "it is no value");
        }
        assert_eq!(id_elsewhere(b"foreign"), None);
    }

    #[test]
    fn a_torn_value_is_detected() {
        let ((one, len), (other, _)) =
            (value_bytes(1, 0, 0, Size::Short), value_bytes(2, 0, 0, Size::Short));
        let mut torn = one;
        torn[8..len].copy_from_slice(&other[8..len]);
        assert_eq!(value_id(&torn[..len], 0, 0), None);
    }

    #[test]
    fn keys_and_prefixes_have_numbers() {
        let key_table = KeyTable::new(20);
        let numbers = key_table.numbers();
        for (key, number) in key_table.keys.iter().zip(0u32..) {
            assert_eq!(numbers.of(key), Some(number));
            assert!(key_table.starts_with(number, 0));
        }
        assert_eq!((key_table.keys.len(), numbers.of(b"number 19")), (20, Some(19)));
    }
}

//! Keys, values and run ids, each generated from a number.
//!
//! Every character of a key looks random, so that neither common prefixes nor counting suffixes put
//! any hash function or comparison at a disadvantage.

use sharded_store::{Key, RunId, Value};

use crate::shape::KeyShape;

/// Length of a default key, in bytes.
pub const KEY_BYTES: usize = 12;
/// Length of a default value, in bytes.
pub const VALUE_BYTES: usize = 40;
/// Default number of keys per run.
pub const KEYS_PER_RUN: usize = 10_000;

/// Base-32 digits, in ascending ASCII order.
const CHARACTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
/// Bits per character.
const CHARACTER_BITS: u32 = 5;
/// Mask of the bits of a whole key.
const KEY_MASK: u64 = (1 << (KEY_BYTES as u32 * CHARACTER_BITS)) - 1;

/// Keys with this number or above are in no run, ever.
pub const MISSES_FROM: u32 = 1 << 31;

/// The keys of a run, the same in every run.
///
/// Keys are numbered. A run is filled with the keys below the set's length; the keys from there up
/// are inserted at run time; the keys from [`MISSES_FROM`] up are never inserted.
#[derive(Clone, Debug)]
pub struct KeySet {
    /// Key number `i` is at index `i`.
    keys: Vec<Key>,
    /// The shape of the keys.
    shape: KeyShape,
    /// Their length in bytes, if fixed.
    bytes: Option<usize>,
}

impl KeySet {
    /// The first `count` keys of the default shape.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self::shaped(count, KeyShape::Random, None)
    }

    /// The first `count` keys of a shape. If given, `bytes` must be within
    /// [`KeyShape::bytes_range`].
    ///
    /// # Panics
    /// If `count` exceeds [`MISSES_FROM`].
    #[must_use]
    pub fn shaped(count: usize, shape: KeyShape, bytes: Option<usize>) -> Self {
        let numbers = 0..u32::try_from(count).expect("fewer than 2^32 keys");
        assert!(numbers.end <= MISSES_FROM, "a run is filled with at most 2^31 keys");
        Self { keys: numbers.map(|number| shape.key(number, bytes)).collect(), shape, bytes }
    }

    /// The keys a run is filled with, in the order of their numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[Key] {
        &self.keys
    }

    /// The number of keys a run is filled with.
    #[must_use]
    pub fn count(&self) -> u32 {
        // No truncation: a set has at most 2^31 keys.
        self.keys.len() as u32
    }

    /// Key number `number`, in the initial fill or not.
    #[must_use]
    pub fn key(&self, number: u32) -> Key {
        match self.keys.get(number as usize) {
            Some(key) => key.clone(),
            None => self.shape.key(number, self.bytes),
        }
    }
}

/// Key number `index`, of [`KEY_BYTES`] bytes. Different indices below 2^60 give different keys.
#[must_use]
pub fn key(index: u64) -> Key {
    short_key(&characters(index))
}

/// The prefix of group `group` of [`grouped_key`]. No group's prefix is a prefix of another's.
#[must_use]
pub fn group_prefix(group: u64) -> [u8; 4] {
    let digits = |index: u32| CHARACTERS[((group >> (index * CHARACTER_BITS)) & 31) as usize];
    [b'g', digits(1), digits(0), b'-']
}

/// Key number `index` of group `group` (below 1024): the group's prefix, then random-looking
/// characters.
#[must_use]
pub fn grouped_key(group: u64, index: u64) -> Key {
    let mut bytes = characters(index);
    bytes[..4].copy_from_slice(&group_prefix(group));
    short_key(&bytes)
}

/// Value number `index`, of [`VALUE_BYTES`] bytes.
#[must_use]
pub fn value(index: u64) -> Value {
    let mut bytes = [0; VALUE_BYTES];
    for (word, position) in bytes.chunks_exact_mut(8).zip(0u64..) {
        word.copy_from_slice(
            &scramble(index.wrapping_mul(8) + position + 1, u64::MAX).to_le_bytes(),
        );
    }
    Value::from(bytes)
}

/// Run number `index` of a measurement with this seed.
#[must_use]
pub fn run_id(seed: u64, index: u64) -> RunId {
    let high = scramble(seed ^ 0x5eed, u64::MAX);
    let low = scramble(high ^ index, u64::MAX);
    RunId::from_u128((u128::from(high) << 64) | u128::from(low))
}

fn short_key(bytes: &[u8; KEY_BYTES]) -> Key {
    Key::from(bytes)
}

pub(crate) fn characters(index: u64) -> [u8; KEY_BYTES] {
    let mut bits = scramble(index + 1, KEY_MASK);
    std::array::from_fn(|_| {
        let character = CHARACTERS[(bits & 31) as usize];
        bits >>= CHARACTER_BITS;
        character
    })
}

/// The splitmix64 finisher, restricted to the bits of `mask`. Each step is invertible, so different
/// numbers stay different.
pub(crate) fn scramble(number: u64, mask: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9) & mask;
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) & mask;
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn different_numbers_yield_different_keys_of_twelve_characters() {
        let keys: BTreeSet<Key> = (0..100_000).map(key).collect();
        assert_eq!(keys.len(), 100_000);
        assert!(keys.iter().all(|key| key.as_bytes().len() == KEY_BYTES));
    }

    #[test]
    fn every_character_of_a_key_varies() {
        let keys = KeySet::new(1_000);
        for index in 0..KEY_BYTES {
            let seen: BTreeSet<u8> =
                keys.as_slice().iter().map(|key| key.as_bytes()[index]).collect();
            assert_eq!(seen.len(), CHARACTERS.len(), "character {index}");
        }
    }

    #[test]
    fn a_group_contains_exactly_the_keys_with_its_prefix() {
        let keys: BTreeSet<Key> =
            (0..10_000).map(|index| grouped_key(index / 100, index)).collect();
        assert_eq!(keys.len(), 10_000);
        assert_eq!(keys.iter().filter(|key| key.starts_with(&group_prefix(42))).count(), 100);
    }

    #[test]
    fn a_value_has_forty_bytes_and_a_run_id_depends_on_seed_and_number() {
        assert_eq!(value(7).as_bytes().len(), VALUE_BYTES);
        assert_ne!(value(7), value(8));
        assert_ne!(run_id(1, 0), run_id(1, 1));
        assert_ne!(run_id(1, 0), run_id(2, 0));
    }
}

//! Keys, values and run ids, each from a number.
//!
//! Keys look random in every character, so that no hash function and no comparison is put at a
//! disadvantage by a common prefix or a counting suffix.

use sharded_store::{Key, RunId, Value};

use crate::shape::KeyShape;

/// Bytes of a key.
pub const KEY_BYTES: usize = 12;
/// Bytes of a value.
pub const VALUE_BYTES: usize = 40;
/// Keys of a run.
pub const KEYS_PER_RUN: usize = 10_000;

/// 32 characters that sort as the numbers they stand for.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
/// Bits of a character.
const CHARACTER_BITS: u32 = 5;
/// The bits of a whole key.
const KEY_MASK: u64 = (1 << (KEY_BYTES as u32 * CHARACTER_BITS)) - 1;

/// The first number of keys that no run holds, ever.
pub const MISSES_FROM: u32 = 1 << 31;

/// The keys of a run: the same in each run.
///
/// Keys are numbered. Those below the set's length are what a run is filled with; those from there
/// on are inserted at run time; those from [`MISSES_FROM`] on are never there.
#[derive(Clone, Debug)]
pub struct KeySet {
    /// Key number `i` at place `i`.
    keys: Vec<Key>,
    /// What they look like.
    shape: KeyShape,
    /// How long they are, where that is settled.
    bytes: Option<usize>,
}

impl KeySet {
    /// The first `count` keys of the default shape.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self::shaped(count, KeyShape::Random, None)
    }

    /// The first `count` keys of a shape; `bytes`, where it is given, is within
    /// [`KeyShape::bytes_range`].
    ///
    /// # Panics
    /// Above [`MISSES_FROM`].
    #[must_use]
    pub fn shaped(count: usize, shape: KeyShape, bytes: Option<usize>) -> Self {
        let numbers = 0..u32::try_from(count).expect("fewer than 2^32 keys");
        assert!(numbers.end <= MISSES_FROM, "a run is filled with at most 2^31 keys");
        Self { keys: numbers.map(|number| shape.key(number, bytes)).collect(), shape, bytes }
    }

    /// The keys that a run is filled with, in the order of their numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[Key] {
        &self.keys
    }

    /// How many keys a run is filled with.
    #[must_use]
    pub fn count(&self) -> u32 {
        // No truncation: a set has at most 2^31 keys.
        self.keys.len() as u32
    }

    /// Key number `number`, whether a run is filled with it or not.
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

/// The prefix of group `group` of [`grouped_key`]; none is the prefix of another.
#[must_use]
pub fn group_prefix(group: u64) -> [u8; 4] {
    let digits = |place: u32| ALPHABET[((group >> (place * CHARACTER_BITS)) & 31) as usize];
    [b'g', digits(1), digits(0), b'-']
}

/// Key number `index` of group `group` (below 1024): the group's prefix, then what looks random.
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
    for (word, place) in bytes.chunks_exact_mut(8).zip(0u64..) {
        word.copy_from_slice(&scramble(index.wrapping_mul(8) + place + 1, u64::MAX).to_le_bytes());
    }
    Value::new(bytes).expect("a value of 40 bytes is below the limit")
}

/// Run number `index` of a measurement with this seed.
#[must_use]
pub fn run_id(seed: u64, index: u64) -> RunId {
    let high = scramble(seed ^ 0x5eed, u64::MAX);
    let low = scramble(high ^ index, u64::MAX);
    RunId::from_u128((u128::from(high) << 64) | u128::from(low))
}

fn short_key(bytes: &[u8; KEY_BYTES]) -> Key {
    Key::new(bytes).expect("a key of 12 bytes is below the limit")
}

pub(crate) fn characters(index: u64) -> [u8; KEY_BYTES] {
    let mut bits = scramble(index + 1, KEY_MASK);
    std::array::from_fn(|_| {
        let character = ALPHABET[(bits & 31) as usize];
        bits >>= CHARACTER_BITS;
        character
    })
}

/// The finisher of splitmix64 on the low bits of `mask`: each step can be undone, so different
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
    fn different_numbers_give_different_keys_of_twelve_characters() {
        let keys: BTreeSet<Key> = (0..100_000).map(key).collect();
        assert_eq!(keys.len(), 100_000);
        assert!(keys.iter().all(|key| key.as_bytes().len() == KEY_BYTES));
    }

    #[test]
    fn every_character_of_a_key_varies() {
        let keys = KeySet::new(1_000);
        for place in 0..KEY_BYTES {
            let seen: BTreeSet<u8> =
                keys.as_slice().iter().map(|key| key.as_bytes()[place]).collect();
            assert_eq!(seen.len(), ALPHABET.len(), "character {place}");
        }
    }

    #[test]
    fn a_group_holds_the_keys_that_begin_with_its_prefix() {
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

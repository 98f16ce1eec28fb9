//! Keys chosen at random, to read or to overwrite.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, Value};
use shardproof_workload::{KeySet, keys};

/// The number of keys chosen before timing starts: enough that a processor cannot learn their
/// order.
const RANDOM_KEYS: usize = 16 * 1024;

/// An endless iterator of uniformly distributed key numbers.
#[derive(Clone, Debug)]
pub(crate) struct RandomKeyNumbers {
    /// The number of keys.
    keys: usize,
    /// The source of randomness.
    random: Xoshiro256PlusPlus,
}

impl RandomKeyNumbers {
    /// Numbers below `keys`.
    pub(crate) fn new(seed: u64, keys: usize) -> Self {
        Self { keys, random: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }
}

impl Iterator for RandomKeyNumbers {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        Some(self.random.random_range(0..self.keys))
    }
}

/// Random keys of `keys`, made in advance for a timed loop that goes through them repeatedly.
pub(crate) fn random_keys(seed: u64, keys: &KeySet) -> Vec<Key> {
    let keys = keys.as_slice();
    let numbers = RandomKeyNumbers::new(seed, keys.len());
    numbers.take(RANDOM_KEYS).map(|number| keys[number].clone()).collect()
}

/// The value that overwrites: as long as those that a store was filled with, and equal to none.
pub(crate) fn overwriting_value() -> Value {
    keys::value(u64::MAX / 16)
}

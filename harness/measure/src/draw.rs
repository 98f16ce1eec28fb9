//! Keys drawn at random: what is overwritten, and what is read.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, Value};
use shardproof_workload::{KeySet, keys};

/// Keys drawn before the clock starts: enough that they follow no order that a processor could
/// learn.
const DRAWN_AHEAD: usize = 16 * 1024;

/// Numbers of keys, each as likely as any other, without end.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    /// How many keys there are.
    keys: usize,
    /// What decides.
    random: Xoshiro256PlusPlus,
}

impl Draw {
    /// Draws among the first `keys` keys.
    pub(crate) fn new(seed: u64, keys: usize) -> Self {
        Self { keys, random: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }
}

impl Iterator for Draw {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        Some(self.random.random_range(0..self.keys))
    }
}

/// Keys drawn among `keys`, ready to be gone through over and over in a timed loop.
pub(crate) fn drawn_ahead(seed: u64, keys: &KeySet) -> Vec<Key> {
    let keys = keys.as_slice();
    Draw::new(seed, keys.len()).take(DRAWN_AHEAD).map(|index| keys[index].clone()).collect()
}

/// What is put in place of what a store was filled with: of the same size, and none of it.
pub(crate) fn overwriting_value() -> Value {
    keys::value(u64::MAX / 16)
}

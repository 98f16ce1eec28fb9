//! Operation streams: everything random is decided before the clock starts.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, Value};

use crate::workload::keys::{self, KeySet};
use crate::workload::mix::Mix;

/// What one operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Reads the whole value of the key.
    Get,
    /// Overwrites the value of the key.
    Put,
}

/// One operation, ready to run: the key is in place, not behind an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// The key it is about.
    pub key: Key,
    /// What it does.
    pub kind: Kind,
}

/// The operations of one thread, to be run over and over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// In the order they are run.
    operations: Vec<Operation>,
    /// What puts write: 40 bytes, different for each thread.
    value: Value,
}

impl Stream {
    /// Operations of a stream.
    pub const OPERATIONS: usize = 16 * 1024;

    /// The stream of thread number `thread`: keys uniform over `keys`, the shares of `mix` exact
    /// (to one operation) and shuffled. The same arguments give the same stream on any machine.
    ///
    /// The keys do not depend on the mix, so that two mixes differ in nothing else.
    ///
    /// # Panics
    /// Without keys.
    #[must_use]
    pub fn new(seed: u64, mix: Mix, thread: usize, keys: &KeySet) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        // Each jump skips 2^128 numbers: the threads' sequences never overlap.
        for _ in 0..thread {
            random.jump();
        }
        let key_count = u32::try_from(keys.as_slice().len()).expect("fewer than 2^32 keys");
        let chosen: Vec<u32> =
            (0..Self::OPERATIONS).map(|_| random.random_range(0..key_count)).collect();
        let mut kinds = kinds_of(mix);
        kinds.shuffle(&mut random);
        let operations = chosen
            .into_iter()
            .zip(kinds)
            .map(|(index, kind)| Operation { key: keys.as_slice()[index as usize].clone(), kind })
            .collect();
        Self { operations, value: keys::value(u64::MAX / 16 - thread as u64) }
    }

    /// The operations, in the order they are run.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What puts write.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }
}

fn kinds_of(mix: Mix) -> Vec<Kind> {
    let puts = (Stream::OPERATIONS * usize::from(mix.put_percent()) + 50) / 100;
    let mut kinds = vec![Kind::Put; puts];
    kinds.resize(Stream::OPERATIONS, Kind::Get);
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_another_seed_another() {
        let keys = KeySet::new(1_000);
        let mix = Mix::with_puts(10);
        let stream = Stream::new(7, mix, 1, &keys);
        assert_eq!(stream, Stream::new(7, mix, 1, &keys));
        assert_ne!(stream.operations(), Stream::new(8, mix, 1, &keys).operations());
    }

    #[test]
    fn two_threads_run_different_streams_and_write_different_values() {
        let keys = KeySet::new(1_000);
        let [one, other] = [0, 1].map(|thread| Stream::new(7, Mix::with_puts(100), thread, &keys));
        assert_ne!(one.operations(), other.operations());
        assert_ne!(one.value(), other.value());
    }

    #[test]
    fn the_shares_of_a_mix_are_exact() {
        let keys = KeySet::new(10);
        for (put_percent, expected) in [(0, 0), (10, 1_638), (50, 8_192), (100, 16_384)] {
            let stream = Stream::new(1, Mix::with_puts(put_percent), 0, &keys);
            let puts = stream.operations().iter().filter(|each| each.kind == Kind::Put).count();
            assert_eq!(puts, expected);
        }
    }

    #[test]
    fn a_stream_is_the_same_on_every_machine() {
        let keys = KeySet::new(10_000);
        let stream = Stream::new(1, Mix::with_puts(50), 0, &keys);
        let mut digest = 0u64;
        for operation in stream.operations() {
            for byte in operation.key.as_bytes() {
                digest = digest.wrapping_mul(31).wrapping_add(u64::from(*byte));
            }
            digest = digest.wrapping_mul(31).wrapping_add(operation.kind as u64);
        }
        assert_eq!(
            digest, 6_487_924_791_889_107_551,
            "a changed digest makes old seeds mean something new"
        );
    }
}

//! Operation streams: everything random is decided before the clock starts.

use std::collections::HashMap;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, Value};

use crate::workload::keys::{self, KeySet};
use crate::workload::kind::OperationKind;
use crate::workload::mix::Mix;

/// What one operation does. The numbers are there so that no operation has to look any up: they fit
/// beside the key in what would be padding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Reads the whole value of the key.
    Get,
    /// The same, and looks at what the value says: number such of [`Stream::samples`].
    CheckedGet(u32),
    /// Overwrites the value of the key, which is number such of its [`KeySet`].
    Put(u32),
}

/// One operation, ready to run: the key is in place, not behind an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// The key it is about.
    pub key: Key,
    /// What it does.
    pub kind: Kind,
}

const _: () = assert!(size_of::<Operation>() == 32, "two operations to a cache line");

/// What has to be known to check one get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The number of the key.
    pub key: u32,
    /// Which of the keys that the stream checks at all it is, from 0.
    pub slot: u32,
    /// How many puts ago the stream has put this key: 0 if the last put was to it. The stream is
    /// run over and over, so that may be in the pass before. `None` if it does not put it.
    pub puts_ago: Option<u32>,
}

/// The operations of one thread, to be run over and over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// In the order they are run.
    operations: Vec<Operation>,
    /// Of the gets that are checked, in the same order.
    samples: Vec<Sample>,
    /// What puts write where nobody checks it: 40 bytes, different for each thread.
    value: Value,
}

impl Stream {
    /// Operations of a stream.
    pub const OPERATIONS: usize = 16 * 1024;
    /// Of this many gets, one is checked: with one in 64 it costs the fastest subject over 3 %.
    pub const GETS_PER_SAMPLE: usize = 128;

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
        for (kind, key) in kinds.iter_mut().zip(&chosen) {
            if let Kind::Put(of) = kind {
                *of = *key;
            }
        }
        let samples = sample(&mut kinds, &chosen);
        let operations = chosen
            .into_iter()
            .zip(kinds)
            .map(|(index, kind)| Operation { key: keys.as_slice()[index as usize].clone(), kind })
            .collect();
        Self { operations, samples, value: keys::value(u64::MAX / 16 - thread as u64) }
    }

    /// The operations, in the order they are run.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What has to be known to check each [`Kind::CheckedGet`].
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The same stream with no get checked, to measure what checking costs.
    #[must_use]
    pub fn without_samples(mut self) -> Self {
        for operation in &mut self.operations {
            if let Kind::CheckedGet(_) = operation.kind {
                operation.kind = Kind::Get;
            }
        }
        self.samples.clear();
        self
    }

    /// What puts write where nobody checks it; where somebody does, a
    /// [`Writer`](crate::workload::sealed::Writer) makes the values.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// For each of the first `keys` keys the last put to it, when the stream has been run, over and
    /// over, until `operations` operations were done: which put of all that is, from 1; 0 if there
    /// was none.
    #[must_use]
    pub fn last_puts(&self, operations: u64, keys: usize) -> Vec<u64> {
        let put_of = |operation: &Operation| match operation.kind {
            Kind::Put(key) => Some(key as usize),
            Kind::Get | Kind::CheckedGet(_) => None,
        };
        let puts_in = |part: &[Operation]| part.iter().filter_map(put_of).count() as u64;
        let passes = operations / Self::OPERATIONS as u64;
        let (current, rest) =
            self.operations.split_at((operations % Self::OPERATIONS as u64) as usize);
        let mut put = passes * puts_in(&self.operations) + puts_in(current);
        let mut last = vec![0; keys];
        // Backwards, once around: what is found first is last.
        let before = if passes == 0 { &[] } else { rest };
        for key in current.iter().rev().chain(before.iter().rev()).filter_map(put_of) {
            if last[key] == 0 {
                last[key] = put;
            }
            put -= 1;
        }
        last
    }
}

/// The kinds of a mix, not yet shuffled, and the puts not yet to any key.
fn kinds_of(mix: Mix) -> Vec<Kind> {
    let puts = (Stream::OPERATIONS * usize::from(mix.share(OperationKind::Put)) + 50) / 100;
    let mut kinds = vec![Kind::Put(0); puts];
    kinds.resize(Stream::OPERATIONS, Kind::Get);
    kinds
}

/// Makes one get in [`Stream::GETS_PER_SAMPLE`] a checked one. `keys` are those of the operations.
fn sample(kinds: &mut [Kind], keys: &[u32]) -> Vec<Sample> {
    let mut last_puts = HashMap::new();
    // Once around to know the last puts of the pass before, and once more to sample.
    let mut puts = 0;
    for (kind, key) in kinds.iter().zip(keys) {
        if let Kind::Put(_) = kind {
            puts += 1;
            last_puts.insert(*key, puts);
        }
    }
    let (mut gets, mut slots, mut samples) = (0, HashMap::new(), Vec::new());
    for (kind, key) in kinds.iter_mut().zip(keys) {
        if let Kind::Put(_) = kind {
            puts += 1;
            last_puts.insert(*key, puts);
            continue;
        }
        gets += 1;
        if gets % Stream::GETS_PER_SAMPLE == 0 {
            let slots_so_far = slots.len() as u32;
            let slot = *slots.entry(*key).or_insert(slots_so_far);
            let puts_ago = last_puts.get(key).map(|put| puts - put);
            *kind = Kind::CheckedGet(samples.len() as u32);
            samples.push(Sample { key: *key, slot, puts_ago });
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
            let is_put = |each: &&Operation| matches!(each.kind, Kind::Put(_));
            assert_eq!(stream.operations().iter().filter(is_put).count(), expected);
        }
    }

    #[test]
    fn a_checked_get_knows_the_last_put_to_its_key() {
        // Few keys, so that most samples have had a put in this pass, and some in the one before.
        let keys = KeySet::new(1_000);
        let stream = Stream::new(1, Mix::with_puts(50), 0, &keys);
        assert_eq!(stream.samples().len(), 8_192 / 128);
        let (mut puts, mut last, mut met) = (0, vec![None; 1_000], 0);
        for pass in 0..3 {
            for operation in stream.operations() {
                match operation.kind {
                    Kind::Get => {}
                    Kind::Put(key) => {
                        assert_eq!(operation.key, keys.as_slice()[key as usize]);
                        puts += 1;
                        last[key as usize] = Some(puts);
                    }
                    Kind::CheckedGet(number) => {
                        let Sample { key, puts_ago, .. } = stream.samples()[number as usize];
                        assert_eq!(operation.key, keys.as_slice()[key as usize]);
                        if pass > 0 {
                            assert_eq!(puts_ago, last[key as usize].map(|last: u32| puts - last));
                            met += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(met, 2 * stream.samples().len());
        let unsampled = stream.clone().without_samples();
        assert!(unsampled.samples().is_empty());
        for (one, other) in stream.operations().iter().zip(unsampled.operations()) {
            assert!(
                one == other || matches!((one.kind, other.kind), (Kind::CheckedGet(_), Kind::Get))
            );
        }
        let slots: BTreeSet<(u32, u32)> =
            stream.samples().iter().map(|sample| (sample.slot, sample.key)).collect();
        assert!(slots.iter().zip(0..).all(|((slot, _), place)| *slot == place), "a slot per key");
    }

    #[test]
    fn the_last_puts_are_those_of_a_stream_run_step_by_step() {
        let keys = KeySet::new(10_000);
        for put_percent in [0, 10, 100] {
            let stream = Stream::new(1, Mix::with_puts(put_percent), 1, &keys);
            let (mut done, mut puts, mut last) = (0, 0, vec![0; 10_000]);
            for operation in stream.operations().iter().cycle().take(40_001) {
                if done % 5_000 == 0 {
                    assert_eq!(stream.last_puts(done, 10_000), last, "after {done} operations");
                }
                done += 1;
                if let Kind::Put(key) = operation.kind {
                    puts += 1;
                    last[key as usize] = puts;
                }
            }
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
            let is_put = matches!(operation.kind, Kind::Put(_));
            digest = digest.wrapping_mul(31).wrapping_add(u64::from(is_put));
        }
        assert_eq!(
            digest, 6_487_924_791_889_107_551,
            "a changed digest makes old seeds mean something new"
        );
    }
}

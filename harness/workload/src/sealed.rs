//! Values that say where they come from: who wrote them, as which of its writes, to which key of
//! which run, under a checksum.
//!
//! A value is five words, and each of them changes with each write, so that no mixture of two
//! values passes for one. All of it is sums of multiples: a [`Writer`] makes
//! a value by a multiplication and an addition for each word, which is less than copying a value from
//! memory costs a put. So there is no need to make values before the clock starts, or to write most
//! of them unsealed.
//!
//! A longer value has a filler behind these words, which follows from them. A shorter one is cut
//! off, and says nothing.

use sharded_store::{RunId, Value};

use crate::filler::filler;
use crate::keys::VALUE_BYTES;

/// Words of a value.
const WORDS: usize = VALUE_BYTES / 8;
/// Where a value says which of its writer's writes it is.
const NUMBER: usize = 0;
/// Where it names the key, and its writer above that. The words around it name the run.
const KEY: usize = 2;
/// Where the checksum of the words before is.
const SEAL: usize = 4;
/// Bits of a key's number; those above are the writer's.
const KEY_BITS: u32 = 32;

/// What the words before the checksum are multiplied by in it. Odd, so that no change of one word
/// goes unnoticed; otherwise random, so that changes of several do not cancel out.
const WEIGHTS: [u64; SEAL] =
    [0x9fb2_1c65_1e98_df25, 0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db];
/// What the bytes behind the words are multiplied by in it.
const LENGTH_WEIGHT: u64 = 0xc2b2_ae3d_27d4_eb4f;
/// What the checksum starts from: five words of zeros are no value.
const SEAL_START: u64 = 0x2545_f491_4f6c_dd1d;
/// What is added to each word from one write to the next.
const STEPS: [u64; WORDS] = {
    let words = [1, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3, 0x1d8e_4e27_c47d_124f, 0];
    let [number, run_high, key, run_low, _] = words;
    [number, run_high, key, run_low, weigh(&words)]
};

/// The part of the checksum that comes from the words before it.
const fn weigh(words: &[u64; WORDS]) -> u64 {
    let mut sum = 0u64;
    let mut place = 0;
    while place < SEAL {
        sum = sum.wrapping_add(words[place].wrapping_mul(WEIGHTS[place]));
        place += 1;
    }
    sum
}

/// Makes the values that one thread writes to one run, and numbers them from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writer {
    /// The words of value number 0, for key number 0, which is never made.
    base: [u64; WORDS],
    /// The number of the value last made.
    number: u64,
}

impl Writer {
    /// A writer that has made nothing yet: thread number `thread`, in `run`.
    #[must_use]
    pub const fn new(run: RunId, thread: u32) -> Self {
        let run = run.as_u128();
        let mut words = [0, (run >> 64) as u64, (thread as u64) << KEY_BITS, run as u64, 0];
        words[SEAL] = SEAL_START.wrapping_add(weigh(&words));
        Self { base: words, number: 0 }
    }

    /// How many values it has made, which is the number of the last one.
    #[inline]
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.number
    }

    /// The next value of 40 bytes, for key number `key`.
    #[inline]
    pub fn seal(&mut self, key: u32) -> Value {
        let bytes: [[u8; 8]; WORDS] = self.next(key).map(u64::to_le_bytes);
        Value::new(bytes.as_flattened()).expect("a value of 40 bytes is below the limit")
    }

    /// The next value of `bytes` bytes, for key number `key`. It is put together in `scratch`, which
    /// does not allocate once it has been as long.
    ///
    /// # Panics
    /// Above [`VALUE_BYTES_MAX`](crate::sizes::VALUE_BYTES_MAX).
    pub fn seal_sized(&mut self, key: u32, bytes: u32, scratch: &mut Vec<u8>) -> Value {
        let mut words = self.next(key);
        let behind = (bytes as usize).saturating_sub(VALUE_BYTES);
        words[SEAL] = words[SEAL].wrapping_add((behind as u64).wrapping_mul(LENGTH_WEIGHT));
        scratch.clear();
        scratch.extend_from_slice(words.map(u64::to_le_bytes).as_flattened());
        scratch.extend_from_slice(filler(words[SEAL], behind));
        Value::new(&scratch[..bytes as usize]).expect("a value of a mebibyte is below the limit")
    }

    /// Passes a number over, for a write that has no value.
    #[inline]
    pub fn skip(&mut self) {
        self.next(0);
    }

    /// The words of the next value.
    #[inline]
    fn next(&mut self, key: u32) -> [u64; WORDS] {
        self.number += 1;
        // Multiples, and not a sum that is kept: what is kept is stored with every value.
        let mut words = self.base;
        for (word, step) in words.iter_mut().zip(STEPS) {
            *word = word.wrapping_add(self.number.wrapping_mul(step));
        }
        words[KEY] = words[KEY].wrapping_add(u64::from(key));
        words[SEAL] = words[SEAL].wrapping_add(u64::from(key).wrapping_mul(WEIGHTS[KEY]));
        words
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The run it was written to.
    pub run: RunId,
    /// The number of the key it was written to.
    pub key: u32,
    /// The number of the thread that wrote it.
    pub thread: u32,
    /// Which of that thread's writes to the run it is, from 1.
    pub number: u64,
}

impl Origin {
    /// What a value says about itself; `None` if no [`Writer`] has made it.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let (bytes, behind) = value.as_bytes().split_first_chunk::<VALUE_BYTES>()?;
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        let length = (behind.len() as u64).wrapping_mul(LENGTH_WEIGHT);
        if words[SEAL] != SEAL_START.wrapping_add(weigh(&words)).wrapping_add(length) {
            return None;
        }
        if !behind.is_empty() && behind != filler(words[SEAL], behind.len()) {
            return None;
        }
        let number = words[NUMBER];
        let [_, run_high, key, run_low, _] = std::array::from_fn(|place| {
            words[place].wrapping_sub(number.wrapping_mul(STEPS[place]))
        });
        Some(Self {
            run: RunId::from_u128((u128::from(run_high) << 64) | u128::from(run_low)),
            key: key as u32,
            thread: (key >> KEY_BITS) as u32,
            number,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::keys::{run_id, value};

    /// Values of two writers to two keys of two runs, many of each.
    fn samples() -> Vec<Value> {
        let mut values = Vec::new();
        for (run, thread) in [(0, 0), (0, 1), (1, 0), (1, u32::MAX)] {
            let mut writer = Writer::new(run_id(1, run), thread);
            values.extend((0..8).map(|turn| writer.seal(if turn % 2 == 0 { 3 } else { 9_999 })));
        }
        values
    }

    #[test]
    fn a_value_tells_its_run_key_thread_and_number() {
        let run = run_id(1, 0);
        let mut writer = Writer::new(run, 7);
        for (key, number) in [0, 9_999, u32::MAX, 0].into_iter().zip(1..) {
            let value = writer.seal(key);
            assert_eq!(Origin::of(&value), Some(Origin { run, key, thread: 7, number }));
            assert_eq!((value.len(), writer.written()), (VALUE_BYTES, number));
        }
    }

    #[test]
    fn a_value_of_any_length_from_forty_bytes_on_tells_the_same() {
        let run = run_id(1, 0);
        let (mut writer, mut scratch) = (Writer::new(run, 7), Vec::new());
        for (bytes, number) in [40, 41, 100, 4_000, 1 << 20].into_iter().zip(1..) {
            let value = writer.seal_sized(3, bytes, &mut scratch);
            assert_eq!(value.len(), bytes as usize);
            assert_eq!(Origin::of(&value), Some(Origin { run, key: 3, thread: 7, number }));
        }
        let (mut sized, mut plain) = (Writer::new(run, 7), Writer::new(run, 7));
        assert_eq!(sized.seal_sized(3, 40, &mut scratch), plain.seal(3));
        assert_eq!(sized.seal_sized(3, 39, &mut scratch).len(), 39);
        plain.skip();
        assert_eq!(sized, plain, "a number is a number, whatever becomes of it");
    }

    #[test]
    fn a_long_value_that_is_changed_cut_or_mixed_is_noticed() {
        let (mut writer, mut scratch) = (Writer::new(run_id(1, 0), 7), Vec::new());
        let [one, other] = [0, 1].map(|_| writer.seal_sized(3, 200, &mut scratch));
        let passes = |bytes: &[u8]| Origin::of(&Value::new(bytes).unwrap()).is_some();
        assert!(passes(&one) && passes(&other));
        for bit in 0..200 * 8 {
            let mut bytes = one.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!passes(&bytes), "bit {bit}");
        }
        for cut in 1..200 {
            assert!(!passes(&one[..cut]), "cut off at byte {cut}");
            assert!(!passes(&[&one[..cut], &other[cut..]].concat()), "torn at byte {cut}");
        }
        assert!(!passes(&[&one[..], &[0]].concat()));
    }

    #[test]
    fn a_change_of_any_bit_is_noticed() {
        for value in samples() {
            for bit in 0..VALUE_BYTES * 8 {
                let mut bytes = value.as_bytes().to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Origin::of(&Value::new(bytes).unwrap()), None, "bit {bit}");
            }
        }
    }

    #[test]
    fn no_mixture_of_two_values_passes_for_one() {
        let values = samples();
        let whole: BTreeSet<&[u8]> = values.iter().map(Value::as_bytes).collect();
        assert_eq!(whole.len(), values.len(), "no two are the same");
        for (one, other) in values.iter().flat_map(|one| values.iter().map(move |it| (one, it))) {
            for mask in 0..1usize << WORDS {
                let from = |place: usize| if mask >> (place / 8) & 1 == 0 { one } else { other };
                let bytes: Vec<u8> = (0..VALUE_BYTES).map(|place| from(place)[place]).collect();
                let passes = Origin::of(&Value::new(&bytes).unwrap()).is_some();
                assert_eq!(passes, whole.contains(bytes.as_slice()), "words {mask:05b}");
            }
            // Torn at any byte, not only between words.
            for cut in 1..VALUE_BYTES {
                let bytes = [&one[..cut], &other[cut..]].concat();
                let passes = Origin::of(&Value::new(&bytes).unwrap()).is_some();
                assert_eq!(passes, whole.contains(bytes.as_slice()), "cut at byte {cut}");
            }
        }
    }

    #[test]
    fn every_word_changes_with_each_write() {
        let mut writer = Writer::new(run_id(1, 0), 0);
        let (one, other) = (writer.seal(5), writer.seal(5));
        for (one, other) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn what_no_writer_has_made_says_nothing() {
        for bytes in
            [&[0; VALUE_BYTES][..], &[255; VALUE_BYTES], b"", b"short", value(1).as_bytes()]
        {
            assert_eq!(Origin::of(&Value::new(bytes).unwrap()), None);
        }
        let mut longer = Writer::new(run_id(1, 0), 0).seal(1).as_bytes().to_vec();
        longer.push(0);
        assert_eq!(Origin::of(&Value::new(longer).unwrap()), None);
    }
}

//! Values that identify their origin under a checksum: the run, the key, the writer, and the number
//! of the write.
//!
//! A value is five words. Every word changes with every write, so that no mixture of two values
//! passes for a value. Each word is a linear function of the write's number: a [`ValueWriter`]
//! makes a value with one multiplication and one addition per word, which costs a put less than
//! copying a value from memory. So values need not be made before timing starts, and every write
//! can be checksummed.
//!
//! Longer values have padding after these words, derived from the checksum. Shorter values are
//! truncated, and identify nothing.

use sharded_store::{RunId, Value};

use crate::keys::VALUE_BYTES;
use crate::padding::padding;

/// Number of words in a value.
const WORDS: usize = VALUE_BYTES / 8;
/// Index of the write's number among its writer's writes.
const NUMBER: usize = 0;
/// Index of the word with the key's number, and the writer in the bits above it. The words around
/// it hold the run.
const KEY: usize = 2;
/// Index of the checksum of the preceding words.
const CHECKSUM: usize = 4;
/// Bits of the key's number; the bits above hold the writer.
const KEY_BITS: u32 = 32;

/// Weights of the words in the checksum. Odd, so that a change of a single word never goes
/// unnoticed; otherwise random, so that changes of several words do not cancel out.
const WEIGHTS: [u64; CHECKSUM] =
    [0x9fb2_1c65_1e98_df25, 0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db];
/// Weight of the length of the padding in the checksum.
const LENGTH_WEIGHT: u64 = 0xc2b2_ae3d_27d4_eb4f;
/// Initial value of the checksum, so that five zero words are invalid.
const CHECKSUM_START: u64 = 0x2545_f491_4f6c_dd1d;
/// The increment of each word from one write to the next.
const STEPS: [u64; WORDS] = {
    let words = [1, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3, 0x1d8e_4e27_c47d_124f, 0];
    let [number, run_high, key, run_low, _] = words;
    [number, run_high, key, run_low, weigh(&words)]
};

/// The contribution of the words to the checksum.
const fn weigh(words: &[u64; WORDS]) -> u64 {
    let mut sum = 0u64;
    let mut index = 0;
    while index < CHECKSUM {
        sum = sum.wrapping_add(words[index].wrapping_mul(WEIGHTS[index]));
        index += 1;
    }
    sum
}

/// Makes the values that one thread writes to one run, numbered from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ValueWriter {
    /// The words of value number 0 for key number 0, which is never written.
    base: [u64; WORDS],
    /// The number of the last value.
    number: u64,
}

impl ValueWriter {
    /// A new writer for thread number `thread` in `run`.
    #[must_use]
    pub const fn new(run: RunId, thread: u32) -> Self {
        let run = run.as_u128();
        let mut words = [0, (run >> 64) as u64, (thread as u64) << KEY_BITS, run as u64, 0];
        words[CHECKSUM] = CHECKSUM_START.wrapping_add(weigh(&words));
        Self { base: words, number: 0 }
    }

    /// The number of values made so far, which is the number of the last one.
    #[inline]
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.number
    }

    /// The next value of 40 bytes, for key number `key`.
    #[inline]
    pub fn next_value(&mut self, key: u32) -> Value {
        let bytes: [[u8; 8]; WORDS] = self.next_words(key).map(u64::to_le_bytes);
        Value::new(bytes.as_flattened()).expect("a value of 40 bytes is below the limit")
    }

    /// The next value of `bytes` bytes, for key number `key`. It is assembled in `scratch`, which
    /// allocates only to grow.
    ///
    /// # Panics
    /// If `bytes` exceeds [`VALUE_BYTES_MAX`](crate::sizes::VALUE_BYTES_MAX).
    pub fn next_sized_value(&mut self, key: u32, bytes: u32, scratch: &mut Vec<u8>) -> Value {
        let mut words = self.next_words(key);
        let behind = (bytes as usize).saturating_sub(VALUE_BYTES);
        words[CHECKSUM] = words[CHECKSUM].wrapping_add((behind as u64).wrapping_mul(LENGTH_WEIGHT));
        scratch.clear();
        scratch.extend_from_slice(words.map(u64::to_le_bytes).as_flattened());
        scratch.extend_from_slice(padding(words[CHECKSUM], behind));
        Value::new(&scratch[..bytes as usize]).expect("a value of a mebibyte is below the limit")
    }

    /// Skips a number, for a write without a value.
    #[inline]
    pub fn skip(&mut self) {
        self.next_words(0);
    }

    /// The words of the next value.
    #[inline]
    fn next_words(&mut self, key: u32) -> [u64; WORDS] {
        self.number += 1;
        // Multiples rather than running sums: a running sum would have to be stored with every
        // value.
        let mut words = self.base;
        for (word, step) in words.iter_mut().zip(STEPS) {
            *word = word.wrapping_add(self.number.wrapping_mul(step));
        }
        words[KEY] = words[KEY].wrapping_add(u64::from(key));
        words[CHECKSUM] = words[CHECKSUM].wrapping_add(u64::from(key).wrapping_mul(WEIGHTS[KEY]));
        words
    }
}

/// The origin of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The run the value was written to.
    pub run: RunId,
    /// The number of the key it was written to.
    pub key: u32,
    /// The number of the thread that wrote it.
    pub thread: u32,
    /// The number of the write among the thread's writes to the run, from 1.
    pub number: u64,
}

impl Origin {
    /// Decodes the origin of a value; `None` if it was not made by a [`ValueWriter`].
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let (bytes, behind) = value.as_bytes().split_first_chunk::<VALUE_BYTES>()?;
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        let length = (behind.len() as u64).wrapping_mul(LENGTH_WEIGHT);
        if words[CHECKSUM] != CHECKSUM_START.wrapping_add(weigh(&words)).wrapping_add(length) {
            return None;
        }
        if !behind.is_empty() && behind != padding(words[CHECKSUM], behind.len()) {
            return None;
        }
        let number = words[NUMBER];
        let [_, run_high, key, run_low, _] = std::array::from_fn(|index| {
            words[index].wrapping_sub(number.wrapping_mul(STEPS[index]))
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

    /// Many values by two writers for two keys of two runs.
    fn samples() -> Vec<Value> {
        let mut values = Vec::new();
        for (run, thread) in [(0, 0), (0, 1), (1, 0), (1, u32::MAX)] {
            let mut writer = ValueWriter::new(run_id(1, run), thread);
            values.extend(
                (0..8).map(|turn| writer.next_value(if turn % 2 == 0 { 3 } else { 9_999 })),
            );
        }
        values
    }

    #[test]
    fn a_value_identifies_its_run_key_thread_and_number() {
        let run = run_id(1, 0);
        let mut writer = ValueWriter::new(run, 7);
        for (key, number) in [0, 9_999, u32::MAX, 0].into_iter().zip(1..) {
            let value = writer.next_value(key);
            assert_eq!(Origin::of(&value), Some(Origin { run, key, thread: 7, number }));
            assert_eq!((value.len(), writer.written()), (VALUE_BYTES, number));
        }
    }

    #[test]
    fn values_of_forty_bytes_or_more_identify_their_origin() {
        let run = run_id(1, 0);
        let (mut writer, mut scratch) = (ValueWriter::new(run, 7), Vec::new());
        for (bytes, number) in [40, 41, 100, 4_000, 1 << 20].into_iter().zip(1..) {
            let value = writer.next_sized_value(3, bytes, &mut scratch);
            assert_eq!(value.len(), bytes as usize);
            assert_eq!(Origin::of(&value), Some(Origin { run, key: 3, thread: 7, number }));
        }
        let (mut sized, mut plain) = (ValueWriter::new(run, 7), ValueWriter::new(run, 7));
        assert_eq!(sized.next_sized_value(3, 40, &mut scratch), plain.next_value(3));
        assert_eq!(sized.next_sized_value(3, 39, &mut scratch).len(), 39);
        plain.skip();
        assert_eq!(sized, plain, "all kinds of writes share the numbering");
    }

    #[test]
    fn a_changed_truncated_or_mixed_long_value_is_detected() {
        let (mut writer, mut scratch) = (ValueWriter::new(run_id(1, 0), 7), Vec::new());
        let [one, other] = [0, 1].map(|_| writer.next_sized_value(3, 200, &mut scratch));
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
    fn no_mixture_of_two_values_passes_for_a_value() {
        let values = samples();
        let whole: BTreeSet<&[u8]> = values.iter().map(Value::as_bytes).collect();
        assert_eq!(whole.len(), values.len(), "no two are the same");
        for (one, other) in values.iter().flat_map(|one| values.iter().map(move |it| (one, it))) {
            for mask in 0..1usize << WORDS {
                let from = |index: usize| if mask >> (index / 8) & 1 == 0 { one } else { other };
                let bytes: Vec<u8> = (0..VALUE_BYTES).map(|index| from(index)[index]).collect();
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
        let mut writer = ValueWriter::new(run_id(1, 0), 0);
        let (one, other) = (writer.next_value(5), writer.next_value(5));
        for (one, other) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_value_that_no_writer_made_has_no_origin() {
        for bytes in
            [&[0; VALUE_BYTES][..], &[255; VALUE_BYTES], b"", b"short", value(1).as_bytes()]
        {
            assert_eq!(Origin::of(&Value::new(bytes).unwrap()), None);
        }
        let mut longer = ValueWriter::new(run_id(1, 0), 0).next_value(1).as_bytes().to_vec();
        longer.push(0);
        assert_eq!(Origin::of(&Value::new(longer).unwrap()), None);
    }
}

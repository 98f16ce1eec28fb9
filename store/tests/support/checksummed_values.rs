//! Seeded random numbers for threads, and values with checksums.

use sharded_store::{Key, Value};

/// A sequence of random numbers (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mix(self.0) % end as u64) as usize
    }
}

/// A value with `counter`, `amount` and checksums. Its length depends on the counter. Every word
/// but the amount repeats or is a checksum, so no mixture of two values is valid.
pub(crate) fn checksummed_value(key: &Key, counter: u64, amount: i64, lengths: &[usize]) -> Value {
    let bytes = lengths[counter as usize % lengths.len()];
    let checksum = checksum(key, counter, amount);
    let mut words = counter.to_le_bytes().to_vec();
    words.extend(amount.to_le_bytes());
    while words.len() < bytes {
        words.extend(checksum.to_le_bytes());
    }
    words.truncate(bytes);
    Value::new(words).unwrap()
}

/// Returns the counter and the amount of a value; panics if it is torn, or belongs to another key.
pub(crate) fn verify_value(key: &Key, value: &Value) -> (u64, i64) {
    let word = |at: usize| <[u8; 8]>::try_from(&value[8 * at..8 * at + 8]).unwrap();
    let (counter, amount) = (u64::from_le_bytes(word(0)), i64::from_le_bytes(word(1)));
    let checksum = checksum(key, counter, amount).to_le_bytes();
    assert!(value.len() >= 24, "no checksum on `{key}`: {value:?}");
    for repeated in value[16..].chunks(8) {
        assert_eq!(repeated, &checksum[..repeated.len()], "`{key}` is torn: {value:?}");
    }
    (counter, amount)
}

fn checksum(key: &Key, counter: u64, amount: i64) -> u64 {
    let of_key = key.as_bytes().iter().fold(7, |sum, byte| mix(sum ^ u64::from(*byte)));
    mix(of_key ^ mix(counter ^ mix(amount as u64)))
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

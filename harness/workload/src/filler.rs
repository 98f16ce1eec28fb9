//! What the values longer than a seal are filled with.

use std::sync::LazyLock;

use crate::keys::scramble;
use crate::sizes::VALUE_BYTES_MAX;

/// Places at which a filler may begin.
const PLACES_BITS: u32 = 12;

/// Bytes that look random, and never change.
static BYTES: LazyLock<Box<[u8]>> = LazyLock::new(|| {
    let bytes = VALUE_BYTES_MAX as usize + (1 << PLACES_BITS);
    (0..bytes as u64 / 8).flat_map(|word| scramble(word + 1, u64::MAX).to_le_bytes()).collect()
});

/// The filler of a value with this checksum, which decides where it begins. So the checksum covers
/// what is behind it at the price of one comparison: of 4096 mixtures of two values one goes unnoticed,
/// if it is torn behind the seal.
#[inline]
pub(crate) fn filler(checksum: u64, bytes: usize) -> &'static [u8] {
    let begin = (checksum >> (u64::BITS - PLACES_BITS)) as usize;
    &BYTES[begin..begin + bytes]
}

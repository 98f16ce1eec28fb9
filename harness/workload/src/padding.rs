//! Padding for values that are longer than their checksummed words.

use std::sync::LazyLock;

use crate::keys::scramble;
use crate::sizes::VALUE_BYTES_MAX;

/// log2 of the number of offsets at which padding may start.
const OFFSET_BITS: u32 = 12;

/// Fixed pseudo-random bytes.
static BYTES: LazyLock<Box<[u8]>> = LazyLock::new(|| {
    let bytes = VALUE_BYTES_MAX as usize + (1 << OFFSET_BITS);
    (0..bytes as u64 / 8).flat_map(|word| scramble(word + 1, u64::MAX).to_le_bytes()).collect()
});

/// The padding of a value with this checksum. The checksum decides where the padding starts in a
/// fixed byte sequence, so one comparison checks the padding too: of values torn inside the
/// padding, one in 4096 goes unnoticed.
#[inline]
pub(crate) fn padding(checksum: u64, bytes: usize) -> &'static [u8] {
    let begin = (checksum >> (u64::BITS - OFFSET_BITS)) as usize;
    &BYTES[begin..begin + bytes]
}

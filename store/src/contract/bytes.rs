//! Byte strings that are stored inline when short: the one representation behind `Key` and `Value`.

use std::num::NonZeroU8;

use crate::sync::StdArc;

/// Up to `8 * WORDS` bytes in place, anything longer behind a shared pointer.
#[derive(Eq, Debug)]
pub(crate) enum Bytes<const WORDS: usize> {
    /// In place.
    Inline(Inline<WORDS>),
    /// More than `8 * WORDS` bytes.
    Heap(StdArc<[u8]>),
}

/// Up to `8 * WORDS` bytes.
///
/// They are kept as whole words padded with zeros, so that they can be compared, hashed and copied
/// into a table of atomic words without looking at single bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Inline<const WORDS: usize> {
    /// The bytes in memory order; every byte past the length is zero.
    pub(crate) words: [u64; WORDS],
    /// The length plus one. The number that this leaves unused tells `Bytes` its other case: with a
    /// tag of its own in front, a copy would move seven odd bytes, which stalls the processor.
    pub(crate) mark: NonZeroU8,
}

impl<const WORDS: usize> Bytes<WORDS> {
    /// The longest byte string that needs no allocation.
    pub(crate) const INLINE_BYTES_MAX: usize = 8 * WORDS;

    /// Copies `bytes`.
    pub(crate) fn copy_from(bytes: &[u8]) -> Self {
        if bytes.len() > Self::INLINE_BYTES_MAX {
            return Self::Heap(StdArc::from(bytes));
        }
        let mut words = [0u64; WORDS];
        bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Self::Inline(Inline { words, mark: NonZeroU8::MIN.saturating_add(bytes.len() as u8) })
    }

    /// The bytes.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Inline(inline) => &bytemuck::cast_slice(&inline.words)[..inline.len()],
            Self::Heap(shared) => shared,
        }
    }
}

impl<const WORDS: usize> PartialEq for Bytes<WORDS> {
    // By hand, with the rare case out of line: a call in a hash table's probe would make every
    // probe save its registers.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Inline(a), Self::Inline(b)) => a == b,
            (Self::Heap(a), Self::Heap(b)) => eq_long(a, b),
            // One is longer than the other can be.
            _ => false,
        }
    }
}

#[cold]
#[inline(never)]
fn eq_long(a: &[u8], b: &[u8]) -> bool {
    a == b
}

impl<const WORDS: usize> Clone for Bytes<WORDS> {
    // By hand, with the rare case out of line: otherwise the two cases share one exit, and the
    // words of the usual one go through memory in odd pieces.
    #[inline(always)]
    fn clone(&self) -> Self {
        match self {
            Self::Inline(inline) => Self::Inline(*inline),
            Self::Heap(shared) => share(shared),
        }
    }
}

#[cold]
#[inline(never)]
fn share<const WORDS: usize>(shared: &StdArc<[u8]>) -> Bytes<WORDS> {
    Bytes::Heap(StdArc::clone(shared))
}

impl<const WORDS: usize> Inline<WORDS> {
    /// The length in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        usize::from(self.mark.get()) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_every_length_come_back() {
        let long: Vec<u8> = (1..=60).collect();
        for len in 0..=long.len() {
            let bytes = Bytes::<5>::copy_from(&long[..len]);
            assert_eq!(bytes.as_slice(), &long[..len]);
            assert_eq!(matches!(bytes, Bytes::Inline(_)), len <= 40);
        }
    }

    #[test]
    fn trailing_zeros_are_part_of_the_string() {
        assert_ne!(Bytes::<2>::copy_from(b"a"), Bytes::<2>::copy_from(b"a\0"));
    }

    #[test]
    fn nothing_is_wasted_on_a_tag() {
        assert_eq!((size_of::<Bytes<2>>(), size_of::<Bytes<5>>()), (24, 48));
    }
}

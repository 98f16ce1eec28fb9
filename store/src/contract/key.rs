//! Keys: byte strings, inline up to 16 bytes.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::Error;
use super::bytes::{Bytes, Inline};

/// Words of an inline key.
pub(crate) const KEY_WORDS: usize = 2;

/// A key within a run: any bytes, at most [`Key::BYTES_MAX`], ordered as bytes are.
///
/// Keys of up to [`Key::INLINE_BYTES_MAX`] bytes are stored in place: cloning, comparing and
/// hashing them touches no other memory. Longer ones share one allocation among their clones.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub(crate) Bytes<KEY_WORDS>);

impl Key {
    /// The longest key a store takes, in bytes.
    pub const BYTES_MAX: usize = 64 << 10;
    /// The longest key that needs no allocation, in bytes.
    pub const INLINE_BYTES_MAX: usize = Bytes::<KEY_WORDS>::INLINE_BYTES_MAX;

    /// A key of these bytes. Where their number is known when the program is compiled,
    /// `Key::from` takes them without an error.
    ///
    /// # Errors
    /// [`Error::KeyTooLong`] above [`Key::BYTES_MAX`] bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        let bytes = bytes.as_ref();
        if bytes.len() > Self::BYTES_MAX {
            return Err(Error::KeyTooLong { bytes: bytes.len() });
        }
        Ok(Self(Bytes::copy_from(bytes)))
    }

    /// The bytes of the key.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Whether the key begins with `prefix`; every key begins with the empty prefix.
    #[inline]
    #[must_use]
    pub fn starts_with(&self, prefix: &[u8]) -> bool {
        self.as_bytes().starts_with(prefix)
    }
}

impl Hash for Key {
    /// Hashes whole words: two multiplications for an inline key under `FxHasher`.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Bytes::Inline(inline) => inline.hash_words(state),
            Bytes::Heap(bytes) => hash_long(bytes, state),
        }
    }
}

#[cold]
#[inline(never)]
fn hash_long<H: Hasher>(bytes: &[u8], state: &mut H) {
    state.write(bytes);
}

impl Inline<KEY_WORDS> {
    /// The hash of a short key.
    #[inline]
    pub(crate) fn hash_words<H: Hasher>(&self, state: &mut H) {
        // The length only spreads keys that differ in trailing zeros: equality looks at it anyway.
        state.write_u64(self.words[0] ^ (u64::from(self.mark.get()) << 56));
        state.write_u64(self.words[1]);
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Zero-padded words read as big-endian numbers order like the bytes they hold, except that
        // "a" and "a\0" then tie, which their lengths decide.
        if let (Bytes::Inline(a), Bytes::Inline(b)) = (&self.0, &other.0) {
            let in_order = |inline: &Inline<KEY_WORDS>| inline.words.map(u64::to_be);
            return in_order(a).cmp(&in_order(b)).then(a.mark.cmp(&b.mark));
        }
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// A key of an array: its length is known, so nothing can go wrong when the program runs.
///
/// ```
/// # use sharded_store::Key;
/// assert_eq!(Key::from(7u64.to_be_bytes()).as_bytes(), [0, 0, 0, 0, 0, 0, 0, 7]);
/// ```
///
/// More than [`Key::BYTES_MAX`] bytes do not compile:
///
/// ```compile_fail
/// # use sharded_store::Key;
/// static TOO_LONG: [u8; Key::BYTES_MAX + 1] = [0; Key::BYTES_MAX + 1];
/// Key::from(&TOO_LONG);
/// ```
impl<const N: usize> From<[u8; N]> for Key {
    #[inline]
    fn from(bytes: [u8; N]) -> Self {
        Self::from(&bytes)
    }
}

/// A key of a literal, as in `Key::from(b"colour")`.
impl<const N: usize> From<&[u8; N]> for Key {
    #[inline]
    fn from(bytes: &[u8; N]) -> Self {
        const { assert!(N <= Self::BYTES_MAX, "longer than Key::BYTES_MAX") };
        Self(Bytes::copy_from(bytes))
    }
}

impl TryFrom<&str> for Key {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<&[u8]> for Key {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        Self::new(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Printable bytes as they are, the others escaped: `user\x00`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

//! Values: byte strings, inline up to 40 bytes.

use std::fmt;
use std::ops::Deref;

use super::bytes::Bytes;
use super::{Error, Key, Version};
use crate::sync::VALUE_WORDS;

/// A value: any bytes, at most [`Value::BYTES_MAX`].
///
/// Values of up to [`Value::INLINE_BYTES_MAX`] bytes are stored in place, so that reading one
/// copies 48 bytes and touches no shared counter. Longer ones share one allocation among clones.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(pub(crate) Bytes<VALUE_WORDS>);

impl Value {
    /// The longest value a store takes, in bytes.
    pub const BYTES_MAX: usize = 256 << 20;
    /// The longest value that needs no allocation, in bytes.
    pub const INLINE_BYTES_MAX: usize = Bytes::<VALUE_WORDS>::INLINE_BYTES_MAX;

    /// A value of these bytes. Where their number is known when the program is compiled,
    /// `Value::from` takes them without an error.
    ///
    /// # Errors
    /// [`Error::ValueTooLong`] above [`Value::BYTES_MAX`] bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        let bytes = bytes.as_ref();
        if bytes.len() > Self::BYTES_MAX {
            return Err(Error::ValueTooLong { bytes: bytes.len() });
        }
        Ok(Self(Bytes::copy_from(bytes)))
    }

    /// The bytes of the value.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl Deref for Value {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// A value of an array: its length is known, so nothing can go wrong when the program runs.
///
/// ```
/// # use sharded_store::Value;
/// assert_eq!(Value::from(7u64.to_be_bytes()).as_bytes(), [0, 0, 0, 0, 0, 0, 0, 7]);
/// ```
///
/// More than [`Value::BYTES_MAX`] bytes do not compile:
///
/// ```compile_fail
/// # use sharded_store::Value;
/// static TOO_LONG: [u8; Value::BYTES_MAX + 1] = [0; Value::BYTES_MAX + 1];
/// Value::from(&TOO_LONG);
/// ```
impl<const N: usize> From<[u8; N]> for Value {
    #[inline]
    fn from(bytes: [u8; N]) -> Self {
        Self::from(&bytes)
    }
}

/// A value of a literal, as in `Value::from(b"red")`.
impl<const N: usize> From<&[u8; N]> for Value {
    #[inline]
    fn from(bytes: &[u8; N]) -> Self {
        const { assert!(N <= Self::BYTES_MAX, "longer than Value::BYTES_MAX") };
        Self(Bytes::copy_from(bytes))
    }
}

impl TryFrom<&str> for Value {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<&[u8]> for Value {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        Self::new(bytes)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({self})")
    }
}

/// Printable bytes as they are, the others escaped; the first 64 bytes only.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_BYTES_MAX: usize = 64;
        let bytes = self.as_bytes();
        write!(f, "{}", bytes[..bytes.len().min(SHOWN_BYTES_MAX)].escape_ascii())?;
        if bytes.len() > SHOWN_BYTES_MAX {
            write!(f, "... ({} bytes)", bytes.len())?;
        }
        Ok(())
    }
}

/// A value with the version that wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Versioned {
    /// What was written.
    pub value: Value,
    /// The commit that wrote it.
    pub version: Version,
}

impl Versioned {
    /// A value from a store without versions.
    #[must_use]
    pub const fn unversioned(value: Value) -> Self {
        Self { value, version: Version::NONE }
    }
}

/// What a delete did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deleted {
    /// What it removed.
    pub removed: Versioned,
    /// The delete's own commit.
    pub version: Version,
}

impl Deleted {
    /// What a store without versions removed.
    #[must_use]
    pub const fn unversioned(value: Value) -> Self {
        Self { removed: Versioned::unversioned(value), version: Version::NONE }
    }
}

/// One live entry of a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: Value,
    /// The commit that wrote it.
    pub version: Version,
}

impl Entry {
    /// An entry of a store without versions.
    #[must_use]
    pub const fn unversioned(key: Key, value: Value) -> Self {
        Self { key, value, version: Version::NONE }
    }
}

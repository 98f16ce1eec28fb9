//! Run ids.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::Error;

/// The id of a run, the unit of isolation: a UUID.
///
/// Made from a [`Uuid`], from its 16 bytes, from 128 bits, or parsed from text:
///
/// ```
/// use sharded_store::RunId;
///
/// let id = RunId::from_u128(7);
/// assert_eq!(RunId::from(id.to_bytes()), id);
/// assert_eq!(RunId::from(uuid::Uuid::from(id)), id);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RunId(Uuid);

impl RunId {
    /// A new random id (UUID version 4).
    #[expect(clippy::new_without_default, reason = "a default that differs each time misleads")]
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id with these 128 bits, for ids that come from a seed.
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// The id with these 16 bytes, in the order of the text: the first byte is written first.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 128 bits of the id.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// The 16 bytes of the id, in the order of the text. Ids are ordered as these bytes are.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
}

impl From<[u8; 16]> for RunId {
    /// The same as [`RunId::from_bytes`].
    fn from(bytes: [u8; 16]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<Uuid> for RunId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl From<RunId> for Uuid {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl FromStr for RunId {
    type Err = Error;

    /// Any textual form of a UUID.
    fn from_str(text: &str) -> Result<Self, Error> {
        Uuid::parse_str(text).map(Self).map_err(|_| Error::BadRunId { text: text.to_owned() })
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_display_and_parse() {
        let id = RunId::new();
        assert_eq!(id.to_string().parse::<RunId>(), Ok(id));
        assert_ne!(id, RunId::new());
    }

    #[test]
    fn an_id_survives_its_bytes_and_its_uuid_in_the_order_of_its_text() {
        let bytes: [u8; 16] = std::array::from_fn(|at| at as u8);
        let id = RunId::from(bytes);
        assert_eq!(id.to_string(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!((id.to_bytes(), id.as_u128()), (bytes, u128::from_be_bytes(bytes)));
        assert_eq!(RunId::from(Uuid::from(id)), id);
    }

    #[test]
    fn a_bad_id_is_named_in_the_error() {
        let error = "run-7".parse::<RunId>().unwrap_err();
        assert!(error.to_string().contains("`run-7`"), "{error}");
    }
}

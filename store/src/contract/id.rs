//! Run ids.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::Error;

/// The id of a run, the unit of isolation: a UUID.
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

    /// The 128 bits of the id.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
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
    fn a_bad_id_is_named_in_the_error() {
        let error = "run-7".parse::<RunId>().unwrap_err();
        assert!(error.to_string().contains("`run-7`"), "{error}");
    }
}

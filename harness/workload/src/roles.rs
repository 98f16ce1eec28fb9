//! What each thread does.

use std::fmt;
use std::str::FromStr;

use shardproof_base::names::{self, UnknownName};

/// What each thread does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Roles {
    /// Every thread runs the whole mix.
    #[default]
    All,
    /// Thread 0 runs the writes of the mix and nothing else, every other its reads. One thread
    /// alone has nobody who reads.
    OneWriter,
    /// Every thread runs the whole mix, beside one snapshot that is held all the time.
    HeldSnapshot,
    /// Both.
    OneWriterHeldSnapshot,
}

impl Roles {
    /// Every choice of roles.
    pub const ALL: [Self; 4] =
        [Self::All, Self::OneWriter, Self::HeldSnapshot, Self::OneWriterHeldSnapshot];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::OneWriter => "one-writer",
            Self::HeldSnapshot => "held-snapshot",
            Self::OneWriterHeldSnapshot => "one-writer-held-snapshot",
        }
    }

    /// Whether one thread alone writes.
    #[must_use]
    pub const fn has_one_writer(self) -> bool {
        matches!(self, Self::OneWriter | Self::OneWriterHeldSnapshot)
    }

    /// Whether a snapshot is held all the time.
    #[must_use]
    pub const fn hold_a_snapshot(self) -> bool {
        matches!(self, Self::HeldSnapshot | Self::OneWriterHeldSnapshot)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Roles {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("choice of roles", text, &Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_survive_display_and_parse() {
        for roles in Roles::ALL {
            assert_eq!(roles.to_string().parse(), Ok(roles));
        }
        let error = "two-writers".parse::<Roles>().unwrap_err().to_string();
        assert!(error.contains("one-writer") && error.contains("held-snapshot"), "{error}");
    }
}

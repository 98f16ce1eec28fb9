//! Profiles: named amounts of work.

use std::fmt;
use std::str::FromStr;

use crate::names::{self, UnknownName};

/// A named amount of work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Profile {
    /// Seconds: shows that everything runs, and gives rough figures.
    Smoke,
    /// Under three minutes.
    #[default]
    Quick,
    /// About eight minutes: for gates in continuous integration.
    Ci,
    /// About twenty minutes: everything, with narrow intervals. Can be resumed.
    Full,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 4] = [Self::Smoke, Self::Quick, Self::Ci, Self::Full];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Ci => "ci",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("profile", text, &Self::ALL, Self::as_str)
    }
}

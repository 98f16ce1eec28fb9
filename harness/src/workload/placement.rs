//! Which thread works in which run.

use std::fmt;
use std::str::FromStr;

use crate::names::UnknownName;

/// Which thread works in which run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Placement {
    /// Each thread in a run of its own.
    Disjoint,
    /// All threads in one run.
    Shared,
}

impl Placement {
    /// Every placement.
    pub const ALL: [Self; 2] = [Self::Disjoint, Self::Shared];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disjoint => "disjoint",
            Self::Shared => "shared",
        }
    }

    /// The number of the run that thread number `thread` works in.
    #[must_use]
    pub const fn run_of(self, thread: usize) -> usize {
        match self {
            Self::Disjoint => thread,
            Self::Shared => 0,
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Placement {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|placement| placement.as_str() == text).ok_or_else(|| {
            UnknownName {
                kind: "placement",
                given: text.to_owned(),
                valid: Self::ALL.map(Self::as_str).to_vec(),
            }
        })
    }
}

//! The names of the built-in subjects.

use std::fmt;
use std::str::FromStr;

use crate::names::UnknownName;

/// A built-in subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SubjectName {
    /// `ShardedStore` through a run's handle.
    Sharded,
    /// `ShardedStore` through `get` and `put`, with the run's id each time.
    ShardedPlain,
    /// `UnifiedStore`, the baseline.
    Unified,
    /// The literal design.
    Seed,
    /// A private, unlocked map per thread: what no shared store can beat.
    Ceiling,
    /// Nothing: what measuring itself costs.
    Floor,
}

impl SubjectName {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sharded => "sharded",
            Self::ShardedPlain => "sharded-plain",
            Self::Unified => "unified",
            Self::Seed => "seed",
            Self::Ceiling => "ceiling",
            Self::Floor => "floor",
        }
    }

    /// One line on what it is.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Sharded => "ShardedStore through a run's handle",
            Self::ShardedPlain => "ShardedStore through get and put, with the run's id each time",
            Self::Unified => "one RwLock over one BTreeMap, snapshots by copy",
            Self::Seed => "the literal design: a DashMap of maps, a global counter, live snapshots",
            Self::Ceiling => "one private, unlocked map per thread: the best one could hope for",
            Self::Floor => "does nothing: what measuring itself costs",
        }
    }

    /// Whether its entries take memory that is not already reported under another name.
    #[must_use]
    pub const fn has_own_memory(self) -> bool {
        !matches!(self, Self::ShardedPlain | Self::Floor)
    }

    /// The most keys its snapshots are measured at, with the reason where it is not a million.
    #[must_use]
    pub const fn snapshot_keys_max(self) -> (usize, Option<&'static str>) {
        match self {
            Self::Unified => (100_000, Some("a snapshot copies every entry: 10 times fewer keys")),
            _ => (1_000_000, None),
        }
    }
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SubjectName {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.iter().copied().find(|name| name.as_str() == text).ok_or_else(|| UnknownName {
            kind: "subject",
            given: text.to_owned(),
            valid: Self::ALL.iter().copied().map(Self::as_str).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_display_and_parse() {
        for name in SubjectName::ALL {
            assert_eq!(name.to_string().parse(), Ok(*name));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "seeed".parse::<SubjectName>().unwrap_err().to_string();
        assert!(error.contains("`seeed` is not a subject"), "{error}");
        assert!(error.contains("seed, ceiling, floor"), "{error}");
    }
}

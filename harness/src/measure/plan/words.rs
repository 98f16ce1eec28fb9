//! The words of a request.

use std::fmt;
use std::str::FromStr;

use crate::measure::plan::{Pinning, Section};
use crate::names::UnknownName;

impl Section {
    /// Every part, in the order in which they are measured.
    pub const ALL: [Self; 5] =
        [Self::Throughput, Self::Latency, Self::Snapshots, Self::Memory, Self::Operations];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Snapshots => "snapshots",
            Self::Memory => "memory",
            Self::Operations => "operations",
        }
    }
}

impl FromStr for Section {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|section| section.as_str() == text).ok_or_else(|| UnknownName {
            kind: "section",
            given: text.to_owned(),
            valid: Self::ALL.map(Self::as_str).to_vec(),
        })
    }
}

impl Pinning {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for Pinning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Pinning {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err(UnknownName {
                kind: "way of pinning",
                given: text.to_owned(),
                valid: vec!["on", "off"],
            }),
        }
    }
}

//! The names of sections and of pinning: how they are printed and parsed.

use std::fmt;
use std::str::FromStr;

use shardproof_base::names::{self, UnknownName};

use crate::plan::{Pinning, Section};

impl Section {
    /// Every section, in the order in which they are measured.
    pub const ALL: [Self; 5] =
        [Self::Throughput, Self::Latency, Self::Snapshots, Self::Memory, Self::Operations];

    /// Its name.
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

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Section {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("section", text, &Self::ALL, Self::as_str)
    }
}

impl Pinning {
    /// Its name.
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
        names::find("way of pinning", text, &[Self::On, Self::Off], Self::as_str)
    }
}

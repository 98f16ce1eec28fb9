//! The blocks of a matrix file.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer};
use shardproof_workload::Placement;
use toml::Spanned;

use crate::latency::{Arrivals, Pattern};
use crate::plan::threads::ThreadCounts;

/// Cells: every combination of the values of its fields.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct Block {
    /// Workloads, by name.
    pub(crate) workloads: Vec<String>,
    /// Placements.
    pub(crate) placements: Vec<Parsed<Placement>>,
    /// Names of subjects, if the block has any.
    pub(crate) subjects: Option<Vec<Spanned<String>>>,
    /// Numbers of threads, if the block names them.
    pub(crate) threads: Option<ThreadCounts>,
}

/// Cells that are measured for latency.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct LatencyBlock {
    /// Which cells.
    pub(crate) cells: Block,
    /// The arrivals; a closed loop if `None`.
    pub(crate) arrivals: Option<Arrivals>,
}

/// Cells for which to search the highest rate that meets a bound.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct SearchBlock {
    /// Which cells.
    pub(crate) cells: Block,
    /// The distribution of gaps between arrivals.
    pub(crate) pattern: Pattern,
    /// The upper bound of the 99th percentile, from when operations are due.
    pub(crate) p99_ns_max: u64,
}

/// The fields of a block of any kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(deserialize_with = "non_empty")]
    workloads: Vec<String>,
    #[serde(deserialize_with = "non_empty")]
    placements: Vec<Parsed<Placement>>,
    #[serde(default, deserialize_with = "non_empty_if_given")]
    subjects: Option<Vec<Spanned<String>>>,
    threads: Option<ThreadCounts>,
    /// Of [`LatencyBlock`] only.
    arrivals: Option<Parsed<Arrivals>>,
    /// Of [`SearchBlock`] only.
    pattern: Option<Parsed<Pattern>>,
    /// Of [`SearchBlock`] only.
    p99_ns_max: Option<NonZeroU64>,
}

/// Why the fields of a block are wrong.
#[derive(Debug, thiserror::Error)]
enum FieldError {
    /// A field belongs to another kind of block.
    #[error("the field `{field}` belongs to {block}: move it there, or remove it")]
    Elsewhere {
        /// The field.
        field: &'static str,
        /// The block to which it belongs.
        block: &'static str,
    },
    /// A required field is missing.
    #[error("missing field `{field}`: give it, as in {example}")]
    Missing {
        /// The field.
        field: &'static str,
        /// An example.
        example: &'static str,
    },
}

impl TryFrom<Fields> for Block {
    type Error = FieldError;

    fn try_from(fields: Fields) -> Result<Self, FieldError> {
        let LatencyBlock { cells, arrivals } = fields.try_into()?;
        match arrivals {
            Some(_) => Err(FieldError::Elsewhere { field: "arrivals", block: "[[latency]]" }),
            None => Ok(cells),
        }
    }
}

impl TryFrom<Fields> for LatencyBlock {
    type Error = FieldError;

    fn try_from(fields: Fields) -> Result<Self, FieldError> {
        let of_search = |field| Err(FieldError::Elsewhere { field, block: "[[search]]" });
        if fields.pattern.is_some() {
            return of_search("pattern");
        }
        if fields.p99_ns_max.is_some() {
            return of_search("p99_ns_max");
        }
        let (cells, arrivals) = fields.split();
        Ok(Self { cells, arrivals })
    }
}

impl TryFrom<Fields> for SearchBlock {
    type Error = FieldError;

    fn try_from(fields: Fields) -> Result<Self, FieldError> {
        let missing = |field, example| FieldError::Missing { field, example };
        let Parsed(pattern) =
            fields.pattern.ok_or_else(|| missing("pattern", "pattern = \"poisson\""))?;
        let p99_ns_max =
            fields.p99_ns_max.ok_or_else(|| missing("p99_ns_max", "p99_ns_max = 10000"))?.get();
        match fields.split() {
            (cells, None) => Ok(Self { cells, pattern, p99_ns_max }),
            _ => Err(FieldError::Elsewhere { field: "arrivals", block: "[[latency]]" }),
        }
    }
}

impl Fields {
    /// Splits the fields into the cells and their arrivals.
    fn split(self) -> (Block, Option<Arrivals>) {
        let Self { workloads, placements, subjects, threads, arrivals, .. } = self;
        let cells = Block { workloads, placements, subjects, threads };
        (cells, arrivals.map(|Parsed(arrivals)| arrivals))
    }
}

/// A value in a file that is written as on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Parsed<T>(pub(crate) T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

/// Reads a list that must not be empty.
pub(super) fn non_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items = Vec::deserialize(deserializer)?;
    if items.is_empty() { Err(de::Error::custom("give at least one")) } else { Ok(items) }
}

fn non_empty_if_given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    non_empty(deserializer).map(Some)
}

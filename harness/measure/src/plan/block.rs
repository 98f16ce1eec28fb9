//! The blocks of a matrix file.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer};
use shardproof_subject::SubjectName;
use shardproof_workload::Placement;

use crate::latency::{Arrivals, Pattern};
use crate::plan::threads::ThreadCounts;

/// Cells: everything with everything.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct Block {
    /// Workloads, by name.
    pub(crate) workloads: Vec<String>,
    /// Placements.
    pub(crate) placements: Vec<Word<Placement>>,
    /// Subjects, if it names them.
    pub(crate) subjects: Option<Vec<Word<SubjectName>>>,
    /// Numbers of threads, if it names them.
    pub(crate) threads: Option<ThreadCounts>,
}

/// Cells that are measured for latency.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct LatencyBlock {
    /// Which cells.
    pub(crate) cells: Block,
    /// When operations arrive; a closed loop without it.
    pub(crate) arrivals: Option<Arrivals>,
}

/// Cells of which the highest rate is searched that keeps a bound.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct SearchBlock {
    /// Which cells.
    pub(crate) cells: Block,
    /// How operations arrive.
    pub(crate) pattern: Pattern,
    /// What the 99th percentile may be, from the intended start.
    pub(crate) p99_ns_max: u64,
}

/// The fields of a block of any kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(deserialize_with = "some")]
    workloads: Vec<String>,
    #[serde(deserialize_with = "some")]
    placements: Vec<Word<Placement>>,
    #[serde(default, deserialize_with = "some_if_given")]
    subjects: Option<Vec<Word<SubjectName>>>,
    threads: Option<ThreadCounts>,
    /// Of [`LatencyBlock`] only.
    arrivals: Option<Word<Arrivals>>,
    /// Of [`SearchBlock`] only.
    pattern: Option<Word<Pattern>>,
    /// Of [`SearchBlock`] only.
    p99_ns_max: Option<NonZeroU64>,
}

/// What is wrong with the fields of a block.
#[derive(Debug, thiserror::Error)]
enum FieldError {
    /// One of another kind of block.
    #[error("the field `{field}` is one of {block}: move it there, or leave it out")]
    Elsewhere {
        /// The field.
        field: &'static str,
        /// Where it belongs.
        block: &'static str,
    },
    /// One that a block of this kind cannot do without.
    #[error("missing field `{field}`: give it, as in {example}")]
    Missing {
        /// The field.
        field: &'static str,
        /// How it may look.
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
        let Word(pattern) =
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
    /// The cells, and when operations arrive in them.
    fn split(self) -> (Block, Option<Arrivals>) {
        let Self { workloads, placements, subjects, threads, arrivals, .. } = self;
        let cells = Block { workloads, placements, subjects, threads };
        (cells, arrivals.map(|Word(arrivals)| arrivals))
    }
}

/// A word of the command line in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

/// A list with something in it.
pub(super) fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items = Vec::deserialize(deserializer)?;
    if items.is_empty() { Err(de::Error::custom("give at least one")) } else { Ok(items) }
}

fn some_if_given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    some(deserializer).map(Some)
}

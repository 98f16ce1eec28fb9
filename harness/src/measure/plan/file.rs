//! Matrix files: which cells to measure, in TOML.

use std::fmt;
use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::measure::latency::Pattern;
use crate::names::UnknownName;
use crate::subject::SubjectName;
use crate::workload::{Placement, Workload};

/// A matrix as it is written down. What a block leaves out of subjects and threads it takes from the top of
/// the file.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixFile {
    /// Subjects of blocks that name none, in the order of reports.
    #[serde(deserialize_with = "some")]
    pub(crate) subjects: Vec<Word<SubjectName>>,
    /// Numbers of threads of blocks that name none.
    #[serde(default)]
    pub(crate) threads: ThreadCounts,
    /// Workloads that are not built in.
    #[serde(default)]
    pub(crate) workloads: Vec<Workload>,
    /// What is measured untimed, for throughput.
    #[serde(default)]
    pub(crate) cells: Vec<Block>,
    /// What is measured for latency.
    #[serde(default)]
    pub(crate) latency: Vec<LatencyBlock>,
    /// What is asked how much load it bears.
    #[serde(default)]
    pub(crate) search: Vec<SearchBlock>,
}

/// Cells: everything with everything.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    /// Workloads, by name.
    #[serde(deserialize_with = "some")]
    pub(crate) workloads: Vec<String>,
    /// Placements.
    #[serde(deserialize_with = "some")]
    pub(crate) placements: Vec<Word<Placement>>,
    /// Subjects.
    #[serde(default, deserialize_with = "some_if_given")]
    pub(crate) subjects: Option<Vec<Word<SubjectName>>>,
    /// Numbers of threads.
    pub(crate) threads: Option<ThreadCounts>,
}

/// Cells that are measured for latency.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LatencyBlock {
    /// Workloads, by name.
    #[serde(deserialize_with = "some")]
    pub(crate) workloads: Vec<String>,
    /// Placements.
    #[serde(deserialize_with = "some")]
    pub(crate) placements: Vec<Word<Placement>>,
    /// Subjects.
    #[serde(default, deserialize_with = "some_if_given")]
    pub(crate) subjects: Option<Vec<Word<SubjectName>>>,
    /// Numbers of threads.
    pub(crate) threads: Option<ThreadCounts>,
    /// When operations arrive; a closed loop without it.
    pub(crate) arrivals: Option<Word<crate::measure::latency::Arrivals>>,
}

/// Cells of which the highest rate is searched that keeps a bound.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchBlock {
    /// Workloads, by name.
    #[serde(deserialize_with = "some")]
    pub(crate) workloads: Vec<String>,
    /// Placements.
    #[serde(deserialize_with = "some")]
    pub(crate) placements: Vec<Word<Placement>>,
    /// Subjects.
    #[serde(default, deserialize_with = "some_if_given")]
    pub(crate) subjects: Option<Vec<Word<SubjectName>>>,
    /// Numbers of threads.
    pub(crate) threads: Option<ThreadCounts>,
    /// How operations arrive.
    pub(crate) pattern: Word<Pattern>,
    /// What the 99th percentile may be, from the intended start.
    pub(crate) p99_ns_max: NonZeroU64,
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
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
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

/// Numbers of threads, which may depend on the machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ThreadCounts {
    /// 1, 2, 4, 8, ... and the number of cores.
    #[default]
    Powers,
    /// Each from 1 to the number of cores.
    All,
    /// 1 and the number of cores.
    Ends,
    /// The number of cores.
    Cores,
    /// These.
    These(Vec<usize>),
}

impl ThreadCounts {
    /// The most threads that can be asked for: more would measure the scheduler, and each has a stream of
    /// its own.
    pub const MAX: usize = 256;
    /// The words for those that depend on the machine.
    const WORDS: [&'static str; 4] = ["powers", "all", "ends", "cores"];

    /// The numbers on a machine with this many cores, in order.
    #[must_use]
    pub fn on(&self, cores: usize) -> Vec<usize> {
        let cores = cores.clamp(1, Self::MAX);
        let mut counts = match self {
            Self::Powers => {
                let powers = (0..usize::BITS).map(|power| 1 << power);
                powers.take_while(|count| *count < cores).chain([cores]).collect()
            }
            Self::All => (1..=cores).collect(),
            Self::Ends => vec![1, cores],
            Self::Cores => vec![cores],
            Self::These(counts) => counts.clone(),
        };
        counts.sort_unstable();
        counts.dedup();
        counts
    }
}

impl<'de> Deserialize<'de> for ThreadCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "give a list of numbers, or one of powers, all, ends, cores")]
        enum Either {
            Word(String),
            Numbers(Vec<usize>),
        }
        let counts = match Either::deserialize(deserializer)? {
            Either::Word(word) => match word.as_str() {
                "powers" => Self::Powers,
                "all" => Self::All,
                "ends" => Self::Ends,
                "cores" => Self::Cores,
                _ => return Err(de::Error::custom(unknown(&word))),
            },
            Either::Numbers(counts) => Self::These(counts),
        };
        if let Self::These(counts) = &counts
            && (counts.is_empty() || counts.iter().any(|count| !(1..=Self::MAX).contains(count)))
        {
            let max = Self::MAX;
            return Err(de::Error::custom(format!("give numbers of threads from 1 to {max}")));
        }
        Ok(counts)
    }
}

fn unknown(word: &str) -> UnknownName {
    let valid = ThreadCounts::WORDS.to_vec();
    UnknownName { kind: "choice of numbers of threads", given: word.to_owned(), valid }
}

/// Why a matrix file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixFileError {
    /// It could not be read.
    #[error("cannot read {}: give a matrix file, such as those in harness/matrices", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no matrix.
    #[error("{}: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the place.
        reason: String,
    },
    /// A block names a workload that is neither built in nor defined.
    #[error("{}: `{block}` names the workload `{name}`: {reason}; or define it under [[workloads]]{}",
            path.display(), told(known))]
    Workload {
        /// The file.
        path: PathBuf,
        /// The kind of block.
        block: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: String,
        /// The file's own workloads.
        known: Vec<String>,
    },
    /// A name that stands for two workloads.
    #[error("{}: `[[workloads]]`: the name `{name}` {taken}: give this workload another name",
            path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// By what.
        taken: &'static str,
    },
    /// There is nothing to measure in it.
    #[error("{}: no cell is in it: give it at least one block [[cells]], [[latency]] or [[search]]",
            path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The workloads that a file defines, for a message.
fn told(known: &[String]) -> String {
    match known {
        [] => String::new(),
        known => format!(", as {} are", known.join(", ")),
    }
}

impl MatrixFile {
    /// Reads a matrix file.
    ///
    /// # Errors
    /// When it cannot be read, or is no matrix.
    pub fn read(path: &Path) -> Result<Self, MatrixFileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| MatrixFileError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Understands the text of a matrix file; `path` is for the message.
    ///
    /// # Errors
    /// When it is no matrix.
    pub fn parse(path: &Path, text: &str) -> Result<Self, MatrixFileError> {
        let parsed: Result<Self, toml::de::Error> = toml::from_str(text);
        let file = parsed.map_err(|error| MatrixFileError::Parse {
            path: path.to_owned(),
            reason: error.to_string().trim().to_owned(),
        })?;
        file.check_names(path)?;
        file.resolve_all(path)?;
        if file.cells.is_empty() && file.latency.is_empty() && file.search.is_empty() {
            return Err(MatrixFileError::Empty { path: path.to_owned() });
        }
        Ok(file)
    }

    /// The workload of this name: one of the file's own, or one that is built in, or a mix.
    pub(crate) fn workload(&self, name: &str) -> Result<Workload, String> {
        let own = self.workloads.iter().find(|workload| workload.name() == name);
        match own {
            Some(workload) => Ok(workload.clone()),
            None => name.parse::<Workload>().map_err(|error| error.to_string()),
        }
    }

    /// Refuses a name that would stand for two workloads: evidence calls cells by it.
    fn check_names(&self, path: &Path) -> Result<(), MatrixFileError> {
        for (place, own) in self.workloads.iter().enumerate() {
            let name = own.name();
            let is_twice = self.workloads[..place].iter().any(|other| other.name() == name);
            let known = name.parse::<Workload>();
            let taken = if is_twice {
                "is that of another one of this file"
            } else if known.is_ok_and(|known| known != *own) {
                "means a workload that is built in"
            } else {
                continue;
            };
            let (path, name) = (path.to_owned(), name.to_owned());
            return Err(MatrixFileError::Taken { path, name, taken });
        }
        Ok(())
    }

    /// Finds every workload that is named, so that a wrong name is noticed before anything is measured.
    fn resolve_all(&self, path: &Path) -> Result<(), MatrixFileError> {
        let cells = self.cells.iter().map(|block| ("[[cells]]", &block.workloads));
        let latency = self.latency.iter().map(|block| ("[[latency]]", &block.workloads));
        let search = self.search.iter().map(|block| ("[[search]]", &block.workloads));
        for (block, names) in cells.chain(latency).chain(search) {
            for name in names {
                self.workload(name).map_err(|reason| MatrixFileError::Workload {
                    path: path.to_owned(),
                    block,
                    name: name.clone(),
                    reason,
                    known: self.workloads.iter().map(|own| own.name().to_owned()).collect(),
                })?;
            }
        }
        Ok(())
    }
}

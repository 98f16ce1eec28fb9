//! Matrix files: which cells to measure, in TOML.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shardproof_subject::SubjectName;
use shardproof_workload::Workload;

use crate::plan::block::{Block, LatencyBlock, SearchBlock, Word, some};
use crate::plan::threads::ThreadCounts;

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
        let latency = self.latency.iter().map(|block| ("[[latency]]", &block.cells.workloads));
        let search = self.search.iter().map(|block| ("[[search]]", &block.cells.workloads));
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

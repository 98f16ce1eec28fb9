//! Matrix files in TOML: which cells to measure.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shardproof_base::excerpt::{excerpt, message};
use shardproof_base::names::UnknownName;
use shardproof_workload::Workload;
use toml::Spanned;

use crate::MeasureSubject;
use crate::plan::block::{Block, LatencyBlock, SearchBlock, non_empty};
use crate::plan::find;
use crate::plan::threads::ThreadCounts;

/// A parsed matrix file. Blocks without subjects or threads use those at the top of the file.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixFile {
    /// Names of the subjects of blocks that name none, in the order of reports.
    #[serde(deserialize_with = "non_empty")]
    pub(crate) subjects: Vec<Spanned<String>>,
    /// Numbers of threads for blocks that name none.
    #[serde(default)]
    pub(crate) threads: ThreadCounts,
    /// The file's own workloads.
    #[serde(default)]
    pub(crate) workloads: Vec<Workload>,
    /// Cells to measure for throughput.
    #[serde(default)]
    pub(crate) cells: Vec<Block>,
    /// Cells to measure for latency.
    #[serde(default)]
    pub(crate) latency: Vec<LatencyBlock>,
    /// Cells to search for the highest rate.
    #[serde(default)]
    pub(crate) search: Vec<SearchBlock>,
}

/// Why a matrix file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixFileError {
    /// The file could not be read.
    #[error(
        "cannot read {}: give a matrix file, such as those in harness/measure/matrices",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not a valid matrix.
    #[error("{}: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, and in which line.
        reason: String,
    },
    /// It names an unknown subject.
    #[error("{}: line {line}: `subjects`: {reason}", path.display())]
    Subject {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The name, and the known ones.
        reason: UnknownName,
    },
    /// A block names a workload that is neither built in nor defined.
    #[error("{}: `{block}` names the workload `{}`: {reason}; or define it under [[workloads]]{}",
            path.display(), excerpt(name), defined(known))]
    Workload {
        /// The file.
        path: PathBuf,
        /// The kind of block.
        block: &'static str,
        /// The name.
        name: String,
        /// Why it is not a workload.
        reason: String,
        /// The file's own workloads.
        known: Vec<String>,
    },
    /// A name would mean two workloads.
    #[error("{}: `[[workloads]]`: the name `{}` {taken}: give this workload another name",
            path.display(), excerpt(name))]
    NameTaken {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// What already has this name.
        taken: &'static str,
    },
    /// The file has no cells.
    #[error("{}: it has no cells: add at least one block [[cells]], [[latency]] or [[search]]",
            path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The workloads that a file defines, for a message.
fn defined(known: &[String]) -> String {
    match known {
        [] => String::new(),
        known => format!(", as {} are", message(&known.join(", "))),
    }
}

impl MatrixFile {
    /// Reads a matrix file that names only known subjects.
    ///
    /// # Errors
    /// When it cannot be read, or is not a valid matrix.
    pub fn read(path: &Path, known: &[MeasureSubject]) -> Result<Self, MatrixFileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| MatrixFileError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text, known)
    }

    /// Parses the text of a matrix file; `path` is only for error messages.
    ///
    /// # Errors
    /// When it is not a valid matrix.
    pub fn parse(
        path: &Path,
        text: &str,
        known: &[MeasureSubject],
    ) -> Result<Self, MatrixFileError> {
        let parsed: Result<Self, toml::de::Error> = toml::from_str(text);
        let file = parsed.map_err(|error| MatrixFileError::Parse {
            path: path.to_owned(),
            reason: message(error.to_string().trim()),
        })?;
        file.check_subjects(path, text, known)?;
        file.check_names(path)?;
        file.check_workloads(path)?;
        if file.cells.is_empty() && file.latency.is_empty() && file.search.is_empty() {
            return Err(MatrixFileError::Empty { path: path.to_owned() });
        }
        Ok(file)
    }

    /// The workload of this name: the file's own, a built-in one, or a mix.
    pub(crate) fn workload(&self, name: &str) -> Result<Workload, String> {
        let own = self.workloads.iter().find(|workload| workload.name() == name);
        match own {
            Some(workload) => Ok(workload.clone()),
            None => name.parse::<Workload>().map_err(|error| error.to_string()),
        }
    }

    /// Checks that every named subject exists.
    fn check_subjects(
        &self,
        path: &Path,
        text: &str,
        known: &[MeasureSubject],
    ) -> Result<(), MatrixFileError> {
        let latency = self.latency.iter().map(|block| &block.cells);
        let search = self.search.iter().map(|block| &block.cells);
        let blocks = self.cells.iter().chain(latency).chain(search);
        let named = blocks.flat_map(|block| block.subjects.iter().flatten());
        for name in self.subjects.iter().chain(named) {
            find(known, name.get_ref()).map_err(|reason| {
                let line = 1 + text[..name.span().start].matches('\n').count();
                MatrixFileError::Subject { path: path.to_owned(), line, reason }
            })?;
        }
        Ok(())
    }

    /// Refuses a name that would mean two workloads: evidence identifies cells by it.
    fn check_names(&self, path: &Path) -> Result<(), MatrixFileError> {
        for (index, own) in self.workloads.iter().enumerate() {
            let name = own.name();
            let is_twice = self.workloads[..index].iter().any(|other| other.name() == name);
            let known = name.parse::<Workload>();
            let taken = if is_twice {
                "is that of another workload in this file"
            } else if known.is_ok_and(|known| known != *own) {
                "is that of a built-in workload"
            } else {
                continue;
            };
            let (path, name) = (path.to_owned(), name.to_owned());
            return Err(MatrixFileError::NameTaken { path, name, taken });
        }
        Ok(())
    }

    /// Checks that every named workload exists.
    fn check_workloads(&self, path: &Path) -> Result<(), MatrixFileError> {
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

//! What to measure, worked out before anything is.

mod block;
mod build;
mod describe;
pub mod file;
#[cfg(test)]
mod tests;
mod threads;
mod words;

use std::path::PathBuf;

use regex::Regex;

pub use describe::Description;
pub use file::{MatrixFile, MatrixFileError};
pub use threads::ThreadCounts;

use crate::latency::{Arrivals, Pattern};
use crate::plan::build::Builder;
use shardproof_base::Profile;
use shardproof_evidence::{Partition, Skipped};
use shardproof_subject::SubjectName;
use shardproof_workload::{Placement, Workload};

/// What was asked for, on the command line or by a program.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// How much work to spend, and which matrix is the default.
    pub profile: Profile,
    /// A matrix file instead of the profile's.
    pub matrix: Option<PathBuf>,
    /// Subjects instead of the matrix's.
    pub subjects: Vec<SubjectName>,
    /// Workloads instead of the matrix's: of its blocks of cells only the first then counts.
    pub workloads: Vec<Workload>,
    /// Placements instead of the matrix's: of its blocks of cells only the first then counts.
    pub placements: Vec<Placement>,
    /// Numbers of threads instead of the matrix's.
    pub threads: Vec<usize>,
    /// What the names of cells must match.
    pub filter: Option<Regex>,
    /// Which part of the matrix to measure.
    pub partition: Option<Partition>,
    /// The parts of a measurement to make; all of them if empty.
    pub sections: Vec<Section>,
    /// Whether workers are bound to processors.
    pub pinning: Pinning,
    /// The seed of every random choice.
    pub seed: u64,
}

/// A part of a measurement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Section {
    /// The matrix, untimed.
    Throughput,
    /// The matrix, each operation timed.
    Latency,
    /// What snapshots cost.
    Snapshots,
    /// What entries weigh.
    Memory,
    /// Operations that no mix holds.
    Operations,
}

/// Whether workers are bound to processors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pinning {
    /// Each to one of its own, a core each before any two share one.
    #[default]
    On,
    /// The system moves them as it likes.
    Off,
}

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How much work to spend.
    pub profile: Profile,
    /// The seed of every random choice.
    pub seed: u64,
    /// Whether workers are bound to processors.
    pub pinning: Pinning,
    /// Subjects, in the order of reports.
    pub subjects: Vec<SubjectName>,
    /// Workloads that points refer to by their place here.
    pub workloads: Vec<Workload>,
    /// Placements of all cells, those of other partitions too.
    pub placements: Vec<Placement>,
    /// Numbers of threads of all cells, those of other partitions too.
    pub threads: Vec<usize>,
    /// Cells to measure for throughput.
    pub points: Vec<Point>,
    /// Cells to measure for latency.
    pub latencies: Vec<LatencyPoint>,
    /// Cells of which to search the highest rate.
    pub searches: Vec<SearchPoint>,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
    /// Subjects whose snapshots, memory and other operations are measured here.
    pub alone: Vec<SubjectName>,
    /// The parts of the measurement to make.
    pub sections: Vec<Section>,
    /// The matrix file, if there was one.
    pub matrix: Option<String>,
    /// What the names of cells had to match.
    pub filter: Option<String>,
    /// Which part of the matrix this is.
    pub partition: Option<Partition>,
}

/// One cell of the matrix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// The subject.
    pub subject: SubjectName,
    /// Its workload's place in [`Plan::workloads`].
    pub workload: usize,
    /// Who works where.
    pub placement: Placement,
    /// Threads at work.
    pub threads: usize,
}

/// A cell that is measured for latency.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatencyPoint {
    /// The cell.
    pub point: Point,
    /// When operations arrive; a closed loop if none.
    pub arrivals: Option<Arrivals>,
}

/// A cell of which the highest rate is searched.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SearchPoint {
    /// The cell.
    pub point: Point,
    /// How operations arrive.
    pub pattern: Pattern,
    /// What the 99th percentile may be.
    pub p99_ns_max: u64,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The matrix file cannot be used.
    #[error(transparent)]
    File(#[from] MatrixFileError),
    /// Nothing is left.
    #[error(
        "no cell is left to measure: of {cells} cells none matches `{filter}`; see them all with --list"
    )]
    NothingLeft {
        /// Cells before the filter, of all kinds.
        cells: usize,
        /// The filter.
        filter: String,
    },
}

/// What every ratio is taken to: part of every block of cells.
const CONTROLS: [SubjectName; 2] = [SubjectName::Ceiling, SubjectName::Floor];

impl Request {
    /// Works out what to measure on a machine with this many cores.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(&self, cores: usize) -> Result<Plan, PlanError> {
        let file = match &self.matrix {
            Some(path) => MatrixFile::read(path)?,
            None => crate::profile::matrix(self.profile),
        };
        let mut plan = Plan {
            profile: self.profile,
            seed: self.seed,
            pinning: self.pinning,
            subjects: Vec::new(),
            workloads: Vec::new(),
            placements: Vec::new(),
            threads: Vec::new(),
            points: Vec::new(),
            latencies: Vec::new(),
            searches: Vec::new(),
            skipped: Vec::new(),
            alone: Vec::new(),
            sections: self.sections(),
            matrix: self.matrix.as_ref().map(|path| path.display().to_string()),
            filter: self.filter.as_ref().map(|filter| filter.as_str().to_owned()),
            partition: self.partition,
        };
        let mut builder = Builder { request: self, file: &file, cores, plan: &mut plan };
        builder.cells();
        builder.latencies();
        builder.searches();
        plan.alone = plan.subjects.clone();
        plan.keep_matching(self.filter.as_ref())?;
        plan.note_coordinates();
        if let Some(partition) = self.partition {
            plan.keep_part(partition);
        }
        Ok(plan)
    }

    fn sections(&self) -> Vec<Section> {
        let asked_for =
            |section: &Section| self.sections.is_empty() || self.sections.contains(section);
        Section::ALL.into_iter().filter(asked_for).collect()
    }
}

//! The plan: which cells to measure, and how, decided before anything is measured.

mod block;
mod build;
mod describe;
mod error;
pub mod file;
mod parse;
mod resources;
#[cfg(test)]
mod tests;
mod threads;

use std::path::PathBuf;

use regex::Regex;

pub use describe::Description;
pub use error::PlanError;
pub use file::{MatrixFile, MatrixFileError};
pub use resources::MemoryNeed;
pub use threads::ThreadCounts;

use crate::MeasureSubject;
use crate::latency::{Arrivals, Pattern};
use crate::plan::build::Builder;
use shardproof_base::Profile;
use shardproof_base::names::{self, UnknownName};
use shardproof_evidence::{Partition, Skipped};
use shardproof_workload::{Placement, Workload};

/// A request for a measurement, from the command line or from code.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// How much work to spend, and which matrix is the default.
    pub profile: Profile,
    /// A matrix file instead of the profile's.
    pub matrix: Option<PathBuf>,
    /// Subjects instead of the matrix's, by name.
    pub subjects: Vec<String>,
    /// Workloads instead of the matrix's. Of its blocks of cells, only the first is then used.
    pub workloads: Vec<Workload>,
    /// Placements instead of the matrix's. Of its blocks of cells, only the first is then used.
    pub placements: Vec<Placement>,
    /// Numbers of threads instead of the matrix's.
    pub threads: Vec<usize>,
    /// A pattern that the names of cells must match.
    pub filter: Option<Regex>,
    /// The partition of the matrix to measure.
    pub partition: Option<Partition>,
    /// The sections to measure; all if empty.
    pub sections: Vec<Section>,
    /// Whether workers are pinned to processors.
    pub pinning: Pinning,
    /// The seed of every random choice.
    pub seed: u64,
}

/// A part of a measurement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Section {
    /// Operations per second of the matrix, without a clock in the loop.
    Throughput,
    /// The latency of single operations of the matrix.
    Latency,
    /// The cost of snapshots.
    Snapshots,
    /// Bytes per entry, version and run.
    Memory,
    /// Operations that no mix contains.
    Operations,
}

/// Whether workers are pinned to processors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pinning {
    /// Each worker is pinned to its own processor, and to its own core while there are enough.
    #[default]
    On,
    /// The system places workers.
    Off,
}

/// What to measure: the cells of a matrix, and the subjects that are measured alone.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How much work to spend.
    pub profile: Profile,
    /// The seed of every random choice.
    pub seed: u64,
    /// Whether workers are pinned to processors.
    pub pinning: Pinning,
    /// Subjects, in the order of reports.
    pub subjects: Vec<MeasureSubject>,
    /// Workloads; a cell names one by its index here.
    pub workloads: Vec<Workload>,
    /// Placements of all cells, including those of other partitions.
    pub placements: Vec<Placement>,
    /// Numbers of threads of all cells, including those of other partitions.
    pub threads: Vec<usize>,
    /// The number of cores of the machine.
    pub cores: usize,
    /// A digest of the names of all cells, including those of other partitions.
    pub matrix_digest: String,
    /// Cells to measure for throughput.
    pub cells: Vec<CellId>,
    /// Cells to measure for latency.
    pub latencies: Vec<LatencyCell>,
    /// Cells for which to search the highest rate.
    pub searches: Vec<SearchCell>,
    /// Combinations of subject and workload that are skipped, and why.
    pub skipped: Vec<Skipped>,
    /// Subjects that are measured alone, outside the matrix, by the requested ones of the sections
    /// snapshots, memory and operations.
    pub alone: Vec<MeasureSubject>,
    /// The sections to measure.
    pub sections: Vec<Section>,
    /// The matrix file, if one was given.
    pub matrix: Option<String>,
    /// The pattern that the names of cells must match.
    pub filter: Option<String>,
    /// The partition of the matrix that this plan is.
    pub partition: Option<Partition>,
}

/// One cell of the matrix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CellId {
    /// The subject.
    pub subject: MeasureSubject,
    /// Its workload's index in [`Plan::workloads`].
    pub workload: usize,
    /// Which thread works in which run.
    pub placement: Placement,
    /// The number of threads.
    pub threads: usize,
}

/// A cell that is measured for latency.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatencyCell {
    /// The cell.
    pub cell: CellId,
    /// The arrivals; `None` for a closed loop.
    pub arrivals: Option<Arrivals>,
}

/// A cell for which the highest rate is searched.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SearchCell {
    /// The cell.
    pub cell: CellId,
    /// The distribution of gaps between arrivals.
    pub pattern: Pattern,
    /// The upper bound of the 99th percentile.
    pub p99_ns_max: u64,
}

/// The subject of this name.
///
/// # Errors
/// [`UnknownName`] if none of the known subjects has it.
pub(crate) fn find(known: &[MeasureSubject], name: &str) -> Result<MeasureSubject, UnknownName> {
    names::find("subject", name, known, MeasureSubject::as_str)
}

impl Request {
    /// Decides what to measure on a machine with this many cores. `known` are the subjects that the
    /// request and its matrix can name; the controls among them are part of every block of cells.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(&self, known: &[MeasureSubject], cores: usize) -> Result<Plan, PlanError> {
        let file = match &self.matrix {
            Some(path) => MatrixFile::read(path, known)?,
            None => crate::profile::matrix(self.profile, known)?,
        };
        let mut plan = Plan {
            profile: self.profile,
            seed: self.seed,
            pinning: self.pinning,
            subjects: Vec::new(),
            workloads: Vec::new(),
            placements: Vec::new(),
            threads: Vec::new(),
            cores,
            matrix_digest: String::new(),
            cells: Vec::new(),
            latencies: Vec::new(),
            searches: Vec::new(),
            skipped: Vec::new(),
            alone: Vec::new(),
            sections: self.sections(),
            matrix: self.matrix.as_ref().map(|path| path.display().to_string()),
            filter: self.filter.as_ref().map(|filter| filter.as_str().to_owned()),
            partition: self.partition,
        };
        for name in &self.subjects {
            find(known, name)?;
        }
        let mut builder = Builder { request: self, file: &file, known, cores, plan: &mut plan };
        builder.cells();
        builder.latencies();
        builder.searches();
        plan.alone = plan.subjects.clone();
        plan.keep_matching(self.filter.as_ref())?;
        plan.keep_sections();
        plan.record_whole_matrix();
        if plan.is_empty() {
            let sections = plan.sections.iter().map(|section| section.as_str()).collect();
            return Err(PlanError::NothingInSections { sections });
        }
        if let Some(partition) = self.partition {
            plan.keep_partition(partition)?;
        }
        plan.check_rates()?;
        Ok(plan)
    }

    fn sections(&self) -> Vec<Section> {
        let is_requested =
            |section: &Section| self.sections.is_empty() || self.sections.contains(section);
        Section::ALL.into_iter().filter(is_requested).collect()
    }
}

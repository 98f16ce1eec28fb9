//! From blocks of a matrix to its cells.

use regex::Regex;
use shardproof_evidence::{Partition, Skipped};
use shardproof_subject::SubjectName;
use shardproof_workload::{Placement, Workload};

use crate::latency::Arrivals;
use crate::plan::block::{Block, LatencyBlock, SearchBlock, Word};
use crate::plan::{
    CONTROLS, CellId, LatencyCell, MatrixFile, Plan, PlanError, Request, SearchCell, Section,
    ThreadCounts,
};
use crate::{operations, snapshots};

/// Fills a plan from a matrix and what was asked for instead.
pub(super) struct Builder<'a> {
    /// What was asked for.
    pub(super) request: &'a Request,
    /// The matrix.
    pub(super) file: &'a MatrixFile,
    /// Cores of this machine.
    pub(super) cores: usize,
    /// What is being made.
    pub(super) plan: &'a mut Plan,
}

impl Builder<'_> {
    pub(super) fn cells(&mut self) {
        for block in &self.file.cells {
            let cells = self.cells_of(block);
            add(&mut self.plan.cells, cells);
            if self.is_of_own_cells() {
                break;
            }
        }
    }

    pub(super) fn latencies(&mut self) {
        let mut closed = true;
        for LatencyBlock { cells, arrivals } in &self.file.latency {
            let arrivals = *arrivals;
            // Of blocks that would all become the same, one is enough.
            if self.is_of_own_cells() && arrivals.is_none() && !std::mem::take(&mut closed) {
                continue;
            }
            // Doing nothing bears any load, and a private map shares none.
            let is_worth = |cell: &CellId| arrivals.is_none() || !CONTROLS.contains(&cell.subject);
            let worth = self.cells_of(cells).into_iter().filter(is_worth);
            add(&mut self.plan.latencies, worth.map(|cell| LatencyCell { cell, arrivals }));
        }
    }

    pub(super) fn searches(&mut self) {
        for SearchBlock { cells, pattern, p99_ns_max } in &self.file.search {
            let (pattern, p99_ns_max) = (*pattern, *p99_ns_max);
            let is_worth = |cell: &CellId| !CONTROLS.contains(&cell.subject);
            let worth = self.cells_of(cells).into_iter().filter(is_worth);
            let searched = worth.map(|cell| SearchCell { cell, pattern, p99_ns_max });
            add(&mut self.plan.searches, searched);
        }
    }

    /// Whether the request says which cells there are, and the matrix only how they are measured.
    fn is_of_own_cells(&self) -> bool {
        !self.request.workloads.is_empty() || !self.request.placements.is_empty()
    }

    fn cells_of(&mut self, block: &Block) -> Vec<CellId> {
        let workloads = self.workloads(&block.workloads);
        let subjects = self.subjects(block.subjects.as_deref());
        let threads = match self.request.threads.as_slice() {
            [] => block.threads.as_ref().unwrap_or(&self.file.threads).on(self.cores),
            threads => ThreadCounts::These(threads.to_vec()).on(self.cores),
        };
        let placements = match self.request.placements.as_slice() {
            [] => block.placements.iter().map(|Word(placement)| *placement).collect(),
            placements => placements.to_vec(),
        };
        let mut cells = Vec::new();
        for &placement in &placements {
            for &workload in &workloads {
                for subject in self.compatible_subjects(&subjects, workload) {
                    for &threads in &threads {
                        cells.push(CellId { subject, workload, placement, threads });
                    }
                }
            }
        }
        cells
    }

    /// Those subjects that can do what a workload asks for. That the others cannot is noted.
    fn compatible_subjects(
        &mut self,
        subjects: &[SubjectName],
        workload: usize,
    ) -> Vec<SubjectName> {
        let workload = &self.plan.workloads[workload];
        let mut compatible = Vec::with_capacity(subjects.len());
        for &subject in subjects {
            match subject.check_compatibility(workload) {
                Ok(()) => compatible.push(subject),
                Err(unable) => {
                    let (subject, workload) = (subject.to_string(), workload.name().to_owned());
                    let reason = unable.to_string();
                    add(&mut self.plan.skipped, [Skipped { subject, workload, reason }]);
                }
            }
        }
        compatible
    }

    /// Where the workloads of a block are in the plan, added to it if need be.
    fn workloads(&mut self, names: &[String]) -> Vec<usize> {
        let workloads: Vec<Workload> = match self.request.workloads.as_slice() {
            [] => names
                .iter()
                .map(|name| self.file.workload(name).expect("the file was resolved when read"))
                .collect(),
            workloads => workloads.to_vec(),
        };
        let known = &mut self.plan.workloads;
        let place_of = |workload: Workload| {
            known.iter().position(|it| *it == workload).unwrap_or_else(|| {
                known.push(workload);
                known.len() - 1
            })
        };
        workloads.into_iter().map(place_of).collect()
    }

    fn subjects(&mut self, named: Option<&[Word<SubjectName>]>) -> Vec<SubjectName> {
        let mut subjects = match self.request.subjects.as_slice() {
            [] => {
                let named = named.unwrap_or(&self.file.subjects);
                named.iter().map(|Word(subject)| *subject).collect()
            }
            subjects => subjects.to_vec(),
        };
        add(&mut subjects, CONTROLS);
        add(&mut self.plan.subjects, subjects.iter().copied());
        subjects
    }
}

impl Plan {
    /// Leaves out the cells whose names do not match, but for the controls beside those that do.
    pub(super) fn keep_matching(&mut self, filter: Option<&Regex>) -> Result<(), PlanError> {
        let Some(filter) = filter else { return Ok(()) };
        let cells = self.every_cell().count();
        let matches = |cell: &CellId| filter.is_match(&self.name_of(*cell));
        let matching: Vec<CellId> = self.cells.iter().copied().filter(matches).collect();
        let of_latency = |cell: &CellId| matches(cell);
        let is_beside = |cell: &CellId, those: &[CellId]| {
            those.iter().any(|it| {
                it == cell || CONTROLS.contains(&cell.subject) && is_same_place(*it, *cell)
            })
        };
        let timed: Vec<CellId> =
            self.latencies.iter().map(|it| it.cell).filter(of_latency).collect();
        let searched: Vec<CellId> =
            self.searches.iter().map(|it| it.cell).filter(of_latency).collect();
        if matching.is_empty() && timed.is_empty() && searched.is_empty() {
            let filter = filter.as_str().to_owned();
            return Err(PlanError::NothingLeft { cells, filter });
        }
        let subjects: Vec<SubjectName> =
            matching.iter().chain(&timed).chain(&searched).map(|cell| cell.subject).collect();
        self.cells.retain(|cell| is_beside(cell, &matching));
        self.latencies.retain(|it| is_beside(&it.cell, &timed));
        self.searches.retain(|it| searched.contains(&it.cell));
        self.alone.retain(|subject| subjects.contains(subject));
        Ok(())
    }

    /// Leaves out what the sections that are asked for do not measure.
    pub(super) fn keep_sections(&mut self) {
        if !self.has(Section::Throughput) {
            self.cells.clear();
        }
        if !self.has(Section::Latency) {
            self.latencies.clear();
            self.searches.clear();
        }
        let takes_part: Vec<SubjectName> =
            Section::ALL.into_iter().flat_map(|section| self.alone_in(section)).collect();
        self.alone.retain(|subject| takes_part.contains(subject));
    }

    /// The subjects that are measured by themselves in a section: none where it is not asked for,
    /// and in those that measure cells.
    #[must_use]
    pub fn alone_in(&self, section: Section) -> Vec<SubjectName> {
        let takes_part = |name: &SubjectName| match section {
            Section::Throughput | Section::Latency => false,
            Section::Snapshots => snapshots::has(*name),
            Section::Memory => name.has_own_memory(),
            Section::Operations => operations::count(*name) > 0,
        };
        let all = self.alone.iter().copied();
        all.filter(|name| self.has(section) && takes_part(name)).collect()
    }

    /// Whether there is nothing to measure.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.every_cell().next().is_none()
    }

    /// Leaves out what other partitions measure. What is compared stays together.
    ///
    /// # Errors
    /// [`PlanError::EmptyPartition`].
    pub(super) fn keep_part(&mut self, partition: Partition) -> Result<(), PlanError> {
        let mut groups: Vec<(usize, Placement)> = Vec::new();
        add(&mut groups, self.every_cell().map(|cell| (cell.workload, cell.placement)));
        let filled = groups.len().max(self.alone.len());
        let is_here = |cell: &CellId| {
            let group = (cell.workload, cell.placement);
            groups.iter().position(|it| *it == group).is_some_and(|place| partition.holds(place))
        };
        self.cells.retain(is_here);
        self.latencies.retain(|it| is_here(&it.cell));
        self.searches.retain(|it| is_here(&it.cell));
        let mut place = 0..;
        self.alone.retain(|_| place.next().is_some_and(|place| partition.holds(place)));
        if self.is_empty() { Err(PlanError::EmptyPartition { partition, filled }) } else { Ok(()) }
    }

    /// Refuses rates of arrivals that no slice can hold.
    pub(super) fn check_rates(&self) -> Result<(), PlanError> {
        for LatencyCell { cell, arrivals } in &self.latencies {
            let least = Arrivals::rate_ops_s_min(cell.threads);
            if let Some(arrivals) = arrivals.filter(|it| it.rate_ops_s() < least) {
                let cell = self.name_of(*cell);
                return Err(PlanError::RateTooLow { cell, arrivals, least });
            }
        }
        Ok(())
    }

    /// What a cell is called: `sharded/get100/disjoint/2`.
    #[must_use]
    pub fn name_of(&self, cell: CellId) -> String {
        let CellId { subject, workload, placement, threads } = cell;
        format!("{subject}/{}/{placement}/{threads}", self.workloads[workload].name())
    }
}

fn is_same_place(one: CellId, other: CellId) -> bool {
    (one.workload, one.placement, one.threads) == (other.workload, other.placement, other.threads)
}

/// Adds what is not there yet.
fn add<T: PartialEq>(items: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for item in more {
        if !items.contains(&item) {
            items.push(item);
        }
    }
}

//! Expands the blocks of a matrix into cells.

use regex::Regex;
use shardproof_evidence::{Partition, Skipped};
use shardproof_workload::{Placement, Workload};
use toml::Spanned;

use crate::latency::Arrivals;
use crate::plan::block::{Block, LatencyBlock, Parsed, SearchBlock};
use crate::plan::{
    CellId, LatencyCell, MatrixFile, Plan, PlanError, Request, SearchCell, Section, ThreadCounts,
    find,
};
use crate::{MeasureSubject, operations, snapshots};

/// Fills a plan from a matrix and the overrides of a request.
pub(super) struct Builder<'a> {
    /// The request.
    pub(super) request: &'a Request,
    /// The matrix.
    pub(super) file: &'a MatrixFile,
    /// The subjects that can be named.
    pub(super) known: &'a [MeasureSubject],
    /// The number of cores.
    pub(super) cores: usize,
    /// The plan to fill.
    pub(super) plan: &'a mut Plan,
}

impl Builder<'_> {
    pub(super) fn cells(&mut self) {
        for block in &self.file.cells {
            let cells = self.cells_of(block);
            add(&mut self.plan.cells, cells);
            if self.overrides_cells() {
                break;
            }
        }
    }

    pub(super) fn latencies(&mut self) {
        let mut is_first_closed = true;
        for LatencyBlock { cells, arrivals } in &self.file.latency {
            let arrivals = *arrivals;
            // With overrides, all closed blocks become the same: use one.
            if self.overrides_cells() && arrivals.is_none() && !std::mem::take(&mut is_first_closed)
            {
                continue;
            }
            // The controls bear any load: one does nothing, and the other shares nothing.
            let is_useful = |cell: &CellId| arrivals.is_none() || !cell.subject.is_control();
            let cells = self.cells_of(cells).into_iter().filter(is_useful);
            add(&mut self.plan.latencies, cells.map(|cell| LatencyCell { cell, arrivals }));
        }
    }

    pub(super) fn searches(&mut self) {
        for SearchBlock { cells, pattern, p99_ns_max } in &self.file.search {
            let (pattern, p99_ns_max) = (*pattern, *p99_ns_max);
            let is_useful = |cell: &CellId| !cell.subject.is_control();
            let cells = self.cells_of(cells).into_iter().filter(is_useful);
            let searched = cells.map(|cell| SearchCell { cell, pattern, p99_ns_max });
            add(&mut self.plan.searches, searched);
        }
    }

    /// Whether the request chooses the cells, and the matrix only how they are measured.
    fn overrides_cells(&self) -> bool {
        !self.request.workloads.is_empty() || !self.request.placements.is_empty()
    }

    fn cells_of(&mut self, block: &Block) -> Vec<CellId> {
        let workloads = self.workloads(&block.workloads);
        let subjects = self.subjects(block.subjects.as_deref());
        let threads = match self.request.threads.as_slice() {
            [] => block.threads.as_ref().unwrap_or(&self.file.threads).on(self.cores),
            threads => ThreadCounts::Exactly(threads.to_vec()).on(self.cores),
        };
        let placements = match self.request.placements.as_slice() {
            [] => block.placements.iter().map(|Parsed(placement)| *placement).collect(),
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

    /// The subjects that support a workload. The others are recorded as skipped.
    fn compatible_subjects(
        &mut self,
        subjects: &[MeasureSubject],
        workload: usize,
    ) -> Vec<MeasureSubject> {
        let workload = &self.plan.workloads[workload];
        let mut compatible = Vec::with_capacity(subjects.len());
        for &subject in subjects {
            match subject.check_compatibility(workload) {
                Ok(()) => compatible.push(subject),
                Err(incompatibility) => {
                    let (subject, workload) = (subject.to_string(), workload.name().to_owned());
                    let reason = incompatibility.to_string();
                    add(&mut self.plan.skipped, [Skipped { subject, workload, reason }]);
                }
            }
        }
        compatible
    }

    /// The indices in the plan of a block's workloads, which are added to it if needed.
    fn workloads(&mut self, names: &[String]) -> Vec<usize> {
        let workloads: Vec<Workload> = match self.request.workloads.as_slice() {
            [] => names
                .iter()
                .map(|name| self.file.workload(name).expect("the file was checked when read"))
                .collect(),
            workloads => workloads.to_vec(),
        };
        let known = &mut self.plan.workloads;
        let index_of = |workload: Workload| {
            known.iter().position(|it| *it == workload).unwrap_or_else(|| {
                known.push(workload);
                known.len() - 1
            })
        };
        workloads.into_iter().map(index_of).collect()
    }

    fn subjects(&mut self, named: Option<&[Spanned<String>]>) -> Vec<MeasureSubject> {
        let names: Vec<&str> = match self.request.subjects.as_slice() {
            [] => {
                let named = named.unwrap_or(&self.file.subjects);
                named.iter().map(|name| name.get_ref().as_str()).collect()
            }
            names => names.iter().map(String::as_str).collect(),
        };
        let by_name = |name| find(self.known, name).expect("names were checked when read");
        let mut subjects: Vec<MeasureSubject> = names.into_iter().map(by_name).collect();
        add(&mut subjects, self.known.iter().copied().filter(|subject| subject.is_control()));
        add(&mut self.plan.subjects, subjects.iter().copied());
        subjects
    }
}

impl Plan {
    /// Removes the cells whose names do not match, except the controls of those that do.
    pub(super) fn keep_matching(&mut self, filter: Option<&Regex>) -> Result<(), PlanError> {
        let Some(filter) = filter else { return Ok(()) };
        let cells = self.all_cells().count();
        let matches = |cell: &CellId| filter.is_match(&self.name_of(*cell));
        let matching: Vec<CellId> = self.cells.iter().copied().filter(matches).collect();
        let is_needed = |cell: &CellId, matching: &[CellId]| {
            matching.iter().any(|it| {
                it == cell || cell.subject.is_control() && differ_only_in_subject(*it, *cell)
            })
        };
        let timed: Vec<CellId> = self.latencies.iter().map(|it| it.cell).filter(matches).collect();
        let searched: Vec<CellId> =
            self.searches.iter().map(|it| it.cell).filter(matches).collect();
        if matching.is_empty() && timed.is_empty() && searched.is_empty() {
            let filter = filter.as_str().to_owned();
            return Err(PlanError::NoMatch { cells, filter });
        }
        let subjects: Vec<MeasureSubject> =
            matching.iter().chain(&timed).chain(&searched).map(|cell| cell.subject).collect();
        self.cells.retain(|cell| is_needed(cell, &matching));
        self.latencies.retain(|it| is_needed(&it.cell, &timed));
        self.searches.retain(|it| searched.contains(&it.cell));
        self.alone.retain(|subject| subjects.contains(subject));
        Ok(())
    }

    /// Removes what the requested sections do not measure.
    pub(super) fn keep_sections(&mut self) {
        if !self.has(Section::Throughput) {
            self.cells.clear();
        }
        if !self.has(Section::Latency) {
            self.latencies.clear();
            self.searches.clear();
        }
        let measured: Vec<MeasureSubject> =
            Section::ALL.into_iter().flat_map(|section| self.alone_in(section)).collect();
        self.alone.retain(|subject| measured.contains(subject));
    }

    /// The subjects that a section measures alone: none if the section is not requested, or if it
    /// measures cells.
    #[must_use]
    pub fn alone_in(&self, section: Section) -> Vec<MeasureSubject> {
        let is_measured = |subject: &MeasureSubject| match section {
            Section::Throughput | Section::Latency => false,
            Section::Snapshots => snapshots::has(*subject),
            Section::Memory => subject.description().has_own_memory,
            Section::Operations => operations::count(*subject) > 0,
        };
        let all = self.alone.iter().copied();
        all.filter(|subject| self.has(section) && is_measured(subject)).collect()
    }

    /// Whether there is nothing to measure.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.all_cells().next().is_none()
    }

    /// Removes what other partitions measure. Cells that are compared stay together.
    ///
    /// # Errors
    /// [`PlanError::EmptyPartition`].
    pub(super) fn keep_partition(&mut self, partition: Partition) -> Result<(), PlanError> {
        let mut groups: Vec<(usize, Placement)> = Vec::new();
        add(&mut groups, self.all_cells().map(|cell| (cell.workload, cell.placement)));
        let filled = groups.len().max(self.alone.len());
        let is_kept = |cell: &CellId| {
            let group = (cell.workload, cell.placement);
            groups.iter().position(|it| *it == group).is_some_and(|index| partition.holds(index))
        };
        self.cells.retain(is_kept);
        self.latencies.retain(|it| is_kept(&it.cell));
        self.searches.retain(|it| is_kept(&it.cell));
        let mut indices = 0..;
        self.alone.retain(|_| indices.next().is_some_and(|index| partition.holds(index)));
        if self.is_empty() { Err(PlanError::EmptyPartition { partition, filled }) } else { Ok(()) }
    }

    /// Refuses rates of arrivals that are too low for any slice.
    pub(super) fn check_rates(&self) -> Result<(), PlanError> {
        for LatencyCell { cell, arrivals } in &self.latencies {
            let rate_min = Arrivals::rate_ops_s_min(cell.threads);
            if let Some(arrivals) = arrivals.filter(|it| it.rate_ops_s() < rate_min) {
                let cell = self.name_of(*cell);
                return Err(PlanError::RateTooLow { cell, arrivals, rate_ops_s_min: rate_min });
            }
        }
        Ok(())
    }

    /// The name of a cell: `sharded/get100/disjoint/2`.
    #[must_use]
    pub fn name_of(&self, cell: CellId) -> String {
        let CellId { subject, workload, placement, threads } = cell;
        format!("{subject}/{}/{placement}/{threads}", self.workloads[workload].name())
    }
}

fn differ_only_in_subject(one: CellId, other: CellId) -> bool {
    (one.workload, one.placement, one.threads) == (other.workload, other.placement, other.threads)
}

/// Adds the items that are not in the list yet.
fn add<T: PartialEq>(items: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for item in more {
        if !items.contains(&item) {
            items.push(item);
        }
    }
}

//! From blocks of a matrix to its cells.

use regex::Regex;
use shardproof_evidence::{Partition, Skipped};
use shardproof_subject::SubjectName;
use shardproof_workload::{Placement, Workload};

use crate::plan::block::{Block, LatencyBlock, SearchBlock, Word};
use crate::plan::{
    CONTROLS, LatencyPoint, MatrixFile, Plan, PlanError, Point, Request, SearchPoint, ThreadCounts,
};

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
            let points = self.points(block);
            add(&mut self.plan.points, points);
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
            let is_worth = |point: &Point| arrivals.is_none() || !CONTROLS.contains(&point.subject);
            let points = self.points(cells).into_iter().filter(is_worth);
            add(&mut self.plan.latencies, points.map(|point| LatencyPoint { point, arrivals }));
        }
    }

    pub(super) fn searches(&mut self) {
        for SearchBlock { cells, pattern, p99_ns_max } in &self.file.search {
            let (pattern, p99_ns_max) = (*pattern, *p99_ns_max);
            let is_worth = |point: &Point| !CONTROLS.contains(&point.subject);
            let points = self.points(cells).into_iter().filter(is_worth);
            let searched = points.map(|point| SearchPoint { point, pattern, p99_ns_max });
            add(&mut self.plan.searches, searched);
        }
    }

    /// Whether the request says which cells there are, and the matrix only how they are measured.
    fn is_of_own_cells(&self) -> bool {
        !self.request.workloads.is_empty() || !self.request.placements.is_empty()
    }

    fn points(&mut self, block: &Block) -> Vec<Point> {
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
        let mut points = Vec::new();
        for &placement in &placements {
            for &workload in &workloads {
                for subject in self.able(&subjects, workload) {
                    for &threads in &threads {
                        points.push(Point { subject, workload, placement, threads });
                    }
                }
            }
        }
        points
    }

    /// Those subjects that can do what a workload asks for. That the others cannot is noted.
    fn able(&mut self, subjects: &[SubjectName], workload: usize) -> Vec<SubjectName> {
        let workload = &self.plan.workloads[workload];
        let mut able = Vec::with_capacity(subjects.len());
        for &subject in subjects {
            match subject.able(workload) {
                Ok(()) => able.push(subject),
                Err(unable) => {
                    let (subject, workload) = (subject.to_string(), workload.name().to_owned());
                    let reason = unable.to_string();
                    add(&mut self.plan.skipped, [Skipped { subject, workload, reason }]);
                }
            }
        }
        able
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
        let cells = self.every_point().count();
        let matches = |point: &Point| filter.is_match(&self.name_of(*point));
        let matching: Vec<Point> = self.points.iter().copied().filter(matches).collect();
        let of_latency = |point: &Point| matches(point);
        let is_beside = |point: &Point, those: &[Point]| {
            those.iter().any(|it| {
                it == point || CONTROLS.contains(&point.subject) && is_same_place(*it, *point)
            })
        };
        let timed: Vec<Point> =
            self.latencies.iter().map(|it| it.point).filter(of_latency).collect();
        let searched: Vec<Point> =
            self.searches.iter().map(|it| it.point).filter(of_latency).collect();
        if matching.is_empty() && timed.is_empty() && searched.is_empty() {
            let filter = filter.as_str().to_owned();
            return Err(PlanError::NothingLeft { cells, filter });
        }
        let subjects: Vec<SubjectName> =
            matching.iter().chain(&timed).chain(&searched).map(|point| point.subject).collect();
        self.points.retain(|point| is_beside(point, &matching));
        self.latencies.retain(|it| is_beside(&it.point, &timed));
        self.searches.retain(|it| searched.contains(&it.point));
        self.alone.retain(|subject| subjects.contains(subject));
        Ok(())
    }

    /// Leaves out what other parts measure. What is compared stays together.
    pub(super) fn keep_part(&mut self, partition: Partition) {
        let mut groups: Vec<(usize, Placement)> = Vec::new();
        let all = self.points.iter();
        let all = all.chain(self.latencies.iter().map(|it| &it.point));
        let all = all.chain(self.searches.iter().map(|it| &it.point));
        add(&mut groups, all.map(|point| (point.workload, point.placement)));
        let is_here = |point: &Point| {
            let group = (point.workload, point.placement);
            groups.iter().position(|it| *it == group).is_some_and(|place| partition.holds(place))
        };
        self.points.retain(is_here);
        self.latencies.retain(|it| is_here(&it.point));
        self.searches.retain(|it| is_here(&it.point));
        let mut place = 0..;
        self.alone.retain(|_| place.next().is_some_and(|place| partition.holds(place)));
    }

    /// What a cell is called: `sharded/get100/disjoint/2`.
    #[must_use]
    pub fn name_of(&self, point: Point) -> String {
        let Point { subject, workload, placement, threads } = point;
        format!("{subject}/{}/{placement}/{threads}", self.workloads[workload].name())
    }
}

fn is_same_place(one: Point, other: Point) -> bool {
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

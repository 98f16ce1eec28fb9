//! The names of a plan's cells, and how long they take.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use shardproof_base::digest;
use shardproof_evidence as evidence;
use shardproof_machine::files::Files;
use shardproof_machine::{self as machine, identity};
use shardproof_workload::{Placement, Workload};

use crate::latency::search::ATTEMPTS;
use crate::plan::{CellId, LatencyCell, Plan, SearchCell, Section};
use crate::profile::budget;
use crate::{operations, snapshots};

/// Estimated time per thread to create and fill a subject. The pilot round measures it.
pub(super) const SET_UP_PER_THREAD: Duration = Duration::from_millis(4);
/// The usual number of rates that a search tries.
const SEARCH_STEPS: u32 = 12;
/// Time of the certificate, and of everything else that is done once.
const ONCE: Duration = Duration::from_secs(3);

/// Everything that decides what is measured. A measurement can be resumed only if this is the same.
#[derive(Debug, Serialize)]
pub struct Description {
    /// The machine's identity and the number of usable cores: figures of two machines must not be
    /// mixed.
    machine: (Option<String>, usize),
    /// The profile's name.
    profile: &'static str,
    /// The seed.
    seed: u64,
    /// Whether workers are pinned to processors.
    pinning: &'static str,
    /// The sections.
    sections: Vec<&'static str>,
    /// Subjects that are measured alone.
    alone: Vec<&'static str>,
    /// Workloads with all settings.
    workloads: Vec<evidence::Workload>,
    /// The cells, by name.
    cells: Vec<String>,
    /// The cells measured for latency, by name.
    latencies: Vec<String>,
    /// The cells to search, by name.
    searches: Vec<String>,
}

impl Plan {
    /// Everything that decides what is measured.
    #[must_use]
    pub fn describe(&self) -> Description {
        Description {
            machine: (identity::detect(&Files::system()), machine::cores()),
            profile: self.profile.as_str(),
            seed: self.seed,
            pinning: self.pinning.as_str(),
            sections: self.sections.iter().map(|section| section.as_str()).collect(),
            alone: self.alone.iter().map(|subject| subject.as_str()).collect(),
            workloads: self.workloads.iter().map(Workload::describe).collect(),
            cells: self.cell_names(),
            latencies: self.latency_names(),
            searches: self.search_names(),
        }
    }

    /// The names of the cells that are measured for throughput.
    #[must_use]
    pub fn cell_names(&self) -> Vec<String> {
        self.cells.iter().map(|cell| self.name_of(*cell)).collect()
    }

    /// The names of the cells that are measured for latency, each with its arrivals if it has any.
    #[must_use]
    pub fn latency_names(&self) -> Vec<String> {
        let name = |cell, arrivals: Option<_>| match arrivals {
            None => self.name_of(cell),
            Some(arrivals) => format!("{} {arrivals}", self.name_of(cell)),
        };
        self.latencies.iter().map(|it| name(it.cell, it.arrivals)).collect()
    }

    /// The names of the cells to search, each with the pattern and the bound.
    #[must_use]
    pub fn search_names(&self) -> Vec<String> {
        let name = |cell| self.name_of(cell);
        self.searches
            .iter()
            .map(|it| format!("{} {} p99 <= {} ns", name(it.cell), it.pattern, it.p99_ns_max))
            .collect()
    }

    /// All cells: those for throughput, for latency and to search.
    pub(crate) fn all_cells(&self) -> impl Iterator<Item = CellId> {
        let timed = self.latencies.iter().map(|it| it.cell);
        let searched = self.searches.iter().map(|it| it.cell);
        self.cells.iter().copied().chain(timed).chain(searched)
    }

    /// Records the properties of the whole matrix, before the cells of other partitions are
    /// removed.
    pub(super) fn record_whole_matrix(&mut self) {
        let names = [self.cell_names(), self.latency_names(), self.search_names()];
        // The lengths separate the three lists of names.
        let names = names
            .into_iter()
            .flat_map(|names| std::iter::once(names.len().to_string()).chain(names));
        self.matrix_digest = digest::short("shardproof matrix 1", names);
        let placements: BTreeSet<Placement> = self.all_cells().map(|cell| cell.placement).collect();
        let threads: BTreeSet<usize> = self.all_cells().map(|cell| cell.threads).collect();
        self.placements = placements.into_iter().collect();
        self.threads = threads.into_iter().collect();
    }

    /// Whether a section is requested.
    #[must_use]
    pub fn has(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// The estimated time of the whole measurement.
    #[must_use]
    pub fn estimate(&self) -> Duration {
        let throughput =
            if self.has(Section::Throughput) { self.throughput_estimate() } else { Duration::ZERO };
        ONCE + throughput + self.estimate_after_throughput()
    }

    /// The estimated time of everything after throughput.
    pub(crate) fn estimate_after_throughput(&self) -> Duration {
        let budget = budget(self.profile);
        let mut sum = Duration::ZERO;
        if self.has(Section::Latency) {
            sum += self.latency_estimate();
        }
        if self.has(Section::Snapshots) {
            sum += snapshots::planned(self, &budget);
        }
        if self.has(Section::Operations) {
            sum += operations::planned(self, &budget);
        }
        sum
    }

    fn throughput_estimate(&self) -> Duration {
        let budget = budget(self.profile);
        let set_up: Duration = self.cells.iter().map(|cell| self.set_up(cell)).sum();
        let schedule = budget.schedule(self.cells.len(), budget.matrix, set_up);
        let slice = |cell| self.slice_min(cell).max(schedule.slice);
        let round = set_up + self.cells.iter().map(slice).sum::<Duration>();
        // The pilot round sets up each cell once more.
        round * schedule.rounds as u32 + set_up
    }

    fn latency_estimate(&self) -> Duration {
        let round: Duration = self.latencies.iter().map(|it| self.planned_latency(it)).sum();
        let searches: Duration = self.searches.iter().map(|it| self.planned_search(it)).sum();
        round * budget(self.profile).latency_rounds as u32 + searches
    }

    /// The estimated time of a cell in one round of latency.
    pub(crate) fn planned_latency(&self, it: &LatencyCell) -> Duration {
        let budget = budget(self.profile);
        let slice = match it.arrivals {
            Some(arrivals) => arrivals.slice(budget.open_slice, it.cell.threads),
            None => budget.latency_slice.max(self.slice_min(&it.cell)),
        };
        slice + self.set_up(&it.cell)
    }

    /// The estimated time of a search.
    pub(crate) fn planned_search(&self, it: &SearchCell) -> Duration {
        let attempts = SEARCH_STEPS * ATTEMPTS as u32;
        (budget(self.profile).search_slice + self.set_up(&it.cell)) * attempts
    }
}

//! What a plan comes to, in words and in time.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use shardproof_evidence as evidence;
use shardproof_machine as machine;
use shardproof_workload::{Placement, Workload};

use crate::latency::search::TRIES;
use crate::plan::{LatencyPoint, Plan, Point, SearchPoint, Section};
use crate::profile::effort;
use crate::{operations, snapshots};

/// Time for a subject to be made and filled, for each thread: an estimate, until the pilot round says.
const SET_UP_PER_THREAD: Duration = Duration::from_millis(4);
/// Rates that a search tries, as a rule.
const SEARCH_STEPS: u32 = 12;
/// The certificate, and what else is done once.
const ONCE: Duration = Duration::from_secs(3);

/// Everything that decides what is measured: a measurement can only go on with the same.
#[derive(Debug, Serialize)]
pub struct Description {
    /// The processor, and how many cores of it: figures of two machines do not go together.
    machine: (Option<String>, usize),
    /// The profile's name.
    profile: &'static str,
    /// The seed.
    seed: u64,
    /// Whether workers are bound to processors.
    pinning: &'static str,
    /// The parts of the measurement.
    sections: Vec<&'static str>,
    /// Subjects of what is measured alone.
    alone: Vec<&'static str>,
    /// Workloads, in full.
    workloads: Vec<evidence::Workload>,
    /// The cells, by name.
    cells: Vec<String>,
    /// Those measured for latency, by name.
    latencies: Vec<String>,
    /// Those searched, by name.
    searches: Vec<String>,
}

impl Plan {
    /// Everything that decides what is measured.
    #[must_use]
    pub fn describe(&self) -> Description {
        Description {
            machine: (machine::cpu_name(), machine::cores()),
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
        self.points.iter().map(|point| self.name_of(*point)).collect()
    }

    /// The names of the cells that are measured for latency, each with its arrivals.
    #[must_use]
    pub fn latency_names(&self) -> Vec<String> {
        let name = |point, arrivals: Option<_>| match arrivals {
            None => self.name_of(point),
            Some(arrivals) => format!("{} {arrivals}", self.name_of(point)),
        };
        self.latencies.iter().map(|it| name(it.point, it.arrivals)).collect()
    }

    /// The names of the cells that are searched, each with what is asked of them.
    #[must_use]
    pub fn search_names(&self) -> Vec<String> {
        let name = |point| self.name_of(point);
        self.searches
            .iter()
            .map(|it| format!("{} {} p99 <= {} ns", name(it.point), it.pattern, it.p99_ns_max))
            .collect()
    }

    /// Every cell that is measured for anything.
    pub(crate) fn every_point(&self) -> impl Iterator<Item = Point> {
        let timed = self.latencies.iter().map(|it| it.point);
        let searched = self.searches.iter().map(|it| it.point);
        self.points.iter().copied().chain(timed).chain(searched)
    }

    /// Notes what the cells of all partitions have, before those of others are left out.
    pub(super) fn note_coordinates(&mut self) {
        let placements: BTreeSet<Placement> =
            self.every_point().map(|point| point.placement).collect();
        let threads: BTreeSet<usize> = self.every_point().map(|point| point.threads).collect();
        self.placements = placements.into_iter().collect();
        self.threads = threads.into_iter().collect();
    }

    /// Whether a part of the measurement is to be made.
    #[must_use]
    pub fn has(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// About how long it takes in all.
    #[must_use]
    pub fn estimate(&self) -> Duration {
        let throughput =
            if self.has(Section::Throughput) { self.throughput_estimate() } else { Duration::ZERO };
        ONCE + throughput + self.estimate_after_throughput()
    }

    /// About how long what follows the throughput takes.
    pub(crate) fn estimate_after_throughput(&self) -> Duration {
        let effort = effort(self.profile);
        let mut sum = Duration::ZERO;
        if self.has(Section::Latency) {
            sum += self.latency_estimate();
        }
        if self.has(Section::Snapshots) {
            sum += snapshots::planned(self, &effort);
        }
        if self.has(Section::Operations) {
            sum += operations::planned(self, &effort);
        }
        sum
    }

    fn throughput_estimate(&self) -> Duration {
        let effort = effort(self.profile);
        let set_up: Duration = self.points.iter().map(set_up).sum();
        let schedule = effort.schedule(self.points.len(), effort.matrix, set_up);
        let round = set_up + schedule.slice * self.points.len() as u32;
        // And the round that warms up.
        round * schedule.rounds as u32 + set_up
    }

    fn latency_estimate(&self) -> Duration {
        let round: Duration = self.latencies.iter().map(|it| self.planned_latency(it)).sum();
        let searches: Duration = self.searches.iter().map(|it| self.planned_search(it)).sum();
        round * effort(self.profile).latency_rounds as u32 + searches
    }

    /// About how long a cell takes in one round of the pass that measures latency.
    pub(crate) fn planned_latency(&self, it: &LatencyPoint) -> Duration {
        let effort = effort(self.profile);
        let slice = if it.arrivals.is_some() { effort.open_slice } else { effort.latency_slice };
        slice + set_up(&it.point)
    }

    /// About how long a search takes.
    pub(crate) fn planned_search(&self, it: &SearchPoint) -> Duration {
        let tries = SEARCH_STEPS * TRIES as u32;
        (effort(self.profile).search_slice + set_up(&it.point)) * tries
    }
}

fn set_up(point: &Point) -> Duration {
    SET_UP_PER_THREAD * point.threads as u32
}

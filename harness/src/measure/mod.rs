//! Times what operations cost: a plan in, evidence out.
//!
//! **Invariant:** no clock is read inside a throughput loop, and no two cells share anything but
//! the machine.

pub mod cell;
mod check;
mod fill;
pub mod gate;
pub mod matrix;
pub mod memory;
pub mod operations;
pub mod profile;
pub mod progress;
pub mod snapshots;
pub mod worker;

use std::time::Instant;

pub use profile::{Effort, Profile};
pub use progress::{Moment, Progress};

use crate::evidence::{Config, Evidence, Warning};
use crate::machine::clock::Clock;
use crate::measure::progress::Tracker;
use crate::subject::SubjectName;
use crate::trace::allocations;
use crate::workload::{Mix, Placement, Stream, Workload};
use crate::{machine, stats};

/// What to measure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// How much work to spend.
    pub profile: Profile,
    /// Subjects, in the order of reports.
    pub subjects: Vec<SubjectName>,
    /// Mixes.
    pub mixes: Vec<Mix>,
    /// Placements.
    pub placements: Vec<Placement>,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// The seed of every random choice.
    pub seed: u64,
}

/// The numbers of threads for a machine with this many cores: all of them up to 16, and above
/// that 1, 2, 4, 8, 16 and then every eighth.
#[must_use]
pub fn default_threads(cores: usize) -> Vec<usize> {
    if cores <= 16 {
        return (1..=cores.max(1)).collect();
    }
    [1, 2, 4, 8].into_iter().chain((16..cores).step_by(8)).chain([cores]).collect()
}

/// Measures what `plan` asks for, telling `progress` how far it is.
#[must_use]
pub fn collect(plan: &Plan, progress: &mut dyn Progress) -> Evidence {
    let start = Instant::now();
    let clock = Clock::new();
    let mut machine = machine::describe(&clock);
    let effort = plan.profile.effort();
    let sections = snapshots::planned(plan, &effort) + operations::planned(plan, &effort);
    let mut tracker = Tracker::new(progress, effort.budget);

    let matrix_budget = effort.budget.saturating_sub(sections);
    let matrix = matrix::collect(plan, &effort, matrix_budget, sections, &mut tracker);
    let snapshots = snapshots::collect(plan, &effort, &clock, &mut tracker);
    let memory = memory::collect(plan, &mut tracker);
    let operations = operations::collect(plan, &effort, &mut tracker);

    machine.load_average_after = machine::load_average();
    let build = machine::build::describe();
    let mut warnings = Vec::new();
    if machine.load_average_before.is_some_and(|load| load > 0.5 * machine.cores as f64) {
        warnings.push(Warning::BusyMachine);
    }
    if build.opt_level == "0" || build.opt_level == "1" {
        warnings.push(Warning::UnoptimisedBuild);
    }
    if matrix.rounds < ROUNDS_FOR_INTERVALS {
        warnings.push(Warning::FewRounds);
    }
    if allocations::on_this_thread().is_none() {
        warnings.push(Warning::AllocationsNotCounted);
    }
    let config = Config {
        profile: plan.profile.to_string(),
        seed: plan.seed,
        subjects: names(&plan.subjects),
        workloads: plan.mixes.iter().map(|mix| Workload::of(*mix).describe()).collect(),
        placements: names(&plan.placements),
        threads: plan.threads.clone(),
        rounds: matrix.rounds,
        slice_ms: matrix.slice.as_secs_f64() * 1e3,
        latency_rounds: 0,
        latency_slice_ms: 0.0,
        matrix: None,
        filter: None,
        partition: None,
        stream_operations: Stream::OPERATIONS,
        elapsed_s: start.elapsed().as_secs_f64(),
    };
    let cells = matrix.cells;
    let config = Some(config);
    let evidence = Evidence::new(machine, build);
    Evidence { config, cells, snapshots, memory, operations, warnings, ..evidence }
}

/// The fewest values whose range covers their median in [`stats::COVERAGE_AIM`] of cases.
const ROUNDS_FOR_INTERVALS: usize = 6;
const _: () =
    assert!(1.0 - 2.0 / 64.0 > stats::COVERAGE_AIM && 1.0 - 2.0 / 32.0 < stats::COVERAGE_AIM);

fn names(items: &[impl ToString]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_go_up_one_by_one_and_then_in_steps_to_the_last_core() {
        assert_eq!(default_threads(2), [1, 2]);
        assert_eq!(default_threads(16).len(), 16);
        assert_eq!(default_threads(36), [1, 2, 4, 8, 16, 24, 32, 36]);
        assert_eq!(default_threads(32), [1, 2, 4, 8, 16, 24, 32]);
    }
}

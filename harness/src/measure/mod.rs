//! Times what operations cost: a plan in, evidence out.
//!
//! **Invariant:** no clock is read inside a throughput loop, and no two cells share anything but
//! the machine.
//!
//! **Invariant:** throughput and latency are two passes, never mixed.

pub mod cell;
mod check;
pub mod crew;
mod draw;
mod fill;
pub mod gate;
mod inputs;
pub mod journal;
pub mod latency;
pub mod load;
pub mod memory;
pub mod operations;
pub mod plan;
pub mod profile;
pub mod progress;
pub mod snapshots;
pub mod summary;
mod throughput;
pub mod worker;

pub use plan::{Partition, Pinning, Plan, PlanError, Request, Section, ThreadCounts};
pub use profile::{Effort, Profile};
pub use progress::{Moment, Progress};

use crate::evidence::{Certificate, Config, Evidence, Warning};
use crate::judge;
use crate::machine::certificate::{self, certify};
use crate::machine::clock::Clock;
use crate::machine::stolen::StolenTime;
use crate::measure::inputs::Inputs;
use crate::measure::journal::Journal;
use crate::measure::progress::Tracker;
use crate::trace::allocations;
use crate::workload::Stream;
use crate::{machine, stats};

/// Measures what `plan` asks for, telling `progress` how far it is. What `journal` knows already is not
/// measured again.
#[must_use]
pub fn collect(plan: &Plan, journal: &mut Journal, progress: &mut dyn Progress) -> Evidence {
    let stolen = StolenTime::begin();
    let clock = Clock::new();
    let mut machine = machine::describe(&clock);
    let effort = plan.profile.effort();
    let mut tracker = Tracker::new(progress, plan.estimate());
    let certificate: Certificate =
        journal.once("certificate", || certify(&clock, certificate::Effort::Brief));
    tracker.announce(&certificate);

    let inputs = Inputs::new(plan);
    let mut evidence = Evidence::new(machine.clone(), machine::build::describe());
    evidence.skipped = inputs.skipped().to_vec();
    let mut config = config(plan);
    if plan.has(Section::Throughput) {
        let afterwards = plan.estimate_after_throughput();
        let both = (&mut *journal, &mut tracker);
        if let Some(matrix) = throughput::collect(plan, &effort, &inputs, afterwards, both) {
            evidence.cells = matrix.cells;
            evidence.same_twice = matrix.same_twice;
            config.rounds = matrix.schedule.rounds;
            config.slice_ms = matrix.schedule.slice.as_secs_f64() * 1e3;
        }
    }
    if plan.has(Section::Latency) {
        let both = (&mut *journal, &mut tracker);
        let timed = latency::pass::collect(plan, &effort, (&inputs, &clock), both);
        evidence.latencies = timed.latencies;
        evidence.rate_searches = timed.searches;
        config.latency_rounds = effort.latency_rounds;
        config.latency_slice_ms = effort.latency_slice.as_secs_f64() * 1e3;
    }
    alone(plan, (&effort, &clock), (&mut *journal, &mut tracker), &mut evidence);

    machine.load_average_after = machine::load_average();
    config.elapsed_s = journal.elapsed().as_secs_f64();
    evidence.certificate = Some(Certificate { stolen_share: stolen.share(), ..certificate });
    evidence.machine = machine;
    evidence.warnings = warnings(&evidence, config.rounds);
    evidence.config = Some(config);
    evidence
}
/// The fewest values whose range covers their median in [`stats::COVERAGE_AIM`] of cases.
const ROUNDS_FOR_INTERVALS: usize = 6;
const _: () =
    assert!(1.0 - 2.0 / 64.0 > stats::COVERAGE_AIM && 1.0 - 2.0 / 32.0 < stats::COVERAGE_AIM);

fn workload(mix: Mix) -> Workload {
    Workload {
        name: mix.to_string(),
        mix: mix.to_string(),
        keys: "uniform".to_owned(),
        key_shape: "random".to_owned(),
        key_bytes: KEY_BYTES,
        value_bytes: VALUE_BYTES.to_string(),
        keys_per_run: KEYS_PER_RUN,
        runs_per_thread: 1,
        roles: "all".to_owned(),
        writes_per_apply: 0,
        reads_per_snapshot: 0,
        entries_per_list: 0,
    }
}

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

//! The throughput of the matrix: every cell runs once per round, and each round has its own order.
//!
//! So the two cells of a ratio run close together in time, and a noisy minute is spread over all
//! cells instead of spoiling a few.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_evidence::{AaTest, Cell};
use shardproof_machine::{aa_test, core_to_core};

use crate::cell::Slice;
use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::plan::{CellId, Plan};
use crate::profile::{Budget, Schedule};
use crate::progress::Tracker;
use crate::summary::{self, CellCoordinates};

/// The slice of each cell in the pilot round, which measures set-up and warms up the machine.
const PILOT_SLICE: Duration = Duration::from_millis(2);

/// How long the core-to-core latency is measured before each round.
const CORE_TO_CORE_TIME: Duration = Duration::from_millis(2);

/// What the pass has measured, and its schedule.
pub(crate) struct ThroughputResult {
    /// The cells, in the order of the plan.
    pub(crate) cells: Vec<Cell>,
    /// An A/A test: the first cell, measured twice in each round.
    pub(crate) same_twice: Option<AaTest>,
    /// The core-to-core latency of the first two processors before each round.
    pub(crate) core_to_core_ns: Vec<f64>,
    /// How often and how long each cell ran.
    pub(crate) schedule: Schedule,
}

/// Runs the matrix in about the time that `budget` allows. `afterwards` is the planned time of the
/// sections that follow.
pub(crate) fn collect(
    plan: &Plan,
    budget: &Budget,
    inputs: &Inputs,
    afterwards: Duration,
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
) -> Option<ThroughputResult> {
    // The first cell runs twice: the difference between the two is noise.
    let cells: Vec<CellId> = plan.cells.iter().chain(plan.cells.first()).copied().collect();
    if cells.is_empty() {
        return None;
    }
    let (schedule, set_up) = journal.once("schedule", || {
        let start = Instant::now();
        for cell in &cells {
            inputs.slice(*cell, PILOT_SLICE, plan.seed);
            tracker.advance("warming up", Duration::ZERO);
        }
        let pilot_time = start.elapsed();
        let set_up = pilot_time.saturating_sub(PILOT_SLICE * cells.len() as u32);
        (budget.schedule(cells.len(), budget.matrix.saturating_sub(pilot_time), set_up), set_up)
    });
    let Schedule { rounds, slice } = schedule;
    let planned = slice + set_up / cells.len() as u32;
    tracker.set_remaining(planned * cells.len() as u32 * rounds as u32 + afterwards);

    let mut core_to_core_ns = Vec::with_capacity(rounds);
    let mut slices: Vec<Vec<Slice>> = vec![Vec::with_capacity(rounds); cells.len()];
    for round in 1..=rounds {
        let (order, layout) = round_order(plan.seed, round, cells.len());
        let stage = format!("throughput, round {round} of {rounds}");
        let latency: Vec<f64> =
            journal.once(&format!("core to core {round}"), || measure_core_to_core(inputs.cpus()));
        core_to_core_ns.extend(latency);
        for index in order {
            let measured = journal.once(&format!("throughput {round} {index}"), || {
                inputs.slice(cells[index], slice, layout)
            });
            slices[index].push(measured);
            tracker.advance(&stage, planned);
        }
    }
    let first_again = slices.pop().unwrap_or_default();
    let name = plan.name_of(cells[0]);
    let same_twice = aa_test::compare(name, &ops_s(&slices[0]), &ops_s(&first_again));
    let cells = plan.cells.iter().zip(&slices).map(|(cell, slices)| {
        let CellId { subject, workload, placement, threads } = *cell;
        let workload = plan.workloads[workload].name();
        let subject = subject.as_str();
        summary::cell(CellCoordinates { subject, workload, placement, threads }, slices)
    });
    Some(ThroughputResult { cells: cells.collect(), same_twice, core_to_core_ns, schedule })
}

/// The order of the cells in a round, and their layout: which runs they use and where these are in
/// memory. All cells of a round have the same layout, and each round has another. Two runs may
/// share a lock or a cache line of a subject by chance; with one layout for all rounds, that chance
/// would decide the ratio.
///
/// Both depend on the seed and the round alone, so that a resumed measurement continues unchanged.
pub(crate) fn round_order(seed: u64, round: usize, cells: usize) -> (Vec<usize>, u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ (round as u64).rotate_left(32));
    let mut order: Vec<usize> = (0..cells).collect();
    order.shuffle(&mut random);
    (order, random.random())
}

/// The current core-to-core latency of the first two processors that workers are pinned to. A
/// hypervisor may move them apart during a measurement, which slows down all that threads share.
fn measure_core_to_core(cpus: &[usize]) -> Vec<f64> {
    let two = cpus.get(..2).unwrap_or_default();
    core_to_core::measure(two, CORE_TO_CORE_TIME).into_iter().map(|pair| pair.ns).collect()
}

fn ops_s(slices: &[Slice]) -> Vec<f64> {
    slices.iter().map(|slice| slice.throughput_ops_s).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_has_every_cell_and_its_own_order_and_layout() {
        let (first, first_layout) = round_order(1, 1, 50);
        let (second, second_layout) = round_order(1, 2, 50);
        assert_eq!((first.clone(), first_layout), round_order(1, 1, 50));
        assert!(first != second && first_layout != second_layout);
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }
}

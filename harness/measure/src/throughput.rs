//! The throughput of the matrix: every cell once per round, in an order of its own each round.
//!
//! So each ratio of two cells is taken side by side in time, and a noisy minute is shared out
//! among all cells instead of spoiling a few.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_evidence::{Cell, SameTwice};
use shardproof_machine::{core_to_core, same_twice};

use crate::cell::Slice;
use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::plan::{Plan, Point};
use crate::profile::{Effort, Schedule};
use crate::progress::Tracker;
use crate::summary::{Place, cell};

/// How long each cell runs in the round that only measures set-up and warms the machine.
const PILOT_SLICE: Duration = Duration::from_millis(2);

/// How long it is looked at before a round how far apart processors are.
const LOOK: Duration = Duration::from_millis(2);

/// What was observed, and how.
pub(crate) struct Matrix {
    /// The cells, in the order of the plan.
    pub(crate) cells: Vec<Cell>,
    /// One of them measured once more in each round.
    pub(crate) same_twice: Option<SameTwice>,
    /// How long a cache line took between the first two processors, before each round.
    pub(crate) core_to_core_ns: Vec<f64>,
    /// How often each was run, and how long.
    pub(crate) schedule: Schedule,
}

/// Runs the matrix in about the time that `effort` gives it; `afterwards` is planned for what follows.
pub(crate) fn collect(
    plan: &Plan,
    effort: &Effort,
    inputs: &Inputs,
    afterwards: Duration,
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
) -> Option<Matrix> {
    // The first cell is there twice: what its two halves differ in is noise.
    let points: Vec<Point> = plan.points.iter().chain(plan.points.first()).copied().collect();
    if points.is_empty() {
        return None;
    }
    let (schedule, set_up) = journal.once("schedule", || {
        let start = Instant::now();
        for point in &points {
            inputs.slice(*point, PILOT_SLICE, plan.seed);
            tracker.advance("warming up", Duration::ZERO);
        }
        let pilot = start.elapsed();
        let set_up = pilot.saturating_sub(PILOT_SLICE * points.len() as u32);
        (effort.schedule(points.len(), effort.matrix.saturating_sub(pilot), set_up), set_up)
    });
    let Schedule { rounds, slice } = schedule;
    let planned = slice + set_up / points.len() as u32;
    tracker.left(planned * points.len() as u32 * rounds as u32 + afterwards);

    let mut core_to_core_ns = Vec::with_capacity(rounds);
    let mut slices: Vec<Vec<Slice>> = vec![Vec::with_capacity(rounds); points.len()];
    for round in 1..=rounds {
        let (order, layout) = round_of(plan.seed, round, points.len());
        let stage = format!("throughput, round {round} of {rounds}");
        let apart: Vec<f64> =
            journal.once(&format!("core to core {round}"), || apart(inputs.cpus()));
        core_to_core_ns.extend(apart);
        for index in order {
            let observed = journal.once(&format!("throughput {round} {index}"), || {
                inputs.slice(points[index], slice, layout)
            });
            slices[index].push(observed);
            tracker.advance(&stage, planned);
        }
    }
    let again = slices.pop().unwrap_or_default();
    let name = plan.name_of(points[0]);
    let same_twice = same_twice::of(name, &ops_s(&slices[0]), &ops_s(&again));
    let cells = plan.points.iter().zip(&slices).map(|(point, slices)| {
        let Point { subject, workload, placement, threads } = *point;
        let workload = plan.workloads[workload].name();
        cell(Place { subject: subject.as_str(), workload, placement, threads }, slices)
    });
    Some(Matrix { cells: cells.collect(), same_twice, core_to_core_ns, schedule })
}

/// The order of the cells in a round, and which runs its cells use and where they come to lie in memory: all
/// cells of a round have the same, and no two rounds. Two runs may share a lock or a cache line of a subject's
/// by chance; with one layout for all rounds that chance would be drawn once, and decide the ratio.
///
/// It depends on nothing but the seed and the round, so that a resumed measurement goes on with the same.
pub(crate) fn round_of(seed: u64, round: usize, cells: usize) -> (Vec<usize>, u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ (round as u64).rotate_left(32));
    let mut order: Vec<usize> = (0..cells).collect();
    order.shuffle(&mut random);
    (order, random.random())
}

/// How long a cache line takes between the first two processors that workers are bound to, now: a hypervisor may
/// move them apart in the middle of a measurement, and what threads share then takes as much longer.
fn apart(cpus: &[usize]) -> Vec<f64> {
    let two = cpus.get(..2).unwrap_or_default();
    core_to_core::measure(two, LOOK).into_iter().map(|pair| pair.ns).collect()
}

fn ops_s(slices: &[Slice]) -> Vec<f64> {
    slices.iter().map(|slice| slice.throughput_ops_s).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_has_every_cell_in_an_order_and_a_layout_of_its_own() {
        let (first, first_layout) = round_of(1, 1, 50);
        let (second, second_layout) = round_of(1, 2, 50);
        assert_eq!((first.clone(), first_layout), round_of(1, 1, 50));
        assert!(first != second && first_layout != second_layout);
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }
}

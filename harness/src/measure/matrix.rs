//! The contention matrix: every cell once per round, in an order of its own each round.
//!
//! So each ratio of two cells is taken side by side in time, and a noisy minute is shared out
//! among all cells instead of spoiling a few.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::evidence::{Cell, Checks, Throughput, Warning};
use crate::measure::Plan;
use crate::measure::cell::{Load, Slice};
use crate::measure::profile::{Effort, Schedule};
use crate::measure::progress::Tracker;
use crate::subject::SubjectName;
use crate::workload::keys::KEYS_PER_RUN;
use crate::workload::{KeySet, Mix, Placement, Stream};
use crate::{machine, stats};

/// How long each cell runs in the round that only measures set-up and warms the machine.
const PILOT_SLICE: Duration = Duration::from_millis(2);
/// An interval wider than this part of the median is worth a warning.
const WIDE_SPREAD: f64 = 0.25;

/// What was observed, and how.
pub(crate) struct Matrix {
    /// The cells, in the order of the plan.
    pub(crate) cells: Vec<Cell>,
    /// How often each was run.
    pub(crate) rounds: usize,
    /// How long each ran in each round.
    pub(crate) slice: Duration,
}

/// One point of the matrix.
#[derive(Clone, Copy)]
struct Point {
    subject: SubjectName,
    /// Its place among the plan's mixes.
    mix: usize,
    placement: Placement,
    threads: usize,
}

/// Runs the matrix in about `budget`; `afterwards` is planned for what follows.
pub(crate) fn collect(
    plan: &Plan,
    effort: &Effort,
    budget: Duration,
    afterwards: Duration,
    tracker: &mut Tracker<'_>,
) -> Matrix {
    let start = Instant::now();
    let points = points(plan);
    let inputs = Inputs::new(plan);
    let mut order: Vec<usize> = (0..points.len()).collect();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(plan.seed);
    for index in &order {
        inputs.slice(points[*index], PILOT_SLICE, plan.seed);
        tracker.advance("warming up", Duration::ZERO);
    }
    let pilot = start.elapsed();
    let cell_count = u32::try_from(points.len()).unwrap_or(u32::MAX);
    let set_up = pilot.saturating_sub(PILOT_SLICE * cell_count);
    let schedule = effort.schedule(points.len(), budget.saturating_sub(pilot), set_up);
    let Schedule { rounds, slice } = schedule;
    let planned = slice + set_up / cell_count.max(1);
    tracker.left(planned * cell_count * rounds as u32 + afterwards);

    let mut slices: Vec<Vec<Slice>> = vec![Vec::with_capacity(rounds); points.len()];
    for round in 1..=rounds {
        order.shuffle(&mut random);
        let layout = random.random();
        let stage = format!("matrix round {round} of {rounds}");
        for index in &order {
            slices[*index].push(inputs.slice(points[*index], slice, layout));
            tracker.advance(&stage, planned);
        }
    }
    let cells = points.iter().zip(&slices).map(|(point, slices)| {
        let Point { subject, mix, placement, threads } = *point;
        let place = Place { subject: subject.as_str(), mix: plan.mixes[mix], placement, threads };
        cell(place, slices)
    });
    Matrix { cells: cells.collect(), rounds, slice }
}

fn points(plan: &Plan) -> Vec<Point> {
    let mut points = Vec::new();
    for &placement in &plan.placements {
        for mix in 0..plan.mixes.len() {
            for &subject in &plan.subjects {
                for &threads in &plan.threads {
                    points.push(Point { subject, mix, placement, threads });
                }
            }
        }
    }
    points
}

/// Different places in memory that a subject may come to lie at, and how far they are apart: what
/// allocators align to, over two pages.
const HEAP_OFFSETS: usize = 512;
const HEAP_STEP_BYTES: usize = 16;

/// What all cells are fed with, made before the first clock starts.
struct Inputs {
    keys: KeySet,
    /// By the place of the mix, then by thread.
    streams: Vec<Vec<Stream>>,
}

impl Inputs {
    fn new(plan: &Plan) -> Self {
        let keys = KeySet::new(KEYS_PER_RUN);
        let threads_max = plan.threads.iter().copied().max().unwrap_or(1);
        let of_mix = |mix: &Mix| {
            (0..threads_max).map(|thread| Stream::new(plan.seed, *mix, thread, &keys)).collect()
        };
        let streams = plan.mixes.iter().map(of_mix).collect();
        Self { keys, streams }
    }

    /// One cell once. `layout` decides which runs are used and where they come to lie in memory: all
    /// cells of a round have the same, and no two rounds. Two runs may share a lock or a cache line of a
    /// subject's by chance; with one layout for all rounds that chance would be drawn once, and
    /// decide the ratio.
    fn slice(&self, point: Point, slice: Duration, layout: u64) -> Slice {
        let streams = &self.streams[point.mix][..point.threads];
        let heap_offset_bytes = layout as usize % HEAP_OFFSETS * HEAP_STEP_BYTES;
        let keys = &self.keys;
        let placement = point.placement;
        point.subject.visit(Load { streams, placement, layout, keys, slice, heap_offset_bytes })
    }
}

/// The coordinates of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// The subject's name.
    pub subject: &'a str,
    /// The mix.
    pub mix: Mix,
    /// The placement.
    pub placement: Placement,
    /// Threads at work.
    pub threads: usize,
}

/// What was observed at a place of the matrix, in one slice per round. Of a subject that gave a
/// wrong answer the checks are kept and the figures are not: they are those of something else.
///
/// # Panics
/// Without slices.
#[must_use]
pub fn cell(place: Place<'_>, slices: &[Slice]) -> Cell {
    let rounds: Vec<f64> = slices.iter().map(|slice| slice.throughput_ops_s).collect();
    let summary = stats::summarise(&rounds).expect("at least one round");
    let allocations: Option<f64> = slices.iter().map(|slice| slice.allocations_per_op).sum();
    let mut warnings = Vec::new();
    if place.threads > machine::cores() {
        warnings.push(Warning::Oversubscribed);
    }
    if summary.high - summary.low > WIDE_SPREAD * summary.median {
        warnings.push(Warning::WideSpread);
    }
    let throughput = Throughput {
        median: summary.median,
        low: summary.low,
        high: summary.high,
        coverage: summary.coverage,
        rounds,
    };
    let checks = checks(slices);
    let is_right = checks.failed == 0;
    Cell {
        part: 0,
        subject: place.subject.to_owned(),
        workload: place.mix.to_string(),
        placement: place.placement.to_string(),
        threads: place.threads,
        throughput_ops_s: is_right.then_some(throughput),
        allocations_per_op: allocations.map(|sum| sum / slices.len() as f64).filter(|_| is_right),
        cpu_ns_per_op: None,
        on_cpu_share: None,
        start_skew_ns: None,
        conflicts_per_op: None,
        checks: Some(checks),
        warnings,
    }
}

/// What came of checking in all rounds.
fn checks(slices: &[Slice]) -> Checks {
    let mut all = Checks::default();
    for (slice, round) in slices.iter().zip(1..) {
        let mut checks = slice.checks.clone();
        checks.first_failure = checks.first_failure.map(|what| format!("round {round}, {what}"));
        all.extend(checks);
    }
    all
}

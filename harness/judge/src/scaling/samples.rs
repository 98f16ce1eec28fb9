//! Synthetic evidence for tests.

use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_evidence::{Cell, Evidence, Throughput};

use crate::samples::{build, quiet};
use crate::scaling::law::Law;

pub(super) const TRUTH: Law = Law { lambda_ops_s: 40e6, sigma: 0.06, kappa: 0.002 };
pub(super) const THREADS: [usize; 6] = [1, 2, 4, 8, 16, 32];

pub(super) fn cell(threads: usize, rounds: Vec<f64>) -> Cell {
    Cell {
        part: 0,
        subject: "mine".to_owned(),
        workload: "put100".to_owned(),
        placement: "shared".to_owned(),
        threads,
        throughput_ops_s: Throughput::of_rounds(rounds),
        allocations_per_op: None,
        cpu_ns_per_op: None,
        on_cpu_share: None,
        start_skew_ns: None,
        conflicts_per_op: None,
        checks: None,
        warnings: Vec::new(),
    }
}

/// Cells that follow the law without noise.
pub(super) fn exact(law: Law, threads: &[usize], rounds: usize) -> Vec<Cell> {
    let of = |count: &usize| cell(*count, vec![law.ops_s_at(*count as f64); rounds]);
    threads.iter().map(of).collect()
}

/// Cells that follow the law, with 3 % noise common to all cells of a round and 2 % of their own.
pub(super) fn noisy(law: Law, rounds: usize, seed: u64) -> Vec<Cell> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut noise = |share: f64| Normal::new(0.0, share).unwrap().sample(&mut random).exp();
    let of_round: Vec<f64> = (0..rounds).map(|_| noise(0.03)).collect();
    let mut rounds_at = |count: usize| -> Vec<f64> {
        let truth = law.ops_s_at(count as f64);
        of_round.iter().map(|of_round| truth * of_round * noise(0.02)).collect()
    };
    THREADS.into_iter().map(|count| cell(count, rounds_at(count))).collect()
}

pub(super) fn evidence(cells: Vec<Cell>) -> Evidence {
    Evidence { cells, ..Evidence::new(quiet().0, build("3")) }
}

/// Two subjects that follow the law, one with too few thread counts, and one that follows no law.
#[must_use]
pub fn with_fits_and_refusals() -> Evidence {
    let named = |subject: &str, cells: Vec<Cell>| -> Vec<Cell> {
        cells.into_iter().map(|cell| Cell { subject: subject.to_owned(), ..cell }).collect()
    };
    let law = Law { lambda_ops_s: 123.4e6, ..TRUTH };
    let jump = [1e6, 2e6, 2e6, 9e6, 3e6, 3e6];
    let jump = THREADS.into_iter().zip(jump).map(|(count, ops_s)| cell(count, vec![ops_s; 6]));
    let cells = [
        named("lawful", noisy(law, 11, 1)),
        named("level", exact(Law { kappa: 0.0, ..law }, &THREADS, 6)),
        named("short", exact(law, &[1, 2], 6)),
        named("wild", jump.collect()),
    ];
    evidence(cells.concat())
}

//! Summarizes the slices of a cell as evidence.

use shardproof_evidence::{Cell, Checks, Throughput};
use shardproof_stats as stats;
use shardproof_workload::Placement;

use crate::cell::Slice;

/// The coordinates of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CellCoordinates<'a> {
    /// The subject's name.
    pub subject: &'a str,
    /// The workload's name.
    pub workload: &'a str,
    /// The placement.
    pub placement: Placement,
    /// Threads at work.
    pub threads: usize,
}

/// Summarizes one cell, with one slice per round. After a wrong answer, only the checks are kept:
/// the figures would not be those of a working store.
///
/// # Panics
/// Without slices.
#[must_use]
pub fn cell(at: CellCoordinates<'_>, slices: &[Slice]) -> Cell {
    let checks = checks(slices);
    let is_right = checks.failed == 0;
    let throughput = throughput(slices);
    let if_right = |value: Option<f64>| value.filter(|_| is_right);
    Cell {
        part: 0,
        subject: at.subject.to_owned(),
        workload: at.workload.to_owned(),
        placement: at.placement.to_string(),
        threads: at.threads,
        allocations_per_op: if_right(mean(slices, |slice| slice.allocations_per_op)),
        cpu_ns_per_op: if_right(median(slices, |slice| slice.cpu_ns_per_op)),
        on_cpu_share: median(slices, |slice| slice.on_cpu_share),
        start_skew_ns: median(slices, |slice| Some(slice.start_skew_ns)),
        conflicts_per_op: if_right(mean(slices, |slice| slice.conflicts_per_op)),
        checks: Some(checks),
        warnings: Vec::new(),
        throughput_ops_s: is_right.then_some(throughput),
    }
}

fn throughput(slices: &[Slice]) -> Throughput {
    let rounds: Vec<f64> = slices.iter().map(|slice| slice.throughput_ops_s).collect();
    Throughput::of_rounds(rounds).expect("at least one round")
}

/// The median over slices; `None` if a slice has no value.
fn median(slices: &[Slice], of: impl Fn(&Slice) -> Option<f64>) -> Option<f64> {
    stats::median(&slices.iter().map(of).collect::<Option<Vec<f64>>>()?)
}

/// The mean over slices; `None` if a slice has no value.
fn mean(slices: &[Slice], of: impl Fn(&Slice) -> Option<f64>) -> Option<f64> {
    let sum: Option<f64> = slices.iter().map(of).sum();
    sum.map(|sum| sum / slices.len() as f64)
}

/// The checks of all rounds.
fn checks(slices: &[Slice]) -> Checks {
    let mut all = Checks::default();
    for (slice, round) in slices.iter().zip(1..) {
        let mut checks = slice.checks.clone();
        checks.first_failure = checks.first_failure.map(|what| format!("round {round}, {what}"));
        all.extend(checks);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: CellCoordinates<'_> = CellCoordinates {
        subject: "mine",
        workload: "get100",
        placement: Placement::Disjoint,
        threads: 1,
    };

    fn slice(throughput_ops_s: f64) -> Slice {
        Slice {
            throughput_ops_s,
            allocations_per_op: Some(0.5),
            cpu_ns_per_op: Some(20.0),
            on_cpu_share: Some(0.99),
            start_skew_ns: 100.0,
            conflicts_per_op: None,
            checks: Checks { checked: 10, ..Checks::default() },
        }
    }

    #[test]
    fn figures_are_medians_and_means_over_slices() {
        let cell = cell(CELL, &[slice(90.0), slice(100.0), slice(110.0)]);
        assert_eq!(cell.throughput_ops_s.unwrap().median, 100.0);
        assert_eq!((cell.allocations_per_op, cell.cpu_ns_per_op), (Some(0.5), Some(20.0)));
        assert_eq!(cell.conflicts_per_op, None);
    }
}

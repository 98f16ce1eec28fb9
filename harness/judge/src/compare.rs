//! Cells against each other, paired round by round.

use std::collections::HashMap;

use shardproof_evidence::{Cell, Evidence, Spread};
use shardproof_stats as stats;

/// The subject that ratios are taken to, unless another one is asked for.
pub const BASE_SUBJECT: &str = "seed";
/// The control that scaling is taken relative to.
pub const SCALING_CONTROL: &str = "ceiling";

/// A cell with what it is compared to; `None` where the other cell is not in the evidence, and
/// where one of the two is invalid.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Compared<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Its throughput to that of the base in the same place of the matrix.
    pub to_base: Option<Spread>,
    /// Its throughput to that of one thread.
    pub scaling: Option<Spread>,
    /// Its scaling to that of [`SCALING_CONTROL`].
    pub scaling_to_control: Option<Spread>,
}

/// Compares every cell, in the order of the evidence, with that of the subject `base`. Round `i` is compared with
/// round `i`, which was run in the same stretch of time.
#[must_use]
pub fn compare<'a>(evidence: &'a Evidence, base: &str) -> Vec<Compared<'a>> {
    let cells: HashMap<Place<'_>, &Cell> =
        evidence.cells.iter().map(|cell| (Place::of(cell), cell)).collect();
    evidence.cells.iter().map(|cell| compare_cell(cell, &cells, base)).collect()
}

/// The coordinates of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place<'a> {
    part: usize,
    subject: &'a str,
    workload: &'a str,
    placement: &'a str,
    threads: usize,
}

impl<'a> Place<'a> {
    fn of(cell: &'a Cell) -> Self {
        let Cell { part, subject, workload, placement, threads, .. } = cell;
        Self { part: *part, subject, workload, placement, threads: *threads }
    }
}

fn compare_cell<'a>(
    cell: &'a Cell,
    cells: &HashMap<Place<'_>, &'a Cell>,
    base: &str,
) -> Compared<'a> {
    let place = Place::of(cell);
    let rounds_of = |cell: &'a Cell| Some(cell.valid_throughput()?.rounds.as_slice());
    let rounds_at = |place| cells.get(&place).copied().and_then(rounds_of);
    let scaling_of = |subject| {
        let many = rounds_at(Place { subject, ..place })?;
        let one = rounds_at(Place { subject, threads: 1, ..place })?;
        stats::ratios(many, one)
    };
    let own = rounds_of(cell);
    let base = rounds_at(Place { subject: base, ..place });
    let scaling = scaling_of(place.subject).filter(|_| cell.threads > 1);
    let control = scaling_of(SCALING_CONTROL);
    Compared {
        cell,
        to_base: own.zip(base).and_then(|(own, base)| stats::paired_ratio(own, base)),
        scaling: scaling.as_deref().and_then(stats::summarise),
        scaling_to_control: scaling
            .zip(control)
            .and_then(|(scaling, control)| stats::paired_ratio(&scaling, &control)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof_evidence::{Checks, Throughput};

    fn cell(subject: &str, threads: usize, rounds: [f64; 3]) -> Cell {
        let summary = stats::summarise(&rounds).unwrap();
        Cell {
            part: 0,
            subject: subject.to_owned(),
            workload: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads,
            throughput_ops_s: Some(Throughput {
                median: summary.median,
                low: summary.low,
                high: summary.high,
                coverage: summary.coverage,
                rounds: rounds.to_vec(),
            }),
            allocations_per_op: None,
            cpu_ns_per_op: None,
            on_cpu_share: None,
            start_skew_ns: None,
            conflicts_per_op: None,
            checks: None,
            warnings: Vec::new(),
        }
    }

    fn compared(cells: &[Cell], index: usize) -> Compared<'_> {
        let by_place = cells.iter().map(|cell| (Place::of(cell), cell)).collect();
        compare_cell(&cells[index], &by_place, BASE_SUBJECT)
    }

    #[test]
    fn a_cell_is_compared_round_by_round() {
        let cells = [
            cell("mine", 1, [10.0, 100.0, 1_000.0]),
            cell("mine", 2, [15.0, 180.0, 1_800.0]),
            cell("seed", 2, [5.0, 60.0, 900.0]),
            cell("ceiling", 1, [20.0, 20.0, 20.0]),
            cell("ceiling", 2, [40.0, 40.0, 40.0]),
        ];
        let two = compared(&cells, 1);
        assert_eq!(two.to_base.unwrap().median, 3.0);
        assert_eq!(two.scaling.unwrap().median, 1.8);
        assert_eq!(two.scaling_to_control.unwrap().median, 0.9);
    }

    #[test]
    fn what_cannot_be_compared_is_left_out() {
        let cells = [cell("mine", 1, [1.0; 3])];
        let one = compared(&cells, 0);
        assert_eq!((one.to_base, one.scaling, one.scaling_to_control), (None, None, None));
    }

    #[test]
    fn an_invalid_cell_is_compared_with_nothing_even_if_it_has_figures() {
        let mut cells = [
            cell("mine", 1, [10.0; 3]),
            cell("mine", 2, [15.0; 3]),
            cell("seed", 2, [5.0; 3]),
            cell("ceiling", 1, [20.0; 3]),
            cell("ceiling", 2, [40.0; 3]),
        ];
        let ratios = |cells: &[Cell]| {
            let Compared { to_base, scaling, scaling_to_control, .. } = compared(cells, 1);
            [to_base, scaling, scaling_to_control].map(|ratio| ratio.is_some())
        };
        assert_eq!(ratios(&cells), [true, true, true]);
        for (invalid, left) in [
            (0, [true, false, false]),
            (1, [false, false, false]),
            (2, [false, true, true]),
            (3, [true, true, false]),
            (4, [true, true, false]),
        ] {
            let checks = Checks { checked: 9, failed: 1, ..Checks::default() };
            cells[invalid].checks = Some(checks);
            assert_eq!(ratios(&cells), left, "with cell {invalid} invalid");
            cells[invalid].checks = None;
        }
    }
}

//! Cells against each other, paired round by round.

use std::collections::HashMap;

use crate::evidence::{Cell, Evidence, Spread};
use crate::stats;

/// The subject that ratios are taken to.
pub const BASE_SUBJECT: &str = "seed";
/// The control that scaling is taken relative to.
pub const SCALING_CONTROL: &str = "ceiling";

/// A cell with what it is compared to; `None` where the other cell is not in the evidence.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Compared<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Its throughput to that of [`BASE_SUBJECT`] in the same place of the matrix.
    pub to_base: Option<Spread>,
    /// Its throughput to that of one thread.
    pub scaling: Option<Spread>,
    /// Its scaling to that of [`SCALING_CONTROL`].
    pub scaling_to_control: Option<Spread>,
}

/// Compares every cell, in the order of the evidence. Round `i` is compared with round `i`, which
/// was run in the same stretch of time.
#[must_use]
pub fn compare(evidence: &Evidence) -> Vec<Compared<'_>> {
    let cells: HashMap<Place<'_>, &Cell> =
        evidence.cells.iter().map(|cell| (Place::of(cell), cell)).collect();
    evidence.cells.iter().map(|cell| compare_cell(cell, &cells)).collect()
}

/// The coordinates of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place<'a> {
    subject: &'a str,
    mix: &'a str,
    placement: &'a str,
    threads: usize,
}

impl<'a> Place<'a> {
    fn of(cell: &'a Cell) -> Self {
        let Cell { subject, mix, placement, threads, .. } = cell;
        Self { subject, mix, placement, threads: *threads }
    }
}

fn compare_cell<'a>(cell: &'a Cell, cells: &HashMap<Place<'_>, &'a Cell>) -> Compared<'a> {
    let place = Place::of(cell);
    let rounds_at = |place| cells.get(&place).map(|cell| cell.throughput_ops_s.rounds.as_slice());
    let scaling_of = |subject| {
        let many = rounds_at(Place { subject, ..place })?;
        let one = rounds_at(Place { subject, threads: 1, ..place })?;
        stats::ratios(many, one)
    };
    let own = &cell.throughput_ops_s.rounds;
    let base = rounds_at(Place { subject: BASE_SUBJECT, ..place });
    let scaling = scaling_of(place.subject).filter(|_| cell.threads > 1);
    let control = scaling_of(SCALING_CONTROL);
    Compared {
        cell,
        to_base: base.and_then(|base| stats::paired_ratio(own, base)).map(Spread::from),
        scaling: scaling.as_deref().and_then(stats::summarise).map(Spread::from),
        scaling_to_control: scaling
            .zip(control)
            .and_then(|(scaling, control)| stats::paired_ratio(&scaling, &control))
            .map(Spread::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Throughput;

    fn cell(subject: &str, threads: usize, rounds: [f64; 3]) -> Cell {
        let summary = stats::summarise(&rounds).unwrap();
        Cell {
            subject: subject.to_owned(),
            mix: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads,
            throughput_ops_s: Throughput {
                median: summary.median,
                low: summary.low,
                high: summary.high,
                coverage: summary.coverage,
                rounds: rounds.to_vec(),
            },
            allocations_per_op: None,
            warnings: Vec::new(),
        }
    }

    fn compared(cells: &[Cell], index: usize) -> Compared<'_> {
        let by_place = cells.iter().map(|cell| (Place::of(cell), cell)).collect();
        compare_cell(&cells[index], &by_place)
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
}

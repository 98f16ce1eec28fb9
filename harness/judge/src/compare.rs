//! Comparison of cells, paired round by round.

use std::collections::HashMap;

use shardproof_evidence::{Cell, Evidence, Spread};
use shardproof_stats as stats;

/// The default base subject of ratios.
pub const BASE_SUBJECT: &str = "seed";
/// The control that scaling is compared with.
pub const SCALING_CONTROL: &str = "ceiling";
/// The control that does nothing: the cost of measuring.
pub const FLOOR: &str = "floor";

/// A cell with its ratios; `None` if the other cell is not in the evidence, or either is invalid.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Compared<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Its throughput divided by that of the base subject in the same cell.
    pub to_base: Option<Spread>,
    /// Its throughput divided by that of one thread.
    pub scaling: Option<Spread>,
    /// Its scaling divided by that of [`SCALING_CONTROL`].
    pub scaling_to_control: Option<Spread>,
}

/// Compares every cell, in the order of the evidence, with that of the subject `base`. Round `i` is
/// paired with round `i`, which ran in the same stretch of time.
#[must_use]
pub fn compare<'a>(evidence: &'a Evidence, base: &str) -> Vec<Compared<'a>> {
    let cells: HashMap<CellKey<'_>, &Cell> =
        evidence.cells.iter().map(|cell| (CellKey::of(cell), cell)).collect();
    evidence.cells.iter().map(|cell| compare_cell(cell, &cells, base)).collect()
}

/// The coordinates of a cell in the matrix.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CellKey<'a> {
    part: usize,
    subject: &'a str,
    workload: &'a str,
    placement: &'a str,
    threads: usize,
}

impl<'a> CellKey<'a> {
    fn of(cell: &'a Cell) -> Self {
        let Cell { part, subject, workload, placement, threads, .. } = cell;
        Self { part: *part, subject, workload, placement, threads: *threads }
    }
}

fn compare_cell<'a>(
    cell: &'a Cell,
    cells: &HashMap<CellKey<'_>, &'a Cell>,
    base: &str,
) -> Compared<'a> {
    let key = CellKey::of(cell);
    let rounds_of = |cell: &'a Cell| Some(cell.valid_throughput()?.rounds.as_slice());
    let rounds_at = |key| cells.get(&key).copied().and_then(rounds_of);
    let scaling_of = |subject| {
        let many = rounds_at(CellKey { subject, ..key })?;
        let one = rounds_at(CellKey { subject, threads: 1, ..key })?;
        stats::ratios(many, one)
    };
    let own = rounds_of(cell);
    let base = rounds_at(CellKey { subject: base, ..key });
    let scaling = scaling_of(key.subject).filter(|_| cell.threads > 1);
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
        Cell {
            part: 0,
            subject: subject.to_owned(),
            workload: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads,
            throughput_ops_s: Throughput::of_rounds(rounds.to_vec()),
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
        let by_key = cells.iter().map(|cell| (CellKey::of(cell), cell)).collect();
        compare_cell(&cells[index], &by_key, BASE_SUBJECT)
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
    fn a_cell_without_a_counterpart_has_no_ratios() {
        let cells = [cell("mine", 1, [1.0; 3])];
        let one = compared(&cells, 0);
        assert_eq!((one.to_base, one.scaling, one.scaling_to_control), (None, None, None));
    }

    #[test]
    fn an_invalid_cell_is_never_compared() {
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

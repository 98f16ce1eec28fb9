//! One figure from file to file.

use std::collections::HashSet;

use shardproof_evidence::{ALL, Config, Evidence, Latency, Machine, Spread, Throughput};
use shardproof_judge::change::CellName;

use super::HistoryFile;

/// What one cell of the matrix was in each file that has it.
pub(super) struct Series<'a> {
    /// Which cell.
    pub(super) cell: CellName<'a>,
    /// Operations per second.
    pub(super) throughput: Vec<Point<'a>>,
    /// The 99th percentile in a closed loop, in nanoseconds.
    pub(super) p99: Vec<Point<'a>>,
    /// The kind of operation that the percentile is of.
    pub(super) operation: &'a str,
}

/// A figure in one file.
pub(super) struct Point<'a> {
    /// Which file, from 0.
    pub(super) file: usize,
    /// The figure; none where a check of the answers failed.
    pub(super) figure: Option<Spread>,
    /// Where it was measured.
    pub(super) machine: &'a Machine,
}

/// The machine and the configuration of a part.
pub(super) fn part(evidence: &Evidence, part: usize) -> (&Machine, Option<&Config>) {
    let other = part.checked_sub(1).and_then(|index| evidence.parts.get(index));
    match other {
        Some(other) => (&other.machine, other.config.as_ref()),
        None => (&evidence.machine, evidence.config.as_ref()),
    }
}

/// All series, in the order of the last file; what only older ones have comes after.
pub(super) fn collect(files: &[HistoryFile]) -> Vec<Series<'_>> {
    let mut names: Vec<CellName<'_>> = Vec::new();
    let mut seen: HashSet<CellName<'_>> = HashSet::new();
    for HistoryFile { evidence, .. } in files.iter().rev() {
        let cells = evidence.cells.iter().map(CellName::of_cell);
        let latencies = evidence.latencies.iter().filter(|each| is_closed(each));
        let all = cells.chain(latencies.map(CellName::of_latency));
        names.extend(all.filter(|name| seen.insert(*name)));
    }
    names.into_iter().map(|name| series(files, name)).collect()
}

fn is_closed(latency: &Latency) -> bool {
    latency.arrivals.is_none()
}

fn series<'a>(files: &'a [HistoryFile], cell: CellName<'a>) -> Series<'a> {
    let operation = operation(files, cell);
    let mut series = Series { cell, throughput: Vec::new(), p99: Vec::new(), operation };
    for (file, HistoryFile { evidence, .. }) in files.iter().enumerate() {
        let found = evidence.cells.iter().find(|each| CellName::of_cell(each) == cell);
        if let Some(found) = found {
            let figure = found.valid_throughput().map(Throughput::spread);
            let (machine, _) = part(evidence, found.part);
            series.throughput.push(Point { file, figure, machine });
        }
        let found = evidence.latencies.iter().find(|each| {
            is_closed(each) && CellName::of_latency(each) == cell && each.operation == operation
        });
        if let Some(found) = found {
            let (machine, _) = part(evidence, found.part);
            series.p99.push(Point { file, figure: Some(found.p99_ns), machine });
        }
    }
    series
}

/// The kind of operation to show: all together where that is there, else the first of the last file.
fn operation<'a>(files: &'a [HistoryFile], cell: CellName<'_>) -> &'a str {
    let latencies = || {
        let newest_first = files.iter().rev().flat_map(|file| &file.evidence.latencies);
        newest_first.filter(move |each| is_closed(each) && CellName::of_latency(each) == cell)
    };
    let first = latencies().next().map_or(ALL, |latency| &latency.operation);
    if latencies().any(|latency| latency.operation == ALL) { ALL } else { first }
}

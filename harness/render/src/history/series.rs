//! One figure from file to file.

use indexmap::IndexMap;
use shardproof_document::{Reason, enough};
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
    pub(super) operation: Option<&'a str>,
}

/// A figure in one file.
pub(super) struct Point<'a> {
    /// Which file, from 0.
    pub(super) file: usize,
    /// The figure, or why it is withheld.
    pub(super) figure: Result<Spread, Reason>,
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

/// All series, in the order of the last file; what only older ones have comes after. Of operations,
/// all together are shown where they are there, else the first kind of the last file.
pub(super) fn collect(files: &[HistoryFile]) -> Vec<Series<'_>> {
    let mut all: IndexMap<CellName<'_>, Series<'_>> = IndexMap::new();
    for HistoryFile { evidence, .. } in files.iter().rev() {
        for cell in &evidence.cells {
            let name = CellName::of_cell(cell);
            all.entry(name).or_insert_with(|| Series::of(name));
        }
        for latency in evidence.latencies.iter().filter(|each| is_closed(each)) {
            let name = CellName::of_latency(latency);
            let series = all.entry(name).or_insert_with(|| Series::of(name));
            if series.operation.is_none() || latency.operation == ALL {
                series.operation = Some(&latency.operation);
            }
        }
    }
    for (file, HistoryFile { evidence, .. }) in files.iter().enumerate() {
        for cell in &evidence.cells {
            let Some(series) = all.get_mut(&CellName::of_cell(cell)) else { continue };
            let figure = cell.valid_throughput().map(Throughput::spread).ok_or(Reason::Invalid);
            let (machine, _) = part(evidence, cell.part);
            push(&mut series.throughput, Point { file, figure, machine });
        }
        for latency in evidence.latencies.iter().filter(|each| is_closed(each)) {
            let Some(series) = all.get_mut(&CellName::of_latency(latency)) else { continue };
            if series.operation != Some(&latency.operation) {
                continue;
            }
            let is_enough = enough(latency, 0.99);
            let figure = if is_enough { Ok(latency.p99_ns) } else { Err(Reason::FewSamples) };
            let (machine, _) = part(evidence, latency.part);
            push(&mut series.p99, Point { file, figure, machine });
        }
    }
    all.into_values().collect()
}

/// Adds the first point of a file.
fn push<'a>(points: &mut Vec<Point<'a>>, point: Point<'a>) {
    if points.last().is_none_or(|last| last.file != point.file) {
        points.push(point);
    }
}

impl<'a> Series<'a> {
    const fn of(cell: CellName<'a>) -> Self {
        Self { cell, throughput: Vec::new(), p99: Vec::new(), operation: None }
    }
}

fn is_closed(latency: &Latency) -> bool {
    latency.arrivals.is_none()
}

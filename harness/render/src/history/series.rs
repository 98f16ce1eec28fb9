//! One metric across files.

use indexmap::IndexMap;
use shardproof_document::{WithheldReason, has_enough_samples};
use shardproof_evidence::{ALL, Latency, Machine, Spread, Throughput};
use shardproof_judge::change::CellName;

use super::HistoryFile;

/// The results of one cell in each file that has it.
pub(super) struct Series<'a> {
    /// The cell.
    pub(super) cell: CellName<'a>,
    /// Operations per second.
    pub(super) throughput: Vec<HistoryPoint<'a>>,
    /// The 99th percentile in a closed loop, in nanoseconds.
    pub(super) p99: Vec<HistoryPoint<'a>>,
    /// The kind of operation of the percentile.
    pub(super) operation: Option<&'a str>,
}

/// A result in one file.
pub(super) struct HistoryPoint<'a> {
    /// The index of the file, from 0.
    pub(super) file: usize,
    /// The result, or why it is withheld.
    pub(super) result: Result<Spread, WithheldReason>,
    /// The machine it was measured on.
    pub(super) machine: &'a Machine,
}

/// All series, in the order of the last file, followed by those that only older files have. The
/// latency is that of all operations together or, without that, of the first kind in the last file.
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
            let result =
                cell.valid_throughput().map(Throughput::spread).ok_or(WithheldReason::Invalid);
            let machine = evidence.machine_of(cell.part);
            push(&mut series.throughput, HistoryPoint { file, result, machine });
        }
        for latency in evidence.latencies.iter().filter(|each| is_closed(each)) {
            let Some(series) = all.get_mut(&CellName::of_latency(latency)) else { continue };
            if series.operation != Some(&latency.operation) {
                continue;
            }
            let is_enough = has_enough_samples(latency, 0.99);
            let result =
                if is_enough { Ok(latency.p99_ns) } else { Err(WithheldReason::FewSamples) };
            let machine = evidence.machine_of(latency.part);
            push(&mut series.p99, HistoryPoint { file, result, machine });
        }
    }
    all.into_values().collect()
}

/// Adds a point, unless the file already has one.
fn push<'a>(points: &mut Vec<HistoryPoint<'a>>, point: HistoryPoint<'a>) {
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

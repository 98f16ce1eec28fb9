//! One figure from file to file.

use indexmap::IndexMap;
use shardproof_document::{Reason, enough};
use shardproof_evidence::{ALL, Cell, Config, Evidence, Latency, Machine, Spread, Throughput};

use super::HistoryFile;
use super::change::Setting;

/// What a series is of, in every file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Place<'a> {
    /// The placement.
    pub(super) placement: &'a str,
    /// The workload's name.
    pub(super) workload: &'a str,
    /// The subject's name.
    pub(super) subject: &'a str,
    /// Threads at work.
    pub(super) threads: usize,
}

/// What one place of the matrix was in each file that has it.
pub(super) struct Series<'a> {
    /// Which place.
    pub(super) place: Place<'a>,
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
    /// How it was gathered.
    pub(super) setting: Setting<'a>,
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
    let mut all: IndexMap<Place<'_>, Series<'_>> = IndexMap::new();
    for HistoryFile { evidence, .. } in files.iter().rev() {
        for cell in &evidence.cells {
            let place = Place::of_cell(cell);
            all.entry(place).or_insert_with(|| Series::of(place));
        }
        for latency in evidence.latencies.iter().filter(|each| is_closed(each)) {
            let place = Place::of_latency(latency);
            let series = all.entry(place).or_insert_with(|| Series::of(place));
            if series.operation.is_none() || latency.operation == ALL {
                series.operation = Some(&latency.operation);
            }
        }
    }
    for (file, HistoryFile { evidence, .. }) in files.iter().enumerate() {
        for cell in &evidence.cells {
            let Some(series) = all.get_mut(&Place::of_cell(cell)) else { continue };
            let figure = cell.valid_throughput().map(Throughput::spread).ok_or(Reason::Invalid);
            let setting = Setting::of(evidence, cell.part, &cell.workload);
            push(&mut series.throughput, Point { file, figure, setting });
        }
        for latency in evidence.latencies.iter().filter(|each| is_closed(each)) {
            let Some(series) = all.get_mut(&Place::of_latency(latency)) else { continue };
            if series.operation != Some(&latency.operation) {
                continue;
            }
            let is_enough = enough(latency, 0.99);
            let figure = if is_enough { Ok(latency.p99_ns) } else { Err(Reason::FewSamples) };
            let setting = Setting::of(evidence, latency.part, &latency.workload);
            push(&mut series.p99, Point { file, figure, setting });
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
    const fn of(place: Place<'a>) -> Self {
        Self { place, throughput: Vec::new(), p99: Vec::new(), operation: None }
    }
}

impl<'a> Place<'a> {
    fn of_cell(cell: &'a Cell) -> Self {
        let Cell { placement, workload, subject, threads, .. } = cell;
        Self { placement, workload, subject, threads: *threads }
    }

    fn of_latency(latency: &'a Latency) -> Self {
        let Latency { placement, workload, subject, threads, .. } = latency;
        Self { placement, workload, subject, threads: *threads }
    }
}

fn is_closed(latency: &Latency) -> bool {
    latency.arrivals.is_none()
}

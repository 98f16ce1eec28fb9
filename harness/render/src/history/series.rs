//! One figure from file to file.

use shardproof_evidence::{Cell, Config, Evidence, Latency, Machine, Spread};

use super::HistoryFile;
use super::change::Setting;

/// What a series is of, in every file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    pub(super) operation: &'a str,
}

/// A figure in one file.
pub(super) struct Point<'a> {
    /// Which file, from 0.
    pub(super) file: usize,
    /// The figure; none where a check of the answers failed.
    pub(super) figure: Option<Spread>,
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

/// All series, in the order of the last file; what only older ones have comes after.
pub(super) fn collect(files: &[HistoryFile]) -> Vec<Series<'_>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    for HistoryFile { evidence, .. } in files.iter().rev() {
        let cells = evidence.cells.iter().map(Place::of_cell);
        let latencies = evidence.latencies.iter().filter(|each| is_closed(each));
        for place in cells.chain(latencies.map(Place::of_latency)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places.into_iter().map(|place| series(files, place)).collect()
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

fn series<'a>(files: &'a [HistoryFile], place: Place<'a>) -> Series<'a> {
    let operation = operation(files, place);
    let mut series = Series { place, throughput: Vec::new(), p99: Vec::new(), operation };
    for (file, HistoryFile { evidence, .. }) in files.iter().enumerate() {
        let mut cells = evidence.cells.iter();
        if let Some(cell) = cells.find(|cell| Place::of_cell(cell) == place) {
            let figure = cell.valid_throughput().map(|all| Spread {
                median: all.median,
                low: all.low,
                high: all.high,
                coverage: all.coverage,
            });
            let setting = Setting::of(evidence, cell.part, place.workload);
            series.throughput.push(Point { file, figure, setting });
        }
        let latency = evidence.latencies.iter().find(|each| {
            is_closed(each) && Place::of_latency(each) == place && each.operation == operation
        });
        if let Some(latency) = latency {
            let setting = Setting::of(evidence, latency.part, place.workload);
            series.p99.push(Point { file, figure: Some(latency.p99_ns), setting });
        }
    }
    series
}

/// The kind of operation to show: all together where that is there, else the first of the last file.
fn operation<'a>(files: &'a [HistoryFile], place: Place<'_>) -> &'a str {
    const ALL: &str = "all";
    let latencies = || {
        let newest_first = files.iter().rev().flat_map(|file| &file.evidence.latencies);
        newest_first.filter(move |each| is_closed(each) && Place::of_latency(each) == place)
    };
    let first = latencies().next().map_or(ALL, |latency| &latency.operation);
    if latencies().any(|latency| latency.operation == ALL) { ALL } else { first }
}

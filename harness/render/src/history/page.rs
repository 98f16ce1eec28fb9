//! The page: the compared files, and a plot and a table of each metric.

use askama::Template;
use indexmap::IndexMap;
use shardproof_document::history::{self, HistoryRow};
use shardproof_document::{Quantity, Term, terms};
use shardproof_evidence::{ALL, Evidence, Machine};
use shardproof_judge::change::{Metric, is_same_machine};

use super::change::{PointChange, changes};
use super::opening::{Opening, write_change};
use super::plot::HistoryPlot;
use super::series::{HistoryPoint, Series, collect};
use super::{HistoryError, HistoryFile, SkippedFile, begun_at};
use crate::chrome::styles;
use crate::report::html::Markup;

/// Maximum number of files drawn: more points would be too close to tap.
const FILES_MAX: usize = 60;
/// Maximum number of cells drawn, so that a phone can open the page.
const CELLS_MAX: usize = 160;
/// Length of an abbreviated commit.
const COMMIT_LETTERS: usize = 12;

/// The template of the page.
#[derive(Template)]
#[template(path = "history.html")]
struct Page<'a> {
    /// Its style.
    style: String,
    /// What changed.
    opening: Opening,
    /// Number of files drawn.
    count: usize,
    /// The files drawn.
    files: Markup,
    /// Number of earlier files that are not drawn.
    files_left_out: usize,
    /// The letter and description of each machine.
    machines: Vec<(String, String)>,
    /// The files that are not evidence.
    skipped: &'a [SkippedFile],
    /// Cells grouped by placement and workload.
    groups: Vec<Group>,
    /// Number of cells that are not drawn.
    cells_left_out: usize,
    /// The terms to define.
    terms: [&'static Term; 7],
}

/// Cells with the same placement and workload.
pub(super) struct Group {
    /// Placement and workload.
    pub(super) title: String,
    /// The cells.
    pub(super) cards: Vec<Card>,
}

/// One cell of the matrix.
pub(super) struct Card {
    /// The subject and its threads.
    pub(super) title: String,
    /// Throughput, and latency if measured.
    pub(super) panels: Vec<Panel>,
}

/// One metric across files.
pub(super) struct Panel {
    /// The metric, with its unit.
    pub(super) title: String,
    /// The picture.
    svg: String,
    /// The values as a table.
    table: Markup,
    /// The change in each file, with the number of the file, from 1.
    pub(super) changes: Vec<(usize, PointChange)>,
}

/// Renders the page; the files must be sorted.
pub(super) fn render(
    files: &[HistoryFile],
    skipped: &[SkippedFile],
) -> Result<String, HistoryError> {
    let files_left_out = files.len().saturating_sub(FILES_MAX);
    let drawn = ShownFiles {
        files: &files[files_left_out..],
        before: files_left_out,
        machines: Vec::new(),
    };
    let drawn = drawn.with_machines();
    let all = collect(drawn.files);
    let cells_left_out = all.len().saturating_sub(CELLS_MAX);
    let groups = drawn.groups(&all[..all.len() - cells_left_out])?;
    let rows = drawn.rows();
    let page = Page {
        opening: Opening::of(&groups, &rows),
        style: styles(include_str!("style.css")),
        count: drawn.files.len(),
        files: Markup::of(&history::files(rows))?,
        files_left_out,
        machines: drawn.machines.iter().map(|each| (drawn.letter(each), describe(each))).collect(),
        skipped,
        groups,
        cells_left_out,
        terms: [
            &terms::CHANGE,
            &terms::COVERAGE,
            &terms::FILE,
            &terms::INTERVAL,
            &terms::PERCENTILE_OF_ROUNDS,
            &terms::SETTING,
            &terms::THROUGHPUT,
        ],
    };
    Ok(page.render()?)
}

/// The files drawn.
struct ShownFiles<'a> {
    /// The files, in order.
    files: &'a [HistoryFile],
    /// Number of earlier files.
    before: usize,
    /// Their machines, in order of first occurrence.
    machines: Vec<&'a Machine>,
}

impl<'a> ShownFiles<'a> {
    fn with_machines(mut self) -> Self {
        for HistoryFile { evidence, .. } in self.files {
            for machine in machines(evidence) {
                if !self.machines.iter().any(|known| is_same_machine(known, machine)) {
                    self.machines.push(machine);
                }
            }
        }
        self
    }

    fn letter(&self, machine: &Machine) -> String {
        let index = self.machines.iter().position(|known| is_same_machine(known, machine));
        index.map_or("?".to_owned(), letter)
    }

    fn rows(&self) -> Vec<history::HistoryFile> {
        let row = |(index, HistoryFile { path, evidence }): (usize, &HistoryFile)| {
            let mut letters: Vec<String> =
                machines(evidence).map(|each| self.letter(each)).collect();
            letters.dedup();
            let config = evidence.config.as_ref();
            history::HistoryFile {
                number: self.before + index + 1,
                path: path.clone(),
                measured: begun_at(evidence).unwrap_or("unknown").to_owned(),
                commit: commit(evidence),
                version: evidence.build.version.clone(),
                machines: letters.join(", "),
                build: evidence.build.profile.clone(),
                settings: config.map_or("nothing measured".to_owned(), |config| {
                    format!("{}, seed {}", config.profile, config.seed)
                }),
            }
        };
        self.files.iter().enumerate().map(row).collect()
    }

    fn groups(&self, all: &[Series<'_>]) -> Result<Vec<Group>, HistoryError> {
        let mut groups: IndexMap<String, Vec<Card>> = IndexMap::new();
        for (number, series) in all.iter().enumerate() {
            let title = format!("{} {}", series.cell.placement, series.cell.workload);
            groups.entry(title).or_default().push(self.card(series, number)?);
        }
        Ok(groups.into_iter().map(|(title, cards)| Group { title, cards }).collect())
    }

    fn card(&self, series: &Series<'_>, number: usize) -> Result<Card, HistoryError> {
        let (subject, threads) = (series.cell.subject, series.cell.threads);
        let plural = if threads == 1 { "" } else { "s" };
        let title = format!("{subject}, {threads} thread{plural}");
        let mut panels = Vec::new();
        if !series.throughput.is_empty() {
            let what = format!("Throughput, {}", MetricUnit::Mops.as_str());
            let changes =
                changes(self.files, &series.throughput, (series.cell, Metric::Throughput));
            let shown = PanelData {
                title: what,
                unit: MetricUnit::Mops,
                points: &series.throughput,
                changes,
            };
            panels.push(self.panel(&title, number, shown)?);
        }
        if !series.p99.is_empty() {
            let operation = match series.operation {
                Some(ALL) | None => "all operations",
                Some(operation) => operation,
            };
            let what = format!("p99 of {operation}, {}", MetricUnit::Nanoseconds.as_str());
            let metric = Metric::P99 { operation: series.operation.unwrap_or(ALL) };
            let changes = changes(self.files, &series.p99, (series.cell, metric));
            let shown = PanelData {
                title: what,
                unit: MetricUnit::Nanoseconds,
                points: &series.p99,
                changes,
            };
            panels.push(self.panel(&title, number, shown)?);
        }
        Ok(Card { title, panels })
    }

    fn panel(
        &self,
        card: &str,
        number: usize,
        shown: PanelData<'_>,
    ) -> Result<Panel, HistoryError> {
        let PanelData { title, unit, points, changes } = shown;
        let plot = HistoryPlot {
            name: format!("{}-{number}", unit.name()),
            unit: unit.as_str(),
            title: format!("{card}: {title}"),
            points,
            changes: &changes,
            divisor: unit.divisor(),
            files: self.files.len(),
            before: self.before,
        };
        let rows = points.iter().zip(&changes).map(|(point, change)| HistoryRow {
            file: self.before + point.file + 1,
            result: point.result,
            change: write_change(change),
            machine: self.letter(point.machine),
            commit: commit(&self.files[point.file].evidence),
        });
        let (id, caption) = (plot.name.clone(), plot.title.clone());
        let table = Markup::of(&history::results(id, caption, unit.quantity(), rows.collect()))?;
        let svg = plot.draw()?;
        let numbers = points.iter().map(|point| self.before + point.file + 1);
        Ok(Panel { title, svg, table, changes: numbers.zip(changes).collect() })
    }
}

/// The data of a panel.
struct PanelData<'a> {
    /// The metric, with its unit.
    title: String,
    /// The unit.
    unit: MetricUnit,
    /// The points.
    points: &'a [HistoryPoint<'a>],
    /// The change at each.
    changes: Vec<PointChange>,
}

/// The unit of a metric.
#[derive(Clone, Copy)]
enum MetricUnit {
    /// Million operations per second.
    Mops,
    /// Nanoseconds.
    Nanoseconds,
}

impl MetricUnit {
    /// The metric's name, for the names of plots.
    const fn name(self) -> &'static str {
        match self {
            Self::Mops => "throughput",
            Self::Nanoseconds => "latency",
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Mops => "Mops/s",
            Self::Nanoseconds => "ns",
        }
    }

    const fn divisor(self) -> f64 {
        match self {
            Self::Mops => 1e6,
            Self::Nanoseconds => 1.0,
        }
    }

    const fn quantity(self) -> (&'static Term, Quantity) {
        match self {
            Self::Mops => (&terms::THROUGHPUT, Quantity::Rate),
            Self::Nanoseconds => (&terms::PERCENTILE_OF_ROUNDS, Quantity::Ns),
        }
    }
}

/// The machines of all parts.
fn machines(evidence: &Evidence) -> impl Iterator<Item = &Machine> {
    std::iter::once(&evidence.machine).chain(evidence.parts.iter().map(|part| &part.machine))
}

/// A, B, ... Z, AA, AB, ...
fn letter(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => last.to_string(),
        more => letter(more - 1) + &last.to_string(),
    }
}

fn describe(machine: &Machine) -> String {
    let Machine { cores, cpu, architecture, os, hypervisor, .. } = machine;
    let cpu = cpu.as_deref().unwrap_or("unknown processor");
    let kind = if *hypervisor == Some(true) { ", virtual" } else { "" };
    format!("{cores} x {cpu}{kind}, {os} {architecture}")
}

fn commit(evidence: &Evidence) -> String {
    let commit: String = evidence.build.commit.chars().take(COMMIT_LETTERS).collect();
    let dirty = if evidence.build.dirty == Some(true) { " with uncommitted changes" } else { "" };
    commit + dirty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_lettered_like_spreadsheet_columns() {
        let letters = [0, 25, 26, 51, 52, 701, 702].map(letter);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}

//! The page: what was compared, and a picture and a table of each figure.

use askama::Template;
use indexmap::IndexMap;
use shardproof_document::history::{self, HistoryFigure};
use shardproof_document::{Quantity, Term, terms};
use shardproof_evidence::{ALL, Evidence, Machine};
use shardproof_judge::change::{Metric, is_same_machine};

use super::change::{Change, changes};
use super::opening::{Opening, write_change};
use super::plot::Plot;
use super::series::{Point, Series, collect, part};
use super::{HistoryError, HistoryFile, SkippedFile, begun_at};
use crate::chrome::styles;
use crate::report::html::Markup;

/// The most files that are drawn: more points than this are closer than a finger is wide.
const FILES_MAX: usize = 60;
/// The most places of the matrix that are drawn, so that a phone can open the page.
const PLACES_MAX: usize = 160;
/// Letters of a commit that tell it from others.
const COMMIT_LETTERS: usize = 12;

/// Everything on the page.
#[derive(Template)]
#[template(path = "history.html")]
struct Page<'a> {
    /// Its style.
    style: String,
    /// What changed.
    opening: Opening,
    /// How many files are drawn.
    count: usize,
    /// The files that are drawn.
    files: Markup,
    /// How many of them come before those.
    files_left_out: usize,
    /// The letter of each machine they are from, and what it is.
    machines: Vec<(String, String)>,
    /// The files that are no evidence.
    skipped: &'a [SkippedFile],
    /// Places with the same placement and workload.
    groups: Vec<Group>,
    /// How many places are not drawn.
    places_left_out: usize,
    /// What is defined.
    terms: [&'static Term; 7],
}

/// What has one placement and workload.
pub(super) struct Group {
    /// Both.
    pub(super) title: String,
    /// Each cell.
    pub(super) cards: Vec<Card>,
}

/// One cell of the matrix.
pub(super) struct Card {
    /// The subject and its threads.
    pub(super) title: String,
    /// Throughput, and latency where there is any.
    pub(super) panels: Vec<Panel>,
}

/// One figure from file to file.
pub(super) struct Panel {
    /// What it is, with its unit.
    pub(super) title: String,
    /// The picture.
    svg: String,
    /// The same in numbers.
    table: Markup,
    /// What became of the figure of each file, with the number of the file, from 1.
    pub(super) changes: Vec<(usize, Change)>,
}

/// The page of files that are in order.
pub(super) fn render(
    files: &[HistoryFile],
    skipped: &[SkippedFile],
) -> Result<String, HistoryError> {
    let files_left_out = files.len().saturating_sub(FILES_MAX);
    let drawn =
        Drawn { files: &files[files_left_out..], before: files_left_out, machines: Vec::new() };
    let drawn = drawn.with_machines();
    let all = collect(drawn.files);
    let places_left_out = all.len().saturating_sub(PLACES_MAX);
    let groups = drawn.groups(&all[..all.len() - places_left_out])?;
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
        places_left_out,
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

/// The files that are drawn.
struct Drawn<'a> {
    /// In order.
    files: &'a [HistoryFile],
    /// How many come before them.
    before: usize,
    /// Their machines, in the order in which they come.
    machines: Vec<&'a Machine>,
}

impl<'a> Drawn<'a> {
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
        let place = self.machines.iter().position(|known| is_same_machine(known, machine));
        place.map_or("?".to_owned(), letter)
    }

    fn rows(&self) -> Vec<history::HistoryFile> {
        let row = |(index, HistoryFile { path, evidence }): (usize, &HistoryFile)| {
            let mut letters: Vec<String> =
                machines(evidence).map(|each| self.letter(each)).collect();
            letters.dedup();
            let (_, config) = part(evidence, 0);
            history::HistoryFile {
                number: self.before + index + 1,
                path: path.clone(),
                measured: begun_at(evidence).unwrap_or("not known").to_owned(),
                commit: commit(evidence),
                version: evidence.build.version.clone(),
                machines: letters.join(", "),
                build: evidence.build.profile.clone(),
                asked: config.map_or("nothing measured".to_owned(), |config| {
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
            let what = format!("Throughput, {}", Unit::Mops.as_str());
            let changes =
                changes(self.files, &series.throughput, (series.cell, Metric::Throughput));
            let shown =
                Shown { title: what, unit: Unit::Mops, points: &series.throughput, changes };
            panels.push(self.panel(&title, number, shown)?);
        }
        if !series.p99.is_empty() {
            let operation = match series.operation {
                Some(ALL) | None => "all operations",
                Some(operation) => operation,
            };
            let what = format!("p99 of {operation}, {}", Unit::Nanoseconds.as_str());
            let metric = Metric::P99 { operation: series.operation.unwrap_or(ALL) };
            let changes = changes(self.files, &series.p99, (series.cell, metric));
            let shown =
                Shown { title: what, unit: Unit::Nanoseconds, points: &series.p99, changes };
            panels.push(self.panel(&title, number, shown)?);
        }
        Ok(Card { title, panels })
    }

    fn panel(&self, card: &str, number: usize, shown: Shown<'_>) -> Result<Panel, HistoryError> {
        let Shown { title, unit, points, changes } = shown;
        let plot = Plot {
            name: format!("{}-{number}", unit.name()),
            unit: unit.as_str(),
            title: format!("{card}: {title}"),
            points,
            changes: &changes,
            divisor: unit.divisor(),
            files: self.files.len(),
            before: self.before,
        };
        let rows = points.iter().zip(&changes).map(|(point, change)| HistoryFigure {
            file: self.before + point.file + 1,
            figure: point.figure,
            change: write_change(change),
            machine: self.letter(point.machine),
            commit: commit(&self.files[point.file].evidence),
        });
        let (id, caption) = (plot.name.clone(), plot.title.clone());
        let table = Markup::of(&history::figures(id, caption, unit.quantity(), rows.collect()))?;
        let svg = plot.draw()?;
        let numbers = points.iter().map(|point| self.before + point.file + 1);
        Ok(Panel { title, svg, table, changes: numbers.zip(changes).collect() })
    }
}

/// What a panel shows.
struct Shown<'a> {
    /// What it is, with its unit.
    title: String,
    /// The unit.
    unit: Unit,
    /// The figures.
    points: &'a [Point<'a>],
    /// The change at each.
    changes: Vec<Change>,
}

/// What figures are written in.
#[derive(Clone, Copy)]
enum Unit {
    /// Million operations per second.
    Mops,
    /// Nanoseconds.
    Nanoseconds,
}

impl Unit {
    /// What it is the unit of, as pictures are named.
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
fn letter(place: usize) -> String {
    let last = char::from(b'A' + (place % 26) as u8);
    match place / 26 {
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
    let dirty = if evidence.build.dirty == Some(true) { " with changes" } else { "" };
    commit + dirty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_lettered_as_columns_of_a_spreadsheet() {
        let letters = [0, 25, 26, 51, 52, 701, 702].map(letter);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}

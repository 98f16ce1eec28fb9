//! Dot plots of a metric of cells: a picture for each workload, a group for each placement.

use crate::figures::page::{MatrixPosition, Page, distinct};
use crate::figures::{Picture, SAME_BELOW, alternative};
use crate::plot::axis::{Axis, number, time};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane, Reference};
use crate::plot::style::Style;
use crate::plot::{Body, Plot};
use shardproof_document::{counted, significant};

/// One value of a cell.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct CellMark<'a> {
    /// The cell's part, workload and placement.
    pub position: MatrixPosition<'a>,
    /// The subject.
    pub subject: &'a str,
    /// Threads at work.
    pub threads: usize,
    /// Whether there were more threads than cores.
    pub is_oversubscribed: bool,
    /// The value, or a placeholder that says why there is none.
    pub value: Result<Estimate, &'static str>,
}

/// A value with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Estimate {
    /// The value.
    pub value: f64,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
}

/// The metric that is drawn, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlottedMetric {
    /// Prefix of the names of its pictures.
    pub name: &'static str,
    /// Its name in titles.
    pub title: &'static str,
    /// The label of the axis, with the unit unless the numbers include it.
    pub axis: &'static str,
    /// How numbers are formatted.
    pub unit: NumberFormat,
    /// The reference lines.
    pub references: &'static [Line],
}

/// How numbers are formatted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NumberFormat {
    /// Without a unit: the axis names it.
    Plain,
    /// As nanoseconds, in the most suitable unit.
    Time,
}

impl NumberFormat {
    /// A value with three significant digits.
    fn format(self, value: f64) -> String {
        match self {
            Self::Plain => significant(value),
            Self::Time => three_digits_of_time(value),
        }
    }

    /// The formatter for ticks.
    pub(super) fn tick(self) -> fn(f64) -> String {
        match self {
            Self::Plain => number,
            Self::Time => time,
        }
    }
}

/// Nanoseconds in the most suitable unit, with three significant digits.
pub(super) fn three_digits_of_time(ns: f64) -> String {
    time(format!("{ns:.2e}").parse().unwrap_or(ns))
}

/// A reference line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// Whose values it is drawn at.
    pub subject: LineSubject,
    /// What the key adds to the subject's name.
    pub note: &'static str,
    /// How it is drawn.
    pub style: Style,
}

/// The subject of a reference line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LineSubject {
    /// This control.
    Control(&'static str),
    /// The base of ratios.
    Base,
}

impl Line {
    /// The name of its subject on this page.
    pub(super) fn subject<'a>(&self, page: &Page<'a>) -> &'a str {
        match self.subject {
            LineSubject::Control(name) => name,
            LineSubject::Base => page.base,
        }
    }
}

/// One picture for each workload of each part.
pub(super) fn pictures(
    page: &Page<'_>,
    marks: &[CellMark<'_>],
    quantity: PlottedMetric,
) -> Vec<Picture> {
    let workloads = distinct(marks.iter().map(|mark| (mark.position.part, mark.position.workload)));
    let picture = |(number, (part, workload)): (usize, (usize, &str))| {
        let here: Vec<&CellMark<'_>> = marks
            .iter()
            .filter(|mark| (mark.position.part, mark.position.workload) == (part, workload))
            .collect();
        let title = format!("{workload}{}", page.part_name(part));
        let name = format!("{}-{number}", quantity.name);
        let plot = Plot::Dots(plot(page, &here, quantity, (name, &title)));
        Picture { title, plot }
    };
    workloads.into_iter().enumerate().map(picture).collect()
}

fn plot(
    page: &Page<'_>,
    marks: &[&CellMark<'_>],
    quantity: PlottedMetric,
    (name, title): (String, &str),
) -> DotPlot {
    let counts = ThreadCounts::of(marks);
    let placements = distinct(marks.iter().map(|mark| mark.position.placement));
    let groups = placements.iter().map(|placement| {
        let here: Vec<&CellMark<'_>> =
            marks.iter().copied().filter(|mark| mark.position.placement == *placement).collect();
        let subjects = distinct(here.iter().map(|mark| mark.subject));
        DotGroup {
            name: (*placement).to_owned(),
            rows: subjects
                .into_iter()
                .map(|subject| DotRow {
                    name: subject.to_owned(),
                    style: page.styles.style(subject),
                    cells: vec![counts.cell(&here, subject, quantity.unit)],
                })
                .collect(),
            references: quantity
                .references
                .iter()
                .map(|line| vec![counts.primary(&here, line.subject(page))])
                .collect(),
        }
    });
    let groups: Vec<DotGroup> = groups.collect();
    DotPlot {
        alternative: alternative(
            name,
            format!("{}: {title}", quantity.title),
            description(marks, &counts, quantity),
        ),
        axis: axis(quantity.axis, quantity.unit, &groups),
        columns: vec![String::new()],
        lanes: counts.lanes(),
        references: references(page, quantity, &groups),
        groups,
    }
}

/// The reference lines of the key; only those that some group has.
pub(super) fn references(
    page: &Page<'_>,
    quantity: PlottedMetric,
    groups: &[DotGroup],
) -> Vec<Reference> {
    let is_drawn =
        groups.iter().any(|group| group.references.iter().flatten().any(Option::is_some));
    let all = quantity.references.iter().filter(|_| is_drawn);
    all.map(|line| Reference {
        name: format!("{}{}", line.subject(page), line.note),
        style: line.style,
    })
    .collect()
}

/// A logarithmic axis that covers every mark, interval and reference.
pub(super) fn axis(label: &str, unit: NumberFormat, groups: &[DotGroup]) -> Axis {
    let dots = || {
        let cells = groups.iter().flat_map(|group| &group.rows).flat_map(|row| &row.cells);
        cells.flat_map(|cell| &cell.dots)
    };
    let ends = dots().filter_map(|dot| dot.interval).flat_map(|(low, high)| [low, high]);
    let references = groups.iter().flat_map(|group| group.references.iter().flatten().flatten());
    let values = dots().map(|dot| dot.value).chain(ends).chain(references.copied());
    Axis::log(label, values.filter(|value| *value > 0.0), unit.tick())
}

/// The numbers of threads of a picture.
struct ThreadCounts {
    /// Ascending, each with whether it exceeds the number of cores.
    counts: Vec<(usize, bool)>,
}

impl ThreadCounts {
    fn of(marks: &[&CellMark<'_>]) -> Self {
        let mut counts = distinct(marks.iter().map(|mark| mark.threads));
        counts.sort_unstable();
        let is_oversubscribed =
            |threads| marks.iter().any(|mark| mark.threads == threads && mark.is_oversubscribed);
        Self { counts: counts.into_iter().map(|count| (count, is_oversubscribed(count))).collect() }
    }

    /// The representative number of threads: the largest with a core for each, or else the
    /// smallest.
    fn representative(&self) -> usize {
        let fair = self.counts.iter().rev().find(|(_, is_oversubscribed)| !is_oversubscribed);
        fair.or(self.counts.first()).map_or(0, |(count, _)| *count)
    }

    fn lanes(&self) -> Vec<Lane> {
        let representative = self.representative();
        let first = self.counts.first().map_or(0, |(count, _)| *count);
        let lane = |(level, (count, is_oversubscribed)): (usize, &(usize, bool))| Lane {
            name: format!(
                "{}{}",
                counted(*count, "thread"),
                if *is_oversubscribed { ", more than cores" } else { "" }
            ),
            body: match *count {
                count if count == representative => Body::Solid,
                _ if *is_oversubscribed => Body::Cross,
                count if count == first => Body::Hollow,
                _ => Body::Small,
            },
            level,
        };
        self.counts.iter().enumerate().map(lane).collect()
    }

    /// The marks of a subject, with the value at the representative number of threads.
    fn cell(&self, marks: &[&CellMark<'_>], subject: &str, unit: NumberFormat) -> DotCell {
        let mut cell = DotCell::default();
        for (lane, (count, _)) in self.counts.iter().enumerate() {
            let mark = marks.iter().find(|mark| mark.subject == subject && mark.threads == *count);
            match mark.map(|mark| mark.value) {
                Some(Ok(Estimate { value, interval })) => {
                    cell.dots.push(Dot { lane, value, interval });
                    if *count == self.representative() && cell.number.is_empty() {
                        cell.number = unit.format(value);
                    }
                }
                Some(Err(why)) => why.clone_into(&mut cell.number),
                None => {}
            }
        }
        cell
    }

    fn primary(&self, marks: &[&CellMark<'_>], subject: &str) -> Option<f64> {
        let is_it = |mark: &&&CellMark<'_>| {
            mark.subject == subject && mark.threads == self.representative()
        };
        Some(marks.iter().find(is_it)?.value.ok()?.value)
    }
}

/// The values at the representative number of threads, as text.
fn description(marks: &[&CellMark<'_>], counts: &ThreadCounts, quantity: PlottedMetric) -> String {
    let representative = counts.representative();
    let values = marks.iter().filter(|mark| mark.threads == representative).filter_map(|mark| {
        let estimate = mark.value.ok()?;
        Some(format!(
            "{} {}: {}",
            mark.position.placement,
            mark.subject,
            quantity.unit.format(estimate.value)
        ))
    });
    let values: Vec<String> = values.collect();
    format!(
        "On {}, {}: {}. {SAME_BELOW}",
        counted(representative, "thread"),
        quantity.axis,
        values.join("; ")
    )
}

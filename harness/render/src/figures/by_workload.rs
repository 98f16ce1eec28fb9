//! Dot plots of figures that cells have: a picture for each workload, a group for each placement.

use crate::figures::page::{Page, Place, distinct};
use crate::figures::{Picture, SAME_BELOW, alternative};
use crate::plot::axis::{Axis, number, time};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane, Reference};
use crate::plot::style::Style;
use crate::plot::{Body, Plot};
use shardproof_document::{counted, significant};

/// One figure of a cell.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Mark<'a> {
    /// Where it belongs.
    pub place: Place<'a>,
    /// Whose it is.
    pub subject: &'a str,
    /// Threads at work.
    pub threads: usize,
    /// Whether they were more than cores.
    pub is_crowded: bool,
    /// The figure; else why there is none.
    pub figure: Result<Estimate, &'static str>,
}

/// A figure with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Estimate {
    /// The figure.
    pub value: f64,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
}

/// What the figures are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantity {
    /// What the names of its pictures begin with.
    pub name: &'static str,
    /// What it is, in titles.
    pub title: &'static str,
    /// The name of the axis, with the unit if the numbers do not say it.
    pub axis: &'static str,
    /// What numbers are written as.
    pub unit: Unit,
    /// Subjects that the others are read against, and their lines.
    pub references: &'static [(&'static str, Line)],
}

/// What numbers are written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    /// As they are: the axis says what they are.
    Plain,
    /// As nanoseconds, in the unit that makes them short.
    Time,
}

impl Unit {
    /// A figure, with three digits that count.
    fn figure(self, value: f64) -> String {
        match self {
            Self::Plain => significant(value),
            Self::Time => three_digits_of_time(value),
        }
    }

    /// What ticks are written with.
    pub(super) fn tick(self) -> fn(f64) -> String {
        match self {
            Self::Plain => number,
            Self::Time => time,
        }
    }
}

/// Nanoseconds in the unit that makes them short, with three digits that count.
pub(super) fn three_digits_of_time(ns: f64) -> String {
    time(format!("{ns:.2e}").parse().unwrap_or(ns))
}

/// A line that other figures are read against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// What the key says of its subject, after the name.
    pub note: &'static str,
    /// How it is drawn.
    pub style: Style,
}

/// One picture for each workload of each part.
pub(super) fn pictures(page: &Page<'_>, marks: &[Mark<'_>], quantity: Quantity) -> Vec<Picture> {
    let workloads = distinct(marks.iter().map(|mark| (mark.place.part, mark.place.workload)));
    let picture = |(number, (part, workload)): (usize, (usize, &str))| {
        let here: Vec<&Mark<'_>> = marks
            .iter()
            .filter(|mark| (mark.place.part, mark.place.workload) == (part, workload))
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
    marks: &[&Mark<'_>],
    quantity: Quantity,
    (name, title): (String, &str),
) -> DotPlot {
    let counts = ThreadCounts::of(marks);
    let placements = distinct(marks.iter().map(|mark| mark.place.placement));
    let groups = placements.iter().map(|placement| {
        let here: Vec<&Mark<'_>> =
            marks.iter().copied().filter(|mark| mark.place.placement == *placement).collect();
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
                .map(|(subject, _)| vec![counts.primary(&here, subject)])
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
        references: references(quantity, &groups),
        groups,
    }
}

/// The lines of the key; with a line that no group has, the key would name what is not there.
pub(super) fn references(quantity: Quantity, groups: &[DotGroup]) -> Vec<Reference> {
    let is_drawn =
        groups.iter().any(|group| group.references.iter().flatten().any(Option::is_some));
    let all = quantity.references.iter().filter(|_| is_drawn);
    all.map(|(subject, line)| Reference {
        name: format!("{subject}{}", line.note),
        style: line.style,
    })
    .collect()
}

/// A logarithmic axis that holds every mark, interval and reference.
pub(super) fn axis(label: &str, unit: Unit, groups: &[DotGroup]) -> Axis {
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
    /// In order, and whether there are more than cores.
    counts: Vec<(usize, bool)>,
}

impl ThreadCounts {
    fn of(marks: &[&Mark<'_>]) -> Self {
        let mut counts = distinct(marks.iter().map(|mark| mark.threads));
        counts.sort_unstable();
        let is_crowded =
            |threads| marks.iter().any(|mark| mark.threads == threads && mark.is_crowded);
        Self { counts: counts.into_iter().map(|count| (count, is_crowded(count))).collect() }
    }

    /// The number of threads that says most: the largest with a core for each, or the smallest.
    fn telling(&self) -> usize {
        let fair = self.counts.iter().rev().find(|(_, is_crowded)| !is_crowded);
        fair.or(self.counts.first()).map_or(0, |(count, _)| *count)
    }

    fn lanes(&self) -> Vec<Lane> {
        let telling = self.telling();
        let first = self.counts.first().map_or(0, |(count, _)| *count);
        let lane = |(level, (count, is_crowded)): (usize, &(usize, bool))| Lane {
            name: format!(
                "{}{}",
                counted(*count, "thread"),
                if *is_crowded { ", more than cores" } else { "" }
            ),
            body: match *count {
                count if count == telling => Body::Solid,
                _ if *is_crowded => Body::Cross,
                count if count == first => Body::Hollow,
                _ => Body::Small,
            },
            level,
        };
        self.counts.iter().enumerate().map(lane).collect()
    }

    /// The marks of a subject, with the figure of the telling number of threads.
    fn cell(&self, marks: &[&Mark<'_>], subject: &str, unit: Unit) -> DotCell {
        let mut cell = DotCell::default();
        for (lane, (count, _)) in self.counts.iter().enumerate() {
            let mark = marks.iter().find(|mark| mark.subject == subject && mark.threads == *count);
            match mark.map(|mark| mark.figure) {
                Some(Ok(Estimate { value, interval })) => {
                    cell.dots.push(Dot { lane, value, interval });
                    if *count == self.telling() && cell.number.is_empty() {
                        cell.number = unit.figure(value);
                    }
                }
                Some(Err(why)) => why.clone_into(&mut cell.number),
                None => {}
            }
        }
        cell
    }

    fn primary(&self, marks: &[&Mark<'_>], subject: &str) -> Option<f64> {
        let is_it = |mark: &&&Mark<'_>| mark.subject == subject && mark.threads == self.telling();
        Some(marks.iter().find(is_it)?.figure.ok()?.value)
    }
}

/// The figures on the telling number of threads, in words.
fn description(marks: &[&Mark<'_>], counts: &ThreadCounts, quantity: Quantity) -> String {
    let telling = counts.telling();
    let figures = marks.iter().filter(|mark| mark.threads == telling).filter_map(|mark| {
        let figure = mark.figure.ok()?;
        Some(format!(
            "{} {}: {}",
            mark.place.placement,
            mark.subject,
            quantity.unit.figure(figure.value)
        ))
    });
    let figures: Vec<String> = figures.collect();
    format!(
        "On {}, {}: {}. {SAME_BELOW}",
        counted(telling, "thread"),
        quantity.axis,
        figures.join("; ")
    )
}

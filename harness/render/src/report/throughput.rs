//! Throughput and scaling, with intervals.

use shardproof_document::{counted, significant};
use shardproof_evidence::{Cell, Spread};
use shardproof_judge::compare::Compared;

use crate::plot::Alternative;
use crate::plot::axis::Axis;
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::plot::style::{FLOOR, IDEAL};
use crate::report::ReportError;
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::{DRAWN_MAX, Page, Place, distinct, neighbour};

/// One of the two figures.
pub(crate) struct Kind {
    /// What its pictures' names begin with.
    name: &'static str,
    /// Its title.
    title: &'static str,
    /// The name of the upright axis.
    axis: &'static str,
    /// The height of a cell, with its interval.
    height: fn(&Compared<'_>) -> Option<Spread>,
    /// What would be if nothing were lost, for so many threads.
    ideal: Option<fn(f64) -> f64>,
}

pub(crate) const THROUGHPUT: Kind = Kind {
    name: "throughput",
    title: "Throughput by threads",
    axis: "Mops/s",
    height: |compared| {
        let throughput = compared.cell.valid_throughput()?;
        let mops = |ops_s: f64| ops_s / 1e6;
        Some(Spread {
            median: mops(throughput.median),
            low: mops(throughput.low),
            high: mops(throughput.high),
            coverage: throughput.coverage,
        })
    },
    ideal: None,
};

pub(crate) const SCALING: Kind = Kind {
    name: "scaling",
    title: "Scaling by threads",
    axis: "times one thread",
    height: |compared| match compared.cell.threads {
        1 => compared.cell.valid_throughput().map(|_| Spread {
            median: 1.0,
            low: 1.0,
            high: 1.0,
            coverage: 1.0,
        }),
        _ => compared.scaling,
    },
    ideal: Some(|threads| threads),
};

/// A picture of each place.
pub(crate) fn draw(page: &Page<'_>, kind: &Kind) -> Result<Drawn, ReportError> {
    let places = page.places();
    let left = places.len().saturating_sub(DRAWN_MAX);
    let mut pictures = Vec::new();
    for (number, (place, cells)) in places.iter().take(DRAWN_MAX).enumerate() {
        let title = page.name(*place);
        let panel = panel(page, cells, kind, (*place, number));
        pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
    }
    let legend = page.legend(|subject| {
        subject != FLOOR && page.evidence.cells.iter().any(|cell| cell.subject == subject)
    })?;
    Ok(Drawn { legend, ..Drawn::of(pictures) }.left_out(left))
}

fn panel(
    page: &Page<'_>,
    cells: &[&Compared<'_>],
    kind: &Kind,
    (place, number): (Place<'_>, usize),
) -> Panel {
    let here: Vec<&Compared<'_>> =
        cells.iter().copied().filter(|each| each.cell.subject != FLOOR).collect();
    let mut threads = distinct(here.iter().map(|each| each.cell.threads));
    threads.sort_unstable();
    let subjects = distinct(here.iter().map(|each| each.cell.subject.as_str()));
    let count = subjects.len();
    let mut series: Vec<Series> = Vec::new();
    for (index, subject) in subjects.into_iter().enumerate() {
        let mut cells: Vec<_> = here.iter().filter(|each| each.cell.subject == subject).collect();
        cells.sort_by_key(|each| each.cell.threads);
        series.push(Series {
            style: page.styles.style(subject),
            points: cells.into_iter().filter_map(|each| point(page, kind, each)).collect(),
            neighbour: neighbour(index, count),
        });
    }
    let highest: Vec<f64> = series
        .iter()
        .flat_map(|series| &series.points)
        .map(|point| point.interval.map_or(point.y, |(_, high)| high))
        .collect();
    let y = Axis::from_zero(kind.axis, highest);
    if let Some(ideal) = kind.ideal {
        series.insert(0, ideal_line(ideal, &threads, &y));
    }
    Panel {
        alternative: Alternative {
            name: format!("{}-{number}", kind.name),
            title: format!("{}: {}", kind.title, page.name(place)),
            description: described(&here, kind),
        },
        x: Axis::counts("threads", &threads),
        y,
        series,
    }
}

/// What would be if nothing were lost, as far as the axis goes.
fn ideal_line(ideal: fn(f64) -> f64, threads: &[usize], y: &Axis) -> Series {
    let first = threads.first().copied().unwrap_or(1) as f64;
    let last = (threads.last().copied().unwrap_or(1) as f64).min(y.high);
    let point = |x: f64| Point { x, y: ideal(x), interval: None, mark: Mark::None };
    Series { style: IDEAL, points: vec![point(first), point(last)], neighbour: 0.0 }
}

fn point(page: &Page<'_>, kind: &Kind, compared: &Compared<'_>) -> Option<Point> {
    let Cell { part, threads, warnings, .. } = compared.cell;
    let Spread { median, low, high, .. } = (kind.height)(compared)?;
    let hollow = page.is_oversubscribed(*part, *threads, warnings);
    Some(Point {
        x: *threads as f64,
        y: median,
        interval: Some((low, high)),
        mark: if hollow { Mark::Hollow } else { Mark::Solid },
    })
}

/// The last point of each subject, in words.
fn described(here: &[&Compared<'_>], kind: &Kind) -> String {
    let subjects = distinct(here.iter().map(|each| each.cell.subject.as_str()));
    let ends = subjects.into_iter().filter_map(|subject| {
        let of_subject = here.iter().filter(|each| each.cell.subject == subject);
        let last = of_subject
            .filter_map(|each| Some((each.cell.threads, (kind.height)(each)?.median)))
            .max_by_key(|(threads, _)| *threads)?;
        Some(format!(
            "{subject} on {}: {} {}",
            counted(last.0, "thread"),
            significant(last.1),
            kind.axis
        ))
    });
    ends.collect::<Vec<_>>().join("; ")
}

//! Throughput and scaling, with intervals: dot plots for few thread counts, line plots for many.

use shardproof_document::{counted, significant};
use shardproof_evidence::{Cell, Spread};
use shardproof_judge::compare::{Compared, FLOOR, SCALING_CONTROL};

use crate::figures::by_workload::{
    self, CellMark, Estimate, Line, LineSubject, NumberFormat, PlottedMetric,
};
use crate::figures::page::{MatrixPosition, Page, distinct, neighbour};
use crate::figures::{Figure, LINE_COUNTS_MIN, Picture, Width, alternative};
use crate::plot::Plot;
use crate::plot::axis::Axis;
use crate::plot::lines::{Height, Mark, Panel, Point, Series};
use crate::plot::palette;
use crate::plot::style::{self, IDEAL, Marker, Style};

/// The ceiling as a reference line.
const CEILING_LINE: Line =
    Line { subject: LineSubject::Control(SCALING_CONTROL), note: "", style: style::CEILING };
/// The base of ratios as a reference line.
const BASE_LINE: Line = Line {
    subject: LineSubject::Base,
    note: ", the base",
    style: Style { colour: palette::FAINT, dash: "2 3", marker: Marker::Dot },
};

/// Throughput, for dot plots.
pub(super) const THROUGHPUT_DOTS: PlottedMetric = PlottedMetric {
    name: "throughput",
    title: "Throughput",
    axis: "Mops/s",
    unit: NumberFormat::Plain,
    references: &[CEILING_LINE, BASE_LINE],
};

const SCALING_DOTS: PlottedMetric = PlottedMetric {
    name: "scaling",
    title: "Scaling",
    axis: "relative to one thread",
    unit: NumberFormat::Plain,
    references: &[CEILING_LINE],
};

/// One of the two figures.
struct Kind {
    /// Its title.
    title: &'static str,
    /// Its caption for dot plots.
    dots_caption: &'static str,
    /// Its caption for line plots.
    lines_caption: &'static str,
    /// The metric.
    quantity: PlottedMetric,
    /// The value of a cell, with its interval.
    value: fn(&Compared<'_>) -> Option<Spread>,
    /// Perfect scaling, as a function of the number of threads.
    ideal: Option<fn(f64) -> f64>,
}

const THROUGHPUT: Kind = Kind {
    title: "Throughput by threads",
    dots_caption: "The axis is logarithmic: equal distances are equal ratios. Bars are intervals \
                   of the median. Vertical lines are the ceiling and the base of ratios, at the \
                   same number of threads as the filled marks, whose values are on the right. \
                   Crosses have more threads than cores. The floor is only in the table.",
    lines_caption: "The vertical axis starts at 0. Bars are intervals of the median; subjects at \
                    the same number of threads are drawn side by side. The dashed line with dots \
                    is the ceiling. Hollow points have more threads than cores and are not \
                    connected. The floor is only in the table.",
    quantity: THROUGHPUT_DOTS,
    value: mops,
    ideal: None,
};

const SCALING: Kind = Kind {
    title: "Scaling by threads",
    dots_caption: "Throughput relative to one thread, on a logarithmic axis. The loss of the \
                   ceiling (dashed line) is due to the machine; only a subject's additional loss \
                   is its own. Bars are intervals of the median. Crosses have more threads than \
                   cores.",
    lines_caption: "Throughput relative to one thread. The dotted grey line is perfect scaling. \
                    The loss of the ceiling is due to the machine; only a subject's additional \
                    loss is its own. Hollow points have more threads than cores.",
    quantity: SCALING_DOTS,
    value: |compared| match compared.cell.threads {
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

/// Throughput of a valid cell, in million operations per second.
pub(crate) fn mops(compared: &Compared<'_>) -> Option<Spread> {
    let throughput = compared.cell.valid_throughput()?;
    let mops = |ops_s: f64| ops_s / 1e6;
    Some(Spread {
        median: mops(throughput.median),
        low: mops(throughput.low),
        high: mops(throughput.high),
        coverage: throughput.coverage,
    })
}

/// Throughput of every cell.
pub(crate) fn throughput(page: &Page<'_>, compared: &[Compared<'_>]) -> Figure {
    figure(page, compared, &THROUGHPUT)
}

/// Scaling of every cell with more than one thread.
pub(crate) fn scaling(page: &Page<'_>, compared: &[Compared<'_>]) -> Figure {
    figure(page, compared, &SCALING)
}

fn figure(page: &Page<'_>, compared: &[Compared<'_>], kind: &Kind) -> Figure {
    let figure = Figure {
        title: kind.title.to_owned(),
        caption: String::new(),
        width: Width::Column,
        legend: Vec::new(),
        pictures: Vec::new(),
        folded: Vec::new(),
    };
    let counts = distinct(compared.iter().map(|each| each.cell.threads));
    if counts.len() < LINE_COUNTS_MIN {
        return Figure {
            caption: kind.dots_caption.to_owned(),
            pictures: by_workload::pictures(page, &marks(page, compared, kind), kind.quantity),
            ..figure
        };
    }
    let lines = |(number, position): (usize, MatrixPosition<'_>)| Picture {
        title: page.name(position),
        plot: Plot::Lines(panel(page, compared, kind, (position, number))),
    };
    Figure {
        caption: kind.lines_caption.to_owned(),
        legend: page.legend(|subject| {
            subject != FLOOR && compared.iter().any(|each| each.cell.subject == subject)
        }),
        pictures: page.positions().into_iter().enumerate().map(lines).collect(),
        ..figure
    }
}

fn marks<'a>(page: &Page<'a>, compared: &[Compared<'a>], kind: &Kind) -> Vec<CellMark<'a>> {
    let drawn = compared.iter().filter(|each| {
        // One thread relative to itself needs no mark.
        each.cell.subject != FLOOR && (kind.ideal.is_none() || each.cell.threads > 1)
    });
    drawn.map(|each| mark(page, each, (kind.value)(each))).collect()
}

/// The mark of a cell in dot plots.
pub(super) fn mark<'a>(
    page: &Page<'a>,
    compared: &Compared<'a>,
    value: Option<Spread>,
) -> CellMark<'a> {
    let cell = compared.cell;
    CellMark {
        position: MatrixPosition::of_cell(cell),
        subject: &cell.subject,
        threads: cell.threads,
        is_oversubscribed: page.evidence.is_oversubscribed(cell.part, cell.threads, &cell.warnings),
        value: match value {
            Some(spread) => {
                Ok(Estimate { value: spread.median, interval: Some((spread.low, spread.high)) })
            }
            None if cell.valid_throughput().is_none() => Err("invalid"),
            None => Err("–"),
        },
    }
}

fn panel(
    page: &Page<'_>,
    compared: &[Compared<'_>],
    kind: &Kind,
    (position, number): (MatrixPosition<'_>, usize),
) -> Panel {
    let here: Vec<&Compared<'_>> = compared
        .iter()
        .filter(|each| MatrixPosition::of_cell(each.cell) == position && each.cell.subject != FLOOR)
        .collect();
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
    let y = Axis::from_zero(kind.quantity.axis, highest);
    if let Some(ideal) = kind.ideal {
        series.insert(0, ideal_line(ideal, &threads, &y));
    }
    Panel {
        alternative: alternative(
            format!("{}-{number}", kind.quantity.name),
            format!("{}: {}", kind.title, page.name(position)),
            described(&here, kind),
        ),
        x: Axis::counts("threads", &threads),
        y,
        height: Height::Normal,
        series,
    }
}

/// The line of perfect scaling, as far as the axis extends.
fn ideal_line(ideal: fn(f64) -> f64, threads: &[usize], y: &Axis) -> Series {
    let first = threads.first().copied().unwrap_or(1) as f64;
    let last = (threads.last().copied().unwrap_or(1) as f64).min(y.high);
    let point = |x: f64| Point { x, y: ideal(x), interval: None, mark: Mark::None };
    Series { style: IDEAL, points: vec![point(first), point(last)], neighbour: 0.0 }
}

fn point(page: &Page<'_>, kind: &Kind, compared: &Compared<'_>) -> Option<Point> {
    let Cell { part, threads, warnings, .. } = compared.cell;
    let Spread { median, low, high, .. } = (kind.value)(compared)?;
    let hollow = page.evidence.is_oversubscribed(*part, *threads, warnings);
    Some(Point {
        x: *threads as f64,
        y: median,
        interval: Some((low, high)),
        mark: if hollow { Mark::Hollow } else { Mark::Solid },
    })
}

/// The last point of each subject, as text.
fn described(here: &[&Compared<'_>], kind: &Kind) -> String {
    let subjects = distinct(here.iter().map(|each| each.cell.subject.as_str()));
    let ends = subjects.into_iter().filter_map(|subject| {
        let of_subject = here.iter().filter(|each| each.cell.subject == subject);
        let last = of_subject
            .filter_map(|each| Some((each.cell.threads, (kind.value)(each)?.median)))
            .max_by_key(|(threads, _)| *threads)?;
        Some(format!(
            "{subject} on {}: {} {}",
            counted(last.0, "thread"),
            significant(last.1),
            kind.quantity.axis
        ))
    });
    ends.collect::<Vec<_>>().join("; ")
}

//! Throughput and scaling, with intervals.

use shardproof_evidence::{Cell, Spread};
use shardproof_judge::compare::{BASE_SUBJECT, Compared, SCALING_CONTROL, compare};

use crate::plot::Alternative;
use crate::plot::axis::Axis;
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::plot::style::{FLOOR, IDEAL};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::numbers::{counted, interval, percent, three, whole};
use crate::report::page::{Page, Place, distinct, neighbour};

/// A figure of each of the two, and the cells that are invalid.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("throughput", "Throughput and scaling");
    if page.evidence.cells.is_empty() {
        return section.missing("No cell was measured.", "shardproof measure");
    }
    let compared = compare(page.evidence);
    if let Some(table) = invalid(page) {
        section.add(&table)?;
    }
    section.add(&figure(page, &compared, &THROUGHPUT)?)?;
    if compared.iter().any(|each| each.scaling.is_some()) {
        section.add(&figure(page, &compared, &SCALING)?)?;
    } else {
        section.say(&Words::new(
            "There is no scaling: no subject was measured on one thread and on more.",
            &[Term::Scaling],
        ))?;
    }
    Ok(section)
}

/// One of the two figures.
struct Kind {
    /// What its pictures' names begin with.
    name: &'static str,
    /// Its title.
    title: &'static str,
    /// Its caption.
    caption: &'static str,
    /// What the caption takes to understand.
    terms: &'static [Term],
    /// The name of the upright axis.
    axis: &'static str,
    /// The height of a cell, with its interval.
    height: fn(&Compared<'_>) -> Option<Spread>,
    /// What would be if nothing were lost, for so many threads.
    ideal: Option<fn(f64) -> f64>,
    /// The table below.
    table: fn(&Page<'_>, &[Compared<'_>]) -> Table,
}

const THROUGHPUT: Kind = Kind {
    name: "throughput",
    title: "Throughput by threads",
    caption: "The upright axis begins at 0. Bars are intervals of the median; those of subjects \
              at the same number of threads stand side by side. The dashed line with dots is the \
              ceiling. Hollow points have more threads than cores and are joined to nothing. The \
              floor is in the table only.",
    terms: &[Term::Throughput, Term::Interval, Term::Ceiling, Term::Floor, Term::Oversubscribed],
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
    table: throughput_table,
};

const SCALING: Kind = Kind {
    name: "scaling",
    title: "Scaling by threads",
    caption: "How many times as fast as on one thread. The dotted grey line is what would be if \
              nothing were lost. What the ceiling loses, the machine takes; only what a subject \
              loses beyond it is the subject's own. Hollow points have more threads than cores.",
    terms: &[Term::Scaling, Term::Interval, Term::Ceiling, Term::Oversubscribed],
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
    table: scaling_table,
};

fn figure(page: &Page<'_>, compared: &[Compared<'_>], kind: &Kind) -> Result<Figure, ReportError> {
    let mut pictures = Vec::new();
    for (number, place) in page.places().into_iter().enumerate() {
        let title = page.name(place);
        let panel = panel(page, compared, kind, (place, number));
        pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
    }
    Ok(Figure {
        title: kind.title.to_owned(),
        width: Width::Column,
        caption: Words::new(kind.caption, kind.terms),
        legend: page.legend(|subject| {
            subject != FLOOR && page.evidence.cells.iter().any(|cell| cell.subject == subject)
        })?,
        pictures,
        folded: Vec::new(),
        tables: vec![(kind.table)(page, compared)],
    })
}

fn panel(
    page: &Page<'_>,
    compared: &[Compared<'_>],
    kind: &Kind,
    (place, number): (Place<'_>, usize),
) -> Panel {
    let here: Vec<&Compared<'_>> = compared
        .iter()
        .filter(|each| Place::of_cell(each.cell) == place && each.cell.subject != FLOOR)
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
            counted(last.0, "thread", "threads"),
            three(last.1),
            kind.axis
        ))
    });
    ends.collect::<Vec<_>>().join("; ")
}

/// The heads of what names a cell within its place.
fn names() -> Vec<Head> {
    vec![Head::of(Term::Subject), Head::of(Term::Threads)]
}

fn named(cell: &Cell) -> [Entry; 2] {
    [cell.subject.as_str().into(), cell.threads.to_string().into()]
}

fn throughput_table(page: &Page<'_>, compared: &[Compared<'_>]) -> Table {
    let coverage = page.evidence.cells.iter().find_map(Cell::valid_throughput);
    let coverage = coverage.map_or_else(String::new, |throughput| {
        format!(" The intervals hold the true median in {} of cases.", percent(throughput.coverage))
    });
    let caption = Words::new(
        format!("Throughput of every cell.{coverage}"),
        &[Term::Cell, Term::Throughput, Term::Interval, Term::Coverage],
    );
    let mut heads = names();
    heads.extend([
        Head::unit(Term::Throughput, "Mops/s"),
        Head::unit(Term::Interval, "Mops/s"),
        Head::named(Term::Throughput, format!("times {BASE_SUBJECT}"), ""),
        Head::of(Term::Warnings),
    ]);
    let mut table = Table::new(caption, 2, heads);
    for each in compared {
        let (place, row) = (page.name(Place::of_cell(each.cell)), named(each.cell));
        let Some(spread) = (THROUGHPUT.height)(each) else {
            table
                .row_of(&place, row.into_iter().chain([Entry::instead(why_invalid(each.cell), 4)]));
            continue;
        };
        table.row_of(
            &place,
            row.into_iter().chain([
                three(spread.median).into(),
                interval(&spread, 1.0).into(),
                each.to_base.map_or_else(String::new, |ratio| three(ratio.median)).into(),
                Entry::warnings(&each.cell.warnings),
            ]),
        );
    }
    table
}

fn scaling_table(page: &Page<'_>, compared: &[Compared<'_>]) -> Table {
    let caption = Words::new(
        "Scaling of every cell with more than one thread.",
        &[Term::Scaling, Term::Interval, Term::ToCeiling],
    );
    let mut heads = names();
    heads.extend([
        Head::unit(Term::Scaling, "times"),
        Head::unit(Term::Interval, "times"),
        Head::named(Term::ToCeiling, format!("of {SCALING_CONTROL}"), ""),
        Head::of(Term::Interval),
        Head::of(Term::Warnings),
    ]);
    let mut table = Table::new(caption, 2, heads);
    for each in compared {
        let Some(scaling) = each.scaling else { continue };
        let control = each.scaling_to_control;
        table.row_of(
            &page.name(Place::of_cell(each.cell)),
            named(each.cell).into_iter().chain([
                three(scaling.median).into(),
                interval(&scaling, 1.0).into(),
                control.map_or_else(String::new, |ratio| three(ratio.median)).into(),
                control.map_or_else(String::new, |ratio| interval(&ratio, 1.0)).into(),
                Entry::warnings(&each.cell.warnings),
            ]),
        );
    }
    table
}

/// The cells with wrong answers; none where there are none.
fn invalid(page: &Page<'_>) -> Option<Table> {
    let cells: Vec<&Cell> =
        page.evidence.cells.iter().filter(|cell| cell.valid_throughput().is_none()).collect();
    if cells.is_empty() {
        return None;
    }
    let caption =
        Words::new("Cells without figures, and why.", &[Term::Invalid, Term::Checks, Term::Cell]);
    let mut heads = names();
    heads.push(Head::named(Term::Invalid, "why", ""));
    let mut table = Table::new(caption, 2, heads);
    for cell in cells {
        table.row_of(
            &page.name(Place::of_cell(cell)),
            named(cell).into_iter().chain([Entry::marked(why_invalid(cell), "w long bad")]),
        );
    }
    Some(table)
}

fn why_invalid(cell: &Cell) -> String {
    let Some(checks) = cell.checks.as_ref().filter(|checks| checks.failed > 0) else {
        return "invalid: no throughput was noted".to_owned();
    };
    let first = checks.first_failure.as_deref().unwrap_or("not told");
    format!(
        "invalid: {} of {} checked answers were wrong; the first: {first}",
        whole(checks.failed),
        whole(checks.checked)
    )
}

//! What snapshots cost: to take, alone and beside others.

use shardproof_evidence::SnapshotThreads;
use shardproof_judge::warnings::ON_CPU_SHARE_MIN;

use crate::plot::Alternative;
use crate::plot::axis::{Axis, count, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::held;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::numbers::{NONE, counted, interval, percent, three, three_of, whole};
use crate::report::page::{Page, distinct, neighbour};

/// Taking, holding, giving back.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("snapshots", "Snapshots");
    let evidence = page.evidence;
    if evidence.snapshots.is_empty() {
        section = section.missing("No snapshot was timed.", "shardproof measure")?;
    } else {
        section.add(&by_size(page)?)?;
    }
    if evidence.snapshot_threads.is_empty() {
        section = section
            .missing("No snapshot was taken beside other snapshots.", "shardproof measure")?;
    } else {
        section.add(&by_threads(page)?)?;
    }
    if evidence.held_snapshots.is_empty() {
        return section.missing("No snapshot was held.", "shardproof measure");
    }
    held::add(&mut section, page)?;
    Ok(section)
}

fn by_size(page: &Page<'_>) -> Result<Figure, ReportError> {
    let all = &page.evidence.snapshots;
    let mut pictures = Vec::new();
    for (number, (part, writers)) in
        distinct(all.iter().map(|each| (each.part, each.writers))).into_iter().enumerate()
    {
        let here: Vec<_> =
            all.iter().filter(|each| (each.part, each.writers) == (part, writers)).collect();
        let subjects = distinct(here.iter().map(|each| each.subject.as_str()));
        let series = subjects.iter().map(|subject| {
            let of_subject = here.iter().filter(|each| each.subject == *subject);
            let points = of_subject.map(|each| point(each.keys as f64, each.acquire_ns.p50));
            line(page, subject, points)
        });
        let title =
            format!("beside {}{}", counted(writers, "writer", "writers"), page.part_name(part));
        let axes = ("keys", "one snapshot (p50)");
        let series: Vec<Series> = series.collect();
        let keys = here.iter().map(|each| each.keys as f64);
        let x = Axis::log(axes.0, keys, count);
        pictures.push(picture(&format!("snapshot-keys-{number}"), title, (x, axes.1), series)?);
    }
    Ok(Figure {
        title: "Taking a snapshot by the size of the store".to_owned(),
        width: Width::Column,
        caption: Words::new(
            format!(
                "A level line means that a snapshot costs the same however much is in the store. \
                 Both axes are logarithmic.{}",
                not_snapshots(page)
            ),
            &[Term::Acquire, Term::Writers],
        ),
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject))?,
        pictures,
        folded: Vec::new(),
        tables: vec![size_table(page)],
    })
}

/// Whose snapshots cost little because they hold nothing.
fn not_snapshots(page: &Page<'_>) -> String {
    let wrong = held::wrong(page);
    if wrong.is_empty() {
        return String::new();
    }
    format!(
        " What {} takes does not stay as it was (see the held snapshots), and so costs little.",
        wrong.join(", ")
    )
}

fn size_table(page: &Page<'_>) -> Table {
    let caption = Words::new("Snapshots, taken and dropped.", &[Term::Acquire, Term::Allocations]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::of(Term::Writers),
        Head::named(Term::Acquire, "p50", "ns"),
        Head::named(Term::Acquire, "p99", "ns"),
        Head::named(Term::Acquire, "p50 one by one", "ns"),
        Head::named(Term::Count, "samples", ""),
        Head::named(Term::Acquire, "batch", ""),
        Head::named(Term::ClockCost, "clock", "ns"),
        Head::of(Term::Allocations),
        Head::named(Term::Keys, "limit", ""),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.snapshots {
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            each.writers.to_string().into(),
            three(each.acquire_ns.p50).into(),
            three(each.acquire_ns.p99).into(),
            three(each.single_p50_ns).into(),
            whole(each.samples).into(),
            each.acquire_ns.batch.to_string().into(),
            three(each.clock_cost_ns).into(),
            three_of(each.allocations_per_op).into(),
            Entry::marked(each.limit.as_deref().unwrap_or_default(), "w long"),
        ]);
    }
    table
}

fn by_threads(page: &Page<'_>) -> Result<Figure, ReportError> {
    let all = &page.evidence.snapshot_threads;
    let mut pictures = Vec::new();
    for (number, (part, keys)) in
        distinct(all.iter().map(|each| (each.part, each.keys))).into_iter().enumerate()
    {
        let here: Vec<_> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        let subjects = distinct(here.iter().map(|each| each.subject.as_str()));
        let mut threads = distinct(here.iter().map(|each| each.threads));
        threads.sort_unstable();
        let mut series = Vec::new();
        for (index, subject) in subjects.iter().enumerate() {
            let points = here.iter().filter(|each| each.subject == *subject).map(|each| Point {
                interval: Some((each.acquire_ns.low, each.acquire_ns.high)),
                mark: if waited(page, each) { Mark::Hollow } else { Mark::Solid },
                ..point(each.threads as f64, each.acquire_ns.median)
            });
            let neighbour = neighbour(index, subjects.len());
            series.push(Series { neighbour, ..line(page, subject, points) });
        }
        let title = format!("{} keys{}", whole(keys as u64), page.part_name(part));
        let x = Axis::counts("threads that take snapshots", &threads);
        let name = format!("snapshot-threads-{number}");
        pictures.push(picture(&name, title, (x, "one snapshot"), series)?);
    }
    Ok(Figure {
        title: "Taking a snapshot beside threads that do the same".to_owned(),
        width: Width::Column,
        caption: Words::new(
            format!(
                "Bars are intervals of the median. Hollow points are not to be trusted: more \
                 threads than cores, or threads that were on a processor for less than {} of the \
                 time, and so met each other less than it seems.",
                percent(ON_CPU_SHARE_MIN)
            ),
            &[Term::Acquire, Term::Interval, Term::Oversubscribed, Term::OnCpu],
        ),
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject))?,
        pictures,
        folded: Vec::new(),
        tables: vec![threads_table(page)],
    })
}

/// Whether threads waited for a core instead of meeting each other.
fn waited(page: &Page<'_>, each: &SnapshotThreads) -> bool {
    page.is_oversubscribed(each.part, each.threads, &[])
        || each.on_cpu_share.is_some_and(|share| share < ON_CPU_SHARE_MIN)
}

fn threads_table(page: &Page<'_>) -> Table {
    let caption = Words::new("Taking and dropping, as the thread sees it.", &[Term::Acquire]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::of(Term::Threads),
        Head::unit(Term::Acquire, "ns"),
        Head::unit(Term::Interval, "ns"),
        Head::of(Term::OnCpu),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.snapshot_threads {
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            each.threads.to_string().into(),
            three(each.acquire_ns.median).into(),
            interval(&each.acquire_ns, 1.0).into(),
            each.on_cpu_share.map_or_else(|| NONE.to_owned(), percent).into(),
        ]);
    }
    table
}

/// A point without an interval.
pub(crate) fn point(x: f64, y: f64) -> Point {
    Point { x, y, interval: None, mark: Mark::Solid }
}

/// The line of a subject.
pub(crate) fn line(page: &Page<'_>, subject: &str, points: impl Iterator<Item = Point>) -> Series {
    let mut points: Vec<Point> = points.collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x));
    Series { style: page.styles.style(subject), points, neighbour: 0.0 }
}

/// A picture whose upright axis is a logarithmic time.
fn picture(
    name: &str,
    title: String,
    (x, y): (Axis, &str),
    series: Vec<Series>,
) -> Result<Picture, ReportError> {
    let points = || series.iter().flat_map(|series| &series.points);
    let heights = points().flat_map(|point| {
        let (low, high) = point.interval.unwrap_or((point.y, point.y));
        [low, point.y, high]
    });
    let panel = Panel {
        alternative: Alternative {
            name: name.to_owned(),
            title: format!("{y} by {}: {title}", x.label),
            description: "The same numbers are in the table below.".to_owned(),
        },
        y: Axis::log(y, heights, time),
        x,
        series,
    };
    Ok(Picture { title, svg: Markup::drawn(panel.draw()?) })
}

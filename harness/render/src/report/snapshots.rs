//! What snapshots cost: to take, alone and beside others.

use shardproof_document::{counted, whole};
use shardproof_evidence::SnapshotThreads;
use shardproof_judge::warnings::ON_CPU_SHARE_MIN;

use crate::plot::Alternative;
use crate::plot::axis::{Axis, count, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::report::ReportError;
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::{Page, distinct, neighbour};

/// By the size of the store.
pub(crate) fn by_size(page: &Page<'_>) -> Result<Drawn, ReportError> {
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
        let title = format!("beside {}{}", counted(writers, "writer"), page.part_name(part));
        let axes = ("keys", "one snapshot (p50)");
        let series: Vec<Series> = series.collect();
        let keys = here.iter().map(|each| each.keys as f64);
        let x = Axis::log(axes.0, keys, count);
        pictures.push(picture(&format!("snapshot-keys-{number}"), title, (x, axes.1), series)?);
    }
    let legend = page.legend(|subject| all.iter().any(|each| each.subject == subject))?;
    Ok(Drawn { legend, ..Drawn::of(pictures) })
}

/// By the threads that take them.
pub(crate) fn by_threads(page: &Page<'_>) -> Result<Drawn, ReportError> {
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
    let legend = page.legend(|subject| all.iter().any(|each| each.subject == subject))?;
    Ok(Drawn { legend, ..Drawn::of(pictures) })
}

/// Whether threads waited for a core instead of meeting each other.
fn waited(page: &Page<'_>, each: &SnapshotThreads) -> bool {
    page.is_oversubscribed(each.part, each.threads, &[])
        || each.on_cpu_share.is_some_and(|share| share < ON_CPU_SHARE_MIN)
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

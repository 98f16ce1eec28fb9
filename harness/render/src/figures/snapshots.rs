//! Cost of taking a snapshot: by store size, and with several threads.

use shardproof_document::{counted, percent, whole};
use shardproof_evidence::SnapshotThreads;
use shardproof_judge::warnings::ON_CPU_SHARE_MIN;

use crate::figures::by_workload::{self, CellMark, Estimate, NumberFormat, PlottedMetric};
use crate::figures::page::{MatrixPosition, Page, distinct, neighbour};
use crate::figures::{Figure, LINE_COUNTS_MIN, Picture, SAME_BELOW, Width, alternative, held};
use crate::plot::Plot;
use crate::plot::axis::{Axis, count, time};
use crate::plot::lines::{Height, Mark, Panel, Point, Series};

/// By store size.
pub(crate) fn by_size(page: &Page<'_>) -> Figure {
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
        let title = format!("with {}{}", counted(writers, "writer"), page.part_name(part));
        let series: Vec<Series> = series.collect();
        let x = Axis::log("keys", here.iter().map(|each| each.keys as f64), count);
        let name = format!("snapshot-keys-{number}");
        pictures.push(picture(name, title, (x, "time per snapshot (p50)"), series));
    }
    Figure {
        title: "Cost of taking a snapshot by store size".to_owned(),
        caption: format!(
            "A horizontal line means that the cost of a snapshot does not depend on the size of \
             the store. Both axes are logarithmic.{}",
            not_snapshots(page)
        ),
        width: Width::Column,
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject)),
        pictures,
        folded: Vec::new(),
    }
}

/// A remark on subjects whose snapshots are cheap because they are wrong.
fn not_snapshots(page: &Page<'_>) -> String {
    let wrong = held::wrong(page);
    if wrong.is_empty() {
        return String::new();
    }
    format!(
        " {}: cheap because its snapshots show later writes (see the held snapshots).",
        wrong.join(", ")
    )
}

/// Time per snapshot, for dot plots.
const ACQUIRE: PlottedMetric = PlottedMetric {
    name: "snapshot-threads",
    title: "Snapshots on several threads",
    axis: "time per snapshot",
    unit: NumberFormat::Time,
    references: &[],
};

/// By the number of threads that take snapshots.
pub(crate) fn by_threads(page: &Page<'_>) -> Figure {
    let all = &page.evidence.snapshot_threads;
    let is_dots = distinct(all.iter().map(|each| each.threads)).len() < LINE_COUNTS_MIN;
    let shown = |subject: &str| all.iter().any(|each| each.subject == subject);
    let marked = if is_dots { "Crosses" } else { "Hollow points" };
    Figure {
        title: "Cost of taking a snapshot by threads".to_owned(),
        caption: format!(
            "Bars are intervals of the median; the axis is logarithmic. {marked} are unreliable: \
             more threads than cores, or threads that were on a processor for less than {} of the \
             time and so contended less than it seems.",
            percent(ON_CPU_SHARE_MIN)
        ),
        width: Width::Column,
        legend: if is_dots { Vec::new() } else { page.legend(shown) },
        pictures: if is_dots { dots(page) } else { lines(page) },
        folded: Vec::new(),
    }
}

fn dots(page: &Page<'_>) -> Vec<Picture> {
    let all = &page.evidence.snapshot_threads;
    let names: Vec<String> =
        all.iter().map(|each| format!("{} keys", whole(each.keys as u64))).collect();
    let marks = all.iter().zip(&names).map(|(each, name)| CellMark {
        position: MatrixPosition { part: each.part, workload: name, placement: "" },
        subject: &each.subject,
        threads: each.threads,
        is_oversubscribed: waited(page, each),
        value: Ok(Estimate {
            value: each.acquire_ns.median,
            interval: Some((each.acquire_ns.low, each.acquire_ns.high)),
        }),
    });
    let marks: Vec<CellMark<'_>> = marks.collect();
    by_workload::pictures(page, &marks, ACQUIRE)
}

fn lines(page: &Page<'_>) -> Vec<Picture> {
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
        pictures.push(picture(name, title, (x, "time per snapshot"), series));
    }
    pictures
}

/// Whether threads waited for a core instead of contending.
fn waited(page: &Page<'_>, each: &SnapshotThreads) -> bool {
    page.evidence.is_oversubscribed(each.part, each.threads, &[])
        || each.on_cpu_share.is_some_and(|share| share < ON_CPU_SHARE_MIN)
}

/// A point without an interval.
pub(super) fn point(x: f64, y: f64) -> Point {
    Point { x, y, interval: None, mark: Mark::Solid }
}

/// The line of a subject.
pub(super) fn line(page: &Page<'_>, subject: &str, points: impl Iterator<Item = Point>) -> Series {
    let mut points: Vec<Point> = points.collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x));
    Series { style: page.styles.style(subject), points, neighbour: 0.0 }
}

/// A picture with a logarithmic vertical axis of time.
fn picture(name: String, title: String, (x, y): (Axis, &str), series: Vec<Series>) -> Picture {
    let points = || series.iter().flat_map(|series| &series.points);
    let heights = points().flat_map(|point| {
        let (low, high) = point.interval.unwrap_or((point.y, point.y));
        [low, point.y, high]
    });
    let panel = Panel {
        alternative: alternative(name, format!("{y} by {}: {title}", x.label), SAME_BELOW),
        y: Axis::log(y, heights, time),
        x,
        height: Height::Normal,
        series,
    };
    Picture { title, plot: Plot::Lines(panel) }
}

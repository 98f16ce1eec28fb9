//! Cost of a snapshot that is held while other threads write.

use shardproof_document::whole;
use shardproof_evidence::{HeldSnapshot, SnapshotAge};

use crate::figures::page::{Page, distinct};
use crate::figures::snapshots::{line, point};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::Plot;
use crate::plot::axis::Axis;
use crate::plot::lines::{Height, Panel, Point, Series};

/// The subjects that returned wrong values through a held snapshot.
pub(crate) fn wrong<'a>(page: &Page<'a>) -> Vec<&'a str> {
    let wrong = page.evidence.held_snapshots.iter().filter(|each| is_wrong(each));
    distinct(wrong.map(|each| each.subject.as_str()))
}

/// Whether reads through a snapshot were wrong.
pub(crate) const fn is_wrong(held: &HeldSnapshot) -> bool {
    held.checks.failed > 0
}

/// A value, and its interval if it has one.
type Value = (f64, Option<(f64, f64)>);

/// A metric of a held snapshot over its age.
struct AgeMetric {
    /// Its name.
    title: &'static str,
    /// The label of the vertical axis.
    axis: &'static str,
    /// The subjects for which it is drawn.
    shown: Shown,
    /// Its value and interval at an age.
    value: fn(&SnapshotAge) -> Option<Value>,
}

/// The subjects for which a metric is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// All subjects.
    AllSubjects,
    /// Only subjects whose snapshot reads were right: otherwise it is not the cost of a snapshot.
    CorrectOnly,
}

const AGE_METRICS: [AgeMetric; 4] = [
    AgeMetric {
        title: "memory",
        axis: "extra MB",
        shown: Shown::CorrectOnly,
        value: |age| age.extra_bytes.map(|bytes| (bytes as f64 / 1e6, None)),
    },
    AgeMetric {
        title: "versions",
        axis: "thousand versions",
        shown: Shown::CorrectOnly,
        value: |age| age.versions.map(|versions| (versions as f64 / 1e3, None)),
    },
    AgeMetric {
        title: "current read",
        axis: "ns",
        shown: Shown::AllSubjects,
        value: |age| {
            let spread = age.newest_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
    AgeMetric {
        title: "snapshot read",
        axis: "ns",
        shown: Shown::CorrectOnly,
        value: |age| {
            let spread = age.snapshot_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
];

/// Memory, versions and reads over the number of overwrites since.
pub(crate) fn held(page: &Page<'_>) -> Figure {
    let all = &page.evidence.held_snapshots;
    let mut pictures = Vec::new();
    let groups = distinct(all.iter().map(|each| (each.part, each.keys)));
    for (group, (part, keys)) in groups.into_iter().enumerate() {
        let here: Vec<&HeldSnapshot> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        for (number, metric) in AGE_METRICS.iter().enumerate() {
            let title =
                format!("{}, {} keys{}", metric.title, whole(keys as u64), page.part_name(part));
            pictures.extend(picture(page, &here, metric, format!("held-{group}-{number}"), title));
        }
    }
    let wrong = wrong(page);
    let not_drawn = if wrong.is_empty() {
        String::new()
    } else {
        format!(
            " {}: only current reads are drawn, because reads through the snapshot were wrong \
             (below), so its cost is not that of a snapshot.",
            wrong.join(", ")
        )
    };
    Figure {
        title: "Cost of a held snapshot by age".to_owned(),
        caption: format!(
            "A snapshot stays open while keys are overwritten. All axes include 0.{not_drawn}"
        ),
        width: Width::Column,
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject)),
        pictures,
        folded: Vec::new(),
    }
}

/// One picture; none if no subject has this metric.
fn picture(
    page: &Page<'_>,
    here: &[&HeldSnapshot],
    metric: &AgeMetric,
    name: String,
    title: String,
) -> Option<Picture> {
    let drawn = here.iter().filter(|each| metric.shown == Shown::AllSubjects || !is_wrong(each));
    let series: Vec<Series> = drawn
        .map(|each| {
            let points = each.ages.iter().filter_map(|age| {
                let (y, interval) = (metric.value)(age)?;
                Some(Point { interval, ..point(age.overwrites as f64 / 1e3, y) })
            });
            line(page, &each.subject, points)
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    if series.is_empty() {
        return None;
    }
    let points = || series.iter().flat_map(|series| &series.points);
    let highest = points().map(|point| point.interval.map_or(point.y, |(_, high)| high));
    let panel = Panel {
        alternative: alternative(name, format!("Held snapshot: {title}"), SAME_BELOW),
        x: Axis::from_zero("thousand overwrites", points().map(|point| point.x)),
        y: Axis::around_zero(metric.axis, highest.chain(points().map(|point| point.y))),
        height: Height::Normal,
        series,
    };
    Some(Picture { title, plot: Plot::Lines(panel) })
}

//! What a snapshot costs that is held while others write.

use shardproof_document::whole;
use shardproof_evidence::{HeldSnapshot, SnapshotAge};

use crate::figures::page::{Page, distinct};
use crate::figures::snapshots::{line, point};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::Plot;
use crate::plot::axis::Axis;
use crate::plot::lines::{Height, Panel, Point, Series};

/// The subjects with a held snapshot that did not stay as it was.
pub(crate) fn wrong<'a>(page: &Page<'a>) -> Vec<&'a str> {
    let wrong = page.evidence.held_snapshots.iter().filter(|each| is_wrong(each));
    distinct(wrong.map(|each| each.subject.as_str()))
}

/// Whether a snapshot did not stay as it was.
pub(crate) const fn is_wrong(held: &HeldSnapshot) -> bool {
    held.checks.failed > 0
}

/// A figure, and its interval where it has one.
type Value = (f64, Option<(f64, f64)>);

/// What is drawn of a snapshot as it ages, with its unit.
struct Aging {
    /// What it is.
    title: &'static str,
    /// The name of the upright axis.
    axis: &'static str,
    /// Whose it is drawn for.
    of: Whose,
    /// Its value and interval at an age.
    value: fn(&SnapshotAge) -> Option<Value>,
}

/// For whose snapshots something is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Every subject's.
    All,
    /// Only those that stayed as they were: what others cost is the cost of nothing.
    Right,
}

const AGING: [Aging; 4] = [
    Aging {
        title: "memory",
        axis: "extra MB",
        of: Whose::Right,
        value: |age| age.extra_bytes.map(|bytes| (bytes as f64 / 1e6, None)),
    },
    Aging {
        title: "versions",
        axis: "thousand versions",
        of: Whose::Right,
        value: |age| age.versions.map(|versions| (versions as f64 / 1e3, None)),
    },
    Aging {
        title: "read of the newest",
        axis: "ns",
        of: Whose::All,
        value: |age| {
            let spread = age.newest_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
    Aging {
        title: "read through the snapshot",
        axis: "ns",
        of: Whose::Right,
        value: |age| {
            let spread = age.snapshot_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
];

/// Memory, versions and reads by how much was overwritten since.
pub(crate) fn held(page: &Page<'_>) -> Figure {
    let all = &page.evidence.held_snapshots;
    let mut pictures = Vec::new();
    let groups = distinct(all.iter().map(|each| (each.part, each.keys)));
    for (group, (part, keys)) in groups.into_iter().enumerate() {
        let here: Vec<&HeldSnapshot> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        for (number, aging) in AGING.iter().enumerate() {
            let title =
                format!("{}, {} keys{}", aging.title, whole(keys as u64), page.part_name(part));
            pictures.extend(picture(page, &here, aging, format!("held-{group}-{number}"), title));
        }
    }
    let wrong = wrong(page);
    let not_drawn = if wrong.is_empty() {
        String::new()
    } else {
        format!(
            " Of {} only the reads of the newest are drawn: its reads through the snapshot were \
             wrong (below), and what a snapshot costs that holds nothing is no cost of snapshots.",
            wrong.join(", ")
        )
    };
    Figure {
        title: "A held snapshot as it ages".to_owned(),
        caption: format!(
            "A snapshot is open while keys are overwritten. All axes show 0.{not_drawn}"
        ),
        width: Width::Column,
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject)),
        pictures,
        folded: Vec::new(),
    }
}

/// One picture; none where nobody has such figures.
fn picture(
    page: &Page<'_>,
    here: &[&HeldSnapshot],
    aging: &Aging,
    name: String,
    title: String,
) -> Option<Picture> {
    let drawn = here.iter().filter(|each| aging.of == Whose::All || !is_wrong(each));
    let series: Vec<Series> = drawn
        .map(|each| {
            let points = each.ages.iter().filter_map(|age| {
                let (y, interval) = (aging.value)(age)?;
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
        x: Axis::from_zero("thousand overwrites since", points().map(|point| point.x)),
        y: Axis::around_zero(aging.axis, highest.chain(points().map(|point| point.y))),
        height: Height::Usual,
        series,
    };
    Some(Picture { title, plot: Plot::Lines(panel) })
}

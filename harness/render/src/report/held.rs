//! What a snapshot costs that is held: while others write, and when it is dropped.

use shardproof_document::whole;
use shardproof_evidence::{HeldSnapshot, SnapshotAge};

use crate::plot::Alternative;
use crate::plot::axis::Axis;
use crate::plot::lines::{Panel, Point, Series};
use crate::report::ReportError;
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::{Page, distinct};
use crate::report::snapshots::{line, point};

/// A value, and its interval where it has one.
type Height = (f64, Option<(f64, f64)>);

/// What is drawn of a snapshot as it ages, with its unit.
struct Aging {
    /// What it is.
    title: &'static str,
    /// The name of the upright axis.
    axis: &'static str,
    /// Whose it is drawn for.
    of: Whose,
    /// Its value and interval at an age.
    value: fn(&SnapshotAge) -> Option<Height>,
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

/// What it costs at each age.
pub(crate) fn draw(page: &Page<'_>) -> Result<Drawn, ReportError> {
    let all = &page.evidence.held_snapshots;
    let mut pictures = Vec::new();
    let groups = distinct(all.iter().map(|each| (each.part, each.keys)));
    for (group, (part, keys)) in groups.into_iter().enumerate() {
        let here: Vec<&HeldSnapshot> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        for (number, aging) in AGING.iter().enumerate() {
            let title =
                format!("{}, {} keys{}", aging.title, whole(keys as u64), page.part_name(part));
            pictures.extend(picture(page, &here, aging, format!("held-{group}-{number}"), title)?);
        }
    }
    let legend = page.legend(|subject| all.iter().any(|each| each.subject == subject))?;
    Ok(Drawn { legend, ..Drawn::of(pictures) })
}

/// One picture; none where nobody has such figures.
fn picture(
    page: &Page<'_>,
    here: &[&HeldSnapshot],
    aging: &Aging,
    name: String,
    title: String,
) -> Result<Option<Picture>, ReportError> {
    let drawn = here.iter().filter(|each| aging.of == Whose::All || !each.is_wrong());
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
        return Ok(None);
    }
    let points = || series.iter().flat_map(|series| &series.points);
    let highest = points().map(|point| point.interval.map_or(point.y, |(_, high)| high));
    let panel = Panel {
        alternative: Alternative {
            name,
            title: format!("Held snapshot: {title}"),
            description: "The same numbers are in the table below.".to_owned(),
        },
        x: Axis::from_zero("thousand overwrites since", points().map(|point| point.x)),
        y: Axis::around_zero(aging.axis, highest.chain(points().map(|point| point.y))),
        series,
    };
    Ok(Some(Picture { title, svg: Markup::drawn(panel.draw()?) }))
}

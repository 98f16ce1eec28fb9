//! Latency over time: each round by when it began.

use shardproof_document::significant;
use shardproof_evidence::{Latency, LatencyRound};

use crate::plot::Alternative;
use crate::plot::axis::{Axis, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::report::ReportError;
use crate::report::family::{Family, families, loops};
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::Page;
use crate::report::percentiles::telling_threads;

/// Places that are drawn of each kind of loop.
const PLACES_MAX: usize = 12;
/// Rounds up to which each has a marker.
const MARKED_MAX: usize = 16;

/// A value of a round, in nanoseconds.
type Value = fn(&LatencyRound) -> u64;

/// What is drawn of each round.
const SERIES: [(&str, Value); 3] = [
    ("p50", |round| round.p50_ns),
    ("p99", |round| round.p99_ns),
    ("longest", |round| round.max_ns),
];

/// Pictures of each place in each kind of loop, on the most threads that have a core each.
pub(crate) fn draw(page: &Page<'_>) -> Result<Drawn, ReportError> {
    let (mut pictures, mut shown, mut left) = (Vec::new(), Vec::new(), 0);
    for how in loops(page) {
        let families = families(page, how);
        let most = telling_threads(page, &families);
        let telling = families.iter().filter(|family| Some(family.threads) == most);
        let telling: Vec<&Family<'_>> = telling.take(PLACES_MAX).collect();
        left += families.len() - telling.len();
        for family in telling {
            for (what, value) in SERIES {
                let title = format!("{what}: {}, {}", how.name(), family.name(page));
                let panel = panel(page, family, &title, (pictures.len(), value));
                pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
            }
            shown.extend(family.members.iter().map(|each| each.subject.as_str()));
        }
    }
    let legend = page.legend(|subject| shown.contains(&subject))?;
    Ok(Drawn { legend, ..Drawn::of(pictures) }.left_out(left))
}

fn panel(
    page: &Page<'_>,
    family: &Family<'_>,
    title: &str,
    (number, value): (usize, Value),
) -> Panel {
    let series = |latency: &&Latency| {
        let mark = if latency.rounds.len() <= MARKED_MAX { Mark::Solid } else { Mark::None };
        let points = latency.rounds.iter().map(|round| Point {
            x: round.at_s,
            y: value(round) as f64,
            interval: None,
            mark,
        });
        Series {
            style: page.styles.style(&latency.subject),
            points: points.collect(),
            neighbour: 0.0,
        }
    };
    let series: Vec<Series> = family.members.iter().map(series).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let words = family.members.iter().map(|latency| {
        let values = || latency.rounds.iter().map(value);
        format!(
            "{}: {} to {} ns",
            latency.subject,
            significant(values().min().unwrap_or(0) as f64),
            significant(values().max().unwrap_or(0) as f64)
        )
    });
    Panel {
        alternative: Alternative {
            name: format!("over-time-{number}"),
            title: format!("Latency over time: {title}"),
            description: words.collect::<Vec<_>>().join("; "),
        },
        x: Axis::between("began, s", points().map(|point| point.x)),
        y: Axis::log("latency", points().map(|point| point.y), time),
        series,
    }
}

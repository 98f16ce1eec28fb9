//! Latency over time: each round by when it began.

use shardproof_evidence::{Latency, LatencyRound};

use crate::plot::Alternative;
use crate::plot::axis::{Axis, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::latency_table::{Family, Loop, families};
use crate::report::numbers::{three, whole};
use crate::report::page::{Page, distinct};
use crate::report::percentiles::telling_threads;

/// Places that are shown at once.
const SHOWN_MAX: usize = 3;
/// Places that are drawn in all.
const DRAWN_MAX: usize = 12;
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

/// A figure for each kind of loop.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("over-time", "Latency over time");
    if page.evidence.latencies.iter().all(|latency| latency.rounds.is_empty()) {
        return section.missing("No round of a latency was noted.", "shardproof measure");
    }
    let mut drawn = 0;
    for how in distinct(page.evidence.latencies.iter().map(Loop::of)) {
        section.add(&figure(page, how, &mut drawn)?)?;
    }
    Ok(section)
}

fn figure(page: &Page<'_>, how: Loop<'_>, drawn: &mut usize) -> Result<Figure, ReportError> {
    let families = families(page, how);
    let most = telling_threads(page, &families);
    let telling: Vec<&Family<'_>> =
        families.iter().filter(|family| Some(family.threads) == most).take(DRAWN_MAX).collect();
    let mut pictures = Vec::new();
    for family in &telling {
        for (what, value) in SERIES {
            let title = format!("{what}: {}", family.name(page));
            let panel = panel(page, family, &title, (*drawn, value));
            *drawn += 1;
            pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
        }
    }
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX * SERIES.len()));
    let mut text =
        "Each point is one round, by when it began. The axis of latency is logarithmic.".to_owned();
    if telling.len() < families.len() {
        text += " Drawn is the largest number of threads that have a core each; the rounds of \
                 the others are in evidence.json, under latencies.";
    }
    Ok(Figure {
        title: format!("Rounds in the {}", how.name()),
        width: Width::Column,
        caption: Words::new(text, &[Term::OverTime, Term::Round]),
        legend: page.legend(|subject| {
            telling.iter().any(|family| family.members.iter().any(|each| each.subject == subject))
        })?,
        pictures,
        folded,
        tables: vec![table(page, &telling)],
    })
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
            three(values().min().unwrap_or(0) as f64),
            three(values().max().unwrap_or(0) as f64)
        )
    });
    Panel {
        alternative: Alternative {
            name: format!("over-time-{number}"),
            title: format!("Latency over time, {}: {title}", family.how.name()),
            description: words.collect::<Vec<_>>().join("; "),
        },
        x: Axis::between("began, s", points().map(|point| point.x)),
        y: Axis::log("latency", points().map(|point| point.y), time),
        series,
    }
}

fn table(page: &Page<'_>, families: &[&Family<'_>]) -> Table {
    let caption = Words::new("Every round of what is drawn.", &[Term::OverTime]);
    let heads = vec![
        Head::of(Term::Threads),
        Head::of(Term::Subject),
        Head::named(Term::Round, "began", "s"),
        Head::of(Term::Count),
        Head::named(Term::OverTime, "p50", "ns"),
        Head::named(Term::OverTime, "p99", "ns"),
        Head::named(Term::OverTime, "p99.9", "ns"),
        Head::named(Term::OverTime, "longest", "ns"),
    ];
    let mut table = Table::new(caption, 2, heads);
    for family in families {
        for latency in &family.members {
            for round in &latency.rounds {
                let row = [
                    latency.threads.to_string().into(),
                    latency.subject.as_str().into(),
                    three(round.at_s).into(),
                    whole(round.count).into(),
                    three(round.p50_ns as f64).into(),
                    three(round.p99_ns as f64).into(),
                    three(round.p999_ns as f64).into(),
                    Entry::from(three(round.max_ns as f64)),
                ];
                table.row_of(&page.name(family.place), row);
            }
        }
    }
    table
}

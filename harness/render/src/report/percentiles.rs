//! Percentiles: one line for each subject, with each further nine given the same room.

use std::collections::BTreeSet;

use shardproof_evidence::Latency;
use shardproof_evidence::histogram::decode;

use crate::plot::Alternative;
use crate::plot::axis::{Axis, Scale, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Figure, Markup, Picture, Section, Width, Words};
use crate::report::latency_table::{Family, Loop, families, table};
use crate::report::numbers::{counted, three};
use crate::report::page::{Page, distinct};

/// Pictures that are shown at once.
const SHOWN_MAX: usize = 12;
/// Pictures that are drawn in all; what is beyond is in the tables.
const DRAWN_MAX: usize = 48;
/// Points of a line for each nine.
const STEPS_PER_NINE: u32 = 8;

/// A figure for each kind of loop.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("percentiles", "Latency: percentiles");
    if page.evidence.latencies.is_empty() {
        return section.missing("No latency was measured.", "shardproof measure");
    }
    let mut drawn = 0;
    for how in distinct(page.evidence.latencies.iter().map(Loop::of)) {
        section.add(&figure(page, how, &mut drawn)?)?;
    }
    Ok(section)
}

fn figure(page: &Page<'_>, how: Loop<'_>, drawn: &mut usize) -> Result<Figure, ReportError> {
    let families = families(page, how);
    let (shown, folded) = chosen(page, &families);
    let mut unread = 0;
    let mut draw = |families: &[&Family<'_>]| -> Result<Vec<Picture>, ReportError> {
        let mut pictures = Vec::new();
        for family in families {
            let title = family.name(page);
            let panel = panel(page, family, &title, (*drawn, &mut unread));
            *drawn += 1;
            pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
        }
        Ok(pictures)
    };
    let pictures = draw(&shown)?;
    let folded = draw(&folded)?;
    let left = families.len() - pictures.len() - folded.len();
    let subjects: BTreeSet<&str> = families
        .iter()
        .flat_map(|family| family.members.iter().map(|each| each.subject.as_str()))
        .collect();
    Ok(Figure {
        title: format!("Percentiles in the {}", how.name()),
        width: Width::Column,
        caption: Words::new(caption(how, left, unread), terms(how)),
        legend: page.legend(|subject| subjects.contains(subject))?,
        pictures,
        folded,
        tables: vec![table(page, how)],
    })
}

fn terms(how: Loop<'_>) -> &'static [Term] {
    match how {
        Loop::Closed => &[Term::Percentile, Term::ClosedLoop, Term::Oversubscribed],
        Loop::Open(_) => &[Term::Percentile, Term::OpenLoop, Term::Arrivals, Term::Oversubscribed],
    }
}

fn caption(how: Loop<'_>, left: usize, unread: usize) -> String {
    let mut text = "Each further nine of the percentile takes the same room; a line ends at the \
                    longest of all. Both axes are logarithmic. Markers stand at whole nines."
        .to_owned();
    text += match how {
        Loop::Closed => " Each time includes one reading of the clock.",
        Loop::Open(_) => {
            " Times begin when an operation should have started, so that waiting counts."
        }
    };
    if left > 0 {
        text += &format!(
            " {} not drawn: their numbers are below.",
            counted(left, "more is", "more are")
        );
    }
    if unread > 0 {
        text +=
            &format!(" {} of evidence cannot be read.", counted(unread, "histogram", "histograms"));
    }
    text
}

/// What is shown and what is folded away. If it is too much for one look, shown is what says most: the largest number
/// of threads that have a core each.
fn chosen<'a, 'b>(
    page: &Page<'_>,
    families: &'b [Family<'a>],
) -> (Vec<&'b Family<'a>>, Vec<&'b Family<'a>>) {
    if families.len() <= SHOWN_MAX {
        return (families.iter().collect(), Vec::new());
    }
    let most = telling_threads(page, families);
    let (mut shown, mut folded): (Vec<_>, Vec<_>) =
        families.iter().partition(|family| Some(family.threads) == most);
    let late = shown.split_off(shown.len().min(SHOWN_MAX));
    folded.splice(0..0, late);
    folded.truncate(DRAWN_MAX.saturating_sub(shown.len()));
    (shown, folded)
}

/// The largest number of threads that have a core each, or the smallest there is.
pub(crate) fn telling_threads(page: &Page<'_>, families: &[Family<'_>]) -> Option<usize> {
    let fair = families.iter().filter(|family| !family.is_oversubscribed(page));
    fair.map(|family| family.threads)
        .max()
        .or_else(|| families.iter().map(|family| family.threads).min())
}

fn panel(
    page: &Page<'_>,
    family: &Family<'_>,
    title: &str,
    (number, unread): (usize, &mut usize),
) -> Panel {
    let mut series = Vec::new();
    for latency in &family.members {
        let points = points(latency);
        if points.is_empty() && latency.count > 0 {
            *unread += 1;
        }
        series.push(Series { style: page.styles.style(&latency.subject), points, neighbour: 0.0 });
    }
    let points = || series.iter().flat_map(|series| &series.points);
    let nines = points().filter_map(|point| Scale::Nines.place(point.x)).fold(0.0, f64::max);
    let words = family.members.iter().map(|latency| {
        let quantiles = latency.quantiles_ns;
        format!(
            "{}: p50 {} ns, p99 {} ns, longest {} ns",
            latency.subject,
            three(quantiles.p50 as f64),
            three(quantiles.p99 as f64),
            three(quantiles.max as f64)
        )
    });
    Panel {
        alternative: Alternative {
            name: format!("percentiles-{number}"),
            title: format!("Latency by percentile, {}: {title}", family.how.name()),
            description: words.collect::<Vec<_>>().join("; "),
        },
        x: Axis::nines("percentile", nines),
        y: Axis::log("latency", points().map(|point| point.y), time),
        series,
    }
}

/// The histogram as a line from the least to the longest.
fn points(latency: &Latency) -> Vec<Point> {
    let Some(histogram) = decode(&latency.histogram).ok().filter(|histogram| !histogram.is_empty())
    else {
        return Vec::new();
    };
    let last = (histogram.len() as f64).log10();
    let mut nines: Vec<(f64, Mark)> = (0..)
        .map(|step: u32| {
            let mark = if step.is_multiple_of(STEPS_PER_NINE) { Mark::Solid } else { Mark::None };
            (f64::from(step) / f64::from(STEPS_PER_NINE), mark)
        })
        .take_while(|(nines, _)| *nines < last)
        .collect();
    nines.push((last, Mark::Solid));
    let quantiles: Vec<f64> = nines.iter().map(|(nines, _)| 1.0 - 10f64.powf(-nines)).collect();
    let point = |(quantile, mark): (f64, Mark)| Point {
        x: quantile,
        y: histogram.value_at_quantile(quantile) as f64,
        interval: None,
        mark,
    };
    quantiles.into_iter().zip(nines.into_iter().map(|(_, mark)| mark)).map(point).collect()
}

//! Percentiles: one line for each subject, with each further nine given the same room.

use std::collections::BTreeSet;

use shardproof_document::{counted, significant};
use shardproof_evidence::Latency;
use shardproof_evidence::histogram::decode;

use crate::plot::Alternative;
use crate::plot::axis::{Axis, Scale, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::report::ReportError;
use crate::report::family::{Family, families, loops};
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::{DRAWN_MAX, Page};

/// Points of a line for each nine.
const STEPS_PER_NINE: u32 = 8;

/// A picture of each place in each kind of loop.
pub(crate) fn draw(page: &Page<'_>) -> Result<Drawn, ReportError> {
    let loops = loops(page);
    let families = loops.iter().map(|how| chosen(page, families(page, *how)));
    let families: Vec<Family<'_>> = families.flatten().collect();
    let left = families.len().saturating_sub(DRAWN_MAX);
    let (mut pictures, mut unread) = (Vec::new(), 0);
    for (number, family) in families.iter().take(DRAWN_MAX).enumerate() {
        let title = format!("{}, {}", family.how.name(), family.name(page));
        let panel = panel(page, family, &title, (number, &mut unread));
        pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
    }
    let subjects: BTreeSet<&str> = families
        .iter()
        .flat_map(|family| family.members.iter().map(|each| each.subject.as_str()))
        .collect();
    let legend = page.legend(|subject| subjects.contains(subject))?;
    let mut drawn = Drawn { legend, ..Drawn::of(pictures) }.left_out(left);
    if unread > 0 {
        drawn.remark += &format!(" {} of evidence cannot be read.", counted(unread, "histogram"));
    }
    Ok(drawn)
}

/// What says most comes first: the largest number of threads that have a core each.
fn chosen<'a>(page: &Page<'_>, mut families: Vec<Family<'a>>) -> Vec<Family<'a>> {
    let most = telling_threads(page, &families);
    families.sort_by_key(|family| Some(family.threads) != most);
    families
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
            significant(quantiles.p50 as f64),
            significant(quantiles.p99 as f64),
            significant(quantiles.max as f64)
        )
    });
    Panel {
        alternative: Alternative {
            name: format!("percentiles-{number}"),
            title: format!("Latency by percentile: {title}"),
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

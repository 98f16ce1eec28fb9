//! How much load each subject bears.

use indexmap::IndexMap;
use shardproof_document::{NONE, counted, significant};
use shardproof_evidence::RateSearch;

use crate::plot::Alternative;
use crate::plot::axis::{Axis, count, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::plot::style::IDEAL;
use crate::report::ReportError;
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::{DRAWN_MAX, Page, Place};

/// Searches that are drawn in one picture.
type Shared<'a> = (Place<'a>, usize, &'a str, u64);

fn shared(search: &RateSearch) -> Shared<'_> {
    let RateSearch { part, workload, placement, .. } = search;
    let place = Place { part: *part, workload, placement };
    (place, search.threads, &search.pattern, search.p99_ns_max)
}

/// A picture of each group of searches.
pub(crate) fn draw(page: &Page<'_>) -> Result<Drawn, ReportError> {
    let searches = &page.evidence.rate_searches;
    let mut groups: IndexMap<Shared<'_>, Vec<&RateSearch>> = IndexMap::new();
    for search in searches {
        groups.entry(shared(search)).or_default().push(search);
    }
    let left = groups.len().saturating_sub(DRAWN_MAX);
    let mut pictures = Vec::new();
    for (number, (key, here)) in groups.iter().take(DRAWN_MAX).enumerate() {
        let (place, threads, pattern, _) = *key;
        let crowded = page.is_oversubscribed(place.part, threads, &[]);
        let title = format!(
            "{}, {}{}, {pattern}",
            page.name(place),
            counted(threads, "thread"),
            if crowded { " (more than cores)" } else { "" },
        );
        let svg = Markup::drawn(panel(page, here, &title, number).draw()?);
        pictures.push(Picture { title, svg });
    }
    let legend = page.legend(|subject| searches.iter().any(|search| search.subject == subject))?;
    Ok(Drawn { legend, ..Drawn::of(pictures) }.left_out(left))
}

fn panel(page: &Page<'_>, here: &[&RateSearch], title: &str, number: usize) -> Panel {
    let series = |search: &&RateSearch| {
        let mut steps = search.steps.clone();
        steps.sort_by(|one, other| one.rate_ops_s.total_cmp(&other.rate_ops_s));
        let points = steps.iter().map(|step| Point {
            x: step.rate_ops_s,
            y: step.p99_ns as f64,
            interval: None,
            mark: if step.kept { Mark::Solid } else { Mark::Hollow },
        });
        Series {
            style: page.styles.style(&search.subject),
            points: points.collect(),
            neighbour: 0.0,
        }
    };
    let mut series: Vec<Series> = here.iter().map(series).collect();
    let bound = here.first().map_or(0, |search| search.p99_ns_max) as f64;
    let points = || series.iter().flat_map(|series| &series.points);
    let x = Axis::log("arrivals asked for per second", points().map(|point| point.x), count);
    let y = Axis::log("p99", points().map(|point| point.y).chain([bound]), time);
    let ends = [x.low, x.high].map(|place| Point {
        x: 10f64.powf(place),
        y: bound,
        interval: None,
        mark: Mark::None,
    });
    series.insert(0, Series { style: IDEAL, points: ends.to_vec(), neighbour: 0.0 });
    let words = here.iter().map(|search| {
        let rate = search.rate_ops_s.map(|rate| rate / 1e6);
        format!("{}: up to {} Mops/s", search.subject, rate.map_or(NONE.to_owned(), significant))
    });
    Panel {
        alternative: Alternative {
            name: format!("rates-{number}"),
            title: format!("99th percentile by rate of arrivals: {title}"),
            description: words.collect::<Vec<_>>().join("; "),
        },
        x,
        y,
        series,
    }
}

//! How much load each subject bears.

use shardproof_document::{NONE, counted, significant};
use shardproof_evidence::RateSearch;

use crate::figures::by_workload::{Unit, axis};
use crate::figures::page::{Page, Place, distinct};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::axis::{Axis, count, time};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::lines::{Height, Mark, Panel, Point, Series};
use crate::plot::style::IDEAL;
use crate::plot::{Body, Plot};

/// Pictures that are shown at once.
const SHOWN_MAX: usize = 6;

/// Searches that are drawn together.
type Shared<'a> = (Place<'a>, usize, &'a str, u64);

fn shared(search: &RateSearch) -> Shared<'_> {
    let RateSearch { part, workload, placement, .. } = search;
    let place = Place { part: *part, workload, placement };
    (place, search.threads, &search.pattern, search.p99_ns_max)
}

/// What searches that are drawn together have in common.
fn name(page: &Page<'_>, (place, threads, pattern, _): Shared<'_>) -> String {
    format!(
        "{}, {}{}, {pattern}",
        page.name(place),
        counted(threads, "thread"),
        if page.is_oversubscribed(place.part, threads, &[]) { " (more than cores)" } else { "" },
    )
}

/// The highest rate that each subject bore, in one picture for each workload.
pub(crate) fn highest(page: &Page<'_>) -> Figure {
    let searches = &page.evidence.rate_searches;
    let group = |key: Shared<'_>| DotGroup {
        name: name(page, key),
        rows: searches
            .iter()
            .filter(|search| shared(search) == key)
            .map(|search| DotRow {
                name: search.subject.clone(),
                style: page.styles.style(&search.subject),
                cells: vec![rate_cell(search)],
            })
            .collect(),
        references: Vec::new(),
    };
    let keys = distinct(searches.iter().map(shared));
    let workloads = distinct(keys.iter().map(|key| (key.0.part, key.0.workload)));
    let picture = |(number, (part, workload)): (usize, (usize, &str))| {
        let here = keys.iter().filter(|key| (key.0.part, key.0.workload) == (part, workload));
        let groups: Vec<DotGroup> = here.copied().map(group).collect();
        let title = format!("{workload}{}", page.part_name(part));
        let plot = DotPlot {
            alternative: alternative(
                format!("highest-rate-{number}"),
                format!("The highest rate of arrivals that each subject bore: {title}"),
                SAME_BELOW,
            ),
            axis: axis("Mops/s", Unit::Plain, &groups),
            columns: vec![String::new()],
            lanes: vec![Lane { name: String::new(), body: Body::Solid, level: 0 }],
            references: Vec::new(),
            groups,
        };
        Picture { title, plot: Plot::Dots(plot) }
    };
    Figure {
        title: "The highest rate that each bore".to_owned(),
        caption: "The highest rate of arrivals at which the 99th percentile stayed under the \
                  bound. The axis is logarithmic. –: even the lowest was too much."
            .to_owned(),
        width: Width::Column,
        legend: Vec::new(),
        pictures: workloads.into_iter().enumerate().map(picture).collect(),
        folded: Vec::new(),
    }
}

fn rate_cell(search: &RateSearch) -> DotCell {
    let rate = search.rate_ops_s.map(|rate| rate / 1e6);
    DotCell {
        dots: rate.map(|value| Dot { lane: 0, value, interval: None }).into_iter().collect(),
        number: rate.map_or_else(|| NONE.to_owned(), significant),
    }
}

/// The 99th percentile at every rate that was tried.
pub(crate) fn tried(page: &Page<'_>) -> Figure {
    let searches = &page.evidence.rate_searches;
    let mut pictures = Vec::new();
    for (number, key) in distinct(searches.iter().map(shared)).into_iter().enumerate() {
        let here: Vec<&RateSearch> =
            searches.iter().filter(|search| shared(search) == key).collect();
        let title = name(page, key);
        let plot = Plot::Lines(panel(page, &here, &title, number));
        pictures.push(Picture { title, plot });
    }
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    Figure {
        title: "99th percentile by rate of arrivals".to_owned(),
        caption: "Every rate that was tried. Hollow points did not keep the bound, which is the \
                  dotted grey line, or did not keep up. Both axes are logarithmic."
            .to_owned(),
        width: Width::Column,
        legend: page.legend(|subject| searches.iter().any(|search| search.subject == subject)),
        pictures,
        folded,
    }
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
        format!("{}: up to {} Mops/s", search.subject, rate_of(rate))
    });
    Panel {
        alternative: alternative(
            format!("rates-{number}"),
            format!("99th percentile by rate of arrivals: {title}"),
            words.collect::<Vec<_>>().join("; "),
        ),
        x,
        y,
        height: Height::Usual,
        series,
    }
}

/// A rate in millions, or a dash where there is none.
fn rate_of(rate: Option<f64>) -> String {
    rate.map_or_else(|| NONE.to_owned(), significant)
}

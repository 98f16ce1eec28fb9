//! The load that each subject sustains.

use shardproof_document::{NONE, counted, significant};
use shardproof_evidence::RateSearch;

use crate::figures::by_workload::{NumberFormat, axis};
use crate::figures::page::{MatrixPosition, Page, distinct};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::axis::{Axis, count, time};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::lines::{Height, Mark, Panel, Point, Series};
use crate::plot::style::IDEAL;
use crate::plot::{Body, Plot};

/// Number of pictures that are shown unfolded.
const SHOWN_MAX: usize = 6;

/// The key of searches that are drawn together: position, threads, pattern and limit.
type SearchGroup<'a> = (MatrixPosition<'a>, usize, &'a str, u64);

fn search_group(search: &RateSearch) -> SearchGroup<'_> {
    let RateSearch { part, workload, placement, .. } = search;
    let position = MatrixPosition { part: *part, workload, placement };
    (position, search.threads, &search.pattern, search.p99_ns_max)
}

/// The title of searches that are drawn together.
fn name(page: &Page<'_>, (position, threads, pattern, _): SearchGroup<'_>) -> String {
    format!(
        "{}, {}{}, {pattern}",
        page.name(position),
        counted(threads, "thread"),
        if page.evidence.is_oversubscribed(position.part, threads, &[]) {
            " (more than cores)"
        } else {
            ""
        },
    )
}

/// The highest rate that each subject sustained, one picture per workload.
pub(crate) fn highest(page: &Page<'_>) -> Figure {
    let searches = &page.evidence.rate_searches;
    let group = |key: SearchGroup<'_>| DotGroup {
        name: name(page, key),
        rows: searches
            .iter()
            .filter(|search| search_group(search) == key)
            .map(|search| DotRow {
                name: search.subject.clone(),
                style: page.styles.style(&search.subject),
                cells: vec![rate_cell(search)],
            })
            .collect(),
        references: Vec::new(),
    };
    let keys = distinct(searches.iter().map(search_group));
    let workloads = distinct(keys.iter().map(|key| (key.0.part, key.0.workload)));
    let picture = |(number, (part, workload)): (usize, (usize, &str))| {
        let here = keys.iter().filter(|key| (key.0.part, key.0.workload) == (part, workload));
        let groups: Vec<DotGroup> = here.copied().map(group).collect();
        let title = format!("{workload}{}", page.part_name(part));
        let plot = DotPlot {
            alternative: alternative(
                format!("highest-rate-{number}"),
                format!("Highest sustained arrival rate: {title}"),
                SAME_BELOW,
            ),
            axis: axis("Mops/s", NumberFormat::Plain, &groups),
            columns: vec![String::new()],
            lanes: vec![Lane { name: String::new(), body: Body::Solid, level: 0 }],
            references: Vec::new(),
            groups,
        };
        Picture { title, plot: Plot::Dots(plot) }
    };
    Figure {
        title: "Highest sustained arrival rate".to_owned(),
        caption: "The highest arrival rate at which the 99th percentile stayed within the limit. \
                  The axis is logarithmic. –: even the lowest rate was too high."
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

/// The 99th percentile at every rate tried.
pub(crate) fn tried(page: &Page<'_>) -> Figure {
    let searches = &page.evidence.rate_searches;
    let mut pictures = Vec::new();
    for (number, key) in distinct(searches.iter().map(search_group)).into_iter().enumerate() {
        let here: Vec<&RateSearch> =
            searches.iter().filter(|search| search_group(search) == key).collect();
        let title = name(page, key);
        let plot = Plot::Lines(panel(page, &here, &title, number));
        pictures.push(Picture { title, plot });
    }
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    Figure {
        title: "99th percentile by arrival rate".to_owned(),
        caption: "All rates tried. Hollow points exceeded the limit (dotted grey line) or did not \
                  keep up. Both axes are logarithmic."
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
    let limit = here.first().map_or(0, |search| search.p99_ns_max) as f64;
    let points = || series.iter().flat_map(|series| &series.points);
    let x = Axis::log("target arrivals per second", points().map(|point| point.x), count);
    let y = Axis::log("p99", points().map(|point| point.y).chain([limit]), time);
    let ends = [x.low, x.high].map(|coordinate| Point {
        x: 10f64.powf(coordinate),
        y: limit,
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
            format!("99th percentile by arrival rate: {title}"),
            words.collect::<Vec<_>>().join("; "),
        ),
        x,
        y,
        height: Height::Normal,
        series,
    }
}

/// A rate in millions, or a dash if there is none.
fn rate_of(rate: Option<f64>) -> String {
    rate.map_or_else(|| NONE.to_owned(), significant)
}

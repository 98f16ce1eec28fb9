//! Percentiles: dot plots of quantiles, and lines over percentiles on an axis of nines.

use shardproof_document::{counted, significant, whole};
use shardproof_evidence::Latency;
use shardproof_evidence::histogram::decode;

use crate::figures::by_workload::three_digits_of_time;
use crate::figures::families::{Family, Loop, families, representative_threads};
use crate::figures::page::{Page, distinct};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::axis::{Axis, Scale, time};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::lines::{Height, Mark, Panel, Point, Series};
use crate::plot::{Body, Plot};

/// Number of line plots that are shown unfolded.
const SHOWN_MAX: usize = 6;
/// Maximum number of line plots; the tables have the rest.
const DRAWN_MAX: usize = 24;
/// Points of a line for each nine.
const STEPS_PER_NINE: u32 = 8;
/// Minimum number of samples beyond a quantile: with fewer it reflects chance more than the
/// subject.
const SAMPLES_BEYOND: f64 = 10.0;

/// Whether this many samples are enough for a quantile.
fn is_supported(count: u64, quantile: f64) -> bool {
    count as f64 * (1.0 - quantile) >= SAMPLES_BEYOND * 0.999_999
}

/// The median, the 99th and the 99.9th percentile at every position, at the representative number
/// of threads.
pub(crate) fn quantiles(page: &Page<'_>, how: Loop<'_>, drawn: &mut usize) -> Figure {
    let families = families(page, how);
    let representative = representative_threads(page, &families);
    let shown: Vec<&Family<'_>> =
        families.iter().filter(|family| Some(family.threads) == representative).collect();
    let workloads =
        distinct(shown.iter().map(|family| (family.position.part, family.position.workload)));
    let mut picture = |(part, workload): (usize, &str)| {
        let here: Vec<&Family<'_>> = shown
            .iter()
            .copied()
            .filter(|family| (family.position.part, family.position.workload) == (part, workload))
            .collect();
        let title = format!("{workload}{}", page.part_name(part));
        let name = format!("quantiles-{drawn}");
        *drawn += 1;
        let plot = Plot::Dots(quantile_plot(page, &here, name, &title));
        Picture { title, plot }
    };
    let pictures = workloads.into_iter().map(&mut picture).collect();
    let threads = counted(representative.unwrap_or(0), "thread");
    Figure {
        title: format!("Quantiles in the {}, on {threads}", how.name()),
        caption: format!(
            "The axis is logarithmic; bars are intervals. The number on the right is the 99th \
             percentile, or the median if fewer than {} operations were timed.{}",
            SAMPLES_BEYOND * 100.0,
            clock(how)
        ),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
    }
}

/// What the times of a loop include.
const fn clock(how: Loop<'_>) -> &'static str {
    match how {
        Loop::Closed => " Each time includes one reading of the clock.",
        Loop::Open(_) => " Times start at the intended start, so waiting counts.",
    }
}

fn quantile_plot(page: &Page<'_>, here: &[&Family<'_>], name: String, title: &str) -> DotPlot {
    let group = |family: &&Family<'_>| {
        let placement = family.position.placement;
        let is_ambiguous =
            here.iter().filter(|other| other.position == family.position).count() > 1;
        let row = |latency: &&Latency| DotRow {
            name: latency.subject.clone(),
            style: page.styles.style(&latency.subject),
            cells: vec![quantile_cell(latency)],
        };
        DotGroup {
            name: if is_ambiguous { family.name(page) } else { placement.to_owned() },
            rows: family.members.iter().map(row).collect(),
            references: Vec::new(),
        }
    };
    let groups: Vec<DotGroup> = here.iter().map(group).collect();
    let cells = groups.iter().flat_map(|group| &group.rows).flat_map(|row| &row.cells);
    let dots = cells.flat_map(|cell| &cell.dots);
    let ends = |dot: &Dot| dot.interval.map_or([dot.value; 2], |(low, high)| [low, high]);
    let values = dots.flat_map(|dot| [dot.value].into_iter().chain(ends(dot)));
    let axis = Axis::log("latency", values.filter(|value| *value > 0.0), time);
    let lane = |(name, body): (&str, Body)| Lane { name: name.to_owned(), body, level: 0 };
    let lanes = [("p50", Body::Hollow), ("p99", Body::Solid), ("p99.9", Body::Small)].map(lane);
    DotPlot {
        alternative: alternative(name, format!("Quantiles of latency: {title}"), SAME_BELOW),
        axis,
        columns: vec![String::new()],
        lanes: lanes.to_vec(),
        references: Vec::new(),
        groups,
    }
}

fn quantile_cell(latency: &Latency) -> DotCell {
    let quantiles = &latency.quantiles_ns;
    if latency.count == 0 {
        return DotCell { dots: Vec::new(), number: "not timed".to_owned() };
    }
    let dot = |lane, value: u64, interval| Dot { lane, value: value as f64, interval };
    let ends = |spread: &shardproof_evidence::Spread| Some((spread.low, spread.high));
    let mut dots = vec![dot(0, quantiles.p50, ends(&latency.p50_ns))];
    let mut number = quantiles.p50;
    if is_supported(latency.count, 0.99) {
        dots.push(dot(1, quantiles.p99, ends(&latency.p99_ns)));
        number = quantiles.p99;
    }
    if is_supported(latency.count, 0.999) {
        dots.push(dot(2, quantiles.p999, None));
    }
    DotCell { dots, number: three_digits_of_time(number as f64) }
}

/// Lines over percentiles for each family. The caption gives the number of unreadable histograms.
pub(crate) fn percentiles(page: &Page<'_>, how: Loop<'_>, drawn: &mut usize) -> Figure {
    let families = families(page, how);
    let (shown, folded) = shown_and_folded(page, &families);
    let mut unreadable = 0;
    let mut draw = |families: &[&Family<'_>]| -> Vec<Picture> {
        let mut pictures = Vec::new();
        for family in families {
            let title = family.name(page);
            let panel = panel(page, family, &title, (*drawn, &mut unreadable));
            *drawn += 1;
            pictures.push(Picture { title, plot: Plot::Lines(panel) });
        }
        pictures
    };
    let pictures = draw(&shown);
    let folded = draw(&folded);
    let not_drawn = families.len() - pictures.len() - folded.len();
    let is_member = |subject: &str| {
        families.iter().any(|family| family.members.iter().any(|each| each.subject == subject))
    };
    Figure {
        title: format!("Percentiles in the {}", how.name()),
        caption: caption(how, not_drawn, unreadable),
        width: Width::Column,
        legend: page.legend(is_member),
        pictures,
        folded,
    }
}

fn caption(how: Loop<'_>, not_drawn: usize, unreadable: usize) -> String {
    let mut text = format!(
        "The percentile axis gives each further nine the same space; the latency axis is \
         logarithmic. Markers are at whole nines. A line ends where fewer than {SAMPLES_BEYOND} \
         samples lie beyond it; the hollow marker is the maximum.{}",
        clock(how)
    );
    if not_drawn > 0 {
        text += &format!(
            " {} more are not drawn; their numbers are in the tables.",
            whole(not_drawn as u64)
        );
    }
    if unreadable > 0 {
        text += &format!(" {} could not be read.", counted(unreadable, "histogram"));
    }
    text
}

/// The families to show and to fold away. If there are many, those at the representative number of
/// threads are shown.
fn shown_and_folded<'a, 'b>(
    page: &Page<'_>,
    families: &'b [Family<'a>],
) -> (Vec<&'b Family<'a>>, Vec<&'b Family<'a>>) {
    if families.len() <= SHOWN_MAX {
        return (families.iter().collect(), Vec::new());
    }
    let most = representative_threads(page, families);
    let (mut shown, mut folded): (Vec<_>, Vec<_>) =
        families.iter().partition(|family| Some(family.threads) == most);
    let excess = shown.split_off(shown.len().min(SHOWN_MAX));
    folded.splice(0..0, excess);
    folded.truncate(DRAWN_MAX.saturating_sub(shown.len()));
    (shown, folded)
}

fn panel(
    page: &Page<'_>,
    family: &Family<'_>,
    title: &str,
    (number, unreadable): (usize, &mut usize),
) -> Panel {
    let mut series = Vec::new();
    for latency in &family.members {
        let points = points(latency);
        if points.is_empty() && latency.count > 0 {
            *unreadable += 1;
        }
        series.push(Series { style: page.styles.style(&latency.subject), points, neighbour: 0.0 });
    }
    let points = || series.iter().flat_map(|series| &series.points);
    let nines = points().filter_map(|point| Scale::Nines.coordinate(point.x)).fold(0.0, f64::max);
    let words = family.members.iter().map(|latency| {
        let quantiles = latency.quantiles_ns;
        format!(
            "{}: p50 {} ns, p99 {} ns, maximum {} ns",
            latency.subject,
            significant(quantiles.p50 as f64),
            significant(quantiles.p99 as f64),
            significant(quantiles.max as f64)
        )
    });
    Panel {
        alternative: alternative(
            format!("percentiles-{number}"),
            format!("Latency by percentile, {}: {title}", family.kind.name()),
            words.collect::<Vec<_>>().join("; "),
        ),
        x: Axis::nines("percentile", nines),
        y: Axis::log("latency", points().map(|point| point.y), time),
        height: Height::Normal,
        series,
    }
}

/// The histogram as a line up to the last quantile with enough samples beyond it, and the maximum
/// as a separate point.
fn points(latency: &Latency) -> Vec<Point> {
    let Some(histogram) = decode(&latency.histogram).ok().filter(|histogram| !histogram.is_empty())
    else {
        return Vec::new();
    };
    let point = |nines: f64, mark| {
        let x = 1.0 - 10f64.powf(-nines);
        Point { x, y: histogram.value_at_quantile(x) as f64, interval: None, mark }
    };
    let count = histogram.len() as f64;
    let steps = (0..).map(|step: u32| {
        let mark = if step.is_multiple_of(STEPS_PER_NINE) { Mark::Solid } else { Mark::None };
        (f64::from(step) / f64::from(STEPS_PER_NINE), mark)
    });
    let supported = steps.take_while(|(nines, _)| *nines <= (count / SAMPLES_BEYOND).log10());
    let mut points: Vec<Point> = supported.map(|(nines, mark)| point(nines, mark)).collect();
    points.push(Point { y: histogram.max() as f64, ..point(count.log10(), Mark::Hollow) });
    points
}

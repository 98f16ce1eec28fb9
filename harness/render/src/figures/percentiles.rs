//! Percentiles: a mark for each quantile, and lines on which each further nine has the same room.

use shardproof_document::{counted, significant, whole};
use shardproof_evidence::Latency;
use shardproof_evidence::histogram::decode;

use crate::figures::by_workload::three_digits_of_time;
use crate::figures::families::{Family, Loop, families, telling_threads};
use crate::figures::page::{Page, distinct};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::axis::{Axis, Scale, time};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::lines::{Height, Mark, Panel, Point, Series};
use crate::plot::{Body, Plot};

/// Pictures of lines that are shown at once.
const SHOWN_MAX: usize = 6;
/// Pictures of lines that are drawn in all; what is beyond is in the tables.
const DRAWN_MAX: usize = 24;
/// Points of a line for each nine.
const STEPS_PER_NINE: u32 = 8;
/// How many samples must lie beyond a quantile: with fewer it says more of chance than of the
/// subject.
const SAMPLES_BEYOND: f64 = 10.0;

/// Whether so many samples are enough for a quantile.
fn is_supported(count: u64, quantile: f64) -> bool {
    count as f64 * (1.0 - quantile) >= SAMPLES_BEYOND * 0.999_999
}

/// The median, the 99th and the 99.9th percentile in every place, on the telling number of threads.
pub(crate) fn quantiles(page: &Page<'_>, how: Loop<'_>, drawn: &mut usize) -> Figure {
    let families = families(page, how);
    let telling = telling_threads(page, &families);
    let shown: Vec<&Family<'_>> =
        families.iter().filter(|family| Some(family.threads) == telling).collect();
    let workloads = distinct(shown.iter().map(|family| (family.place.part, family.place.workload)));
    let mut picture = |(part, workload): (usize, &str)| {
        let here: Vec<&Family<'_>> = shown
            .iter()
            .copied()
            .filter(|family| (family.place.part, family.place.workload) == (part, workload))
            .collect();
        let title = format!("{workload}{}", page.part_name(part));
        let name = format!("quantiles-{drawn}");
        *drawn += 1;
        let plot = Plot::Dots(quantile_plot(page, &here, name, &title));
        Picture { title, plot }
    };
    let pictures = workloads.into_iter().map(&mut picture).collect();
    let threads = counted(telling.unwrap_or(0), "thread");
    Figure {
        title: format!("Quantiles in the {}, on {threads}", how.name()),
        caption: format!(
            "The axis is logarithmic. Bars are intervals. At the right stands the 99th \
             percentile, or the median where fewer than {} operations were timed.{}",
            SAMPLES_BEYOND * 100.0,
            clock(how)
        ),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
    }
}

/// What has to be known of the times of a loop.
const fn clock(how: Loop<'_>) -> &'static str {
    match how {
        Loop::Closed => " Each time includes one reading of the clock.",
        Loop::Open(_) => {
            " Times begin when an operation should have started, so that waiting counts."
        }
    }
}

fn quantile_plot(page: &Page<'_>, here: &[&Family<'_>], name: String, title: &str) -> DotPlot {
    let group = |family: &&Family<'_>| {
        let placement = family.place.placement;
        let has_twin = here.iter().filter(|other| other.place == family.place).count() > 1;
        let row = |latency: &&Latency| DotRow {
            name: latency.subject.clone(),
            style: page.styles.style(&latency.subject),
            cells: vec![quantile_cell(latency)],
        };
        DotGroup {
            name: if has_twin { family.name(page) } else { placement.to_owned() },
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

/// Lines from the shortest to the longest, for each family. The number of histograms that cannot be
/// read is in the caption.
pub(crate) fn percentiles(page: &Page<'_>, how: Loop<'_>, drawn: &mut usize) -> Figure {
    let families = families(page, how);
    let (shown, folded) = chosen(page, &families);
    let mut unread = 0;
    let mut draw = |families: &[&Family<'_>]| -> Vec<Picture> {
        let mut pictures = Vec::new();
        for family in families {
            let title = family.name(page);
            let panel = panel(page, family, &title, (*drawn, &mut unread));
            *drawn += 1;
            pictures.push(Picture { title, plot: Plot::Lines(panel) });
        }
        pictures
    };
    let pictures = draw(&shown);
    let folded = draw(&folded);
    let left = families.len() - pictures.len() - folded.len();
    let is_member = |subject: &str| {
        families.iter().any(|family| family.members.iter().any(|each| each.subject == subject))
    };
    Figure {
        title: format!("Percentiles in the {}", how.name()),
        caption: caption(how, left, unread),
        width: Width::Column,
        legend: page.legend(is_member),
        pictures,
        folded,
    }
}

fn caption(how: Loop<'_>, left: usize, unread: usize) -> String {
    let mut text = format!(
        "Each further nine of the percentile takes the same room. Both axes are logarithmic. \
         Markers stand at whole nines. A line ends where fewer than {SAMPLES_BEYOND} samples lie \
         beyond; the hollow marker is the longest of all.{}",
        clock(how)
    );
    if left > 0 {
        text += &format!(" {} more not drawn: numbers are in the tables.", whole(left as u64));
    }
    if unread > 0 {
        text += &format!(" {} of evidence cannot be read.", counted(unread, "histogram"));
    }
    text
}

/// What is shown and what is folded away. If it is too much for one look, shown is what says most:
/// the largest number of threads that have a core each.
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
        alternative: alternative(
            format!("percentiles-{number}"),
            format!("Latency by percentile, {}: {title}", family.how.name()),
            words.collect::<Vec<_>>().join("; "),
        ),
        x: Axis::nines("percentile", nines),
        y: Axis::log("latency", points().map(|point| point.y), time),
        height: Height::Usual,
        series,
    }
}

/// The histogram as a line from the least to the last quantile that enough samples lie beyond, and
/// the longest of all, to which no line leads.
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

//! Latency over time: a strip for each subject, with gaps where other cells ran.

use shardproof_document::significant;
use shardproof_evidence::{Latency, LatencyRound};

use crate::figures::families::{Family, Loop, representative_threads};
use crate::figures::page::Page;
use crate::figures::{Figure, Picture, Width, alternative};
use crate::plot::Plot;
use crate::plot::axis::{Axis, time};
use crate::plot::strips::{Slice, Strip, StripNames, Strips, blocks};

/// Number of pictures that are shown unfolded.
const SHOWN_MAX: usize = 1;
/// Maximum number of pictures.
const DRAWN_MAX: usize = 6;

/// The families to draw: the first ones at the representative number of threads.
pub(crate) fn drawn<'a, 'b>(page: &Page<'_>, families: &'b [Family<'a>]) -> Vec<&'b Family<'a>> {
    let representative = representative_threads(page, families);
    let families = families.iter().filter(|family| Some(family.threads) == representative);
    families.take(DRAWN_MAX).collect()
}

/// A picture of each family. `number` counts the pictures of a page, to give each a unique name.
pub(crate) fn over_time(
    page: &Page<'_>,
    (how, all): (Loop<'_>, usize),
    families: &[&Family<'_>],
    number: &mut usize,
) -> Figure {
    let mut pictures: Vec<Picture> = Vec::new();
    for family in families {
        let title = family.name(page);
        let strips = strips(page, family, (format!("over-time-{number}"), &title));
        *number += 1;
        pictures.push(Picture { title, plot: Plot::Strips(strips) });
    }
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    let mut caption = match how {
        Loop::Closed => {
            "Each bar is one round. Other cells were measured between rounds.".to_owned()
        }
        Loop::Open(_) => "Each block is one round, divided into time slices. Blocks are not \
                          connected, because other cells were measured between rounds."
            .to_owned(),
    };
    caption += " The line is the median, the band extends to the 99th percentile, and points are \
                the maximum of each slice. The latency axis is logarithmic.";
    if families.len() < all {
        caption += " Not all combinations are drawn.";
    }
    caption += " All numbers are in csv/latency_rounds.csv.";
    Figure {
        title: format!("Rounds in the {}", how.name()),
        caption,
        width: Width::Own,
        legend: Vec::new(),
        pictures,
        folded,
    }
}

fn strips(page: &Page<'_>, family: &Family<'_>, (name, title): (String, &str)) -> Strips {
    let rounds = || family.members.iter().flat_map(|latency| &latency.rounds);
    let values = rounds().flat_map(|round| [round.p50_ns, round.p99_ns, round.max_ns]);
    let words = family.members.iter().map(|latency| {
        let most = |value: fn(&LatencyRound) -> u64| latency.rounds.iter().map(value).max();
        let least = latency.rounds.iter().map(|round| round.p50_ns).min();
        format!(
            "{}: p50 {} to {} ns, maximum {} ns",
            latency.subject,
            significant(least.unwrap_or(0) as f64),
            significant(most(|round| round.p50_ns).unwrap_or(0) as f64),
            significant(most(|round| round.max_ns).unwrap_or(0) as f64)
        )
    });
    let first = rounds().map(|round| round.at_s).fold(f64::INFINITY, f64::min);
    let last = rounds().map(|round| round.at_s).fold(0.0, f64::max);
    Strips {
        alternative: alternative(
            name,
            format!("Latency over time, {}: {title}", family.kind.name()),
            words.collect::<Vec<_>>().join("; "),
        ),
        y: Axis::log("latency", values.map(|value| value as f64), time),
        label: format!(
            "round, from {} s to {} s after the start; time between rounds omitted",
            significant(first.min(last)),
            significant(last)
        ),
        names: StripNames {
            middle: "p50".to_owned(),
            high: "p99".to_owned(),
            most: "maximum".to_owned(),
        },
        strips: family.members.iter().map(|latency| strip(page, latency)).collect(),
    }
}

fn strip(page: &Page<'_>, latency: &Latency) -> Strip {
    let starts: Vec<f64> = latency.rounds.iter().map(|round| round.at_s).collect();
    let mut rounds = latency.rounds.iter();
    let sizes = blocks(&starts, slice_s(latency));
    let block = |size: usize| rounds.by_ref().take(size).map(slice).collect();
    Strip {
        name: latency.subject.clone(),
        style: page.styles.style(&latency.subject),
        blocks: sizes.into_iter().map(block).collect(),
    }
}

fn slice(round: &LatencyRound) -> Slice {
    let [middle, high, most] = [round.p50_ns, round.p99_ns, round.max_ns].map(|ns| ns as f64);
    Slice { middle, high, most }
}

/// Duration of a time slice of an open loop; none in a closed loop, which has one per round.
fn slice_s(latency: &Latency) -> Option<f64> {
    let arrivals = latency.arrivals.as_ref()?;
    let rounds = &latency.rounds;
    let noted = rounds.iter().map(|round| round.length_s).fold(0.0, f64::max);
    if noted > 0.0 {
        return Some(noted);
    }
    // Older evidence lacks the duration, but it follows from the number of operations and their
    // rate.
    let count: u64 = rounds.iter().map(|round| round.count).sum();
    let length = count as f64 / rounds.len() as f64 / arrivals.achieved_ops_s;
    length.is_finite().then_some(length)
}

//! Latency over time: a strip for each subject, cut where nothing ran.

use shardproof_document::significant;
use shardproof_evidence::{Latency, LatencyRound};

use crate::figures::families::{Family, Loop, telling_threads};
use crate::figures::page::Page;
use crate::figures::{Figure, Picture, Width, alternative};
use crate::plot::Plot;
use crate::plot::axis::{Axis, time};
use crate::plot::strips::{Slice, Strip, StripNames, Strips, blocks};

/// Places that are shown at once.
const SHOWN_MAX: usize = 1;
/// Places that are drawn in all.
const DRAWN_MAX: usize = 6;

/// Those families that are drawn: the first on the telling number of threads.
pub(crate) fn drawn<'a, 'b>(page: &Page<'_>, families: &'b [Family<'a>]) -> Vec<&'b Family<'a>> {
    let telling = telling_threads(page, families);
    let families = families.iter().filter(|family| Some(family.threads) == telling);
    families.take(DRAWN_MAX).collect()
}

/// A picture of each family. `number` counts pictures of a page, whose names differ by it.
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
            "Each bar is one round. Between rounds other cells were measured.".to_owned()
        }
        Loop::Open(_) => "Each block is one round, cut into slices of time; nothing joins two \
                          rounds, because other cells were measured between them."
            .to_owned(),
    };
    caption += " The line is the median, the band reaches up to the 99th percentile, and a point \
                is the longest of its slice. The axis of latency is logarithmic.";
    if families.len() < all {
        caption += " Not all is drawn.";
    }
    caption += " Numbers: csv/latency_rounds.csv.";
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
            "{}: p50 {} to {} ns, longest {} ns",
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
            format!("Latency over time, {}: {title}", family.how.name()),
            words.collect::<Vec<_>>().join("; "),
        ),
        y: Axis::log("latency", values.map(|value| value as f64), time),
        label: format!(
            "round, from {} s to {} s after the beginning; time between rounds is left out",
            significant(first.min(last)),
            significant(last)
        ),
        names: StripNames {
            middle: "p50".to_owned(),
            high: "p99".to_owned(),
            most: "longest".to_owned(),
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

/// How long a slice of an open loop takes; none in a closed loop, which has one for each round.
fn slice_s(latency: &Latency) -> Option<f64> {
    let arrivals = latency.arrivals.as_ref()?;
    let rounds = &latency.rounds;
    let noted = rounds.iter().map(|round| round.length_s).fold(0.0, f64::max);
    if noted > 0.0 {
        return Some(noted);
    }
    // Older evidence does not say, but how many operations came at which rate.
    let count: u64 = rounds.iter().map(|round| round.count).sum();
    let length = count as f64 / rounds.len() as f64 / arrivals.achieved_ops_s;
    length.is_finite().then_some(length)
}

//! Figures of histograms.

use hdrhistogram::Histogram;
use shardproof_evidence::{LatencyRound, Quantiles};

/// The quantiles of a histogram of nanoseconds. Each is a recorded time, rounded up to three
/// digits; all are 0 if the histogram is empty.
#[must_use]
pub(super) fn quantiles(histogram: &Histogram<u64>) -> Quantiles {
    let at = |quantile| histogram.value_at_quantile(quantile);
    Quantiles {
        min: histogram.min(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        p9999: at(0.9999),
        max: histogram.max(),
    }
}

/// A part of a round.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Interval {
    /// Its start, in seconds from the start of the round.
    pub(super) at_s: f64,
    /// Its length in seconds.
    pub(super) length_s: f64,
}

/// The figures of an interval.
pub(super) fn figures(interval: Interval, histogram: &Histogram<u64>) -> LatencyRound {
    let Interval { at_s, length_s } = interval;
    let Quantiles { p50, p99, p999, max, .. } = quantiles(histogram);
    let count = histogram.len();
    LatencyRound { at_s, length_s, count, p50_ns: p50, p99_ns: p99, p999_ns: p999, max_ns: max }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::recorder::empty_histogram;

    #[test]
    fn quantiles_are_recorded_times() {
        let mut histogram = empty_histogram();
        for ns in 1..=10_000u64 {
            histogram.record(ns * 100).unwrap();
        }
        let Quantiles { min, p50, p90, p99, p999, p9999, max } = quantiles(&histogram);
        assert_eq!(min, 100);
        for (found, exact) in [
            (p50, 500_000),
            (p90, 900_000),
            (p99, 990_000),
            (p999, 999_000),
            (p9999, 999_900),
            (max, 1_000_000),
        ] {
            assert!((exact..=exact + exact / 1_000).contains(&found), "{found} for {exact}");
        }
        let round = figures(Interval { at_s: 2.5, length_s: 0.5 }, &histogram);
        assert_eq!((round.count, round.at_s, round.length_s), (10_000, 2.5, 0.5));
        assert_eq!(
            (round.p50_ns, round.p99_ns, round.p999_ns, round.max_ns),
            (p50, p99, p999, max)
        );
    }

    #[test]
    fn the_quantiles_of_an_empty_histogram_are_0() {
        assert_eq!(quantiles(&empty_histogram()).max, 0);
    }
}

//! Statistics that assume nothing about a distribution: medians and order statistics.

pub mod bootstrap;
pub mod least_squares;

use serde::{Deserialize, Serialize};

/// The coverage that an interval aims at.
pub const COVERAGE_AIM: f64 = 0.95;

/// The fewest values whose range covers their median in [`COVERAGE_AIM`] of cases.
pub const VALUES_MIN: usize = 6;
const _: () = assert!(1.0 - 2.0 / 64.0 > COVERAGE_AIM && 1.0 - 2.0 / 32.0 < COVERAGE_AIM);

/// A median with an interval for it, as evidence has it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Spread {
    /// The median of the values.
    pub median: f64,
    /// The low end of the interval, itself one of the values.
    pub low: f64,
    /// The high end of the interval, itself one of the values.
    pub high: f64,
    /// How often such an interval holds the true median, between 0 and 1, for independent values.
    pub coverage: f64,
}

/// The median of `values` with the narrowest symmetric interval of order statistics that covers
/// the true median in at least [`COVERAGE_AIM`] of cases; with too few values (fewer than 6) the
/// whole range, with the coverage that it really has. `None` without values.
#[must_use]
pub fn summarise(values: &[f64]) -> Option<Spread> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = median_of_sorted(&sorted)?;
    let (rank, coverage) = interval_rank(sorted.len());
    Some(Spread { median, low: sorted[rank], high: sorted[sorted.len() - 1 - rank], coverage })
}

/// The median of `values`: the middle one, or the mean of the middle two. `None` without values.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    median_of_sorted(&sorted)
}

/// The least of `values` that a share of them, between 0 and 1, does not exceed. `None` without values.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// How far from 1 a ratio is in 19 of 20 cases: what smaller differences of two such things are, is noise. `None`
/// without ratios.
#[must_use]
pub fn noise_floor(ratios: &[f64]) -> Option<f64> {
    let distances: Vec<f64> = ratios.iter().map(|ratio| (ratio - 1.0).abs()).collect();
    quantile(&distances, 0.95)
}

/// The ratios of `values` to `bases`, pair by pair, summarised. `None` without values, when the
/// two differ in length, or when a base is zero.
#[must_use]
pub fn paired_ratio(values: &[f64], bases: &[f64]) -> Option<Spread> {
    summarise(&ratios(values, bases)?)
}

/// The ratios of `values` to `bases`, pair by pair. `None` when the two differ in length or a base
/// is zero.
#[must_use]
pub fn ratios(values: &[f64], bases: &[f64]) -> Option<Vec<f64>> {
    if values.len() != bases.len() || bases.contains(&0.0) {
        return None;
    }
    Some(values.iter().zip(bases).map(|(value, base)| value / base).collect())
}

fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// How many values to leave out on each side, and the coverage that is left: the interval misses
/// the median when fewer than `rank + 1` values fall on one side of it, a question of fair coins.
fn interval_rank(count: usize) -> (usize, f64) {
    let mut rank = 0;
    let mut probability = 0.5_f64.powi(count as i32);
    let mut tail = probability;
    let mut coverage = (1.0 - 2.0 * tail).max(0.0);
    for next in 1..count / 2 {
        probability *= (count - next + 1) as f64 / next as f64;
        tail += probability;
        if 1.0 - 2.0 * tail < COVERAGE_AIM {
            break;
        }
        rank = next;
        coverage = 1.0 - 2.0 * tail;
    }
    (rank, coverage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_or_the_mean_of_the_middle_two() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn three_values_give_their_range_which_covers_three_quarters() {
        let summary = summarise(&[5.0, 1.0, 3.0]).unwrap();
        assert_eq!(summary, Spread { median: 3.0, low: 1.0, high: 5.0, coverage: 0.75 });
    }

    #[test]
    fn one_value_covers_nothing() {
        let summary = summarise(&[7.0]).unwrap();
        assert_eq!(summary, Spread { median: 7.0, low: 7.0, high: 7.0, coverage: 0.0 });
    }

    #[test]
    fn eleven_values_give_the_second_and_the_tenth() {
        // 1 - 2 * (1 + 11) / 2^11 = 0.98828125; with the third it would be 0.9345703125.
        let values: Vec<f64> = (1..=11).map(f64::from).collect();
        let summary = summarise(&values).unwrap();
        assert_eq!(summary, Spread { median: 6.0, low: 2.0, high: 10.0, coverage: 0.98828125 });
    }

    #[test]
    fn twenty_five_values_give_the_eighth_from_each_end() {
        let values: Vec<f64> = (1..=25).map(f64::from).collect();
        let summary = summarise(&values).unwrap();
        assert_eq!((summary.low, summary.high), (8.0, 18.0));
        assert!((summary.coverage - 0.956_714_6).abs() < 1e-6, "{}", summary.coverage);
    }

    #[test]
    fn a_ratio_is_taken_pair_by_pair() {
        let summary = paired_ratio(&[2.0, 30.0, 12.0], &[1.0, 10.0, 3.0]).unwrap();
        assert_eq!((summary.median, summary.low, summary.high), (3.0, 2.0, 4.0));
        assert_eq!(paired_ratio(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(paired_ratio(&[1.0], &[0.0]), None);
    }

    #[test]
    fn the_noise_floor_leaves_out_one_pair_in_twenty() {
        // 1 %, 2 %, ... 20 %, above and below in turns: 19 of 20 are within 19 %.
        let ratios: Vec<f64> = (1..=20)
            .map(|step| 1.0 + 0.01 * f64::from(if step % 2 == 0 { step } else { -step }))
            .collect();
        assert!((noise_floor(&ratios).unwrap() - 0.19).abs() < 1e-9);
        assert!((noise_floor(&ratios[..3]).unwrap() - 0.03).abs() < 1e-9, "of few, the widest");
        assert_eq!(noise_floor(&[1.0]), Some(0.0));
        assert_eq!(noise_floor(&[]), None);
    }
}

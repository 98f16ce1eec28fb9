//! The bootstrap (Efron 1979): estimates how a figure would vary with other rounds, by resampling
//! the rounds with replacement.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::COVERAGE_TARGET;

/// Number of resamples. A percentile interval leaves out 50 at each end, so its ends are known to
/// about 5 % of its width.
pub const RESAMPLES: usize = 2_000;

/// Applies `figure` to each resample: a list of `rounds` indices below `rounds`, with repetitions.
/// Runs in parallel, with deterministic results: each resample is seeded with its number, and
/// results are in that order.
pub fn resampled<T: Send>(rounds: usize, figure: impl Fn(&[usize]) -> T + Sync) -> Vec<T> {
    let of_resample = |number: u64| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(number);
        let drawn: Vec<usize> = (0..rounds).map(|_| random.random_range(0..rounds)).collect();
        figure(&drawn)
    };
    (0..RESAMPLES as u64).into_par_iter().map(of_resample).collect()
}

/// The percentile interval: the range left after dropping equally many of `values` at each end, so
/// that [`COVERAGE_TARGET`] of them remain. `None` without values.
#[must_use]
pub fn percentile_interval(values: &[f64]) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let left_out = (sorted.len() as f64 * (1.0 - COVERAGE_TARGET) / 2.0) as usize;
    let high = sorted.len().checked_sub(1 + left_out)?;
    Some((sorted[left_out], sorted[high]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_drops_one_fortieth_at_each_end() {
        let values: Vec<f64> = (0..2_000).rev().map(f64::from).collect();
        assert_eq!(percentile_interval(&values), Some((50.0, 1_949.0)));
        assert_eq!(percentile_interval(&[7.0]), Some((7.0, 7.0)));
        assert_eq!(percentile_interval(&[]), None);
    }

    #[test]
    fn every_resample_has_the_original_size_with_repetitions() {
        let drawn = resampled(11, <[usize]>::to_vec);
        assert_eq!(drawn.len(), RESAMPLES);
        assert!(drawn.iter().all(|each| each.len() == 11 && each.iter().all(|round| *round < 11)));
        let mut distinct = drawn.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), RESAMPLES, "all resamples differ");
        let seen: usize = drawn.iter().flatten().filter(|round| **round == 0).count();
        assert!((1_800..2_200).contains(&seen), "about one drawn round in 11 is the first: {seen}");
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| resampled(9, <[usize]>::to_vec))
        };
        assert_eq!(on(1), on(4));
    }
}

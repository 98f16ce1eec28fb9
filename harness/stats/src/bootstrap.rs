//! The bootstrap (Efron 1979): how far a figure would be elsewhere had other rounds been run, by
//! drawing rounds from those that were run, with replacement.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::COVERAGE_AIM;

/// How many resamples are drawn: 50 are left out at each end of a percentile interval, whose ends
/// are then known to about 5 % of its width.
pub const RESAMPLES: usize = 2_000;

/// What `figure` makes of each resample of so many rounds: of a list of that many numbers below
/// `rounds`, with repetitions. In parallel, and always the same: the seed of a resample is its
/// number, and its place in the result too.
pub fn resampled<T: Send>(rounds: usize, figure: impl Fn(&[usize]) -> T + Sync) -> Vec<T> {
    let of_resample = |number: u64| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(number);
        let drawn: Vec<usize> = (0..rounds).map(|_| random.random_range(0..rounds)).collect();
        figure(&drawn)
    };
    (0..RESAMPLES as u64).into_par_iter().map(of_resample).collect()
}

/// The ends of the percentile interval: what is left of `values` when equally many are left out at
/// each end, [`COVERAGE_AIM`] of them all. `None` without values.
#[must_use]
pub fn percentile_interval(values: &[f64]) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let left_out = (sorted.len() as f64 * (1.0 - COVERAGE_AIM) / 2.0) as usize;
    let high = sorted.len().checked_sub(1 + left_out)?;
    Some((sorted[left_out], sorted[high]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_leaves_a_fortieth_out_at_each_end() {
        let values: Vec<f64> = (0..2_000).rev().map(f64::from).collect();
        assert_eq!(percentile_interval(&values), Some((50.0, 1_949.0)));
        assert_eq!(percentile_interval(&[7.0]), Some((7.0, 7.0)));
        assert_eq!(percentile_interval(&[]), None);
    }

    #[test]
    fn every_resample_draws_as_many_rounds_as_there_are_and_some_of_them_twice() {
        let drawn = resampled(11, <[usize]>::to_vec);
        assert_eq!(drawn.len(), RESAMPLES);
        assert!(drawn.iter().all(|each| each.len() == 11 && each.iter().all(|round| *round < 11)));
        let mut distinct = drawn.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), RESAMPLES, "each resample is a new one");
        let seen: usize = drawn.iter().flatten().filter(|round| **round == 0).count();
        assert!((1_800..2_200).contains(&seen), "one round in 11 is the first: {seen}");
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| resampled(9, <[usize]>::to_vec))
        };
        assert_eq!(on(1), on(4));
    }
}

//! Interleaves two measurements, so that changes of the machine affect both.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_stats as stats;

/// How many slices to measure, and how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Number of pairs of slices; fewer are measured if they take much longer than planned.
    pub pairs: usize,
    /// Length of one slice.
    pub slice: Duration,
}

/// The results of two measurements, pair by pair.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pairs {
    /// Results of the first measurement.
    pub first: Vec<f64>,
    /// Results of the second measurement.
    pub second: Vec<f64>,
}

/// One of the two measurements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The first.
    First,
    /// The second.
    Second,
}

/// Measures both sides in pairs, each pair in random order: if the first side always came first, a
/// machine that slows down would look like a difference.
///
/// On a busy machine, slices take longer than planned. Measuring stops once it exceeds the plan by
/// half, provided there are six pairs, the minimum for an interval.
pub fn measure_interleaved(schedule: Schedule, mut measure: impl FnMut(Side) -> f64) -> Pairs {
    let planned = 2 * schedule.slice * u32::try_from(schedule.pairs).unwrap_or(u32::MAX);
    let begin = Instant::now();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut results = Pairs::default();
    for pair in 0..schedule.pairs {
        if pair >= stats::VALUES_MIN && begin.elapsed() > planned + planned / 2 {
            break;
        }
        let (first, second);
        if random.random() {
            first = measure(Side::First);
            second = measure(Side::Second);
        } else {
            second = measure(Side::Second);
            first = measure(Side::First);
        }
        results.first.push(first);
        results.second.push(second);
    }
    results
}

/// The seed of the orders, so that all certificates use the same orders.
const SEED: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_has_both_sides_in_random_order() {
        let mut taken = Vec::new();
        let schedule = Schedule { pairs: 40, slice: Duration::from_secs(60) };
        let pairs = measure_interleaved(schedule, |side| {
            taken.push(side);
            taken.len() as f64
        });
        let firsts = taken.chunks(2).filter(|pair| pair[0] == Side::First).count();
        assert!((10..=30).contains(&firsts), "{firsts} of 40 pairs start with the first side");
        for (index, pair) in taken.chunks(2).enumerate() {
            assert_ne!(pair[0], pair[1]);
            let number = |side| (2 * index + 1 + usize::from(pair[1] == side)) as f64;
            assert_eq!(pairs.first[index], number(Side::First));
            assert_eq!(pairs.second[index], number(Side::Second));
        }
    }

    #[test]
    fn slow_slices_reduce_the_pairs_but_not_below_six() {
        let overrun = |slice_ms| {
            let schedule = Schedule { pairs: 60, slice: Duration::from_millis(slice_ms) };
            let pairs = measure_interleaved(schedule, |_| {
                std::thread::sleep(Duration::from_millis(5));
                1.0
            });
            assert_eq!(pairs.first.len(), pairs.second.len());
            pairs.first.len()
        };
        assert_eq!(overrun(0), 6);
        // 60 pairs of at least 10 ms each, limited to 1.5 times the planned 240 ms.
        assert!((6..=37).contains(&overrun(2)));
    }
}

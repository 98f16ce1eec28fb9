//! Two things measured in turns, so that what changes meanwhile changes both.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_stats as stats;

/// How often, and for how long each time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turns {
    /// Pairs of slices; fewer are taken where they take much longer than they should.
    pub pairs: usize,
    /// One slice.
    pub slice: Duration,
}

/// The results of two measurements, pair by pair.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pairs {
    /// Of the first.
    pub first: Vec<f64>,
    /// Of the second.
    pub second: Vec<f64>,
}

/// One of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The first.
    First,
    /// The second.
    Second,
}

/// Measures both sides in pairs, each pair in an order of its own: were the first always the earlier
/// one, a machine that slows down would look like a difference.
///
/// Where others keep the processors, slices take longer than they were given. It ends when half as
/// much again as was planned is over, if six pairs are there, which an interval needs.
pub fn in_turns(turns: Turns, mut measure: impl FnMut(Side) -> f64) -> Pairs {
    let planned = 2 * turns.slice * u32::try_from(turns.pairs).unwrap_or(u32::MAX);
    let begin = Instant::now();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut results = Pairs::default();
    for pair in 0..turns.pairs {
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

/// The seed of the orders, so that two certificates are taken alike.
const SEED: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_has_both_sides_in_either_order() {
        let mut taken = Vec::new();
        let turns = Turns { pairs: 40, slice: Duration::from_secs(60) };
        let pairs = in_turns(turns, |side| {
            taken.push(side);
            taken.len() as f64
        });
        let firsts = taken.chunks(2).filter(|pair| pair[0] == Side::First).count();
        assert!((10..=30).contains(&firsts), "{firsts} of 40 begin with the first");
        for (place, pair) in taken.chunks(2).enumerate() {
            assert_ne!(pair[0], pair[1]);
            let number = |side| (2 * place + 1 + usize::from(pair[1] == side)) as f64;
            assert_eq!(pairs.first[place], number(Side::First));
            assert_eq!(pairs.second[place], number(Side::Second));
        }
    }

    #[test]
    fn slices_that_take_far_too_long_are_fewer_and_at_least_six() {
        let overrun = |slice_ms| {
            let turns = Turns { pairs: 60, slice: Duration::from_millis(slice_ms) };
            let pairs = in_turns(turns, |_| {
                std::thread::sleep(Duration::from_millis(5));
                1.0
            });
            assert_eq!(pairs.first.len(), pairs.second.len());
            pairs.first.len()
        };
        assert_eq!(overrun(0), 6);
        // 60 pairs of 10 ms and more, in half as much again as 240 ms.
        assert!((6..=37).contains(&overrun(2)));
    }
}

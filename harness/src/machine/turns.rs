//! Two things measured in turns, so that what changes meanwhile changes both.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How often, and for how long each time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turns {
    /// Pairs of slices.
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

/// Measures both sides `pairs` times, each pair in an order of its own: were the first always the
/// earlier one, a machine that slows down would look like a difference.
pub fn in_turns(pairs: usize, mut measure: impl FnMut(Side) -> f64) -> Pairs {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut results = Pairs::default();
    for _ in 0..pairs {
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
        let pairs = in_turns(40, |side| {
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
}

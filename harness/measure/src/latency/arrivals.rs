//! When the operations of an open loop are to begin, decided before the clock starts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::SeedableRng;
use rand_distr::{Distribution, Exp};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_base::names::{self, UnknownName};
use shardproof_machine::clock::Clock;

/// How operations follow one another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pattern {
    /// Each as long after the one before.
    Constant,
    /// Independently of one another: gaps are drawn from the exponential distribution.
    Poisson,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Self; 2] = [Self::Constant, Self::Poisson];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Pattern {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("pattern of arrivals", text, &Self::ALL, Self::as_str)
    }
}

/// When operations arrive, on the command line `constant:200000` or `poisson:200000`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Arrivals {
    /// How they follow one another.
    pattern: Pattern,
    /// Operations per second of all threads together, between 1 and [`Arrivals::RATE_OPS_S_MAX`].
    rate_ops_s: u64,
}

/// Why a text says of no arrivals when they are.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArrivalsError {
    /// It has no rate.
    #[error("`{given}` has no rate: give arrivals as in `constant:200000` or `poisson:200000`")]
    NoRate {
        /// What was given.
        given: String,
    },
    /// Its pattern is unknown.
    #[error(transparent)]
    Pattern(#[from] UnknownName),
    /// Its rate is no number, or none that can be tried.
    #[error(
        "`{given}` is no rate of arrivals: give whole operations per second from 1 to {max}",
        max = Arrivals::RATE_OPS_S_MAX
    )]
    Rate {
        /// What was given.
        given: String,
    },
}

impl Arrivals {
    /// The highest rate: what is due is listed beforehand, and takes 8 bytes each.
    pub const RATE_OPS_S_MAX: u64 = 100_000_000;

    /// Arrivals at this rate.
    ///
    /// # Errors
    /// [`ArrivalsError::Rate`].
    pub fn new(pattern: Pattern, rate_ops_s: u64) -> Result<Self, ArrivalsError> {
        if (1..=Self::RATE_OPS_S_MAX).contains(&rate_ops_s) {
            Ok(Self { pattern, rate_ops_s })
        } else {
            Err(ArrivalsError::Rate { given: rate_ops_s.to_string() })
        }
    }

    /// How operations follow one another.
    #[must_use]
    pub const fn pattern(self) -> Pattern {
        self.pattern
    }

    /// Operations per second of all threads together.
    #[must_use]
    pub const fn rate_ops_s(self) -> u64 {
        self.rate_ops_s
    }

    /// How many arrive in `slice`, at all threads together; at least one.
    #[must_use]
    pub fn count_in(self, slice: Duration) -> usize {
        ((self.rate_ops_s as f64 * slice.as_secs_f64()).round() as usize).max(1)
    }

    /// When the operations of one thread are due within `slice`, in nanoseconds from its beginning.
    ///
    /// Exactly [`Arrivals::count_in`] arrive in all, for a rate that was missed by the luck of the draw
    /// would look like a subject that is too slow. At a constant rate the threads take turns. Otherwise each
    /// draws gaps of its own, which are then stretched until its share fits the slice: that is a
    /// Poisson process, given how many arrive.
    pub(super) fn due_ns(
        self,
        seed: u64,
        (thread, threads): (usize, usize),
        slice: Duration,
    ) -> Vec<f64> {
        let turns = (thread..self.count_in(slice)).step_by(threads);
        let gap_ns = 1e9 / self.rate_ops_s as f64;
        match self.pattern {
            Pattern::Constant => turns.map(|turn| turn as f64 * gap_ns).collect(),
            Pattern::Poisson => {
                let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
                // Far from the numbers that streams of the same seed are made of.
                random.long_jump();
                for _ in 0..thread {
                    random.jump();
                }
                let gaps = Exp::new(1.0 / (gap_ns * threads as f64)).expect("a rate above 0");
                let mut now_ns = 0.0;
                let mut next = || {
                    now_ns += gaps.sample(&mut random);
                    now_ns
                };
                let mut due: Vec<f64> = turns.map(|_| next()).collect();
                let stretch = slice.as_nanos() as f64 / next();
                due.iter_mut().for_each(|due_ns| *due_ns *= stretch);
                due
            }
        }
    }
}

impl fmt::Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.pattern, self.rate_ops_s))
    }
}

impl FromStr for Arrivals {
    type Err = ArrivalsError;

    fn from_str(text: &str) -> Result<Self, ArrivalsError> {
        let (pattern, rate) =
            text.split_once(':').ok_or_else(|| ArrivalsError::NoRate { given: text.to_owned() })?;
        let pattern = pattern.parse()?;
        let rate_ops_s =
            rate.parse().map_err(|_| ArrivalsError::Rate { given: rate.to_owned() })?;
        Self::new(pattern, rate_ops_s)
    }
}

/// A reading so far from 0 that the ratio of ticks to nanoseconds is known to twelve digits.
const FAR_TICKS: u64 = 1 << 40;

/// Ticks of a clock in one nanosecond.
pub(super) fn ticks_per_ns(clock: &Clock) -> f64 {
    FAR_TICKS as f64 / clock.ns_between(0, FAR_TICKS) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLICE: Duration = Duration::from_millis(100);

    fn due(text: &str, seed: u64, threads: usize) -> Vec<Vec<f64>> {
        let arrivals: Arrivals = text.parse().unwrap();
        (0..threads).map(|thread| arrivals.due_ns(seed, (thread, threads), SLICE)).collect()
    }

    #[test]
    fn arrivals_survive_display_and_parse() {
        for text in ["constant:200000", "poisson:1", "poisson:100000000"] {
            let arrivals: Arrivals = text.parse().unwrap();
            assert_eq!(arrivals.to_string(), text);
            assert_eq!(Arrivals::new(arrivals.pattern(), arrivals.rate_ops_s()), Ok(arrivals));
        }
    }

    #[test]
    fn what_says_of_no_arrivals_when_they_are_is_refused_with_what_would() {
        let error = |text: &str| text.parse::<Arrivals>().unwrap_err().to_string();
        assert!(error("constant").contains("`constant:200000`"));
        assert!(error("uniform:5").contains("give one of constant, poisson"));
        for rate in ["0", "-1", "1e6", "100000001", "", "1.5"] {
            let said = error(&format!("poisson:{rate}"));
            assert!(said.contains(&format!("`{rate}`")) && said.contains("from 1 to 1"), "{said}");
        }
    }

    #[test]
    fn at_a_constant_rate_threads_take_turns() {
        let threads = due("constant:1000", 1, 3);
        let mut all: Vec<f64> = threads.concat();
        all.sort_by(f64::total_cmp);
        assert_eq!(all, (0..100).map(|turn| f64::from(turn) * 1e6).collect::<Vec<_>>());
        assert_eq!(threads[1][..2], [1e6, 4e6]);
    }

    #[test]
    fn poisson_arrivals_are_exactly_as_many_in_order_and_within_the_slice() {
        for rate in [1, 10, 30, 1_000, 1_000_000] {
            let arrivals = Arrivals::new(Pattern::Poisson, rate).unwrap();
            let threads = due(&arrivals.to_string(), 7, 3);
            assert_eq!(threads.concat().len(), arrivals.count_in(SLICE));
            for thread in threads {
                assert!(thread.is_sorted());
                assert!(thread.iter().all(|due_ns| (0.0..1e8).contains(due_ns)));
            }
        }
    }

    #[test]
    fn poisson_gaps_are_as_irregular_as_independence_makes_them() {
        let due = due("poisson:1000000", 3, 1).concat();
        let gaps: Vec<f64> = due.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // The standard deviation of an exponential distribution is its mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.02, "{mean} {variance}");
        // And one gap in e is longer than the mean.
        let longer = gaps.iter().filter(|gap| **gap > mean).count() as f64 / gaps.len() as f64;
        assert!((longer - (-1.0f64).exp()).abs() < 0.01, "{longer}");
    }

    #[test]
    fn the_seed_decides_when_operations_arrive_and_each_thread_draws_its_own() {
        let arrivals = due("poisson:10000", 5, 2);
        assert_eq!(arrivals, due("poisson:10000", 5, 2));
        assert_ne!(arrivals, due("poisson:10000", 6, 2));
        assert_ne!(arrivals[0], arrivals[1]);
    }

    #[test]
    fn a_second_of_ticks_is_a_second() {
        let clock = Clock::new();
        let ticks = (ticks_per_ns(&clock) * 1e9) as u64;
        assert!(clock.ns_between(0, ticks).abs_diff(1_000_000_000) <= 2);
    }
}

//! When the operations of an open loop are due, decided before timing starts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::SeedableRng;
use rand_distr::{Distribution, Exp};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_base::excerpt::excerpt;
use shardproof_base::names::{self, UnknownName};
use shardproof_machine::clock::Clock;

/// The distribution of the gaps between arrivals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pattern {
    /// Every gap has the same length.
    Constant,
    /// Arrivals are independent: gaps have an exponential distribution.
    Poisson,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Self; 2] = [Self::Constant, Self::Poisson];

    /// Its name.
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
    /// The distribution of gaps.
    pattern: Pattern,
    /// Operations per second of all threads together, between 1 and [`Arrivals::RATE_OPS_S_MAX`].
    rate_ops_s: u64,
}

/// Why a text is not a valid description of arrivals.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArrivalsError {
    /// The rate is missing.
    #[error(
        "`{}` has no rate: give arrivals as in `constant:200000` or `poisson:200000`",
        excerpt(given)
    )]
    NoRate {
        /// What was given.
        given: String,
    },
    /// The pattern is unknown.
    #[error(transparent)]
    Pattern(#[from] UnknownName),
    /// The rate is not a number, or out of range.
    #[error(
        "`{}` is not a rate of arrivals: give whole operations per second from 1 to {max}",
        excerpt(given),
        max = Arrivals::RATE_OPS_S_MAX
    )]
    Rate {
        /// What was given.
        given: String,
    },
}

impl Arrivals {
    /// The highest rate: all due times are listed in advance, at 8 bytes each.
    pub const RATE_OPS_S_MAX: u64 = 100_000_000;
    /// The fewest operations in a slice. With fewer, a slice has no tail worth measuring, and some
    /// of its intervals are empty.
    pub const COUNT_MIN: usize = 20;
    /// The longest slice that is used to reach that number.
    pub const SLICE_MAX: Duration = Duration::from_secs(2);

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

    /// The distribution of gaps.
    #[must_use]
    pub const fn pattern(self) -> Pattern {
        self.pattern
    }

    /// Operations per second of all threads together.
    #[must_use]
    pub const fn rate_ops_s(self) -> u64 {
        self.rate_ops_s
    }

    /// How many operations of all threads arrive in `slice`; at least one.
    #[must_use]
    pub fn count_in(self, slice: Duration) -> usize {
        ((self.rate_ops_s as f64 * slice.as_secs_f64()).round() as usize).max(1)
    }

    /// The slice in which to offer this rate to `threads` threads: close to `usual`, and exactly as
    /// long as a whole number of operations takes to arrive, so that the offered rate is the
    /// requested one. It is longer if `usual` would hold fewer operations than
    /// [`Arrivals::COUNT_MIN`] or than threads.
    #[must_use]
    pub fn slice(self, usual: Duration, threads: usize) -> Duration {
        let count = self.count_in(usual).max(count_min(threads));
        Duration::from_secs_f64(count as f64 / self.rate_ops_s as f64)
    }

    /// The rate offered in a slice: the operations due in it, divided by its length.
    #[must_use]
    pub fn offered_ops_s(self, slice: Duration) -> f64 {
        self.count_in(slice) as f64 / slice.as_secs_f64()
    }

    /// The lowest rate that can be offered to `threads` threads in [`Arrivals::SLICE_MAX`].
    #[must_use]
    pub fn rate_ops_s_min(threads: usize) -> u64 {
        (count_min(threads) as f64 / Self::SLICE_MAX.as_secs_f64()).ceil() as u64
    }

    /// The due times of one thread's operations in `slice`, in nanoseconds from its start.
    ///
    /// The threads together get exactly [`Arrivals::count_in`] operations: with a random number, a
    /// subject could look too slow by chance. At a constant rate, threads take turns. Otherwise,
    /// each thread chooses its own random gaps, which are then scaled to fit the slice: a Poisson
    /// process, conditioned on the number of arrivals.
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
                // Independent of the random numbers in streams of the same seed.
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
                let scale = slice.as_nanos() as f64 / next();
                due.iter_mut().for_each(|due_ns| *due_ns *= scale);
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

/// The fewest operations in a slice for `threads` threads: each has at least one.
fn count_min(threads: usize) -> usize {
    Arrivals::COUNT_MIN.max(threads)
}

/// An interval long enough to compute the ratio of ticks to nanoseconds to twelve digits.
const LONG_TICKS: u64 = 1 << 40;

/// Ticks of a clock per nanosecond.
pub(super) fn ticks_per_ns(clock: &Clock) -> f64 {
    LONG_TICKS as f64 / clock.ns_between(0, LONG_TICKS) as f64
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
    fn invalid_arrivals_are_refused_with_an_example() {
        let error = |text: &str| text.parse::<Arrivals>().unwrap_err().to_string();
        assert!(error("constant").contains("`constant:200000`"));
        assert!(error("uniform:5").contains("give one of constant, poisson"));
        for rate in ["0", "-1", "1e6", "100000001", "", "1.5"] {
            let error = error(&format!("poisson:{rate}"));
            assert!(
                error.contains(&format!("`{rate}`")) && error.contains("from 1 to 1"),
                "{error}"
            );
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
    fn poisson_arrivals_have_the_exact_number_in_order_and_within_the_slice() {
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
    fn poisson_gaps_have_an_exponential_distribution() {
        let due = due("poisson:1000000", 3, 1).concat();
        let gaps: Vec<f64> = due.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // The standard deviation of an exponential distribution is its mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.02, "{mean} {variance}");
        // One gap in e is longer than the mean.
        let longer = gaps.iter().filter(|gap| **gap > mean).count() as f64 / gaps.len() as f64;
        assert!((longer - (-1.0f64).exp()).abs() < 0.01, "{longer}");
    }

    #[test]
    fn arrivals_depend_on_the_seed_and_differ_between_threads() {
        let arrivals = due("poisson:10000", 5, 2);
        assert_eq!(arrivals, due("poisson:10000", 5, 2));
        assert_ne!(arrivals, due("poisson:10000", 6, 2));
        assert_ne!(arrivals[0], arrivals[1]);
    }

    #[test]
    fn the_offered_rate_is_the_requested_one_even_for_a_short_usual_slice() {
        for rate in [10, 11, 999, 12_345, 200_000, Arrivals::RATE_OPS_S_MAX] {
            for (usual_ms, threads) in [(1, 1), (50, 2), (300, 3), (300, 64)] {
                let arrivals = Arrivals::new(Pattern::Constant, rate).unwrap();
                let usual = Duration::from_millis(usual_ms);
                let slice = arrivals.slice(usual, threads);
                let offered = arrivals.offered_ops_s(slice);
                assert!((offered / rate as f64 - 1.0).abs() < 1e-4, "{offered} of {rate}");
                let count = arrivals.count_in(slice);
                assert!(count >= threads.max(Arrivals::COUNT_MIN), "{count}");
                let is_near = slice.abs_diff(usual).as_secs_f64() <= 0.5 / rate as f64 + 1e-9;
                assert!(is_near || count == threads.max(Arrivals::COUNT_MIN), "{slice:?}");
            }
        }
    }

    #[test]
    fn the_lowest_rate_fills_the_longest_slice() {
        for threads in [1, 20, 33, 256] {
            let least = Arrivals::rate_ops_s_min(threads);
            let slice = |rate| {
                let arrivals = Arrivals::new(Pattern::Poisson, rate).unwrap();
                arrivals.slice(Duration::from_millis(50), threads)
            };
            assert!(slice(least) <= Arrivals::SLICE_MAX);
            assert!(slice(least - 1) > Arrivals::SLICE_MAX);
        }
        assert_eq!(Arrivals::rate_ops_s_min(2), 10);
    }

    #[test]
    fn ticks_per_nanosecond_agree_with_the_clock() {
        let clock = Clock::new();
        let ticks = (ticks_per_ns(&clock) * 1e9) as u64;
        assert!(clock.ns_between(0, ticks).abs_diff(1_000_000_000) <= 2);
    }
}

//! The search for the highest rate of arrivals that keeps the 99th percentile under a bound.
//!
//! [`find_rate`] decides which rate to try next; [`search`] runs the attempts.

use serde::{Deserialize, Serialize};
use shardproof_evidence::{Checks, KEPT_UP, RateStep};
use shardproof_machine::clock::Clock;
use shardproof_stats as stats;

use crate::MeasureSubject;
use crate::latency::arrivals::{Arrivals, Pattern};
use crate::latency::open;
use crate::load::Load;

/// Attempts per rate, of which the median counts, so that one disturbance decides nothing.
pub const ATTEMPTS: usize = 3;
/// The search ends when the lowest rate that missed the bound is at most this many times the
/// highest that met it.
pub const STEP: f64 = 1.05;
/// The maximum number of rates to try.
pub const STEPS_MAX: usize = 40;
/// The factor between rates until one meets the bound and one misses it.
const FACTOR: u64 = 2;

/// The bound to meet, and the rates to search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchSettings {
    /// The distribution of gaps between arrivals.
    pub pattern: Pattern,
    /// The upper bound of the 99th percentile.
    pub p99_ns_max: u64,
    /// The rates to search.
    pub rates: RateRange,
}

/// The rates to search, in operations per second of all threads together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateRange {
    /// The first rate to try.
    pub first: u64,
    /// The lowest rate to try.
    pub min: u64,
    /// The highest rate to try.
    pub max: u64,
}

impl Default for RateRange {
    /// From one operation every ten milliseconds to more than any store can do.
    fn default() -> Self {
        Self { first: 50_000, min: 100, max: Arrivals::RATE_OPS_S_MAX }
    }
}

/// The result of one attempt at a rate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Attempt {
    /// The 99th percentile of latency, from when operations were due.
    pub p99_ns: u64,
    /// Completed operations per second.
    pub achieved_ops_s: f64,
}

/// The result of a search.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SearchResult {
    /// The highest rate that met the bound; `None` if none did.
    pub rate_ops_s: Option<f64>,
    /// The rates tried, in order.
    pub steps: Vec<RateStep>,
}

/// Searches with rounds of a subject. After a wrong answer, no rate counts. The seed decides when
/// operations arrive.
///
/// # Panics
/// As [`open::round`].
#[must_use]
pub fn search(
    subject: MeasureSubject,
    load: Load<'_>,
    clock: &Clock,
    settings: SearchSettings,
    seed: u64,
) -> (SearchResult, Checks) {
    let mut checks = Checks::default();
    let mut attempts = 0;
    let mut found = find_rate(settings, |rate_ops_s| {
        let arrivals = Arrivals::new(settings.pattern, rate_ops_s)
            .expect("`find_rate` stays within the valid rates");
        attempts += 1;
        // Other arrivals and another layout each time, so that neither decides the rate by chance.
        let layout = load.layout.wrapping_add(attempts);
        let slice = arrivals.slice(load.slice, load.streams.len());
        let load = Load { layout, slice, ..load };
        let round = open::round(subject, load, clock, arrivals, seed.wrapping_add(attempts));
        let attempt = Attempt {
            p99_ns: round.all().value_at_quantile(0.99),
            achieved_ops_s: round.rates.map_or(0.0, |rates| rates.achieved_ops_s),
        };
        checks.extend(round.checks);
        attempt
    });
    if checks.failed > 0 {
        found.rate_ops_s = None;
    }
    (found, checks)
}

/// Doubles the first rate while it meets the bound, or halves it until it does, and then bisects by
/// geometric means. If a subject does not get slower with every higher rate, the result is one of
/// the rates at which it starts to miss the bound.
pub fn find_rate(
    settings: SearchSettings,
    mut attempt: impl FnMut(u64) -> Attempt,
) -> SearchResult {
    let rates = settings.rates;
    let max = rates.max.clamp(1, Arrivals::RATE_OPS_S_MAX);
    let min = rates.min.clamp(1, max);
    let (mut met, mut missed) = (None, None);
    let mut steps = Vec::new();
    let mut next = Some(rates.first.clamp(min, max));
    while let Some(rate) = next.filter(|_| steps.len() < STEPS_MAX) {
        let step = step(settings, rate, &mut attempt);
        steps.push(step);
        *(if step.kept { &mut met } else { &mut missed }) = Some(rate);
        next = match (met, missed) {
            (Some(low), None) => Some((low * FACTOR).min(max)).filter(|rate| *rate > low),
            (None, Some(high)) => Some((high / FACTOR).max(min)).filter(|rate| *rate < high),
            (Some(low), Some(high)) => between(low, high),
            (None, None) => None,
        };
    }
    SearchResult { rate_ops_s: met.map(|rate| rate as f64), steps }
}

/// The geometric mean of two rates; `None` if they are within [`STEP`].
fn between(low: u64, high: u64) -> Option<u64> {
    let middle = (low as f64 * high as f64).sqrt().round() as u64;
    let is_near = high as f64 <= low as f64 * STEP;
    Some(middle).filter(|middle| !is_near && low < *middle && *middle < high)
}

fn step(settings: SearchSettings, rate: u64, attempt: &mut impl FnMut(u64) -> Attempt) -> RateStep {
    let attempts = [(); ATTEMPTS].map(|()| attempt(rate));
    let median = |of: fn(&Attempt) -> f64| {
        stats::median(&attempts.iter().map(of).collect::<Vec<f64>>()).expect("there are attempts")
    };
    let p99_ns = median(|attempt| attempt.p99_ns as f64) as u64;
    let achieved_ops_s = median(|attempt| attempt.achieved_ops_s);
    let rate_ops_s = rate as f64;
    let kept = p99_ns <= settings.p99_ns_max && achieved_ops_s >= KEPT_UP * rate_ops_s;
    RateStep { rate_ops_s, achieved_ops_s, p99_ns, kept }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::test_subjects::named;
    use shardproof_workload::{KeySet, Mix, Stream};

    const BOUND_NS: u64 = 100_000;

    fn settings(rates: RateRange) -> SearchSettings {
        SearchSettings { pattern: Pattern::Poisson, p99_ns_max: BOUND_NS, rates }
    }

    /// A queue: its waits grow up to its capacity, and without limit beyond.
    fn queue(capacity: f64) -> impl Fn(u64) -> Attempt {
        move |rate| {
            let free = 1.0 - rate as f64 / capacity;
            let p99_ns = if free > 0.0 { 4_600.0 / free } else { 1e9 };
            Attempt { p99_ns: p99_ns as u64, achieved_ops_s: (rate as f64).min(capacity) }
        }
    }

    #[test]
    fn the_highest_rate_of_a_queue_is_found_within_a_step() {
        for capacity in [700.0, 45_000.0, 1e6, 33e6] {
            let found = find_rate(settings(RateRange::default()), queue(capacity));
            // 4 600 ns / (1 - rate / capacity) = 100 000 ns.
            let exact = capacity * 0.954;
            let rate = found.rate_ops_s.unwrap();
            assert!(rate <= exact && rate > exact / STEP / 1.001, "{rate} of {exact}");
            assert!(found.steps.len() <= 16, "{}", found.steps.len());
            let best = found.steps.iter().filter(|step| step.kept).map(|step| step.rate_ops_s);
            assert_eq!(best.fold(0.0, f64::max), rate);
        }
    }

    #[test]
    fn a_bound_that_every_rate_meets_gives_the_highest_rate() {
        let rates = RateRange { first: 1_000, min: 100, max: 70_000 };
        let found = find_rate(settings(rates), queue(1e12));
        assert_eq!(found.rate_ops_s, Some(70_000.0));
        assert_eq!(found.steps.len(), 8, "1, 2, 4, ..., 64 and 70 thousand");
    }

    #[test]
    fn a_bound_that_no_rate_meets_gives_none_after_the_lowest_rate() {
        let found = find_rate(settings(RateRange::default()), |rate| Attempt {
            p99_ns: BOUND_NS + 1,
            achieved_ops_s: rate as f64,
        });
        assert_eq!(found.rate_ops_s, None);
        assert_eq!(found.steps.last().unwrap().rate_ops_s, 100.0);
        assert!(found.steps.iter().all(|step| !step.kept));
    }

    #[test]
    fn a_subject_that_does_not_keep_up_misses_the_bound_however_fast_it_is() {
        let found = find_rate(settings(RateRange::default()), |rate| Attempt {
            p99_ns: 10,
            achieved_ops_s: (rate as f64).min(200_000.0),
        });
        let (rate, limit) = (found.rate_ops_s.unwrap(), 200_000.0 / KEPT_UP);
        assert!(rate <= limit && rate > limit / STEP / 1.001, "{rate}");
    }

    #[test]
    fn one_bad_attempt_of_three_changes_nothing() {
        let quiet = find_rate(settings(RateRange::default()), queue(1e6));
        let mut attempts = 0;
        let noisy = find_rate(settings(RateRange::default()), |rate| {
            attempts += 1;
            let Attempt { p99_ns, achieved_ops_s } = queue(1e6)(rate);
            let (factor, part) = if attempts % 3 == 1 { (50, 0.5) } else { (1, 1.0) };
            Attempt { p99_ns: p99_ns * factor, achieved_ops_s: achieved_ops_s * part }
        });
        assert_eq!(noisy, quiet);
    }

    #[test]
    fn noise_moves_the_rate_by_little_and_never_to_one_that_missed_the_bound() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        for _ in 0..100 {
            let found = find_rate(settings(RateRange::default()), |rate| {
                let Attempt { p99_ns, achieved_ops_s } = queue(1e6)(rate);
                let noise = random.random_range(0.7..1.4);
                Attempt { p99_ns: (p99_ns as f64 * noise) as u64, achieved_ops_s }
            });
            let rate = found.rate_ops_s.unwrap();
            assert!((880_000.0..1_000_000.0).contains(&rate), "{rate}");
            assert!(found.steps.iter().any(|step| step.kept && step.rate_ops_s == rate));
        }
    }

    #[test]
    fn a_search_with_rounds_of_a_subject_tries_each_rate_three_times_and_checks_answers() {
        let keys = KeySet::new(100);
        let streams = [Stream::new(1, Mix::with_puts(50), 0, &keys)];
        let load = Load::new(&streams, &keys, Duration::from_millis(2));
        let settings = settings(RateRange { first: 4_000, min: 1_000, max: 8_000 });
        let (found, checks) = search(named("sharded"), load, &Clock::new(), settings, 1);
        // Whether a rate meets the bound depends on the machine. That the result agrees with the
        // steps does not.
        assert_eq!(found.steps[0].rate_ops_s, 4_000.0);
        let kept = found.steps.iter().filter(|step| step.kept).map(|step| step.rate_ops_s);
        assert_eq!(found.rate_ops_s, kept.max_by(f64::total_cmp));
        for RateStep { rate_ops_s, achieved_ops_s, p99_ns, kept } in &found.steps {
            assert!(*achieved_ops_s > 0.0);
            assert_eq!(*kept, *p99_ns <= BOUND_NS && *achieved_ops_s >= KEPT_UP * rate_ops_s);
        }
        // At rest, every key and their number are checked in each round.
        let rounds = (found.steps.len() * ATTEMPTS) as u64;
        assert!(checks.failed == 0 && checks.checked >= 101 * rounds, "{checks:?}");
    }

    #[test]
    fn a_search_ends_whatever_the_attempts_give() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
        for _ in 0..1_000 {
            let rates = RateRange {
                first: random.random_range(0..u64::MAX),
                min: random.random_range(0..1_000),
                max: random.random_range(0..u64::MAX),
            };
            let found = find_rate(settings(rates), |rate| Attempt {
                p99_ns: random.random_range(0..2 * BOUND_NS),
                achieved_ops_s: rate as f64,
            });
            assert!((1..=STEPS_MAX).contains(&found.steps.len()));
        }
    }
}

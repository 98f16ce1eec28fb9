//! The highest rate of arrivals at which the 99th percentile stays under a bound.
//!
//! [`find`] only decides what to try next, and is told what came of it; [`search`] tries it.

use serde::{Deserialize, Serialize};
use shardproof_evidence::{Checks, KEPT_UP, RateStep};
use shardproof_machine::clock::Clock;
use shardproof_stats as stats;
use shardproof_subject::SubjectName;

use crate::latency::arrivals::{Arrivals, Pattern};
use crate::latency::open;
use crate::load::Load;

/// Tries of each rate, of which the median counts: one unlucky moment decides nothing.
pub const TRIES: usize = 3;
/// The search ends when the lowest rate that was not kept is at most so many times the highest that
/// was.
pub const STEP: f64 = 1.05;
/// The most rates that are tried.
pub const STEPS_MAX: usize = 40;
/// What a rate is multiplied by while the way is still one way.
const FACTOR: u64 = 2;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// How operations follow one another.
    pub pattern: Pattern,
    /// What the 99th percentile must not exceed.
    pub p99_ns_max: u64,
    /// Where to look.
    pub rates: Rates,
}

/// Where to look for a rate, in operations per second of all threads together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rates {
    /// Tried first.
    pub first: u64,
    /// No lower one is tried.
    pub min: u64,
    /// No higher one is tried.
    pub max: u64,
}

impl Default for Rates {
    /// From one operation in ten milliseconds to what no store can do.
    fn default() -> Self {
        Self { first: 50_000, min: 100, max: Arrivals::RATE_OPS_S_MAX }
    }
}

/// What came of trying a rate once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tried {
    /// The 99th percentile, from the intended start.
    pub p99_ns: u64,
    /// Operations per second that were done.
    pub achieved_ops_s: f64,
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// The highest rate of those tried that was kept.
    pub rate_ops_s: Option<f64>,
    /// What was tried, in order.
    pub steps: Vec<RateStep>,
}

/// Searches with real rounds of a subject. With a wrong answer no rate counts as kept. The seed decides when
/// operations arrive.
///
/// # Panics
/// As [`open::round`].
#[must_use]
pub fn search(
    name: SubjectName,
    load: Load<'_>,
    clock: &Clock,
    question: Question,
    seed: u64,
) -> (Found, Checks) {
    let mut checks = Checks::default();
    let mut tries = 0;
    let mut found = find(question, |rate_ops_s| {
        let arrivals =
            Arrivals::new(question.pattern, rate_ops_s).expect("`find` stays within the rates");
        tries += 1;
        // Other arrivals in another place each time: neither chance is to decide the rate.
        let load = Load { layout: load.layout.wrapping_add(tries), ..load };
        let round = open::round(name, load, clock, arrivals, seed.wrapping_add(tries));
        let tried = Tried {
            p99_ns: round.all().value_at_quantile(0.99),
            achieved_ops_s: round.achieved_ops_s.unwrap_or(0.0),
        };
        checks.extend(round.checks);
        tried
    });
    if checks.failed > 0 {
        found.rate_ops_s = None;
    }
    (found, checks)
}

/// Doubles the first rate for as long as it is kept, or halves it until it is, and then closes in on the
/// highest that is kept, each time by the geometric mean of what was and what was not. Where a subject is
/// not the slower the more is asked of it, that is one of the rates at which keeping ends.
pub fn find(question: Question, mut attempt: impl FnMut(u64) -> Tried) -> Found {
    let rates = question.rates;
    let max = rates.max.clamp(1, Arrivals::RATE_OPS_S_MAX);
    let min = rates.min.clamp(1, max);
    let (mut kept, mut not_kept) = (None, None);
    let mut steps = Vec::new();
    let mut next = Some(rates.first.clamp(min, max));
    while let Some(rate) = next.filter(|_| steps.len() < STEPS_MAX) {
        let step = step(question, rate, &mut attempt);
        steps.push(step);
        *(if step.kept { &mut kept } else { &mut not_kept }) = Some(rate);
        next = match (kept, not_kept) {
            (Some(low), None) => Some((low * FACTOR).min(max)).filter(|rate| *rate > low),
            (None, Some(high)) => Some((high / FACTOR).max(min)).filter(|rate| *rate < high),
            (Some(low), Some(high)) => between(low, high),
            (None, None) => None,
        };
    }
    Found { rate_ops_s: kept.map(|rate| rate as f64), steps }
}

/// The rate between two, on a logarithmic scale; none where they are near enough.
fn between(low: u64, high: u64) -> Option<u64> {
    let middle = (low as f64 * high as f64).sqrt().round() as u64;
    let is_near = high as f64 <= low as f64 * STEP;
    Some(middle).filter(|middle| !is_near && low < *middle && *middle < high)
}

fn step(question: Question, rate: u64, attempt: &mut impl FnMut(u64) -> Tried) -> RateStep {
    let tries = [(); TRIES].map(|()| attempt(rate));
    let median = |of: fn(&Tried) -> f64| {
        stats::median(&tries.iter().map(of).collect::<Vec<f64>>()).expect("there are tries")
    };
    let p99_ns = median(|tried| tried.p99_ns as f64) as u64;
    let achieved_ops_s = median(|tried| tried.achieved_ops_s);
    let rate_ops_s = rate as f64;
    let kept = p99_ns <= question.p99_ns_max && achieved_ops_s >= KEPT_UP * rate_ops_s;
    RateStep { rate_ops_s, achieved_ops_s, p99_ns, kept }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use shardproof_workload::{KeySet, Mix, Stream};

    const BOUND_NS: u64 = 100_000;

    fn question(rates: Rates) -> Question {
        Question { pattern: Pattern::Poisson, p99_ns_max: BOUND_NS, rates }
    }

    /// A queue's answer: ever longer waits up to its capacity, and beyond it no end of them.
    fn queue(capacity: f64) -> impl Fn(u64) -> Tried {
        move |rate| {
            let free = 1.0 - rate as f64 / capacity;
            let p99_ns = if free > 0.0 { 4_600.0 / free } else { 1e9 };
            Tried { p99_ns: p99_ns as u64, achieved_ops_s: (rate as f64).min(capacity) }
        }
    }

    #[test]
    fn the_rate_at_which_a_queue_leaves_the_bound_is_found_to_a_step() {
        for capacity in [700.0, 45_000.0, 1e6, 33e6] {
            let found = find(question(Rates::default()), queue(capacity));
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
    fn a_bound_that_is_kept_up_to_the_highest_rate_gives_the_highest_rate() {
        let rates = Rates { first: 1_000, min: 100, max: 70_000 };
        let found = find(question(rates), queue(1e12));
        assert_eq!(found.rate_ops_s, Some(70_000.0));
        assert_eq!(found.steps.len(), 8, "1, 2, 4, ..., 64 and 70 thousand");
    }

    #[test]
    fn a_bound_that_is_never_kept_gives_none_after_the_lowest_rate() {
        let found = find(question(Rates::default()), |rate| Tried {
            p99_ns: BOUND_NS + 1,
            achieved_ops_s: rate as f64,
        });
        assert_eq!(found.rate_ops_s, None);
        assert_eq!(found.steps.last().unwrap().rate_ops_s, 100.0);
        assert!(found.steps.iter().all(|step| !step.kept));
    }

    #[test]
    fn being_fast_is_not_enough_for_a_subject_that_does_not_keep_up() {
        let found = find(question(Rates::default()), |rate| Tried {
            p99_ns: 10,
            achieved_ops_s: (rate as f64).min(200_000.0),
        });
        let (rate, limit) = (found.rate_ops_s.unwrap(), 200_000.0 / KEPT_UP);
        assert!(rate <= limit && rate > limit / STEP / 1.001, "{rate}");
    }

    #[test]
    fn one_bad_try_of_three_changes_nothing() {
        let quiet = find(question(Rates::default()), queue(1e6));
        let mut tries = 0;
        let noisy = find(question(Rates::default()), |rate| {
            tries += 1;
            let Tried { p99_ns, achieved_ops_s } = queue(1e6)(rate);
            let (factor, part) = if tries % 3 == 1 { (50, 0.5) } else { (1, 1.0) };
            Tried { p99_ns: p99_ns * factor, achieved_ops_s: achieved_ops_s * part }
        });
        assert_eq!(noisy, quiet);
    }

    #[test]
    fn noise_moves_the_rate_by_little_and_never_to_one_that_was_not_kept() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        for _ in 0..100 {
            let found = find(question(Rates::default()), |rate| {
                let Tried { p99_ns, achieved_ops_s } = queue(1e6)(rate);
                let noise = random.random_range(0.7..1.4);
                Tried { p99_ns: (p99_ns as f64 * noise) as u64, achieved_ops_s }
            });
            let rate = found.rate_ops_s.unwrap();
            assert!((880_000.0..1_000_000.0).contains(&rate), "{rate}");
            assert!(found.steps.iter().any(|step| step.kept && step.rate_ops_s == rate));
        }
    }

    #[test]
    fn a_search_with_real_rounds_tries_each_rate_three_times_and_checks_the_answers() {
        let keys = KeySet::new(100);
        let streams = [Stream::new(1, Mix::with_puts(50), 0, &keys)];
        let load = Load::new(&streams, &keys, Duration::from_millis(2));
        let question = question(Rates { first: 4_000, min: 1_000, max: 8_000 });
        let (found, checks) = search(SubjectName::Sharded, load, &Clock::new(), question, 1);
        // Whether a busy machine keeps a rate is not for a test to say; that it is said right is.
        assert_eq!(found.steps[0].rate_ops_s, 4_000.0);
        let kept = found.steps.iter().filter(|step| step.kept).map(|step| step.rate_ops_s);
        assert_eq!(found.rate_ops_s, kept.max_by(f64::total_cmp));
        for RateStep { rate_ops_s, achieved_ops_s, p99_ns, kept } in &found.steps {
            assert!(*achieved_ops_s > 0.0);
            assert_eq!(*kept, *p99_ns <= BOUND_NS && *achieved_ops_s >= KEPT_UP * rate_ops_s);
        }
        // At rest every key and their number, in each round.
        let rounds = (found.steps.len() * TRIES) as u64;
        assert!(checks.failed == 0 && checks.checked >= 101 * rounds, "{checks:?}");
    }

    #[test]
    fn a_search_ends_whatever_it_is_told() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
        for _ in 0..1_000 {
            let rates = Rates {
                first: random.random_range(0..u64::MAX),
                min: random.random_range(0..1_000),
                max: random.random_range(0..u64::MAX),
            };
            let found = find(question(rates), |rate| Tried {
                p99_ns: random.random_range(0..2 * BOUND_NS),
                achieved_ops_s: rate as f64,
            });
            assert!((1..=STEPS_MAX).contains(&found.steps.len()));
        }
    }
}

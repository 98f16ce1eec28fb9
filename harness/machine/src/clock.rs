//! The clock for latencies: the processor's time stamp counter, if it has one.

use std::hint::black_box;
use std::time::Instant;

use shardproof_stats as stats;

/// Number of readings per batch when measuring the cost of a clock.
const BATCH: u32 = 1_000;
/// Number of batches; the cost is their median.
const BATCHES: usize = 51;
/// Number of readings among which to find the smallest step.
const READINGS: u32 = 50_000;
/// Number of ticks converted at once to find the length of one.
const MANY_TICKS: u64 = 1 << 32;

/// A cheap clock with a known cost.
#[derive(Debug)]
pub struct Clock {
    /// The counter, calibrated against the system clock.
    counter: quanta::Clock,
    /// The cost of one reading, in nanoseconds.
    cost_ns: f64,
}

impl Clock {
    /// Calibrates the clock and measures its cost. Takes up to a quarter of a second.
    #[must_use]
    pub fn new() -> Self {
        let counter = quanta::Clock::new();
        let cost_ns = batch_cost_ns(|| {
            black_box(counter.raw());
        });
        Self { counter, cost_ns }
    }

    /// The current time, in ticks.
    #[inline]
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.counter.raw()
    }

    /// The nanoseconds between two readings of [`Clock::ticks`]; 0 if time went backwards.
    #[inline]
    #[must_use]
    pub fn ns_between(&self, from: u64, to: u64) -> u64 {
        self.counter.delta_as_nanos(from, to.max(from))
    }

    /// The cost of one reading, in nanoseconds.
    #[must_use]
    pub const fn cost_ns(&self) -> f64 {
        self.cost_ns
    }

    /// The smallest positive difference between two consecutive readings, in nanoseconds. Takes
    /// about a millisecond.
    #[must_use]
    pub fn resolution_ns(&self) -> f64 {
        let mut last = self.ticks();
        let steps = (0..READINGS).map(|_| {
            let now = self.ticks();
            now.saturating_sub(std::mem::replace(&mut last, now))
        });
        let ticks = steps.filter(|step| *step > 0).min().unwrap_or(0);
        // Convert many ticks, because one tick is not a whole number of nanoseconds.
        let ns_per_tick = self.ns_between(0, MANY_TICKS) as f64 / MANY_TICKS as f64;
        ticks as f64 * ns_per_tick
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// The cost of one `Instant::now`, in nanoseconds.
#[must_use]
pub fn instant_cost_ns() -> f64 {
    batch_cost_ns(|| {
        black_box(Instant::now());
    })
}

fn batch_cost_ns(read: impl Fn()) -> f64 {
    let batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..BATCH {
                read();
            }
            start.elapsed().as_nanos() as f64 / f64::from(BATCH)
        })
        .collect();
    stats::median(&batches).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_readings_are_at_least_the_resolution_apart() {
        let clock = Clock::new();
        let resolution_ns = clock.resolution_ns();
        assert!(resolution_ns > 0.0);
        let (start, instant) = (clock.ticks(), Instant::now());
        while clock.ns_between(start, clock.ticks()) as f64 <= resolution_ns {
            assert!(instant.elapsed().as_secs() < 10, "the clock has stopped");
        }
    }
}

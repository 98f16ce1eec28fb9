//! The clock of latency measurements: the processor's time stamp counter where there is one.

use std::hint::black_box;
use std::time::Instant;

use shardproof_stats as stats;

/// Readings in one batch when a clock's cost is measured.
const BATCH: u32 = 1_000;
/// Batches, of which the median counts.
const BATCHES: usize = 51;
/// Readings among which the two that are nearest to each other are looked for.
const READINGS: u32 = 50_000;
/// Ticks from which the length of one is taken.
const MANY_TICKS: u64 = 1 << 32;

/// A clock that is cheap to read, and how much it costs to read it.
#[derive(Debug)]
pub struct Clock {
    /// The counter, calibrated against the system's clock.
    counter: quanta::Clock,
    /// Nanoseconds that one reading takes.
    cost_ns: f64,
}

impl Clock {
    /// Calibrates the clock and measures its cost. It takes up to a quarter of a second.
    #[must_use]
    pub fn new() -> Self {
        let counter = quanta::Clock::new();
        let cost_ns = batch_cost_ns(|| {
            black_box(counter.raw());
        });
        Self { counter, cost_ns }
    }

    /// Now, in ticks.
    #[inline]
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.counter.raw()
    }

    /// Nanoseconds between two readings of [`Clock::ticks`]; 0 if they went backwards.
    #[inline]
    #[must_use]
    pub fn ns_between(&self, from: u64, to: u64) -> u64 {
        self.counter.delta_as_nanos(from, to.max(from))
    }

    /// Nanoseconds that one reading takes.
    #[must_use]
    pub const fn cost_ns(&self) -> f64 {
        self.cost_ns
    }

    /// The shortest time above 0 that two readings, one after the other, were apart. It takes about
    /// a millisecond.
    #[must_use]
    pub fn resolution_ns(&self) -> f64 {
        let mut last = self.ticks();
        let steps = (0..READINGS).map(|_| {
            let now = self.ticks();
            now.saturating_sub(std::mem::replace(&mut last, now))
        });
        let ticks = steps.filter(|step| *step > 0).min().unwrap_or(0);
        // Of many ticks, for the time of one is not a whole number of nanoseconds.
        let ns_per_tick = self.ns_between(0, MANY_TICKS) as f64 / MANY_TICKS as f64;
        ticks as f64 * ns_per_tick
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Nanoseconds that one `Instant::now` takes.
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
    fn readings_that_differ_are_at_least_the_resolution_apart() {
        let clock = Clock::new();
        let resolution_ns = clock.resolution_ns();
        assert!(resolution_ns > 0.0);
        let (start, instant) = (clock.ticks(), Instant::now());
        while clock.ns_between(start, clock.ticks()) as f64 <= resolution_ns {
            assert!(instant.elapsed().as_secs() < 10, "the clock stands");
        }
    }
}

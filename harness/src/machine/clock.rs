//! The clock of latency measurements: the processor's time stamp counter where there is one.

use std::hint::black_box;
use std::time::Instant;

use crate::stats;

/// Readings in one batch when a clock's cost is measured.
const BATCH: u32 = 1_000;
/// Batches, of which the median counts.
const BATCHES: usize = 51;

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

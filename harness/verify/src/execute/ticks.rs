//! When things happened.

use std::sync::atomic::{AtomicU64, Ordering};

use shardproof_machine::barrier::wait_for_all_before;

/// A clock that all threads of an execution read.
pub trait Ticks: Send + Sync {
    /// The time now. What the caller did before is over, and what it does afterwards has not begun.
    fn now(&self) -> u64;
}

/// Counts its readings: for executors that run one thread at a time, where that is the true order.
#[derive(Debug, Default)]
pub struct Steps(AtomicU64);

impl Ticks for Steps {
    fn now(&self) -> u64 {
        // Relaxed: one thread at a time, and no part of what is being checked.
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Nanoseconds of the processor's own clock.
#[derive(Debug)]
pub struct Nanoseconds {
    clock: quanta::Clock,
    /// The reading that counts as 0.
    start: u64,
}

impl Nanoseconds {
    /// A clock that starts at 0.
    #[must_use]
    pub fn new() -> Self {
        let clock = quanta::Clock::new();
        let start = clock.raw();
        Self { clock, start }
    }
}

impl Default for Nanoseconds {
    fn default() -> Self {
        Self::new()
    }
}

impl Ticks for Nanoseconds {
    #[inline]
    fn now(&self) -> u64 {
        wait_for_all_before();
        let raw = self.clock.raw();
        wait_for_all_before();
        self.clock.delta_as_nanos(self.start, raw)
    }
}

//! The clocks that time events.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use shardproof_machine::barrier::wait_for_prior_instructions;

/// A clock that all threads of an execution read.
pub trait Ticks: Send + Sync {
    /// The time now: everything the caller did before is complete, and nothing after it has begun.
    fn now(&self) -> u64;
}

/// Counts its own readings, for executors that run one thread at a time: that is the true order.
#[derive(Debug, Default)]
pub struct Steps(AtomicU64);

impl Ticks for Steps {
    fn now(&self) -> u64 {
        // Relaxed: one thread runs at a time, and the counter is not part of what is checked.
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Nanoseconds of the processor's clock.
#[derive(Debug)]
pub struct Nanoseconds {
    /// Reads the processor's counter.
    clock: &'static quanta::Clock,
    /// The reading that counts as 0.
    start: u64,
}

impl Nanoseconds {
    /// A clock that starts at 0.
    #[must_use]
    pub fn new() -> Self {
        // Shared: making one asks the processor for its features, which takes tens of microseconds
        // in a virtual machine, far longer than an execution of a litmus program.
        static CLOCK: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);
        let clock = &*CLOCK;
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
        wait_for_prior_instructions();
        let raw = self.clock.raw();
        wait_for_prior_instructions();
        self.clock.delta_as_nanos(self.start, raw)
    }
}

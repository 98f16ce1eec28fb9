//! A spin barrier with a stop flag: workers start together, and all see the stop.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_utils::CachePadded;

/// Iterations of spinning before a waiting worker yields its core.
const SPINS: u32 = 128;
/// How often the coordinating thread polls a phase.
const POLL_INTERVAL: Duration = Duration::from_micros(50);

/// A barrier whose waiters spin: a worker that sleeps on a barrier starts tens of microseconds
/// after the one that wakes it.
#[derive(Debug)]
pub(crate) struct SpinBarrier {
    /// The number of workers that take part.
    workers: usize,
    /// Arrivals so far, over all phases.
    arrived: CachePadded<AtomicUsize>,
    /// Whether workers should stop: written once, read by all at intervals.
    stopped: CachePadded<AtomicBool>,
    /// Whether a worker has panicked: the others must not wait for it.
    poisoned: CachePadded<AtomicBool>,
}

impl SpinBarrier {
    /// A barrier for this many workers.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            workers,
            arrived: CachePadded::default(),
            stopped: CachePadded::default(),
            poisoned: CachePadded::default(),
        }
    }

    /// Waits until every worker has arrived in this phase. Phases are numbered from 1, and every
    /// worker takes part in each in turn.
    ///
    /// # Panics
    /// When another worker has panicked.
    pub(crate) fn wait(&self, phase: usize) {
        // AcqRel: what each worker did before the barrier is visible to all after it.
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0;
        while !self.is_complete(phase) {
            spins += 1;
            if spins % SPINS == 0 {
                thread::yield_now();
            }
            hint::spin_loop();
        }
    }

    /// Sleeps until every worker has arrived in this phase; for the coordinating thread, which does
    /// not take part.
    ///
    /// # Panics
    /// When a worker has panicked.
    pub(crate) fn sleep_until_complete(&self, phase: usize) {
        while !self.is_complete(phase) {
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Tells all workers to stop.
    pub(crate) fn stop(&self) {
        // Relaxed: the threads are joined before anything they did is read.
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether workers should stop.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        // Relaxed: the flag orders nothing, it only has to arrive.
        self.stopped.load(Ordering::Relaxed)
    }

    /// Each worker holds this guard, so that its panic releases the others.
    pub(crate) fn panic_guard(&self) -> PanicGuard<'_> {
        PanicGuard(self)
    }

    fn is_complete(&self, phase: usize) -> bool {
        // Relaxed: the flag orders nothing, it only has to arrive.
        assert!(!self.poisoned.load(Ordering::Relaxed), "another worker has panicked");
        // Acquire: pairs with the arrivals.
        self.arrived.load(Ordering::Acquire) >= phase * self.workers
    }
}

/// Releases the other workers if its holder panics.
#[derive(Debug)]
pub(crate) struct PanicGuard<'a>(&'a SpinBarrier);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Relaxed: the flag orders nothing, it only has to arrive.
            self.0.poisoned.store(true, Ordering::Relaxed);
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_worker_passes_the_barrier_before_all_have_arrived() {
        let barrier = SpinBarrier::new(3);
        let arrived = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    arrived.fetch_add(1, Ordering::Relaxed);
                    barrier.wait(1);
                    assert_eq!(arrived.load(Ordering::Relaxed), 3);
                    barrier.wait(2);
                });
            }
            barrier.sleep_until_complete(2);
        });
    }

    #[test]
    fn a_worker_that_panics_releases_those_that_wait() {
        let barrier = SpinBarrier::new(2);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| barrier.wait(1));
            let panicking = scope.spawn(|| {
                let _guard = barrier.panic_guard();
                std::panic::resume_unwind(Box::new("a panic of this test"));
            });
            assert!(panicking.join().is_err() && waiting.join().is_err());
        });
    }
}

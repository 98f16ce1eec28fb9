//! A start that all workers make together, awake, and a stop that none of them misses.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_utils::CachePadded;

/// Turns of spinning before a waiting worker offers its core to others.
const SPINS: u32 = 128;
/// How often the coordinating thread looks whether its workers run.
const LOOK: Duration = Duration::from_micros(50);

/// Where workers meet, spinning: a worker that sleeps on a barrier starts tens of microseconds
/// after the one that wakes it.
#[derive(Debug)]
pub struct Gate {
    /// How many workers meet here.
    workers: usize,
    /// Arrivals so far, over all meetings.
    arrived: CachePadded<AtomicUsize>,
    /// Whether workers should stop: written once, read by all at intervals.
    stopped: CachePadded<AtomicBool>,
    /// Whether a worker has panicked: the others must not wait for it.
    abandoned: CachePadded<AtomicBool>,
}

impl Gate {
    /// A gate for this many workers.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        Self {
            workers,
            arrived: CachePadded::default(),
            stopped: CachePadded::default(),
            abandoned: CachePadded::default(),
        }
    }

    /// Waits until every worker has arrived at this meeting. Meetings are numbered from 1, and
    /// every worker goes to each in turn.
    ///
    /// # Panics
    /// When another worker has.
    pub fn meet(&self, meeting: usize) {
        // AcqRel: what each did before the meeting is seen by all after it.
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0;
        while !self.is_complete(meeting) {
            spins += 1;
            if spins % SPINS == 0 {
                thread::yield_now();
            }
            hint::spin_loop();
        }
    }

    /// Waits, asleep, until every worker has left this meeting; for the coordinating thread.
    ///
    /// # Panics
    /// When a worker has.
    pub fn await_meeting(&self, meeting: usize) {
        while !self.is_complete(meeting) {
            thread::sleep(LOOK);
        }
    }

    /// Asks all workers to stop.
    pub fn stop(&self) {
        // Relaxed: the threads are joined before anything they did is read.
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether workers should stop.
    #[inline]
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        // Relaxed: it orders nothing, it only has to arrive.
        self.stopped.load(Ordering::Relaxed)
    }

    /// To be held by each worker, so that a panic of one releases the others.
    #[must_use]
    pub fn guard(&self) -> GateGuard<'_> {
        GateGuard(self)
    }

    fn is_complete(&self, meeting: usize) -> bool {
        // Relaxed: it orders nothing, it only has to arrive.
        assert!(!self.abandoned.load(Ordering::Relaxed), "another worker has panicked");
        // Acquire: pairs with the arrivals.
        self.arrived.load(Ordering::Acquire) >= meeting * self.workers
    }
}

/// Releases the other workers if its holder panics.
#[derive(Debug)]
pub struct GateGuard<'a>(&'a Gate);

impl Drop for GateGuard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Relaxed: it orders nothing, it only has to arrive.
            self.0.abandoned.store(true, Ordering::Relaxed);
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_a_meeting_before_all_have_come() {
        let gate = Gate::new(3);
        let before = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    before.fetch_add(1, Ordering::Relaxed);
                    gate.meet(1);
                    assert_eq!(before.load(Ordering::Relaxed), 3);
                    gate.meet(2);
                });
            }
            gate.await_meeting(2);
        });
    }

    #[test]
    fn a_worker_that_panics_does_not_leave_the_others_waiting() {
        let gate = Gate::new(2);
        thread::scope(|scope| {
            let waits = scope.spawn(|| gate.meet(1));
            let panics = scope.spawn(|| {
                let _guard = gate.guard();
                std::panic::resume_unwind(Box::new("a test's own"));
            });
            assert!(panics.join().is_err() && waits.join().is_err());
        });
    }
}

//! The closed loop: each operation begins when the one before is done, and each is timed.
//!
//! It says how long operations take a thread that does nothing else, and nothing about how long a caller would
//! wait: while the subject stalls, the loop sends nothing, so that a stall is one sample of millions. That is
//! the coordinated omission that the [open loop](crate::measure::latency::open) is there for.

use std::hint::black_box;

use crate::machine::barrier::wait_for_all_before;
use crate::machine::clock::Clock;
use crate::measure::cell::Load;
use crate::measure::gate::Gate;
use crate::measure::latency::crew::{self, Task};
use crate::measure::latency::recorder::Recorder;
use crate::measure::latency::round::RoundHistograms;
use crate::measure::worker::Worker;
use crate::subject::{Subject, SubjectName, SubjectVisitor};
use crate::workload::{Operation, Stream};

/// Operations between two looks at the stop flag: few, for some subjects take a millisecond.
const BATCH: usize = 64;
const _: () = assert!(Stream::OPERATIONS.is_multiple_of(BATCH));

/// One round of a named subject, made fresh.
///
/// # Panics
/// As [`round_of`].
#[must_use]
pub fn round(name: SubjectName, load: Load<'_>, clock: &Clock) -> RoundHistograms {
    name.visit(Round { load, clock })
}

/// One round of a fresh subject: workers fill their runs, warm up, and then time every operation until the
/// load's time is over.
///
/// # Panics
/// When the subject refuses a put, without a stream, and with fewer runs than streams.
#[must_use]
pub fn round_of<S: Subject>(subject: &S, load: &Load<'_>, clock: &Clock) -> RoundHistograms {
    let brought = crew::send(subject, load, &Closed { load, clock });
    let mut all = Recorder::new();
    for recorder in &brought.found {
        all.add(recorder);
    }
    RoundHistograms::new(brought.start, brought.checks, [(0.0, all)])
}

/// Runs a part of a worker's stream and times every operation; returns a digest of what was read.
///
/// A time is from one reading of the clock to the next, so it holds the cost of one reading. Before each, the
/// processor finishes what it has begun: it would else read the clock before the operation's loads are back,
/// and the time of a missed cache line would go to nobody.
///
/// # Panics
/// When the subject refuses a put.
// Not inlined, so that the warm-up and the timed loop are the same instructions.
#[inline(never)]
pub fn run_batch<S: Subject>(
    worker: &mut Worker<'_, S>,
    batch: &[Operation],
    clock: &Clock,
    recorder: &mut Recorder,
) -> u64 {
    let mut digest = 0;
    for operation in batch {
        wait_for_all_before();
        let from = clock.ticks();
        digest ^= worker.step(operation);
        wait_for_all_before();
        let to = clock.ticks();
        recorder.record(operation, clock.ns_between(from, to));
    }
    digest
}

/// A round, for whatever subject it visits.
struct Round<'a> {
    /// What it is put under.
    load: Load<'a>,
    /// What it is timed with.
    clock: &'a Clock,
}

impl SubjectVisitor for Round<'_> {
    type Output = RoundHistograms;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> RoundHistograms {
        let _offset = black_box(vec![0u8; self.load.heap_offset_bytes]);
        round_of(&create(), &self.load, self.clock)
    }
}

/// What the workers of a closed loop do.
struct Closed<'a> {
    /// The load.
    load: &'a Load<'a>,
    /// Times the operations.
    clock: &'a Clock,
}

impl Task for Closed<'_> {
    type Tools = Recorder;
    type Found = Recorder;

    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> Recorder {
        let mut recorder = Recorder::new();
        for batch in self.load.streams[thread].operations().chunks_exact(BATCH) {
            black_box(run_batch(worker, batch, self.clock, &mut recorder));
        }
        recorder.clear();
        recorder
    }

    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        mut recorder: Recorder,
        gate: &Gate,
    ) -> (Recorder, u64) {
        let mut operations = 0;
        'timed: loop {
            for batch in self.load.streams[thread].operations().chunks_exact(BATCH) {
                black_box(run_batch(worker, batch, self.clock, &mut recorder));
                operations += BATCH as u64;
                if gate.is_stopped() {
                    break 'timed;
                }
            }
        }
        (recorder, operations)
    }
}

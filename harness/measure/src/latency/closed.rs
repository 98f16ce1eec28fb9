//! The closed loop: each operation begins when the one before is done, and each is timed.
//!
//! It says how long operations take a thread that does nothing else, and nothing about how long a caller would
//! wait: while the subject stalls, the loop sends nothing, so that a stall is one sample of millions. That is
//! the coordinated omission that the [open loop](crate::latency::open) is there for.

use std::hint::black_box;

use shardproof_machine::clock::Clock;
use shardproof_subject::{Subject, SubjectName, SubjectVisitor};
use shardproof_workload::{Operation, Stream};

use crate::crew::{self, Task, until_steady};
use crate::gate::Gate;
use crate::latency::reading::ticks_when_done;
use crate::latency::recorder::Recorder;
use crate::latency::round::RoundHistograms;
use crate::latency::summary::Stretch;
use crate::load::Load;
use crate::worker::Worker;

/// Operations between two looks at the stop flag: few, for some subjects take a millisecond.
pub const BATCH: usize = 64;
const _: () = assert!(
    Stream::OPERATIONS.is_multiple_of(BATCH) && Stream::OPERATIONS_WHERE_LONG.is_multiple_of(BATCH)
);

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
/// When the subject refuses a put, without a stream.
#[must_use]
pub fn round_of<S: Subject>(subject: &S, load: &Load<'_>, clock: &Clock) -> RoundHistograms {
    let brought = crew::send(subject, load, &Closed { load, clock });
    let mut all = Recorder::new(load.streams);
    for recorder in &brought.found {
        all.add(recorder);
    }
    let stretch = Stretch { at_s: 0.0, length_s: load.slice.as_secs_f64() };
    RoundHistograms::new(brought.checks, [(stretch, all)])
}

/// Runs a part of a worker's stream and times every operation; returns a digest of what was read.
///
/// A time is from one reading of the clock to the next, each taken [when all before is done](ticks_when_done), so
/// it holds the cost of one such reading: about what the subject `floor`, which does nothing, shows.
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
        let from = ticks_when_done(clock);
        digest ^= worker.step(operation);
        let to = ticks_when_done(clock);
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
        let _offset = black_box(self.load.offset());
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

    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> (Recorder, u64) {
        let mut recorder = Recorder::new(self.load.streams);
        let operations = self.load.streams[thread].operations();
        let passes = until_steady(|| {
            for batch in operations.chunks_exact(BATCH) {
                black_box(run_batch(worker, batch, self.clock, &mut recorder));
            }
        });
        recorder.clear();
        (recorder, passes * operations.len() as u64)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use shardproof_workload::{KeySet, Mix};

    #[test]
    fn every_subject_is_timed_by_kind_and_its_answers_are_checked() {
        let clock = Clock::new();
        let keys = KeySet::new(100);
        let slice = Duration::from_millis(2);
        for (puts, expected) in
            [(0, &["get", "all"][..]), (50, &["get", "put", "all"]), (100, &["put", "all"])]
        {
            let streams = [0, 1].map(|thread| Stream::new(1, Mix::with_puts(puts), thread, &keys));
            for name in SubjectName::ALL {
                let load = Load::new(&streams, &keys, slice);
                let round = round(*name, load, &clock);
                let found: Vec<_> =
                    round.kinds.iter().map(|kind| kind.operation.as_str()).collect();
                assert_eq!(found, expected, "{name}");
                let (all, kinds) = round.kinds.split_last().unwrap();
                let sum: u64 = kinds.iter().map(|kind| kind.histogram.len()).sum();
                // Each worker times at least the batch after which it looks whether to stop.
                assert!(sum >= 2 * BATCH as u64, "{name}: {sum}");
                assert!(sum == all.histogram.len() && sum.is_multiple_of(BATCH as u64));
                assert!(round.kinds.iter().all(|kind| kind.over_time.len() == 1));
                assert_eq!((round.checks.failed, round.achieved_ops_s), (0, None), "{name}");
                assert_eq!(round.checks.checked == 0, *name == SubjectName::Floor);
            }
        }
    }
}

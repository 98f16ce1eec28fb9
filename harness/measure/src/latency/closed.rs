//! The closed loop: each operation starts when the previous one is done, and each is timed.
//!
//! It shows how long operations take, but not how long callers would wait: while the subject
//! stalls, the loop sends nothing, so a stall is one sample among millions. The [open
//! loop](crate::latency::open) avoids this coordinated omission.

use std::hint::black_box;

use shardproof_machine::clock::Clock;
use shardproof_subject::Subject;
use shardproof_workload::{Operation, Stream};

use crate::MeasureSubject;
use crate::latency::clock_read::ticks_when_done;
use crate::latency::recorder::Recorder;
use crate::latency::round::RoundHistograms;
use crate::latency::summary::Interval;
use crate::load::Load;
use crate::spin_barrier::SpinBarrier;
use crate::worker::Worker;
use crate::worker_pool::{self, PoolResult, Task, until_steady};

/// Operations between two reads of the stop flag: few, because some subjects need a millisecond for
/// one.
pub const BATCH: usize = 64;
const _: () = assert!(
    Stream::OPERATIONS.is_multiple_of(BATCH) && Stream::OPERATIONS_WHERE_LONG.is_multiple_of(BATCH)
);

/// Runs one round on a fresh instance of a subject.
///
/// # Panics
/// As [`round_of`].
#[must_use]
pub fn round(subject: MeasureSubject, load: Load<'_>, clock: &Clock) -> RoundHistograms {
    subject.driver().closed_round(ClosedRound { load, clock })
}

/// Runs one round on a fresh subject: workers fill their runs, warm up, and then time every
/// operation for the load's slice.
///
/// # Panics
/// When the subject refuses a write, and when the load has no stream.
#[must_use]
pub fn round_of<S: Subject>(subject: &S, load: &Load<'_>, clock: &Clock) -> RoundHistograms {
    let PoolResult { outputs: recorders, checks } =
        worker_pool::run(subject, load, &ClosedLoop { load, clock });
    let mut all = Recorder::new(load.streams);
    for recorder in &recorders {
        all.add(recorder);
    }
    let interval = Interval { at_s: 0.0, length_s: load.slice.as_secs_f64() };
    RoundHistograms::new(checks, [(interval, all)])
}

/// Runs one batch of a worker's stream, times every operation, and returns a digest of what was
/// read.
///
/// The clock is read before and after each operation, each time [when all earlier work is
/// done](ticks_when_done). So each time includes the cost of one clock read, which is about what
/// the subject `floor` shows.
///
/// # Panics
/// When the subject refuses a write.
// Not inlined, so that warm-up and timed loop execute the same instructions.
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

/// A round to run.
pub(crate) struct ClosedRound<'a> {
    /// The load.
    load: Load<'a>,
    /// Times the operations.
    clock: &'a Clock,
}

impl ClosedRound<'_> {
    /// Runs it on a fresh subject.
    pub(crate) fn of_fresh<S: Subject>(self, create: &impl Fn() -> S) -> RoundHistograms {
        let _offset = black_box(self.load.offset());
        round_of(&create(), &self.load, self.clock)
    }
}

/// The timed work of a closed loop.
struct ClosedLoop<'a> {
    /// The load.
    load: &'a Load<'a>,
    /// Times the operations.
    clock: &'a Clock,
}

impl Task for ClosedLoop<'_> {
    type Prepared = Recorder;
    type Output = Recorder;

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
        barrier: &SpinBarrier,
    ) -> (Recorder, u64) {
        let mut operations = 0;
        'timed: loop {
            for batch in self.load.streams[thread].operations().chunks_exact(BATCH) {
                black_box(run_batch(worker, batch, self.clock, &mut recorder));
                operations += BATCH as u64;
                if barrier.is_stopped() {
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
    use crate::test_subjects::all;
    use shardproof_workload::{KeySet, Mix};

    #[test]
    fn every_subject_is_timed_by_kind_of_operation_and_its_answers_are_checked() {
        let clock = Clock::new();
        let keys = KeySet::new(100);
        let slice = Duration::from_millis(2);
        for (puts, expected) in
            [(0, &["get", "all"][..]), (50, &["get", "put", "all"]), (100, &["put", "all"])]
        {
            let streams = [0, 1].map(|thread| Stream::new(1, Mix::with_puts(puts), thread, &keys));
            for name in all() {
                let load = Load::new(&streams, &keys, slice);
                let round = round(name, load, &clock);
                let kinds: Vec<_> =
                    round.kinds.iter().map(|kind| kind.operation.as_str()).collect();
                assert_eq!(kinds, expected, "{name}");
                let (all, kinds) = round.kinds.split_last().unwrap();
                let sum: u64 = kinds.iter().map(|kind| kind.histogram.len()).sum();
                // Each worker times at least the batch before its first read of the stop flag.
                assert!(sum >= 2 * BATCH as u64, "{name}: {sum}");
                assert!(sum == all.histogram.len() && sum.is_multiple_of(BATCH as u64));
                assert!(round.kinds.iter().all(|kind| kind.over_time.len() == 1));
                assert_eq!((round.checks.failed, round.rates), (0, None), "{name}");
                assert_eq!(round.checks.checked == 0, name.as_str() == "floor");
            }
        }
    }
}

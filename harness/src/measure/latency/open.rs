//! The open loop: operations begin when they are due, whether or not the ones before are done.
//!
//! Each is timed from the moment at which it should have begun. One that had to wait for the one before
//! waited for the subject, and its caller waited with it; a loop that sends the next only when the last is
//! done leaves just those out (coordinated omission: Gil Tene, "How NOT to Measure Latency"; his `wrk2`
//! measures as is done here). Nothing is skipped when late, and nothing is corrected afterwards.

use std::hint::{self, black_box};
use std::sync::OnceLock;

use crate::machine::barrier::wait_for_all_before;
use crate::machine::clock::Clock;
use crate::measure::cell::Load;
use crate::measure::gate::Gate;
use crate::measure::latency::arrivals::{Arrivals, ticks_per_ns};
use crate::measure::latency::crew::{self, Task};
use crate::measure::latency::recorder::Recorder;
use crate::measure::latency::round::RoundHistograms;
use crate::measure::worker::Worker;
use crate::subject::{Subject, SubjectName, SubjectVisitor};
use crate::workload::{Operation, Stream};

/// Parts of a round whose figures are kept one by one.
const INTERVALS: usize = 20;
/// A round that does not keep up is cut when it has taken this many times as long as it should.
const OVERTIME: f64 = 2.0;
/// From the start to the first moment at which an operation can be due: time to leave the gate.
const LEAD_IN_NS: f64 = 100_000.0;
/// A wait shorter than this is too short for the processor's pause, which can take a tenth of it.
const NO_PAUSE_BELOW_NS: f64 = 1_000.0;

/// One round of a named subject, made fresh. The seed decides when operations arrive; give each
/// round another.
///
/// # Panics
/// As [`round_of`].
#[must_use]
pub fn round(
    name: SubjectName,
    load: Load<'_>,
    clock: &Clock,
    arrivals: Arrivals,
    seed: u64,
) -> RoundHistograms {
    name.visit(Round { load, clock, arrivals, seed })
}

/// One round of a fresh subject: workers fill their runs, warm up, and then run each operation when it is
/// due, until all are done that are due within the load's time, or until twice that time is over.
///
/// Workers wait awake: a sleep is not as short as most gaps, and nobody wakes in time from it. So
/// each needs a processor of its own.
///
/// # Panics
/// When the subject refuses a put, without a stream, and with fewer runs than streams.
#[must_use]
pub fn round_of<S: Subject>(
    subject: &S,
    load: &Load<'_>,
    clock: &Clock,
    arrivals: Arrivals,
    seed: u64,
) -> RoundHistograms {
    let ticks_per_ns = ticks_per_ns(clock);
    let origin = OnceLock::new();
    let task = Open { load, clock, arrivals, seed, ticks_per_ns, origin };
    let brought = crew::send(subject, load, &task);
    let intervals = (0..INTERVALS).map(|interval| {
        let at_s = load.slice.as_secs_f64() * interval as f64 / INTERVALS as f64;
        (at_s, task.recorded(interval, &brought.found))
    });
    let achieved_ops_s = task.achieved_ops_s(&brought.found);
    RoundHistograms::new(brought.start, brought.checks, intervals).with_achieved(achieved_ops_s)
}

/// A round, for whatever subject it visits.
struct Round<'a> {
    /// What it is put under.
    load: Load<'a>,
    /// What it is timed with.
    clock: &'a Clock,
    /// When operations arrive.
    arrivals: Arrivals,
    /// What decides it.
    seed: u64,
}

impl SubjectVisitor for Round<'_> {
    type Output = RoundHistograms;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> RoundHistograms {
        let _offset = black_box(vec![0u8; self.load.heap_offset_bytes]);
        round_of(&create(), &self.load, self.clock, self.arrivals, self.seed)
    }
}

/// What the workers of an open loop do.
struct Open<'a> {
    /// The load.
    load: &'a Load<'a>,
    /// Times the operations.
    clock: &'a Clock,
    /// When operations arrive.
    arrivals: Arrivals,
    /// What decides it.
    seed: u64,
    /// Ticks of the clock in a nanosecond.
    ticks_per_ns: f64,
    /// The tick from which all workers count, set by the first of them.
    origin: OnceLock<u64>,
}

/// What one worker is to do, and then what it has done.
struct Schedule {
    /// Of each operation, in order, the ticks from the origin at which it is due. Each is replaced by the ticks
    /// that it took from then on: recording is one store to where the worker has just read.
    ticks: Vec<u64>,
    /// Of each interval, the first operation that is due after it.
    ends: [usize; INTERVALS],
}

/// What one worker has done.
struct Done {
    /// Of each operation that was done, the ticks that it took from when it was due.
    took_ticks: Vec<u64>,
    /// Of each interval, the first operation that was due after it.
    ends: [usize; INTERVALS],
    /// From the origin until its last operation was done.
    end_ticks: u64,
}

impl Task for Open<'_> {
    type Tools = Schedule;
    type Found = Done;

    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> Schedule {
        let operations = self.load.streams[thread].operations();
        // Everything is due at once, so that nothing waits.
        let mut at_once = vec![0; Stream::OPERATIONS];
        let pace =
            Pace { clock: self.clock, origin: self.clock.ticks(), limit: u64::MAX, pause: 0 };
        black_box(follow(worker, operations, &mut at_once, pace));
        self.schedule(thread)
    }

    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        mut schedule: Schedule,
        _gate: &Gate,
    ) -> (Done, u64) {
        let lead_in = self.ticks(LEAD_IN_NS);
        // Common to all: a worker that begins late is late, and its operations with it.
        let origin = *self.origin.get_or_init(|| self.clock.ticks() + lead_in);
        let limit = origin + self.ticks(self.load.slice.as_nanos() as f64 * OVERTIME);
        let pace = Pace { clock: self.clock, origin, limit, pause: self.ticks(NO_PAUSE_BELOW_NS) };
        let operations = self.load.streams[thread].operations();
        let (done, end, digest) = follow(worker, operations, &mut schedule.ticks, pace);
        black_box(digest);
        schedule.ticks.truncate(done);
        let end_ticks = end.saturating_sub(origin);
        (Done { took_ticks: schedule.ticks, ends: schedule.ends, end_ticks }, done as u64)
    }
}

/// How a worker keeps to its schedule.
#[derive(Clone, Copy)]
struct Pace<'a> {
    /// What it looks at.
    clock: &'a Clock,
    /// The tick from which the schedule counts.
    origin: u64,
    /// The tick after which no operation begins.
    limit: u64,
    /// The wait in ticks above which the processor may pause.
    pause: u64,
}

/// Runs operations, over and over, each when it is due, and replaces in `ticks` when it was due by how long it
/// took from then on. Returns how many were done, the tick at which the last was, and a digest of what
/// was read.
// Not inlined, so that the warm-up and the timed loop are the same instructions.
#[inline(never)]
fn follow<S: Subject>(
    worker: &mut Worker<'_, S>,
    operations: &[Operation],
    ticks: &mut [u64],
    pace: Pace<'_>,
) -> (usize, u64, u64) {
    let (mut done, mut end, mut digest) = (0, pace.origin, 0);
    for (operation, place) in operations.iter().cycle().zip(ticks) {
        let due = pace.origin + *place;
        let mut now = pace.clock.ticks();
        while now < due {
            if due - now > pace.pause {
                hint::spin_loop();
            }
            now = pace.clock.ticks();
        }
        if now > pace.limit {
            break;
        }
        digest ^= worker.step(operation);
        // The clock is not read before the operation's loads are back.
        wait_for_all_before();
        end = pace.clock.ticks();
        *place = end.saturating_sub(due);
        done += 1;
    }
    (done, end, digest)
}

impl Open<'_> {
    fn ticks(&self, ns: f64) -> u64 {
        (ns * self.ticks_per_ns) as u64
    }

    fn schedule(&self, thread: usize) -> Schedule {
        let threads = self.load.streams.len();
        let due_ns = self.arrivals.due_ns(self.seed, (thread, threads), self.load.slice);
        let interval_ns = self.load.slice.as_nanos() as f64 / INTERVALS as f64;
        let mut ends = [0; INTERVALS];
        for (end, number) in ends.iter_mut().zip(1..) {
            *end = due_ns.partition_point(|due_ns| *due_ns < interval_ns * f64::from(number));
        }
        // Rounding may put the last one at the very end of the slice.
        ends[INTERVALS - 1] = due_ns.len();
        Schedule { ticks: due_ns.into_iter().map(|due_ns| self.ticks(due_ns)).collect(), ends }
    }

    /// What the operations took that were due in an interval.
    fn recorded(&self, interval: usize, workers: &[Done]) -> Recorder {
        let mut recorder = Recorder::new();
        for (done, stream) in workers.iter().zip(self.load.streams) {
            let clipped = |place: usize| place.min(done.took_ticks.len());
            let first = if interval == 0 { 0 } else { clipped(done.ends[interval - 1]) };
            let operations = stream.operations().iter().cycle().skip(first % Stream::OPERATIONS);
            let took_ticks = &done.took_ticks[first..clipped(done.ends[interval])];
            for (operation, ticks) in operations.zip(took_ticks) {
                recorder.record(operation, self.clock.ns_between(0, *ticks));
            }
        }
        recorder
    }

    /// Operations per second until the last of them was done, or until the slice was over.
    fn achieved_ops_s(&self, workers: &[Done]) -> f64 {
        let done: usize = workers.iter().map(|done| done.took_ticks.len()).sum();
        let end_ticks = workers.iter().map(|done| done.end_ticks).max().unwrap_or(0);
        let took_s = self.clock.ns_between(0, end_ticks) as f64 * 1e-9;
        done as f64 / took_s.max(self.load.slice.as_secs_f64())
    }
}

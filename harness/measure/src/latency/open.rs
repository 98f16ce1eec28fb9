//! The open loop: operations begin when they are due, whether or not the ones before are done.
//!
//! Each is timed from the moment at which it should have begun. One that had to wait for the one before
//! waited for the subject, and its caller waited with it; a loop that sends the next only when the last is
//! done leaves just those out (coordinated omission: Gil Tene, "How NOT to Measure Latency"; his `wrk2`
//! measures as is done here). Nothing is skipped when late, and nothing is corrected afterwards.

use std::hint::{self, black_box};
use std::sync::OnceLock;

use shardproof_machine::clock::Clock;
use shardproof_subject::{Subject, SubjectName, SubjectVisitor};
use shardproof_workload::Operation;

use crate::crew::{self, Task};
use crate::gate::Gate;
use crate::latency::arrivals::{Arrivals, ticks_per_ns};
use crate::latency::reading::ticks_when_done;
use crate::latency::recorder::Recorder;
use crate::latency::round::RoundHistograms;
use crate::latency::summary::Stretch;
use crate::load::Load;
use crate::worker::Worker;

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
    name.visit(Open::new(&load, clock, arrivals, seed))
}

/// One round of a fresh subject: workers fill their runs, warm up, and then run each operation when it is
/// due, until all are done that are due within the load's time, or until twice that time is over.
///
/// Workers wait awake: a sleep is not as short as most gaps, and nobody wakes in time from it. So
/// each needs a processor of its own.
///
/// # Panics
/// When the subject refuses a put, without a stream.
#[must_use]
pub fn round_of<S: Subject>(
    subject: &S,
    load: &Load<'_>,
    clock: &Clock,
    arrivals: Arrivals,
    seed: u64,
) -> RoundHistograms {
    Open::new(load, clock, arrivals, seed).round_of(subject)
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
    /// How many times as long as it should a round may take.
    overtime: f64,
}

impl SubjectVisitor for Open<'_> {
    type Output = RoundHistograms;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> RoundHistograms {
        let _offset = black_box(self.load.offset());
        self.round_of(&create())
    }
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

    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> (Schedule, u64) {
        let operations = self.load.streams[thread].operations();
        // Everything is due at once, so that nothing waits.
        let mut at_once = vec![0; operations.len()];
        let pace =
            Pace { clock: self.clock, origin: self.clock.ticks(), limit: u64::MAX, pause: 0 };
        black_box(follow(worker, operations, &mut at_once, pace));
        (self.schedule(thread), operations.len() as u64)
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
        let limit = origin + self.ticks(self.load.slice.as_nanos() as f64 * self.overtime);
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
        end = ticks_when_done(pace.clock);
        *place = end.saturating_sub(due);
        done += 1;
    }
    (done, end, digest)
}

impl<'a> Open<'a> {
    fn new(load: &'a Load<'a>, clock: &'a Clock, arrivals: Arrivals, seed: u64) -> Self {
        let (ticks_per_ns, origin) = (ticks_per_ns(clock), OnceLock::new());
        Self { load, clock, arrivals, seed, ticks_per_ns, origin, overtime: OVERTIME }
    }

    fn round_of<S: Subject>(&self, subject: &S) -> RoundHistograms {
        let brought = crew::send(subject, self.load, self);
        let intervals = (0..INTERVALS).map(|interval| {
            let length_s = self.load.slice.as_secs_f64() / INTERVALS as f64;
            let stretch = Stretch { at_s: length_s * interval as f64, length_s };
            (stretch, self.recorded(interval, &brought.found))
        });
        let achieved_ops_s = self.achieved_ops_s(&brought.found);
        RoundHistograms::new(brought.checks, intervals).with_achieved(achieved_ops_s)
    }

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
        let mut recorder = Recorder::new(self.load.streams);
        for (done, stream) in workers.iter().zip(self.load.streams) {
            let clipped = |place: usize| place.min(done.took_ticks.len());
            let first = if interval == 0 { 0 } else { clipped(done.ends[interval - 1]) };
            let operations = stream.operations();
            let operations = operations.iter().cycle().skip(first % operations.len());
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use shardproof_subject::controls::Floor;
    use shardproof_workload::{KeySet, Mix, Stream};

    const SLICE: Duration = Duration::from_millis(20);

    fn with_load<R>(puts: u8, with: impl FnOnce(Load<'_>) -> R) -> R {
        let keys = KeySet::new(100);
        let streams = [0, 1].map(|thread| Stream::new(1, Mix::with_puts(puts), thread, &keys));
        with(Load::new(&streams, &keys, SLICE))
    }

    #[test]
    fn every_operation_that_arrives_is_done_and_every_answer_is_checked() {
        let clock = Clock::new();
        for text in ["constant:50000", "poisson:50000"] {
            let arrivals: Arrivals = text.parse().unwrap();
            for name in SubjectName::ALL {
                let round = with_load(50, |load| {
                    // A busy machine may keep a worker waiting for longer than the round itself.
                    let overtime = 1e6;
                    name.visit(Open { overtime, ..Open::new(&load, &clock, arrivals, 3) })
                });
                assert_eq!(round.all().len(), 1_000, "{name} {text}");
                let over_time = &round.kinds.last().unwrap().over_time;
                assert_eq!(over_time.iter().map(|it| it.count).sum::<u64>(), 1_000);
                assert_eq!(over_time.len(), INTERVALS);
                assert!(over_time.is_sorted_by(|one, next| one.at_s < next.at_s));
                let achieved_ops_s = round.achieved_ops_s.unwrap();
                assert!(achieved_ops_s > 0.0 && achieved_ops_s <= 50_000.0, "{achieved_ops_s}");
                assert_eq!(round.checks.failed, 0, "{name}: {:?}", round.checks.first_failure);
                assert_eq!(round.checks.checked == 0, *name == SubjectName::Floor);
            }
        }
    }

    #[test]
    fn a_round_that_was_cut_has_what_was_done_and_the_rate_that_it_came_to() {
        let clock = Clock::new();
        let arrivals: Arrivals = "constant:10000".parse().unwrap();
        with_load(50, |load| {
            let open = Open::new(&load, &clock, arrivals, 1);
            let schedules = [0, 1].map(|thread| open.schedule(thread));
            assert_eq!(schedules.each_ref().map(|it| it.ticks.len()), [100; 2]);
            // One worker does 33 of its operations and the other all, in twice the time.
            let done = |Schedule { ends, .. }: Schedule, count| Done {
                took_ticks: vec![open.ticks(1e6); count],
                ends,
                end_ticks: open.ticks(2.0 * SLICE.as_nanos() as f64),
            };
            let [one, other] = schedules;
            let found = [done(one, 33), done(other, 100)];
            assert!((open.achieved_ops_s(&found) / (133.0 / 0.04) - 1.0).abs() < 1e-6);
            let counts: Vec<u64> = (0..INTERVALS)
                .map(|interval| {
                    let recorder = open.recorded(interval, &found);
                    recorder.histograms().map(|(_, histogram)| histogram.len()).sum()
                })
                .collect();
            assert_eq!(counts[..7], [10, 10, 10, 10, 10, 10, 8]);
            assert_eq!(counts[7..], [5; 13]);
        });
    }

    #[test]
    fn no_operation_begins_before_it_is_due_and_a_late_one_is_timed_from_when_it_was() {
        let clock = Clock::new();
        let per_ns = ticks_per_ns(&clock);
        let ms = |count: f64| (count * 1e6 * per_ns) as u64;
        with_load(0, |load| {
            let mut worker = Worker::new(&Floor, 0, &load);
            let operations = load.streams[0].operations();
            // One that was due 5 ms ago, one 1 ms ago, and one that is due in 2 ms.
            let mut ticks = [0, ms(4.0), ms(7.0)];
            let now = clock.ticks();
            let pace = Pace { clock: &clock, origin: now - ms(5.0), limit: u64::MAX, pause: 0 };
            let (done, end, _) = follow(&mut worker, operations, &mut ticks, pace);
            assert_eq!(done, 3);
            assert!(end - now >= ms(2.0) - 1, "the last began before it was due");
            assert!(ticks[0] >= ms(5.0) - 1 && ticks[1] >= ms(1.0) - 1, "timed from when due");
        });
    }

    #[test]
    fn nothing_begins_after_the_limit() {
        let clock = Clock::new();
        with_load(0, |load| {
            let mut worker = Worker::new(&Floor, 0, &load);
            let origin = clock.ticks();
            let pace = Pace { clock: &clock, origin, limit: origin, pause: 0 };
            let operations = load.streams[0].operations();
            assert_eq!(follow(&mut worker, operations, &mut [0; 3], pace).0, 0);
        });
    }
}

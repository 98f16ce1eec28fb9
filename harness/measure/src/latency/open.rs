//! The open loop: operations are due at times that do not depend on the subject.
//!
//! Each operation is timed from when it was due. If it starts late because the previous one was not
//! done, its caller has waited for the subject. A closed loop leaves out exactly these waits
//! (coordinated omission: Gil Tene, "How NOT to Measure Latency"; his `wrk2` measures as this loop
//! does). Late operations are not skipped, and times are not corrected afterwards.

use std::hint::{self, black_box};
use std::sync::OnceLock;

use shardproof_machine::clock::Clock;
use shardproof_subject::Subject;
use shardproof_workload::Operation;

use crate::MeasureSubject;
use crate::latency::arrivals::{Arrivals, ticks_per_ns};
use crate::latency::clock_read::ticks_when_done;
use crate::latency::recorder::Recorder;
use crate::latency::round::{RoundHistograms, RoundRates};
use crate::latency::summary::Interval;
use crate::load::Load;
use crate::spin_barrier::SpinBarrier;
use crate::worker::Worker;
use crate::worker_pool::{self, PoolResult, Task};

/// The number of intervals of a round, each with its own figures.
const INTERVALS: usize = 20;
/// A round is cut short after this many times its slice, if the subject does not keep up.
const OVERTIME: f64 = 2.0;
/// From the start to the earliest due time: time for all workers to leave the barrier.
const LEAD_IN_NS: f64 = 100_000.0;
/// Shorter waits spin without a pause instruction, which can take a tenth of this time.
const NO_PAUSE_BELOW_NS: f64 = 1_000.0;

/// Runs one round on a fresh instance of a subject. The seed decides when operations arrive;
/// use a different one for each round.
///
/// # Panics
/// As [`round_of`].
#[must_use]
pub fn round(
    subject: MeasureSubject,
    load: Load<'_>,
    clock: &Clock,
    arrivals: Arrivals,
    seed: u64,
) -> RoundHistograms {
    subject.driver().open_round(OpenLoop::new(&load, clock, arrivals, seed))
}

/// Runs one round on a fresh subject: workers fill their runs, warm up, and then run each operation
/// when it is due, until all operations that are due in the load's slice are done, or twice that
/// time has passed.
///
/// Workers spin while they wait: most gaps are shorter than the shortest sleep, which also ends
/// late. So each worker needs its own processor.
///
/// # Panics
/// When the subject refuses a write, and when the load has no stream.
#[must_use]
pub fn round_of<S: Subject>(
    subject: &S,
    load: &Load<'_>,
    clock: &Clock,
    arrivals: Arrivals,
    seed: u64,
) -> RoundHistograms {
    OpenLoop::new(load, clock, arrivals, seed).round_of(subject)
}

/// The timed work of an open loop.
pub(crate) struct OpenLoop<'a> {
    /// The load.
    load: &'a Load<'a>,
    /// Times the operations.
    clock: &'a Clock,
    /// When operations arrive.
    arrivals: Arrivals,
    /// The seed of the arrivals.
    seed: u64,
    /// Ticks of the clock per nanosecond.
    ticks_per_ns: f64,
    /// The tick at which the slice starts for all workers, set by the first of them.
    origin: OnceLock<u64>,
    /// How many times its slice a round may take.
    overtime: f64,
}

impl OpenLoop<'_> {
    /// Runs a round on a fresh subject.
    pub(crate) fn of_fresh<S: Subject>(self, create: &impl Fn() -> S) -> RoundHistograms {
        let _offset = black_box(self.load.offset());
        self.round_of(&create())
    }
}

/// When the operations of one worker are due.
pub(crate) struct DueTimes {
    /// By operation, in order, its due time in ticks from the origin. The worker replaces each by
    /// the operation's latency: recording is one store to where the worker has just read.
    ticks: Vec<u64>,
    /// By interval, the first operation that is due after it.
    interval_ends: [usize; INTERVALS],
}

/// The latencies of one worker.
pub(crate) struct WorkerLatencies {
    /// By completed operation, the ticks from its due time to its end.
    latency_ticks: Vec<u64>,
    /// By interval, the first operation that was due after it.
    interval_ends: [usize; INTERVALS],
    /// From the origin to the end of the last operation.
    end_ticks: u64,
}

impl Task for OpenLoop<'_> {
    type Prepared = DueTimes;
    type Output = WorkerLatencies;

    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> (DueTimes, u64) {
        let operations = self.load.streams[thread].operations();
        // Everything is due at the origin, so that nothing waits.
        let mut due_at_origin = vec![0; operations.len()];
        let pacing =
            Pacing { clock: self.clock, origin: self.clock.ticks(), limit: u64::MAX, pause: 0 };
        black_box(run_when_due(worker, operations, &mut due_at_origin, pacing));
        (self.due_times(thread), operations.len() as u64)
    }

    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        mut due_times: DueTimes,
        _barrier: &SpinBarrier,
    ) -> (WorkerLatencies, u64) {
        let lead_in = self.ticks(LEAD_IN_NS);
        // The same for all: if a worker starts late, so do its operations.
        let origin = *self.origin.get_or_init(|| self.clock.ticks() + lead_in);
        let limit = origin + self.ticks(self.load.slice.as_nanos() as f64 * self.overtime);
        let pacing =
            Pacing { clock: self.clock, origin, limit, pause: self.ticks(NO_PAUSE_BELOW_NS) };
        let operations = self.load.streams[thread].operations();
        let (done, end, digest) = run_when_due(worker, operations, &mut due_times.ticks, pacing);
        black_box(digest);
        let DueTimes { ticks: mut latency_ticks, interval_ends } = due_times;
        latency_ticks.truncate(done);
        let end_ticks = end.saturating_sub(origin);
        (WorkerLatencies { latency_ticks, interval_ends, end_ticks }, done as u64)
    }
}

/// How a worker waits for due times.
#[derive(Clone, Copy)]
struct Pacing<'a> {
    /// The clock to wait by.
    clock: &'a Clock,
    /// The tick from which due times count.
    origin: u64,
    /// The tick after which no operation starts.
    limit: u64,
    /// The remaining wait, in ticks, above which the loop executes a pause instruction.
    pause: u64,
}

/// Runs operations, repeatedly, each when it is due, and replaces its due time in `ticks` by its
/// latency from then on. Returns how many operations are done, the tick at which the last one
/// ended, and a digest of what was read.
// Not inlined, so that warm-up and timed loop execute the same instructions.
#[inline(never)]
fn run_when_due<S: Subject>(
    worker: &mut Worker<'_, S>,
    operations: &[Operation],
    ticks: &mut [u64],
    pacing: Pacing<'_>,
) -> (usize, u64, u64) {
    let (mut done, mut end, mut digest) = (0, pacing.origin, 0);
    for (operation, due_or_latency) in operations.iter().cycle().zip(ticks) {
        let due = pacing.origin + *due_or_latency;
        let mut now = pacing.clock.ticks();
        while now < due {
            if due - now > pacing.pause {
                hint::spin_loop();
            }
            now = pacing.clock.ticks();
        }
        if now > pacing.limit {
            break;
        }
        digest ^= worker.step(operation);
        end = ticks_when_done(pacing.clock);
        *due_or_latency = end.saturating_sub(due);
        done += 1;
    }
    (done, end, digest)
}

impl<'a> OpenLoop<'a> {
    fn new(load: &'a Load<'a>, clock: &'a Clock, arrivals: Arrivals, seed: u64) -> Self {
        let (ticks_per_ns, origin) = (ticks_per_ns(clock), OnceLock::new());
        Self { load, clock, arrivals, seed, ticks_per_ns, origin, overtime: OVERTIME }
    }

    fn round_of<S: Subject>(&self, subject: &S) -> RoundHistograms {
        let PoolResult { outputs: workers, checks } = worker_pool::run(subject, self.load, self);
        let intervals = (0..INTERVALS).map(|index| {
            let length_s = self.load.slice.as_secs_f64() / INTERVALS as f64;
            let interval = Interval { at_s: length_s * index as f64, length_s };
            (interval, self.record_interval(index, &workers))
        });
        let rates = RoundRates {
            slice_ms: self.load.slice.as_secs_f64() * 1e3,
            offered_ops_s: self.arrivals.offered_ops_s(self.load.slice),
            achieved_ops_s: self.achieved_ops_s(&workers),
        };
        RoundHistograms::new(checks, intervals).with_rates(rates)
    }

    fn ticks(&self, ns: f64) -> u64 {
        (ns * self.ticks_per_ns) as u64
    }

    fn due_times(&self, thread: usize) -> DueTimes {
        let threads = self.load.streams.len();
        let due_ns = self.arrivals.due_ns(self.seed, (thread, threads), self.load.slice);
        let interval_ns = self.load.slice.as_nanos() as f64 / INTERVALS as f64;
        let mut interval_ends = [0; INTERVALS];
        for (end, number) in interval_ends.iter_mut().zip(1..) {
            *end = due_ns.partition_point(|due_ns| *due_ns < interval_ns * f64::from(number));
        }
        // Rounding may move the last due time to the very end of the slice.
        interval_ends[INTERVALS - 1] = due_ns.len();
        let ticks = due_ns.into_iter().map(|due_ns| self.ticks(due_ns)).collect();
        DueTimes { ticks, interval_ends }
    }

    /// The latencies of the operations that were due in an interval.
    fn record_interval(&self, index: usize, workers: &[WorkerLatencies]) -> Recorder {
        let mut recorder = Recorder::new(self.load.streams);
        for (worker, stream) in workers.iter().zip(self.load.streams) {
            let completed = |operation: usize| operation.min(worker.latency_ticks.len());
            let first = if index == 0 { 0 } else { completed(worker.interval_ends[index - 1]) };
            let operations = stream.operations();
            let operations = operations.iter().cycle().skip(first % operations.len());
            let latency_ticks =
                &worker.latency_ticks[first..completed(worker.interval_ends[index])];
            for (operation, ticks) in operations.zip(latency_ticks) {
                recorder.record(operation, self.clock.ns_between(0, *ticks));
            }
        }
        recorder
    }

    /// Completed operations per second, until the end of the last one or of the slice.
    fn achieved_ops_s(&self, workers: &[WorkerLatencies]) -> f64 {
        let done: usize = workers.iter().map(|worker| worker.latency_ticks.len()).sum();
        let end_ticks = workers.iter().map(|worker| worker.end_ticks).max().unwrap_or(0);
        let elapsed_s = self.clock.ns_between(0, end_ticks) as f64 * 1e-9;
        done as f64 / elapsed_s.max(self.load.slice.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::test_subjects::all;
    use shardproof_subject::controls::Floor;
    use shardproof_workload::{KeySet, Mix, Stream};

    const SLICE: Duration = Duration::from_millis(20);

    fn with_load<R>(puts: u8, with: impl FnOnce(Load<'_>) -> R) -> R {
        let keys = KeySet::new(100);
        let streams = [0, 1].map(|thread| Stream::new(1, Mix::with_puts(puts), thread, &keys));
        with(Load::new(&streams, &keys, SLICE))
    }

    #[test]
    fn every_operation_that_arrives_is_done_and_answers_are_checked() {
        let clock = Clock::new();
        for text in ["constant:50000", "poisson:50000"] {
            let arrivals: Arrivals = text.parse().unwrap();
            for name in all() {
                let round = with_load(50, |load| {
                    // A busy machine may delay a worker for longer than the round itself.
                    let overtime = 1e6;
                    let open = OpenLoop::new(&load, &clock, arrivals, 3);
                    name.driver().open_round(OpenLoop { overtime, ..open })
                });
                assert_eq!(round.all().len(), 1_000, "{name} {text}");
                let over_time = &round.kinds.last().unwrap().over_time;
                assert_eq!(over_time.iter().map(|it| it.count).sum::<u64>(), 1_000);
                assert_eq!(over_time.len(), INTERVALS);
                assert!(over_time.is_sorted_by(|one, next| one.at_s < next.at_s));
                let achieved_ops_s = round.rates.unwrap().achieved_ops_s;
                assert!(achieved_ops_s > 0.0 && achieved_ops_s <= 50_000.0, "{achieved_ops_s}");
                assert_eq!(round.checks.failed, 0, "{name}: {:?}", round.checks.first_failure);
                assert_eq!(round.checks.checked == 0, name.as_str() == "floor");
            }
        }
    }

    #[test]
    fn a_round_that_is_cut_short_keeps_its_completed_operations_and_their_rate() {
        let clock = Clock::new();
        let arrivals: Arrivals = "constant:10000".parse().unwrap();
        with_load(50, |load| {
            let open = OpenLoop::new(&load, &clock, arrivals, 1);
            let due_times = [0, 1].map(|thread| open.due_times(thread));
            assert_eq!(due_times.each_ref().map(|it| it.ticks.len()), [100; 2]);
            // One worker completes 33 of its operations and the other all, in twice the time.
            let complete = |DueTimes { interval_ends, .. }: DueTimes, count| WorkerLatencies {
                latency_ticks: vec![open.ticks(1e6); count],
                interval_ends,
                end_ticks: open.ticks(2.0 * SLICE.as_nanos() as f64),
            };
            let [one, other] = due_times;
            let workers = [complete(one, 33), complete(other, 100)];
            assert!((open.achieved_ops_s(&workers) / (133.0 / 0.04) - 1.0).abs() < 1e-6);
            let counts: Vec<u64> = (0..INTERVALS)
                .map(|interval| {
                    let recorder = open.record_interval(interval, &workers);
                    recorder.histograms().map(|(_, histogram)| histogram.len()).sum()
                })
                .collect();
            assert_eq!(counts[..7], [10, 10, 10, 10, 10, 10, 8]);
            assert_eq!(counts[7..], [5; 13]);
        });
    }

    #[test]
    fn no_operation_starts_before_it_is_due_and_a_late_one_is_timed_from_when_it_was_due() {
        let clock = Clock::new();
        let per_ns = ticks_per_ns(&clock);
        let ms = |count: f64| (count * 1e6 * per_ns) as u64;
        with_load(0, |load| {
            let mut worker = Worker::new(&Floor, 0, &load);
            let operations = load.streams[0].operations();
            // One was due 5 ms ago, one 1 ms ago, and one is due in 2 ms.
            let mut ticks = [0, ms(4.0), ms(7.0)];
            let now = clock.ticks();
            let pacing = Pacing { clock: &clock, origin: now - ms(5.0), limit: u64::MAX, pause: 0 };
            let (done, end, _) = run_when_due(&mut worker, operations, &mut ticks, pacing);
            assert_eq!(done, 3);
            assert!(end - now >= ms(2.0) - 1, "the last started before it was due");
            assert!(ticks[0] >= ms(5.0) - 1 && ticks[1] >= ms(1.0) - 1, "timed from when due");
        });
    }

    #[test]
    fn nothing_starts_after_the_limit() {
        let clock = Clock::new();
        with_load(0, |load| {
            let mut worker = Worker::new(&Floor, 0, &load);
            let origin = clock.ticks();
            let pacing = Pacing { clock: &clock, origin, limit: origin, pause: 0 };
            let operations = load.streams[0].operations();
            assert_eq!(run_when_due(&mut worker, operations, &mut [0; 3], pacing).0, 0);
        });
    }
}

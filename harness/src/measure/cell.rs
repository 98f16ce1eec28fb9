//! One slice: one subject, made fresh, under one load for a moment.

use std::hint::black_box;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use sharded_store::RunId;

use crate::evidence::Checks;
use crate::measure::gate::Gate;
use crate::measure::worker::Worker;
use crate::subject::{Subject, SubjectVisitor};
use crate::trace::allocations;
use crate::workload::{KeySet, Stream};

/// Operations between two looks at the stop flag.
const BATCH: usize = 512;
const _: () = assert!(Stream::OPERATIONS.is_multiple_of(BATCH));

/// A load: one worker per stream.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The operations of each worker.
    pub streams: &'a [Stream],
    /// The run of each worker.
    pub runs: &'a [RunId],
    /// The keys that each run is filled with.
    pub keys: &'a KeySet,
    /// How long the workers work.
    pub slice: Duration,
    /// Bytes allocated before the subject is made, to move it in memory.
    pub heap_offset_bytes: usize,
}

/// What came of one slice.
#[derive(Clone, PartialEq, Debug)]
pub struct Slice {
    /// Operations per second, summed over the workers.
    pub throughput_ops_s: f64,
    /// Allocations per operation in the timed loops.
    pub allocations_per_op: Option<f64>,
    /// What came of checking the subject's answers.
    pub checks: Checks,
}

/// Puts whatever subject it visits under the load.
impl SubjectVisitor for Load<'_> {
    type Output = Slice;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> Slice {
        let _offset = black_box(vec![0u8; self.heap_offset_bytes]);
        slice(&create(), &self)
    }
}

/// Puts a fresh subject under a load. Each worker fills its run and runs its stream once to warm
/// up; then all start together and run their streams over and over until they are stopped. When
/// all have stopped, and no clock runs any more, each checks every key of its run.
///
/// # Panics
/// When the subject refuses a put, without a stream, and with fewer runs than streams.
pub fn slice<S: Subject>(subject: &S, load: &Load<'_>) -> Slice {
    let workers = load.streams.len();
    assert!(load.runs.len() >= workers, "a run for each worker");
    let site = Site { gate: Gate::new(workers), last_writes: vec![OnceLock::new(); workers] };
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let site = &site;
        let workers: Vec<_> = (0..workers)
            .map(|thread| scope.spawn(move || work(subject, thread, load, site)))
            .collect();
        site.gate.await_meeting(START);
        thread::sleep(load.slice);
        site.gate.stop();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    // Counted from the first start: a worker that had no core yet was waiting, not resting.
    let start = tallies.iter().map(|tally| tally.start).min().expect("at least one stream");
    let operations: u64 = tallies.iter().map(|tally| tally.operations).sum();
    let allocations: Option<u64> = tallies.iter().map(|tally| tally.allocations).sum();
    let throughput_ops_s = tallies.iter().map(|tally| tally.throughput_ops_s(start)).sum();
    let mut checks =
        Checks { exemption: S::KEEPS.exemption().map(str::to_owned), ..Checks::default() };
    for tally in tallies {
        checks.extend(tally.checks);
    }
    let allocations_per_op = allocations.map(|count| count as f64 / operations as f64);
    Slice { throughput_ops_s, allocations_per_op, checks }
}

/// The meeting after which all runs are filled.
const FILLED: usize = 1;
/// The meeting at which the clocks start.
const START: usize = 2;
/// The meeting after which nobody writes any more.
const REST: usize = 3;

/// Where the workers of a slice meet.
struct Site {
    /// Keeps them together.
    gate: Gate,
    /// Each worker's last write to each key, told before the meeting at rest.
    last_writes: Vec<OnceLock<Vec<u64>>>,
}

/// What one worker did, in its own locals until the end: no worker writes near another.
struct Tally {
    /// Operations between the two readings of the clock.
    operations: u64,
    /// When it began with its stream.
    start: Instant,
    /// When it stopped.
    end: Instant,
    /// Allocations in between.
    allocations: Option<u64>,
    /// What came of checking, outside that time included.
    checks: Checks,
}

impl Tally {
    fn throughput_ops_s(&self, start: Instant) -> f64 {
        self.operations as f64 / (self.end - start).as_secs_f64()
    }
}

fn work<S: Subject>(subject: &S, thread: usize, load: &Load<'_>, site: &Site) -> Tally {
    let gate = &site.gate;
    let _guard = gate.guard();
    let stream = &load.streams[thread];
    let mut worker = Worker::new(subject, thread, load);
    worker.fill();
    gate.meet(FILLED);
    for batch in stream.operations().chunks_exact(BATCH) {
        black_box(worker.run_batch(batch));
    }
    let allocations_before = allocations::on_this_thread();
    gate.meet(START);

    let start = Instant::now();
    let mut digest = 0;
    let mut operations = 0;
    'timed: loop {
        for batch in stream.operations().chunks_exact(BATCH) {
            digest ^= worker.run_batch(batch);
            operations += BATCH as u64;
            if gate.is_stopped() {
                break 'timed;
            }
        }
    }
    let end = Instant::now();
    black_box(digest);
    let allocations =
        allocations::on_this_thread().zip(allocations_before).map(|(after, before)| after - before);

    let all_operations = operations + Stream::OPERATIONS as u64;
    worker.tell_last_writes(stream, all_operations, &site.last_writes[thread]);
    gate.meet(REST);
    worker.check_at_rest(&site.last_writes);
    Tally { operations, start, end, allocations, checks: worker.into_checks() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::SubjectName;
    use crate::workload::{Mix, Placement, Runs};

    #[test]
    fn every_built_in_subject_works_and_answers_right_under_every_placement_and_mix() {
        let keys = KeySet::new(100);
        let slice = Duration::from_millis(1);
        for puts in [0, 50, 100] {
            let streams = [0, 1].map(|thread| Stream::new(1, Mix::with_puts(puts), thread, &keys));
            // Two workers at rest, and under load each of their samples at least once.
            let least = 2 * (100 + streams[0].samples().len() as u64);
            for (name, placement) in
                SubjectName::ALL.iter().flat_map(|name| Placement::DEFAULTS.map(|it| (*name, it)))
            {
                let runs = Runs::new(placement, 1, (2, 1), |_| None);
                let runs = [0, 1].map(|thread| runs.of_thread(thread)[0]);
                let (streams, runs, keys) = (&streams, &runs, &keys);
                let slice = name.visit(Load { streams, runs, keys, slice, heap_offset_bytes: 48 });
                assert!(slice.throughput_ops_s.is_finite() && slice.throughput_ops_s > 0.0);
                assert_eq!(slice.allocations_per_op, None, "not counted here");
                let Checks { checked, failed, first_failure, exemption } = slice.checks;
                assert_eq!((failed, first_failure), (0, None), "{name} {placement} {puts}");
                let is_floor = name == SubjectName::Floor;
                assert!(if is_floor { checked == 0 } else { checked > least }, "{name}: {checked}");
                assert_eq!(exemption.is_some(), is_floor);
            }
        }
    }
}

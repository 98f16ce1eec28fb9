//! What both loops have in common: workers that fill, warm up, start together, and check at rest.

use std::hint::black_box;
use std::sync::OnceLock;
use std::thread;
use std::time::Instant;

use crate::evidence::Checks;
use crate::measure::cell::Load;
use crate::measure::gate::Gate;
use crate::measure::worker::Worker;
use crate::subject::Subject;
use crate::workload::Stream;

/// The meeting after which all runs are filled.
const FILLED: usize = 1;
/// The meeting at which the clocks start.
const START: usize = 2;
/// The meeting after which nobody writes any more.
const REST: usize = 3;

/// What a crew does with its time.
pub(super) trait Task: Sync {
    /// What a worker needs: made by the worker itself, before the clock starts.
    type Tools;
    /// What it brings back.
    type Found: Send;

    /// Runs the worker's stream exactly once, through the very instructions that will be timed.
    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> Self::Tools;

    /// Runs the worker's stream from its beginning, over and over; says how many operations that
    /// were.
    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        tools: Self::Tools,
        gate: &Gate,
    ) -> (Self::Found, u64);
}

/// What a crew has brought back.
pub(super) struct Brought<F> {
    /// When the first worker began.
    pub(super) start: Instant,
    /// What each worker found.
    pub(super) found: Vec<F>,
    /// What came of checking the subject's answers.
    pub(super) checks: Checks,
}

/// Puts a fresh subject under a load: as for throughput, but that the task does what is timed. The
/// workers are asked to stop once the load's time is over.
///
/// # Panics
/// When the subject refuses a put, without a stream, and with fewer runs than streams.
pub(super) fn send<S: Subject, T: Task>(
    subject: &S,
    load: &Load<'_>,
    task: &T,
) -> Brought<T::Found> {
    let workers = load.streams.len();
    assert!(load.runs.len() >= workers, "a run for each worker");
    let site = Site { gate: Gate::new(workers), last_writes: vec![OnceLock::new(); workers] };
    let reports: Vec<Report<T::Found>> = thread::scope(|scope| {
        let site = &site;
        let workers: Vec<_> = (0..workers)
            .map(|thread| scope.spawn(move || work(subject, thread, load, task, site)))
            .collect();
        site.gate.await_meeting(START);
        thread::sleep(load.slice);
        site.gate.stop();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    let start = reports.iter().map(|report| report.start).min().expect("at least one stream");
    let mut checks =
        Checks { exemption: S::KEEPS.exemption().map(str::to_owned), ..Checks::default() };
    let mut found = Vec::with_capacity(workers);
    for report in reports {
        checks.extend(report.checks);
        found.push(report.found);
    }
    Brought { start, found, checks }
}

/// Where the workers meet.
struct Site {
    /// Keeps them together.
    gate: Gate,
    /// Each worker's last write to each key, told before the meeting at rest.
    last_writes: Vec<OnceLock<Vec<u64>>>,
}

/// What one worker has done.
struct Report<F> {
    /// When it began with its stream.
    start: Instant,
    /// What it found.
    found: F,
    /// What came of checking.
    checks: Checks,
}

fn work<S: Subject, T: Task>(
    subject: &S,
    thread: usize,
    load: &Load<'_>,
    task: &T,
    site: &Site,
) -> Report<T::Found> {
    let _guard = site.gate.guard();
    let stream = &load.streams[thread];
    let mut worker = Worker::new(subject, thread, load);
    worker.fill();
    site.gate.meet(FILLED);
    let tools = task.warm_up(&mut worker, thread);
    site.gate.meet(START);

    let start = Instant::now();
    let (found, operations) = task.work(&mut worker, thread, tools, &site.gate);

    let all_operations = operations + Stream::OPERATIONS as u64;
    worker.tell_last_writes(stream, all_operations, &site.last_writes[thread]);
    site.gate.meet(REST);
    worker.check_at_rest(&site.last_writes);
    Report { start, found: black_box(found), checks: worker.into_checks() }
}

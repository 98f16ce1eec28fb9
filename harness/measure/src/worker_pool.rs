//! Runs a task on one worker per stream: workers fill their runs, warm up, start together, work
//! until they are stopped, and check the final contents.

use std::hint::black_box;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use shardproof_evidence::Checks;
use shardproof_machine::cpus;
use shardproof_subject::Subject;

use crate::check::FinalWrites;
use crate::load::Load;
use crate::spin_barrier::SpinBarrier;
use crate::worker::Worker;

/// The barrier phase that ends when all runs are filled.
const FILLED: usize = 1;
/// The barrier phase that ends when the timed work starts.
const START: usize = 2;
/// The barrier phase that ends when all workers have stopped writing.
const AT_REST: usize = 3;

/// The timed work of every worker in the pool.
pub(crate) trait Task: Sync {
    /// What a worker prepares for its timed work. The worker itself makes it, before timing starts.
    type Prepared;
    /// What a worker has measured.
    type Output: Send;

    /// Runs the worker's stream a whole number of times, through the same instructions that are
    /// timed later. Returns the number of operations too.
    fn warm_up<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
    ) -> (Self::Prepared, u64);

    /// Runs the worker's stream from its beginning, repeating it until the barrier says stop.
    /// Returns the number of operations too.
    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        prepared: Self::Prepared,
        barrier: &SpinBarrier,
    ) -> (Self::Output, u64);
}

/// What all workers of a pool have measured.
pub(crate) struct PoolResult<O> {
    /// One output per worker.
    pub(crate) outputs: Vec<O>,
    /// The result of checking the subject's answers.
    pub(crate) checks: Checks,
}

/// Puts a fresh subject under a load. Workers are told to stop after the load's slice; after all
/// have stopped, each checks every key of its runs, untimed.
///
/// # Panics
/// When the subject refuses a write or does not support an operation of the streams, and when there
/// is no stream.
pub(crate) fn run<S: Subject, T: Task>(
    subject: &S,
    load: &Load<'_>,
    task: &T,
) -> PoolResult<T::Output> {
    let workers = load.streams.len();
    let shared =
        Shared { barrier: SpinBarrier::new(workers), final_writes: vec![OnceLock::new(); workers] };
    let results: Vec<(T::Output, Checks)> = thread::scope(|scope| {
        let shared = &shared;
        let workers: Vec<_> = (0..workers)
            .map(|thread| scope.spawn(move || run_worker(subject, thread, load, task, shared)))
            .collect();
        shared.barrier.sleep_until_complete(START);
        thread::sleep(load.slice);
        shared.barrier.stop();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    let exemption = S::VISIBILITY.exemption().or_else(|| load.streams[0].exemption());
    let mut all_checks = Checks { exemption: exemption.map(str::to_owned), ..Checks::default() };
    let mut outputs = Vec::with_capacity(workers);
    for (output, checks) in results {
        all_checks.extend(checks);
        outputs.push(output);
    }
    PoolResult { outputs, checks: all_checks }
}

/// The longest warm-up after its first pass: on a noisy machine, pass times never settle.
const WARM_UP: Duration = Duration::from_millis(4);
/// The relative difference below which two consecutive passes count as equally fast.
const STEADY: f64 = 0.05;

/// Repeats a pass over a stream until two consecutive passes are equally fast, or until the warm-up
/// time is over. Returns the number of passes.
pub(crate) fn until_steady(mut pass: impl FnMut()) -> u64 {
    let start = Instant::now();
    let mut previous: Option<Duration> = None;
    for passes in 1.. {
        let pass_start = Instant::now();
        pass();
        let elapsed = pass_start.elapsed();
        let is_steady = previous.is_some_and(|previous| is_steady(previous, elapsed));
        if start.elapsed() > WARM_UP || is_steady {
            return passes;
        }
        previous = Some(elapsed);
    }
    unreachable!("the warm-up time is over before the numbers are")
}

fn is_steady(previous: Duration, latest: Duration) -> bool {
    latest.abs_diff(previous).as_secs_f64() < STEADY * latest.min(previous).as_secs_f64()
}

/// What the workers of a pool share.
struct Shared {
    /// Synchronizes their phases.
    barrier: SpinBarrier,
    /// By worker, its last write to each key of the shared run, set before [`AT_REST`].
    final_writes: Vec<OnceLock<FinalWrites>>,
}

fn run_worker<S: Subject, T: Task>(
    subject: &S,
    thread: usize,
    load: &Load<'_>,
    task: &T,
    shared: &Shared,
) -> (T::Output, Checks) {
    let barrier = &shared.barrier;
    let _guard = barrier.panic_guard();
    if let Some(cpu) = load.cpu_of(thread) {
        // If the processor is no longer available, the worker runs wherever the system puts it.
        cpus::pin(cpu);
    }
    let mut worker = Worker::new(subject, thread, load);
    worker.fill();
    barrier.wait(FILLED);
    let held_snapshot = worker.hold_snapshot();
    let (prepared, warm_up_operations) = task.warm_up(&mut worker, thread);
    barrier.wait(START);

    let (output, operations) = task.work(&mut worker, thread, prepared, barrier);

    drop(held_snapshot);
    let all_operations = warm_up_operations + operations;
    worker.publish_final_writes(all_operations, &shared.final_writes[thread]);
    barrier.wait(AT_REST);
    worker.check_at_rest(all_operations, &shared.final_writes);
    (black_box(output), worker.into_checks())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_passes_are_steady_when_they_differ_by_less_than_a_twentieth() {
        let us = Duration::from_micros;
        assert!(is_steady(us(1_000), us(1_049)) && is_steady(us(1_049), us(1_000)));
        assert!(!is_steady(us(1_000), us(1_051)) && !is_steady(us(2_000), us(1_000)));
    }

    #[test]
    fn warm_up_ends_even_if_passes_never_become_steady() {
        let mut length = Duration::from_micros(50);
        let passes = until_steady(|| {
            thread::sleep(length);
            length *= 2;
        });
        assert!(passes >= 2, "{passes}");
    }
}

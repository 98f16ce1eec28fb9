//! The loom executor: every interleaving, under weak memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use loom::model::Builder;
use loom::thread;

use crate::execute::driver::{ArcLoadedProgram, run_once};
use crate::execute::history_checker::HistoryChecker;
use crate::execute::panics::{STOP_MESSAGE, WORKER_PANICKED, catch};
use crate::execute::{HowEnded, Limits};

/// The most steps of one execution; one that takes more is taken to run for ever.
const STEPS_MAX: usize = 100_000;

/// Runs every interleaving of a program, within limits.
pub(super) fn explore(
    loaded: &ArcLoadedProgram,
    threads: usize,
    limits: &Limits,
    history_checker: &Arc<HistoryChecker>,
) -> (u64, HowEnded) {
    let mut builder = Builder::new();
    builder.max_threads = threads + 1;
    builder.max_branches = STEPS_MAX;
    builder.checkpoint_file = None;
    // This search has its own limits; those of the environment would end it silently.
    builder.checkpoint_interval = usize::MAX;
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.preemption_bound = limits.preemptions;
    let start = Instant::now();
    let executions = Arc::new(AtomicU64::new(0));
    let stopped = Arc::new(AtomicBool::new(false));
    let (counter, stop) = (Arc::clone(&executions), Arc::clone(&stopped));
    let (loaded, watching) = (Arc::clone(loaded), Arc::clone(history_checker));
    let (executions_max, time_max) = (limits.executions, limits.time);
    let model = move || {
        // loom looks at its limits once in many executions, and one can take seconds. Relaxed, here
        // and below: one thread.
        if counter.load(Ordering::Relaxed) >= executions_max || start.elapsed() >= time_max {
            stop.store(true, Ordering::Relaxed);
            panic!("{STOP_MESSAGE}");
        }
        counter.fetch_add(1, Ordering::Relaxed);
        let join = |worker: thread::JoinHandle<()>| worker.join().expect(WORKER_PANICKED);
        let logs = run_once(&loaded, threads, |work| thread::spawn(work), join);
        if watching.check(logs).is_break() {
            panic!("{STOP_MESSAGE}");
        }
    };
    let outcome = catch(|| builder.check(model));
    // Relaxed: loom has ended.
    let executions = executions.load(Ordering::Relaxed);
    let is_stopped = stopped.load(Ordering::Relaxed);
    if let Err(crash) = outcome
        && !history_checker.has_failed()
        && !is_stopped
    {
        history_checker.record_crash(crash);
    }
    let ended = if start.elapsed() >= limits.time {
        HowEnded::TimedOut
    } else if is_stopped || executions >= limits.executions || limits.preemptions.is_some() {
        HowEnded::Bounded
    } else {
        HowEnded::Exhausted
    };
    (executions, ended)
}

//! The shuttle executors: random schedules.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use shuttle::scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner, thread};

use crate::execute::driver::{ArcLoadedProgram, run_once};
use crate::execute::history_checker::HistoryChecker;
use crate::execute::panics::{WORKER_PANICKED, catch};
use crate::execute::{Executor, HowEnded, Limits};

/// Changes of priority in one execution: three find most bugs (Burckhardt et al., ASPLOS 2010).
const PCT_DEPTH: usize = 3;
/// The most steps of one execution; one that takes more is taken to run for ever.
const STEPS_MAX: usize = 1_000_000;

/// Runs a program under random schedules, within limits.
pub(super) fn explore(
    executor: Executor,
    loaded: &ArcLoadedProgram,
    threads: usize,
    limits: &Limits,
    seed: u64,
    history_checker: &Arc<HistoryChecker>,
) -> (u64, HowEnded) {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(STEPS_MAX);
    config.max_time = Some(limits.time);
    // shuttle warns each time that it ignores memory orderings; our documentation says so once.
    config.silence_warnings = true;
    let start = Instant::now();
    let executions = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&executions);
    let (loaded, watching) = (Arc::clone(loaded), Arc::clone(history_checker));
    let watched = Arc::clone(history_checker);
    let execution = move || {
        // Relaxed: one thread at a time.
        counter.fetch_add(1, Ordering::Relaxed);
        let join = |worker: thread::JoinHandle<()>| worker.join().expect(WORKER_PANICKED);
        let logs = run_once(&loaded, threads, |work| thread::spawn(work), join);
        // The scheduler stops at the first failure.
        let _ = watching.check(logs);
    };
    let times = usize::try_from(limits.executions).unwrap_or(usize::MAX);
    let outcome = catch(|| match executor {
        Executor::Pct => {
            let scheduler = PctScheduler::new_from_seed(seed, PCT_DEPTH, times);
            Runner::new(StopOnFailure::new(scheduler, watched), config).run(execution)
        }
        _ => {
            let scheduler = RandomScheduler::new_from_seed(seed, times);
            Runner::new(StopOnFailure::new(scheduler, watched), config).run(execution)
        }
    });
    // Relaxed: shuttle has ended.
    let executions = executions.load(Ordering::Relaxed);
    if let Err(crash) = outcome
        && !history_checker.has_failed()
    {
        history_checker.record_crash(crash);
    }
    let in_time = executions >= limits.executions || start.elapsed() < limits.time;
    (executions, if in_time { HowEnded::Bounded } else { HowEnded::TimedOut })
}

/// A scheduler that stops after a failure. The only other way to stop shuttle is a panic, which it
/// prints.
struct StopOnFailure<S> {
    /// Never dropped: `RandomScheduler` would then print how to replay with shuttle; we print our
    /// own command.
    inner: ManuallyDrop<S>,
    /// Says whether there was a failure.
    history_checker: Arc<HistoryChecker>,
}

impl<S> StopOnFailure<S> {
    fn new(inner: S, history_checker: Arc<HistoryChecker>) -> Self {
        Self { inner: ManuallyDrop::new(inner), history_checker }
    }
}

impl<S: Scheduler> Scheduler for StopOnFailure<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.history_checker.has_failed() { None } else { self.inner.new_execution() }
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.inner.next_task(runnable, current, is_yielding)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}

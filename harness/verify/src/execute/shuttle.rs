//! Random schedules.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use shuttle::scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner, thread};

use crate::execute::examiner::Examiner;
use crate::execute::panics::{PANICKED, caught};
use crate::execute::rig::{ArcLoaded, run_once};
use crate::execute::{Executor, HowEnded, Limits};

/// Changes of priority in one execution: three find most bugs (Burckhardt et al., ASPLOS 2010).
const PCT_DEPTH: usize = 3;
/// Steps of one execution at most; more would mean that it does not end.
const STEPS_MAX: usize = 1_000_000;

/// Runs a program under random schedules, within limits.
pub(super) fn explore(
    executor: Executor,
    loaded: &ArcLoaded,
    threads: usize,
    limits: &Limits,
    seed: u64,
    examiner: &Arc<Examiner>,
) -> (u64, HowEnded) {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(STEPS_MAX);
    config.max_time = Some(limits.time);
    // It says each time that it knows no weak memory; so does our documentation, once.
    config.silence_warnings = true;
    let start = Instant::now();
    let executions = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&executions);
    let (loaded, watching) = (Arc::clone(loaded), Arc::clone(examiner));
    let watched = Arc::clone(examiner);
    let execution = move || {
        // Relaxed: one thread at a time.
        counter.fetch_add(1, Ordering::Relaxed);
        let join = |worker: thread::JoinHandle<()>| worker.join().expect(PANICKED);
        let logs = run_once(&loaded, threads, |work| thread::spawn(work), join);
        // The scheduler stops when something was found.
        let _ = watching.see(logs);
    };
    let times = usize::try_from(limits.executions).unwrap_or(usize::MAX);
    let outcome = caught(|| match executor {
        Executor::Pct => {
            let scheduler = PctScheduler::new_from_seed(seed, PCT_DEPTH, times);
            Runner::new(UntilFound::new(scheduler, watched), config).run(execution)
        }
        _ => {
            let scheduler = RandomScheduler::new_from_seed(seed, times);
            Runner::new(UntilFound::new(scheduler, watched), config).run(execution)
        }
    });
    // Relaxed: shuttle has ended.
    let executions = executions.load(Ordering::Relaxed);
    if let Err(crash) = outcome
        && !examiner.has_failed()
    {
        examiner.see_crash(crash);
    }
    let in_time = executions >= limits.executions || start.elapsed() < limits.time;
    (executions, if in_time { HowEnded::Bounded } else { HowEnded::TimedOut })
}

/// A scheduler that stops once something was found: shuttle knows no other way but a panic, which it prints.
struct UntilFound<S> {
    /// Never dropped: `RandomScheduler` would print how to replay with shuttle, and we say how to with ours.
    inner: ManuallyDrop<S>,
    examiner: Arc<Examiner>,
}

impl<S> UntilFound<S> {
    fn new(inner: S, examiner: Arc<Examiner>) -> Self {
        Self { inner: ManuallyDrop::new(inner), examiner }
    }
}

impl<S: Scheduler> Scheduler for UntilFound<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.examiner.has_failed() { None } else { self.inner.new_execution() }
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

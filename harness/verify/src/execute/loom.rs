//! Every interleaving, under weak memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use loom::model::Builder;
use loom::thread;

use crate::execute::examiner::Examiner;
use crate::execute::panics::{FOUND, PANICKED, caught};
use crate::execute::rig::{ArcLoaded, run_once};
use crate::execute::{HowEnded, Limits};

/// Steps of one execution at most; more would mean that it does not end.
const STEPS_MAX: usize = 100_000;
/// Executions between two looks at the limits.
const LOOK_EVERY: usize = 32;

/// Runs a program in every way, within limits.
pub(super) fn explore(
    loaded: &ArcLoaded,
    threads: usize,
    limits: &Limits,
    examiner: &Arc<Examiner>,
) -> (u64, HowEnded) {
    let mut builder = Builder::new();
    builder.max_threads = threads + 1;
    builder.max_branches = STEPS_MAX;
    builder.checkpoint_file = None;
    builder.checkpoint_interval = LOOK_EVERY;
    builder.max_permutations = usize::try_from(limits.executions).ok();
    builder.max_duration = Some(limits.time);
    builder.preemption_bound = limits.preemptions;
    let start = Instant::now();
    let executions = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&executions);
    let (loaded, watching) = (Arc::clone(loaded), Arc::clone(examiner));
    let model = move || {
        // Relaxed: one thread.
        counter.fetch_add(1, Ordering::Relaxed);
        let join = |worker: thread::JoinHandle<()>| worker.join().expect(PANICKED);
        let logs = run_once(&loaded, threads, |work| thread::spawn(work), join);
        if watching.see(logs).is_break() {
            panic!("{FOUND}");
        }
    };
    let outcome = caught(|| builder.check(model));
    // Relaxed: loom has ended.
    let executions = executions.load(Ordering::Relaxed);
    if let Err(crash) = outcome
        && !examiner.has_failed()
    {
        examiner.see_crash(crash);
    }
    // loom does not tell why it stopped; its limits end in silence.
    let ended = if start.elapsed() >= limits.time {
        HowEnded::TimedOut
    } else if executions + LOOK_EVERY as u64 > limits.executions || limits.preemptions.is_some() {
        HowEnded::Bounded
    } else {
        HowEnded::Exhausted
    };
    (executions, ended)
}

//! Executors on real threads: one after the other, or all at once in many executions.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;

use crate::check::report::AnomalyKind;
use crate::execute::driver::{ArcExecution, ArcLoadedProgram, TimeSource};
use crate::execute::history_checker::{Crash, HistoryChecker};
use crate::execute::panics::catch;
use crate::execute::{HowEnded, Limits};

/// If no thread makes progress for this long, the program is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(5);
/// If a sequential program has not finished by then, it is stuck.
const SEQUENTIAL_TIMEOUT: Duration = Duration::from_secs(30);
/// Executions that are set up together, so that the threads go from one to the next without a
/// pause.
const BATCH: u64 = 64;
/// Spins before a waiting thread yields its core.
const SPINS: u32 = 200;

/// Runs the threads of a program one after the other, once.
pub(super) fn one_after_another(
    loaded: &ArcLoadedProgram,
    threads: usize,
    history_checker: &Arc<HistoryChecker>,
) -> (u64, HowEnded) {
    let (sender, done) = channel();
    let loaded = Arc::clone(loaded);
    thread::spawn(move || {
        let logs = catch(|| {
            let execution = loaded.begin(TimeSource::Steps);
            (0..threads).for_each(|thread| execution.work(thread));
            execution.finish()
        });
        // The receiver is gone if this took too long.
        let _ = sender.send(logs);
    });
    match done.recv_timeout(SEQUENTIAL_TIMEOUT) {
        Ok(Ok(logs)) => {
            let _ = history_checker.check(logs);
        }
        Ok(Err(crash)) => history_checker.record_crash(crash),
        Err(_) => history_checker.record_crash(stuck(SEQUENTIAL_TIMEOUT)),
    }
    (1, HowEnded::Exhausted)
}

/// Runs the threads of a program concurrently, many times, each time on a fresh store.
pub(super) fn concurrently(
    loaded: &ArcLoadedProgram,
    threads: usize,
    limits: &Limits,
    seed: u64,
    history_checker: &Arc<HistoryChecker>,
) -> (u64, HowEnded) {
    let start = Instant::now();
    let pool = WorkerPool::new(threads, seed);
    let mut executions = 0;
    while executions < limits.executions {
        if start.elapsed() >= limits.time {
            return (executions, HowEnded::TimedOut);
        }
        let batch = BATCH.min(limits.executions - executions);
        let checked = catch(|| {
            let prepared: Vec<_> =
                (0..batch).map(|_| loaded.begin(TimeSource::Nanoseconds)).collect();
            pool.run(&prepared)?;
            for execution in prepared {
                executions += 1;
                if let ControlFlow::Break(()) = history_checker.check(execution.finish()) {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        });
        match checked {
            Ok(Ok(ControlFlow::Continue(()))) => {}
            Ok(Ok(ControlFlow::Break(()))) => break,
            Ok(Err(crash)) | Err(crash) => {
                history_checker.record_crash(crash);
                break;
            }
        }
    }
    (executions, HowEnded::Bounded)
}

fn stuck(timeout: Duration) -> Crash {
    let message = format!("no thread has made progress for {} s", timeout.as_secs());
    Crash { kind: AnomalyKind::Stuck, message }
}

/// Threads that run executions together.
struct WorkerPool {
    /// Sends batches to each thread.
    batches: Vec<Sender<Arc<Batch>>>,
    /// Receives one result for each thread and batch.
    done: Receiver<Result<(), Crash>>,
}

/// Executions to run one after the other.
struct Batch {
    /// The executions.
    executions: Vec<ArcExecution>,
    /// How many threads take part.
    threads: usize,
    /// How many threads have reached the start of an execution, summed over executions.
    arrived: CachePadded<AtomicUsize>,
    /// Set when a thread has failed and will not reach the next start.
    abandoned: AtomicBool,
}

impl WorkerPool {
    fn new(threads: usize, seed: u64) -> Self {
        let (sender, done) = channel();
        let senders = (0..threads)
            .map(|thread| {
                let (sender_of_batches, batches) = channel::<Arc<Batch>>();
                let sender = sender.clone();
                let mut jitter = Jitter(seed ^ (thread as u64 + 1).wrapping_mul(0x9e37_79b9));
                // Not scoped: a thread that is stuck for ever must not block the others.
                thread::spawn(move || {
                    for batch in batches {
                        let outcome = catch(|| batch.run(thread, &mut jitter));
                        if outcome.is_err() {
                            batch.abandoned.store(true, Ordering::Relaxed);
                        }
                        drop(batch);
                        if sender.send(outcome).is_err() {
                            return;
                        }
                    }
                });
                sender_of_batches
            })
            .collect();
        Self { batches: senders, done }
    }

    /// Runs all executions, each with all threads at once.
    fn run(&self, executions: &[ArcExecution]) -> Result<(), Crash> {
        let batch = Arc::new(Batch {
            executions: executions.to_vec(),
            threads: self.batches.len(),
            arrived: CachePadded::new(AtomicUsize::new(0)),
            abandoned: AtomicBool::new(false),
        });
        for sender in &self.batches {
            sender.send(Arc::clone(&batch)).expect("a worker waits for batches");
        }
        let (mut outcome, mut ended, mut progress) = (Ok(()), 0, 0);
        while ended < self.batches.len() {
            match self.done.recv_timeout(STUCK_AFTER) {
                Ok(one) => {
                    outcome = outcome.and(one);
                    ended += 1;
                }
                Err(_) => {
                    let now = batch.progress();
                    if std::mem::replace(&mut progress, now) == now {
                        batch.abandoned.store(true, Ordering::Relaxed);
                        return outcome.and(Err(stuck(STUCK_AFTER)));
                    }
                }
            }
        }
        outcome
    }
}

impl Batch {
    /// A number that grows while any thread makes progress.
    fn progress(&self) -> usize {
        // Relaxed: only its growth matters.
        let arrived = self.arrived.load(Ordering::Relaxed);
        arrived + self.executions.iter().map(|execution| execution.progress()).sum::<usize>()
    }

    fn run(&self, thread: usize, jitter: &mut Jitter) {
        for (number, execution) in self.executions.iter().enumerate() {
            // AcqRel: all threads see this execution's setup, and none is still in the one before.
            self.arrived.fetch_add(1, Ordering::AcqRel);
            let mut spins = 0;
            while self.arrived.load(Ordering::Acquire) < self.threads * (number + 1) {
                if self.abandoned.load(Ordering::Relaxed) {
                    return;
                }
                spins += 1;
                if spins % SPINS == 0 {
                    thread::yield_now();
                }
                std::hint::spin_loop();
            }
            jitter.pause();
            execution.work(thread);
        }
    }
}

/// Short pauses of random length, so that threads meet at different points in each execution.
struct Jitter(u64);

impl Jitter {
    fn pause(&mut self) {
        // Marsaglia's xorshift: the quality of the numbers does not matter.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let longest = if self.0.is_multiple_of(8) { 1024 } else { 64 };
        for _ in 0..(self.0 >> 8) % longest {
            std::hint::spin_loop();
        }
    }
}

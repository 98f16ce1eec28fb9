//! Executors on real threads: one after the other, or all at once in many executions.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
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
            (0..threads).for_each(|thread| execution.work(thread, &mut || true));
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
            let rotation = (executions / BATCH) as usize;
            for execution in pool.run(loaded, batch, rotation)?.executions() {
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
    /// The program.
    loaded: ArcLoadedProgram,
    /// Its executions, once they are set up.
    executions: Vec<OnceLock<ArcExecution>>,
    /// How many threads take part.
    threads: usize,
    /// How far the program's threads are shifted against the workers. Workers are not alike (one
    /// may share a core with the main thread): a program was seen to show its race thirty times as
    /// often with its two threads exchanged.
    rotation: usize,
    /// How many threads have ended their setups or reached the start of an execution, summed over
    /// executions.
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

    /// Sets executions of a program up and runs them, each with all threads at once.
    fn run(
        &self,
        loaded: &ArcLoadedProgram,
        executions: u64,
        rotation: usize,
    ) -> Result<Arc<Batch>, Crash> {
        let batch = Arc::new(Batch {
            loaded: Arc::clone(loaded),
            executions: (0..executions).map(|_| OnceLock::new()).collect(),
            threads: self.batches.len(),
            rotation,
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
        outcome.map(|()| batch)
    }
}

impl Batch {
    /// A number that grows while any thread makes progress.
    fn progress(&self) -> usize {
        // Relaxed: only its growth matters.
        let arrived = self.arrived.load(Ordering::Relaxed);
        arrived + self.executions().map(|execution| 1 + execution.progress()).sum::<usize>()
    }

    /// The executions that are set up.
    fn executions(&self) -> impl Iterator<Item = &ArcExecution> {
        self.executions.iter().filter_map(OnceLock::get)
    }

    /// What one worker does.
    fn run(&self, worker: usize, jitter: &mut Jitter) {
        // Each thread sets its share up, so that fresh stores do not all come from one core.
        for own in self.executions.iter().skip(worker).step_by(self.threads) {
            own.get_or_init(|| self.loaded.begin(TimeSource::Nanoseconds));
        }
        if !self.wait(0) {
            return;
        }
        let thread = (worker + self.rotation) % self.threads;
        for (number, execution) in self.executions().enumerate() {
            execution.work(thread, &mut || {
                let all_are_there = self.wait(number + 1);
                jitter.pause(number / self.threads);
                all_are_there
            });
        }
    }

    /// Waits until all threads have come here `before` times and once more; false if one never
    /// will.
    fn wait(&self, before: usize) -> bool {
        // AcqRel: all threads see all setups, and none is still in the execution before.
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0;
        while self.arrived.load(Ordering::Acquire) < self.threads * (before + 1) {
            if self.abandoned.load(Ordering::Relaxed) {
                return false;
            }
            spins += 1;
            if spins % SPINS == 0 {
                thread::yield_now();
            }
            std::hint::spin_loop();
        }
        true
    }
}

/// Pauses of random length, so that threads meet at different points.
struct Jitter(u64);

impl Jitter {
    /// Pauses before an execution. Three of four start all threads at once: for a race of a few
    /// nanoseconds a pause only spreads them. The others move the threads apart, by a few
    /// operations' time or by up to some microseconds; there each order of magnitude is equally
    /// likely.
    fn pause(&mut self, execution: usize) {
        for _ in 0..self.spins(execution) {
            std::hint::spin_loop();
        }
    }

    fn spins(&mut self, execution: usize) -> u64 {
        /// The logarithms of the lengths, in spins.
        const SHORT: u64 = 3;
        const LONG: u64 = 10;
        // Marsaglia's xorshift: the quality of the numbers does not matter.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let longest = match execution % 8 {
            3 => 1 << SHORT,
            7 => 1 << (self.0 % (LONG + 1)),
            _ => 1,
        };
        (self.0 >> 8) % longest
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;
    use std::thread::ThreadId;

    use super::*;
    use crate::execute::VerifySubject;
    use crate::execute::cost::{Cost, Loop};
    use crate::execute::driver::{Execution, ListingDetail, LoadedProgram};
    use crate::history::Log;
    use crate::key_table::KeyTable;
    use crate::program::{Op, Program, Size};

    /// Two threads that write one key.
    fn begun() -> ArcExecution {
        let put = Op::Put { run: 0, key: 0, size: Size::Short };
        let threads = vec![vec![put.clone()], vec![put]];
        let program = Program { name: "two puts".to_owned(), setup: Vec::new(), threads };
        let key_table = KeyTable::new(program.keys_min());
        let subject = VerifySubject::new("unified", sharded_store::UnifiedStore::new);
        let loaded = subject.real().load(&program, &key_table, ListingDetail::Entries);
        loaded.begin(TimeSource::Steps)
    }

    /// When the operations of a log began and ended.
    fn span(log: &Log) -> (u64, u64) {
        let (first, last) = (log.events.first().unwrap(), log.events.last().unwrap());
        (first.invoke, last.invoke + u64::from(last.took))
    }

    #[test]
    fn nothing_but_one_reading_of_the_clock_lies_between_the_start_and_the_first_operation() {
        let execution = begun();
        // The steps count the readings: the other thread, all of it, runs within the start.
        execution.work(0, &mut || {
            execution.work(1, &mut || true);
            true
        });
        let logs = execution.finish();
        let ((began, _), (_, others_end)) = (span(&logs[1]), span(&logs[2]));
        assert_eq!(began, others_end + 1);
    }

    #[test]
    fn a_thread_that_is_not_to_start_runs_no_operation() {
        let execution = begun();
        execution.work(0, &mut || false);
        assert!(execution.finish()[1].events.is_empty());
    }

    #[test]
    fn each_worker_runs_each_thread_of_the_program_in_turn() {
        /// Notes which worker ran which thread.
        struct Noting(Mutex<HashSet<(ThreadId, usize)>>);
        impl Execution for Noting {
            fn work(&self, thread: usize, start: &mut dyn FnMut() -> bool) {
                start();
                self.0.lock().unwrap().insert((thread::current().id(), thread));
            }
            fn progress(&self) -> usize {
                0
            }
            fn cost(&self, _: usize, _: Loop) -> Cost {
                unreachable!("no cost is measured")
            }
            fn finish(&self) -> Vec<Log> {
                Vec::new()
            }
        }
        struct Shared(Arc<Noting>);
        impl LoadedProgram for Shared {
            fn begin(&self, _: TimeSource) -> ArcExecution {
                Arc::clone(&self.0) as ArcExecution
            }
        }
        let noting = Arc::new(Noting(Mutex::default()));
        let loaded: ArcLoadedProgram = Arc::new(Shared(Arc::clone(&noting)));
        let pool = WorkerPool::new(2, 1);
        for rotation in 0..2 {
            assert!(pool.run(&loaded, 4, rotation).is_ok());
        }
        assert_eq!(noting.0.lock().unwrap().len(), 4, "two workers, two threads each");
    }

    #[test]
    fn most_executions_start_all_threads_at_once_and_the_others_vary() {
        let mut jitter = Jitter(7);
        let pauses: Vec<u64> = (0..800).map(|number| jitter.spins(number)).collect();
        assert!(pauses.iter().filter(|spins| **spins == 0).count() >= 600);
        assert!(pauses.iter().filter(|spins| (1..8).contains(*spins)).count() >= 50);
        assert!(pauses.iter().filter(|spins| (64..1024).contains(*spins)).count() >= 20);
        assert!(pauses.iter().all(|spins| *spins < 1024));
    }
}

//! Real threads: one after the other, or all at once, round after round.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;

use crate::check::report::AnomalyKind;
use crate::execute::examiner::{Crash, Examiner};
use crate::execute::panics::caught;
use crate::execute::rig::{ArcLoaded, ArcRound, Time};
use crate::execute::{HowEnded, Limits};

/// When no thread has got on for so long, none ever will.
const PATIENCE: Duration = Duration::from_secs(5);
/// When a program run in turn has not ended by then, it waits for itself.
const PATIENCE_IN_TURN: Duration = Duration::from_secs(30);
/// Rounds that are set up together, so that the threads go from one to the next without a pause.
const BATCH: u64 = 64;
/// Looks at a flag before the core is offered to somebody else.
const SPINS: u32 = 200;

/// Runs the threads of a program one after the other, once.
pub(super) fn in_turn(
    loaded: &ArcLoaded,
    threads: usize,
    examiner: &Arc<Examiner>,
) -> (u64, HowEnded) {
    let (sender, done) = channel();
    let loaded = Arc::clone(loaded);
    thread::spawn(move || {
        let logs = caught(|| {
            let round = loaded.begin(Time::Steps);
            (0..threads).for_each(|thread| round.work(thread));
            round.finish()
        });
        // Nobody listens any more if that took too long.
        let _ = sender.send(logs);
    });
    match done.recv_timeout(PATIENCE_IN_TURN) {
        Ok(Ok(logs)) => {
            let _ = examiner.see(logs);
        }
        Ok(Err(crash)) => examiner.see_crash(crash),
        Err(_) => examiner.see_crash(stuck(PATIENCE_IN_TURN)),
    }
    (1, HowEnded::Exhausted)
}

/// Runs the threads of a program together, round after round, each on a fresh store.
pub(super) fn together(
    loaded: &ArcLoaded,
    threads: usize,
    limits: &Limits,
    seed: u64,
    examiner: &Arc<Examiner>,
) -> (u64, HowEnded) {
    let start = Instant::now();
    let crew = Crew::new(threads, seed);
    let mut executions = 0;
    while executions < limits.executions {
        if start.elapsed() >= limits.time {
            return (executions, HowEnded::TimedOut);
        }
        let batch = BATCH.min(limits.executions - executions);
        let examined = caught(|| {
            let rounds: Vec<_> = (0..batch).map(|_| loaded.begin(Time::Nanoseconds)).collect();
            crew.run(&rounds)?;
            for round in rounds {
                executions += 1;
                if let ControlFlow::Break(()) = examiner.see(round.finish()) {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        });
        match examined {
            Ok(Ok(ControlFlow::Continue(()))) => {}
            Ok(Ok(ControlFlow::Break(()))) => break,
            Ok(Err(crash)) | Err(crash) => {
                examiner.see_crash(crash);
                break;
            }
        }
    }
    (executions, HowEnded::Bounded)
}

fn stuck(patience: Duration) -> Crash {
    let message = format!("nothing has gone on for {} s", patience.as_secs());
    Crash { kind: AnomalyKind::Stuck, message }
}

/// Threads that run rounds together.
struct Crew {
    orders: Vec<Sender<Arc<Batch>>>,
    /// One word for each thread and batch.
    done: Receiver<Result<(), Crash>>,
}

/// Rounds to run one after the other.
struct Batch {
    rounds: Vec<ArcRound>,
    threads: usize,
    /// How many threads have come to the start of a round, summed over rounds.
    arrived: CachePadded<AtomicUsize>,
    /// Set when a thread will not come any more.
    given_up: AtomicBool,
}

impl Crew {
    fn new(threads: usize, seed: u64) -> Self {
        let (sender, done) = channel();
        let orders = (0..threads)
            .map(|thread| {
                let (order, orders) = channel::<Arc<Batch>>();
                let sender = sender.clone();
                let mut jitter = Jitter(seed ^ (thread as u64 + 1).wrapping_mul(0x9e37_79b9));
                // Not scoped: one that is stuck for ever must not keep the others.
                thread::spawn(move || {
                    for batch in orders {
                        let outcome = caught(|| batch.run(thread, &mut jitter));
                        if outcome.is_err() {
                            batch.given_up.store(true, Ordering::Relaxed);
                        }
                        drop(batch);
                        if sender.send(outcome).is_err() {
                            return;
                        }
                    }
                });
                order
            })
            .collect();
        Self { orders, done }
    }

    /// Runs all rounds, all threads of each together.
    fn run(&self, rounds: &[ArcRound]) -> Result<(), Crash> {
        let batch = Arc::new(Batch {
            rounds: rounds.to_vec(),
            threads: self.orders.len(),
            arrived: CachePadded::new(AtomicUsize::new(0)),
            given_up: AtomicBool::new(false),
        });
        for order in &self.orders {
            order.send(Arc::clone(&batch)).expect("a thread of the crew waits for orders");
        }
        let (mut outcome, mut ended, mut beats) = (Ok(()), 0, 0);
        while ended < self.orders.len() {
            match self.done.recv_timeout(PATIENCE) {
                Ok(one) => {
                    outcome = outcome.and(one);
                    ended += 1;
                }
                Err(_) => {
                    let now = batch.beats();
                    if std::mem::replace(&mut beats, now) == now {
                        batch.given_up.store(true, Ordering::Relaxed);
                        return outcome.and(Err(stuck(PATIENCE)));
                    }
                }
            }
        }
        outcome
    }
}

impl Batch {
    /// Grows as long as any thread gets on.
    fn beats(&self) -> usize {
        // Relaxed: only whether it grows counts.
        let arrived = self.arrived.load(Ordering::Relaxed);
        arrived + self.rounds.iter().map(|round| round.beats()).sum::<usize>()
    }

    fn run(&self, thread: usize, jitter: &mut Jitter) {
        for (number, round) in self.rounds.iter().enumerate() {
            // AcqRel: all threads see the round as it was set up, and none is still in the one before.
            self.arrived.fetch_add(1, Ordering::AcqRel);
            let mut spins = 0;
            while self.arrived.load(Ordering::Acquire) < self.threads * (number + 1) {
                if self.given_up.load(Ordering::Relaxed) {
                    return;
                }
                spins += 1;
                if spins % SPINS == 0 {
                    thread::yield_now();
                }
                std::hint::spin_loop();
            }
            jitter.pause();
            round.work(thread);
        }
    }
}

/// Short pauses of random length, so that threads meet at other places each round.
struct Jitter(u64);

impl Jitter {
    fn pause(&mut self) {
        // Marsaglia's xorshift; any numbers will do.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let longest = if self.0.is_multiple_of(8) { 1024 } else { 64 };
        for _ in 0..(self.0 >> 8) % longest {
            std::hint::spin_loop();
        }
    }
}

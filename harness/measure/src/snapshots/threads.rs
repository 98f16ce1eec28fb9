//! The time to take and drop a snapshot while other threads do the same.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use sharded_store::Storage;
use shardproof_evidence::{SnapshotThreads, Spread};
use shardproof_machine::clock::Clock;
use shardproof_machine::{self as machine, cpu_time};
use shardproof_stats as stats;
use shardproof_workload::keys::KEYS_PER_RUN;

use crate::fill::fill_store;
use crate::profile::Budget;
use crate::progress::Tracker;
use crate::snapshots::{BATCH_BELOW_NS, StopOnDrop, batch_ns, stage};
use crate::spin_barrier::SpinBarrier;
use crate::{MeasureSubject, Plan};

/// Keys in the store.
const KEYS: usize = KEYS_PER_RUN;
/// Snapshots between two clock reads, if a snapshot is short.
const BATCH: u32 = 256;
/// The number of snapshots that decide this, of which the shortest counts.
const PILOT_SNAPSHOTS: usize = 5;
/// Batches that a thread records, so that recording does not allocate. Later ones are not recorded.
const RECORDED_MAX: usize = 1 << 16;

/// How long [`collect`] should take for one subject.
pub(super) fn planned(plan: &Plan, budget: &Budget) -> Duration {
    budget.snapshot_pass * thread_counts(plan).count() as u32
}

/// Measures one subject on each number of threads in the plan that does not exceed the cores.
pub(super) fn collect(
    subject: MeasureSubject,
    plan: &Plan,
    budget: &Budget,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Vec<SnapshotThreads> {
    let task = ConcurrentAcquire { subject, plan, time: budget.snapshot_pass, clock, tracker };
    subject.store_driver().map(|store| store.acquire_concurrently(task)).unwrap_or_default()
}

/// The numbers of threads in the plan that do not exceed the cores: with more, threads would wait
/// for a core and not for each other.
fn thread_counts(plan: &Plan) -> impl Iterator<Item = usize> {
    let cores = machine::cores();
    plan.threads.iter().copied().filter(move |threads| *threads <= cores)
}

/// Times the snapshots of one subject on each number of threads.
pub(crate) struct ConcurrentAcquire<'a, 'p> {
    /// The subject.
    subject: MeasureSubject,
    /// Decides the numbers of threads and the ids of the runs.
    plan: &'a Plan,
    /// The time on each number of threads.
    time: Duration,
    /// Times the snapshots.
    clock: &'a Clock,
    /// Receives progress.
    tracker: &'a mut Tracker<'p>,
}

impl ConcurrentAcquire<'_, '_> {
    /// Measures a fresh store.
    pub(crate) fn on_fresh<S: Storage>(self, create: &impl Fn() -> S) -> Vec<SnapshotThreads> {
        if !S::CAPABILITIES.snapshots {
            return Vec::new();
        }
        let store = create();
        fill_store(&store, self.plan.seed, KEYS);
        let mut results = Vec::new();
        for threads in thread_counts(self.plan) {
            let times = acquire_concurrently(&store, threads, self.time, self.clock);
            results.extend(times.map(|AcquireTimes { acquire_ns, on_cpu_share }| {
                SnapshotThreads {
                    part: 0,
                    subject: self.subject.to_string(),
                    keys: KEYS,
                    threads,
                    acquire_ns,
                    on_cpu_share,
                }
            }));
            self.tracker.advance(&stage(self.subject), self.time);
        }
        results
    }
}

/// The times of snapshots taken on several threads at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AcquireTimes {
    /// Nanoseconds to take and drop one snapshot, over the batches of all threads.
    pub acquire_ns: Spread,
    /// The share of the time in which the threads ran on a processor; `None` where the system does
    /// not report it.
    pub on_cpu_share: Option<f64>,
}

/// Takes and drops snapshots on `threads` threads for `time`. `None` without threads, and for a
/// store without snapshots.
#[must_use]
pub fn acquire_concurrently<S: Storage>(
    store: &S,
    threads: usize,
    time: Duration,
    clock: &Clock,
) -> Option<AcquireTimes> {
    if !S::CAPABILITIES.snapshots {
        return None;
    }
    let batch = batch(store, clock);
    let barrier = SpinBarrier::new(threads);
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let barrier = &barrier;
        let _stop = StopOnDrop(barrier);
        let threads: Vec<_> = (0..threads)
            .map(|_| scope.spawn(move || acquire_until_stopped(store, batch, clock, barrier)))
            .collect();
        barrier.sleep_until_complete(1);
        thread::sleep(time);
        barrier.stop();
        threads.into_iter().map(|thread| thread.join().expect("a thread panicked")).collect()
    });
    let on_cpu: Option<Duration> = tallies.iter().map(|tally| tally.on_cpu).sum();
    let elapsed: Duration = tallies.iter().map(|tally| tally.elapsed).sum();
    let means_ns: Vec<f64> = tallies.into_iter().flat_map(|tally| tally.means_ns).collect();
    Some(AcquireTimes {
        acquire_ns: stats::summarise(&means_ns)?,
        on_cpu_share: on_cpu.map(|on_cpu| on_cpu.as_secs_f64() / elapsed.as_secs_f64()),
    })
}

/// What one thread did.
struct Tally {
    /// By batch, the mean time of a snapshot.
    means_ns: Vec<f64>,
    /// From its start to its stop.
    elapsed: Duration,
    /// The part of `elapsed` on a processor.
    on_cpu: Option<Duration>,
}

/// The number of snapshots between two clock reads.
fn batch<S: Storage>(store: &S, clock: &Clock) -> u32 {
    let one_ns = |_| batch_ns(store, 1, clock);
    let shortest_ns = (0..PILOT_SNAPSHOTS).map(one_ns).min().unwrap_or(0);
    if shortest_ns < BATCH_BELOW_NS { BATCH } else { 1 }
}

/// Takes snapshots, together with the other threads, until the barrier says stop.
fn acquire_until_stopped<S: Storage>(
    store: &S,
    batch: u32,
    clock: &Clock,
    barrier: &SpinBarrier,
) -> Tally {
    let _guard = barrier.panic_guard();
    let mut means_ns = Vec::with_capacity(RECORDED_MAX);
    // One snapshot before the start: what a thread sets up on first use is not measured.
    drop(black_box(store.snapshot()));
    barrier.wait(1);
    let (start, on_cpu_before) = (Instant::now(), cpu_time::of_this_thread());
    loop {
        let mean_ns = batch_ns(store, batch, clock) as f64 / f64::from(batch);
        if means_ns.len() < RECORDED_MAX {
            means_ns.push(mean_ns);
        }
        if barrier.is_stopped() {
            break;
        }
    }
    let on_cpu = cpu_time::of_this_thread().zip(on_cpu_before);
    let on_cpu = on_cpu.map(|(after, before)| after.saturating_sub(before));
    Tally { means_ns, elapsed: start.elapsed(), on_cpu }
}

//! How long it takes to take a snapshot and drop it while other threads do the same.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use sharded_store::Storage;
use shardproof_evidence::{SnapshotThreads, Spread};
use shardproof_machine::clock::Clock;
use shardproof_machine::{self as machine, cpu_time};
use shardproof_stats as stats;
use shardproof_subject::{StorageVisitor, SubjectName};
use shardproof_workload::keys::KEYS_PER_RUN;

use crate::Plan;
use crate::fill::fill_store;
use crate::gate::Gate;
use crate::profile::Effort;
use crate::progress::Tracker;
use crate::snapshots::{BATCH_BELOW_NS, StopOnDrop, batch_ns, stage};

/// Keys in the store.
const KEYS: usize = KEYS_PER_RUN;
/// Snapshots between two readings of the clock, where one is short beside them.
const BATCH: u32 = 256;
/// Snapshots that decide on that, of which the shortest counts.
const TRIED: usize = 5;
/// Batches that a thread notes, so that noting them allocates nothing. It goes on after them.
const NOTED_MAX: usize = 1 << 16;

/// How long [`collect`] should take for one subject.
pub(super) fn planned(plan: &Plan, effort: &Effort) -> Duration {
    effort.point * thread_counts(plan).count() as u32
}

/// Measures one subject on each number of threads of the plan that has a core for each.
pub(super) fn collect(
    name: SubjectName,
    plan: &Plan,
    effort: &Effort,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Vec<SnapshotThreads> {
    let task = AtOnce { name, plan, time: effort.point, clock, tracker };
    name.visit_storage(task).unwrap_or_default()
}

/// The numbers of threads of the plan that have a core for each thread: with more, some would wait
/// for a core and not for each other.
fn thread_counts(plan: &Plan) -> impl Iterator<Item = usize> {
    let cores = machine::cores();
    plan.threads.iter().copied().filter(move |threads| *threads <= cores)
}

/// Takes the snapshots of one subject on more and more threads.
struct AtOnce<'a, 'p> {
    name: SubjectName,
    plan: &'a Plan,
    /// How long on each number of threads.
    time: Duration,
    clock: &'a Clock,
    tracker: &'a mut Tracker<'p>,
}

impl StorageVisitor for AtOnce<'_, '_> {
    type Output = Vec<SnapshotThreads>;

    fn visit<S: Storage>(self, create: impl Fn() -> S) -> Vec<SnapshotThreads> {
        if !S::CAPABILITIES.snapshots {
            return Vec::new();
        }
        let store = create();
        fill_store(&store, self.plan.seed, KEYS);
        let mut found = Vec::new();
        for threads in thread_counts(self.plan) {
            let taken = at_once(&store, threads, self.time, self.clock);
            found.extend(taken.map(|Taken { acquire_ns, on_cpu_share }| SnapshotThreads {
                part: 0,
                subject: self.name.to_string(),
                keys: KEYS,
                threads,
                acquire_ns,
                on_cpu_share,
            }));
            self.tracker.advance(&stage(self.name), self.time);
        }
        found
    }
}

/// What came of taking snapshots on several threads at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Taken {
    /// Nanoseconds of one snapshot, taken and dropped, over the batches of all threads.
    pub acquire_ns: Spread,
    /// Part of the time in which the threads were on a processor; `None` where the system does not
    /// tell.
    pub on_cpu_share: Option<f64>,
}

/// Takes snapshots and drops them, on `threads` threads without pause for `time`. `None` without
/// threads, and of a store that has no snapshots.
#[must_use]
pub fn at_once<S: Storage>(
    store: &S,
    threads: usize,
    time: Duration,
    clock: &Clock,
) -> Option<Taken> {
    if !S::CAPABILITIES.snapshots {
        return None;
    }
    let batch = batch(store, clock);
    let gate = Gate::new(threads);
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let gate = &gate;
        let _stop = StopOnDrop(gate);
        let takers: Vec<_> =
            (0..threads).map(|_| scope.spawn(move || take(store, batch, clock, gate))).collect();
        gate.await_meeting(1);
        thread::sleep(time);
        gate.stop();
        takers.into_iter().map(|taker| taker.join().expect("a thread panicked")).collect()
    });
    let on_cpu: Option<Duration> = tallies.iter().map(|tally| tally.on_cpu).sum();
    let elapsed: Duration = tallies.iter().map(|tally| tally.elapsed).sum();
    let means_ns: Vec<f64> = tallies.into_iter().flat_map(|tally| tally.means_ns).collect();
    Some(Taken {
        acquire_ns: stats::summarise(&means_ns)?,
        on_cpu_share: on_cpu.map(|on_cpu| on_cpu.as_secs_f64() / elapsed.as_secs_f64()),
    })
}

/// What one thread did.
struct Tally {
    /// One snapshot, mean of each batch.
    means_ns: Vec<f64>,
    /// Between its start and its stop.
    elapsed: Duration,
    /// Of that, on a processor.
    on_cpu: Option<Duration>,
}

/// Snapshots between two readings of the clock.
fn batch<S: Storage>(store: &S, clock: &Clock) -> u32 {
    let one_ns = |_| batch_ns(store, 1, clock);
    let shortest_ns = (0..TRIED).map(one_ns).min().unwrap_or(0);
    if shortest_ns < BATCH_BELOW_NS { BATCH } else { 1 }
}

/// Takes snapshots from the meeting until the gate says stop.
fn take<S: Storage>(store: &S, batch: u32, clock: &Clock, gate: &Gate) -> Tally {
    let _guard = gate.guard();
    let mut means_ns = Vec::with_capacity(NOTED_MAX);
    // Once before the start: what a thread sets up on first use is not what is asked about.
    drop(black_box(store.snapshot()));
    gate.meet(1);
    let (start, on_cpu_before) = (Instant::now(), cpu_time::of_this_thread());
    loop {
        let mean_ns = batch_ns(store, batch, clock) as f64 / f64::from(batch);
        if means_ns.len() < NOTED_MAX {
            means_ns.push(mean_ns);
        }
        if gate.is_stopped() {
            break;
        }
    }
    let on_cpu = cpu_time::of_this_thread().zip(on_cpu_before);
    let on_cpu = on_cpu.map(|(after, before)| after.saturating_sub(before));
    Tally { means_ns, elapsed: start.elapsed(), on_cpu }
}

//! How long it takes to take a snapshot and drop it while other threads do the same.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use sharded_store::Storage;

use crate::evidence::{SnapshotThreads, Spread};
use crate::machine;
use crate::machine::clock::Clock;
use crate::measure::Plan;
use crate::measure::fill::fill_store;
use crate::measure::gate::Gate;
use crate::measure::profile::Effort;
use crate::measure::progress::Tracker;
use crate::measure::snapshots::{StopOnDrop, stage};
use crate::stats;
use crate::subject::{StorageVisitor, SubjectName};
use crate::workload::keys::KEYS_PER_RUN;

/// Keys in the store.
const KEYS: usize = KEYS_PER_RUN;
/// Snapshots between two readings of the clock, where one is short beside them.
const BATCH: u32 = 256;
/// A snapshot that takes longer is timed one by one.
const BATCH_BELOW_NS: u64 = 10_000;
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
    plan.threads().into_iter().filter(move |threads| *threads <= cores)
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
            let acquire_ns = at_once(&store, threads, self.time, self.clock);
            let subject = self.name.to_string();
            found.extend(acquire_ns.map(|acquire_ns| SnapshotThreads {
                part: 0,
                subject,
                keys: KEYS,
                threads,
                acquire_ns,
            }));
            self.tracker.advance(&stage(self.name), self.time);
        }
        found
    }
}

/// Nanoseconds of one snapshot, taken and dropped, over the batches of `threads` threads that do so
/// without pause for `time`. `None` without threads, or of a store that has no snapshots.
#[must_use]
pub fn at_once<S: Storage>(
    store: &S,
    threads: usize,
    time: Duration,
    clock: &Clock,
) -> Option<Spread> {
    if !S::CAPABILITIES.snapshots {
        return None;
    }
    let batch = batch(store, clock);
    let gate = Gate::new(threads);
    let means_ns: Vec<f64> = thread::scope(|scope| {
        let gate = &gate;
        let _stop = StopOnDrop(gate);
        let takers: Vec<_> =
            (0..threads).map(|_| scope.spawn(move || take(store, batch, clock, gate))).collect();
        gate.await_meeting(1);
        thread::sleep(time);
        gate.stop();
        let of_each = takers.into_iter().map(|taker| taker.join().expect("a thread panicked"));
        of_each.flatten().collect()
    });
    stats::summarise(&means_ns).map(Spread::from)
}

/// Snapshots between two readings of the clock.
fn batch<S: Storage>(store: &S, clock: &Clock) -> u32 {
    let one_ns = |_| batch_ns(store, 1, clock) as u64;
    let shortest_ns = (0..TRIED).map(one_ns).min().unwrap_or(0);
    if shortest_ns < BATCH_BELOW_NS { BATCH } else { 1 }
}

/// Takes snapshots from the meeting until the gate says stop; gives the mean time in each batch.
fn take<S: Storage>(store: &S, batch: u32, clock: &Clock, gate: &Gate) -> Vec<f64> {
    let _guard = gate.guard();
    let mut means_ns = Vec::with_capacity(NOTED_MAX);
    // Once before the start: what a thread sets up on first use is not what is asked about.
    drop(black_box(store.snapshot()));
    gate.meet(1);
    loop {
        let mean_ns = batch_ns(store, batch, clock) / f64::from(batch);
        if means_ns.len() < NOTED_MAX {
            means_ns.push(mean_ns);
        }
        if gate.is_stopped() {
            return means_ns;
        }
    }
}

fn batch_ns<S: Storage>(store: &S, batch: u32, clock: &Clock) -> f64 {
    let from = clock.ticks();
    for _ in 0..batch {
        drop(black_box(store.snapshot()));
    }
    clock.ns_between(from, clock.ticks()) as f64
}

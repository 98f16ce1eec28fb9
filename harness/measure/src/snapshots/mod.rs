//! The cost of snapshots: taking them, taking them on several threads, and holding them.

pub(crate) mod acquire;
pub mod held;
pub mod threads;

use std::hint::black_box;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sharded_store::{Key, Session, Storage};
use shardproof_evidence::{HeldSnapshot, SnapshotThreads, Snapshots};
use shardproof_machine::clock::Clock;

use crate::fill::REFUSED;
use crate::profile::Budget;
use crate::progress::Tracker;
use crate::random_keys::overwriting_value;
use crate::spin_barrier::SpinBarrier;
use crate::{MeasureSubject, Plan};

/// The results of one subject.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SnapshotResults {
    /// Taking a snapshot, by size of the store.
    pub(crate) acquisition: Vec<Snapshots>,
    /// Taking snapshots on several threads.
    pub(crate) threads: Vec<SnapshotThreads>,
    /// Holding a snapshot.
    pub(crate) held: Vec<HeldSnapshot>,
}

/// How long [`collect`] should take.
pub(crate) fn planned(plan: &Plan, budget: &Budget) -> Duration {
    let of_subject = |subject| {
        acquire::planned(subject, budget) + threads::planned(plan, budget) + held::planned(budget)
    };
    plan.alone.iter().copied().filter(|subject| has(*subject)).map(of_subject).sum()
}

/// Whether a subject is a store with snapshots.
pub(crate) fn has(subject: MeasureSubject) -> bool {
    subject.store_operations().is_some_and(|operations| operations.snapshots)
}

/// Measures a subject; the results are empty if it has no snapshots.
pub(crate) fn collect(
    subject: MeasureSubject,
    plan: &Plan,
    budget: &Budget,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> SnapshotResults {
    SnapshotResults {
        acquisition: acquire::collect(subject, plan, budget, clock, tracker),
        threads: threads::collect(subject, plan, budget, clock, tracker),
        held: held::collect(subject, plan, budget, clock, tracker).into_iter().collect(),
    }
}

/// The name of the current work, for progress.
fn stage(subject: MeasureSubject) -> String {
    format!("snapshots of {subject}")
}

/// Snapshots that take longer are timed one by one, because the cost of the clock is then small.
const BATCH_BELOW_NS: u64 = 10_000;

/// The nanoseconds to take and drop `batch` snapshots, one after the other.
fn batch_ns<S: Storage>(store: &S, batch: u32, clock: &Clock) -> u64 {
    let from = clock.ticks();
    for _ in 0..batch {
        drop(black_box(store.snapshot()));
    }
    clock.ns_between(from, clock.ticks())
}

/// Puts one key after another until the barrier says stop.
fn overwrite_until_stopped<S: Session>(mut session: S, keys: &[Key], barrier: &SpinBarrier) {
    let _guard = barrier.panic_guard();
    let value = overwriting_value();
    barrier.wait(1);
    for key in keys.iter().cycle() {
        session.put(key, value.clone()).expect(REFUSED);
        if barrier.is_stopped() {
            break;
        }
    }
}

/// Stops the workers even after a panic; otherwise the thread scope would wait for them forever.
struct StopOnDrop<'a>(&'a SpinBarrier);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

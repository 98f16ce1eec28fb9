//! What snapshots cost: to take, to take side by side, and to hold while others write.

mod acquire;
pub mod held;
pub mod threads;

use std::hint::black_box;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sharded_store::{Key, Session, Storage};
use shardproof_evidence::{HeldSnapshot, SnapshotThreads, Snapshots};
use shardproof_machine::clock::Clock;
use shardproof_subject::{StorageVisitor, SubjectName};

use crate::Plan;
use crate::draw::overwriting_value;
use crate::fill::REFUSED;
use crate::gate::Gate;
use crate::profile::Effort;
use crate::progress::Tracker;

/// What was observed of one subject.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Economics {
    /// Taking a snapshot against the size of the store.
    pub(crate) acquisition: Vec<Snapshots>,
    /// Taking snapshots on several threads at once.
    pub(crate) threads: Vec<SnapshotThreads>,
    /// Holding one.
    pub(crate) held: Vec<HeldSnapshot>,
}

/// How long [`collect`] should take.
pub(crate) fn planned(plan: &Plan, effort: &Effort) -> Duration {
    let with_snapshots =
        plan.alone.iter().filter(|name| name.visit_storage(HasSnapshots) == Some(true));
    with_snapshots
        .map(|name| {
            acquire::planned(*name, effort) + threads::planned(plan, effort) + held::planned(effort)
        })
        .sum()
}

/// Measures a subject, if it has snapshots.
pub(crate) fn collect(
    name: SubjectName,
    plan: &Plan,
    effort: &Effort,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Economics {
    Economics {
        acquisition: acquire::collect(name, plan, effort, clock, tracker),
        threads: threads::collect(name, plan, effort, clock, tracker),
        held: held::collect(name, plan, effort, clock, tracker).into_iter().collect(),
    }
}

/// Whether a store has snapshots.
struct HasSnapshots;

impl StorageVisitor for HasSnapshots {
    type Output = bool;

    fn visit<S: Storage>(self, _create: impl Fn() -> S) -> bool {
        S::CAPABILITIES.snapshots
    }
}

/// What is going on, for whoever watches.
fn stage(name: SubjectName) -> String {
    format!("snapshots of {name}")
}

/// A snapshot that takes longer is timed one by one: the clock is small beside it.
const BATCH_BELOW_NS: u64 = 10_000;

/// How long it takes to take so many snapshots, one after the other, and to drop each.
fn batch_ns<S: Storage>(store: &S, batch: u32, clock: &Clock) -> u64 {
    let from = clock.ticks();
    for _ in 0..batch {
        drop(black_box(store.snapshot()));
    }
    clock.ns_between(from, clock.ticks())
}

/// Puts without pause, one key after another, until the gate says stop.
fn write<S: Session>(mut session: S, keys: &[Key], gate: &Gate) {
    let _guard = gate.guard();
    let value = overwriting_value();
    gate.meet(1);
    for key in keys.iter().cycle() {
        session.put(key, value.clone()).expect(REFUSED);
        if gate.is_stopped() {
            break;
        }
    }
}

/// Stops the workers whatever happens, or the scope would wait for them for ever.
struct StopOnDrop<'a>(&'a Gate);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

//! Snapshots that are opened, cloned and closed while writers throw away what none of them sees.

use super::ops::{A, clone, close, delete, open, put, seen, seen_count};
use super::{Litmus, Plan};
use crate::program::Op;

/// Where a snapshot is opened it is also read, though it is read again at the end: its first read takes the
/// run's lock, and without a race for that loom's reduction, for which the snapshot's load of the clock hides the race
/// of its exchange with a writer's load, would leave most orders out.
pub(super) fn all() -> Vec<Litmus> {
    let mut all = opening();
    all.extend(beyond_the_slots());
    all.extend(sharing());
    all.extend(collecting());
    all
}

fn opening() -> Vec<Litmus> {
    vec![
        Plan {
            name: "pin-and-clock",
            hazard: "a snapshot and a writer each miss what the other stored: the fences are for this",
            finds: &["G4a", "G4b", "G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), seen(0, A)], vec![Op::Tick, put(A)]],
        }
        .into(),
        Plan {
            name: "two-snapshots-and-a-writer",
            hazard: "a snapshot that lost the race to move the clock is not seen by a writer",
            finds: &["U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0)], vec![open(0)], vec![put(A)]],
        }
        .into(),
        Plan {
            name: "clock-goes-on",
            hazard: "of two that move the clock one sets it back",
            finds: &["W5"],
            setup: vec![put(A)],
            threads: vec![vec![open(0)], vec![Op::Tick, open(0), put(A)]],
        }
        .into(),
        Plan {
            name: "snapshot-and-deletes",
            hazard: "a snapshot loses a key that is deleted and written again",
            finds: &["G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), seen_count(0)], vec![delete(A), put(A)]],
        }
        .into(),
        Plan {
            name: "open-again",
            hazard: "a slot that is freed and taken again is missed",
            finds: &["G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), close(0), open(1), seen(1, A)], vec![put(A)]],
        }
        .into(),
    ]
}

fn beyond_the_slots() -> Vec<Litmus> {
    // Under a checker there are two slots.
    let all_taken = || vec![open(0), open(1), put(A)];
    vec![
        Plan {
            name: "spilled-pin-and-clock",
            hazard: "a snapshot beyond the slots and a writer each miss what the other stored",
            finds: &["G3b", "G4c", "U12"],
            setup: all_taken(),
            threads: vec![vec![open(2), seen(2, A)], vec![Op::Tick, put(A)]],
        }
        .into(),
        Plan {
            name: "spilled-clone",
            hazard: "dropping a clone of a snapshot beyond the slots drops the original",
            finds: &["U35"],
            setup: [all_taken(), vec![open(2)]].concat(),
            threads: vec![vec![close(2)], vec![put(A), seen(2, A)]],
        }
        .into(),
    ]
}

fn sharing() -> Vec<Litmus> {
    vec![
        Plan {
            name: "clone-and-drop-original",
            hazard: "a writer sees neither the clone nor the original",
            finds: &["U34"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), clone(0, 1), close(0), seen(1, A)], vec![put(A)]],
        }
        .into(),
        Plan {
            name: "clone-and-drop-clone",
            hazard: "dropping a clone on one thread unpins the original on another",
            finds: &["G6"],
            setup: vec![put(A), open(0)],
            threads: vec![vec![close(0)], vec![put(A), seen(0, A)]],
        }
        .into(),
        Plan {
            name: "two-drops",
            hazard: "of two clones that are dropped at once none, or both, free the slot",
            finds: &["G6"],
            setup: vec![put(A), open(0)],
            threads: vec![vec![close(0), open(1)], vec![close(0)], vec![put(A)]],
        }
        .into(),
    ]
}

fn collecting() -> Vec<Litmus> {
    vec![
        Plan {
            name: "two-collectors",
            hazard: "what one collector planned to drop another has dropped already",
            finds: &["G7"],
            setup: vec![put(A), open(0), put(A), open(1), put(A), open(2), put(A), close(1)],
            threads: vec![vec![Op::Collect], vec![Op::Collect]],
        }
        .into(),
        Plan {
            name: "collector-beside-writer",
            hazard: "a collector and a writer drop the same versions",
            finds: &[],
            setup: vec![put(A), open(0), put(A), open(1), close(1)],
            threads: vec![vec![Op::Collect], vec![put(A)]],
        }
        .into(),
        Plan {
            name: "collector-beside-snapshot",
            hazard: "a collector misses a snapshot that is being opened",
            finds: &["U11"],
            setup: vec![put(A), open(0), put(A), close(0)],
            threads: vec![vec![Op::Collect, put(A)], vec![open(1), seen(1, A)]],
        }
        .into(),
    ]
}

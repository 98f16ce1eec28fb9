//! Snapshots that are opened, cloned and closed while writers drop versions that no snapshot sees.

use super::ops::{A, clone, close, delete, open, put, seen, seen_count};
use super::{Litmus, LitmusSpec};
use crate::program::Op;

/// Programs read each snapshot right after opening it, although it is read again at the end. The
/// first read takes the run's lock. Without a race for that lock loom's reduction would skip most
/// orders: the snapshot's load of the clock hides the race of its exchange with a writer's load.
pub(super) fn all() -> Vec<Litmus> {
    let mut all = opening();
    all.extend(beyond_the_slots());
    all.extend(sharing());
    all.extend(collecting());
    all
}

fn opening() -> Vec<Litmus> {
    vec![
        LitmusSpec {
            name: "pin-and-clock",
            hazard: "a snapshot and a writer each miss what the other stored: the fences are for this",
            finds: &["G4a", "G4b", "G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), seen(0, A)], vec![Op::Tick, put(A)]],
        }
        .into(),
        LitmusSpec {
            name: "two-snapshots-and-a-writer",
            hazard: "a writer misses a snapshot that lost the race to advance the clock",
            finds: &["U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0)], vec![open(0)], vec![put(A)]],
        }
        .into(),
        LitmusSpec {
            name: "clock-goes-on",
            hazard: "one of two threads that advance the clock sets it back",
            finds: &["W5"],
            setup: vec![put(A)],
            threads: vec![vec![open(0)], vec![Op::Tick, open(0), put(A)]],
        }
        .into(),
        LitmusSpec {
            name: "snapshot-and-deletes",
            hazard: "a snapshot loses a key that is deleted and written again",
            finds: &["G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), seen_count(0)], vec![delete(A), put(A)]],
        }
        .into(),
        LitmusSpec {
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
    // Under loom and shuttle there are two slots.
    let all_taken = || vec![open(0), open(1), put(A)];
    vec![
        LitmusSpec {
            name: "spilled-pin-and-clock",
            hazard: "a snapshot beyond the slots and a writer each miss what the other stored",
            finds: &["G3b", "G4c", "U12"],
            setup: all_taken(),
            threads: vec![vec![open(2), seen(2, A)], vec![Op::Tick, put(A)]],
        }
        .into(),
        LitmusSpec {
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
        LitmusSpec {
            name: "clone-and-drop-original",
            hazard: "a writer sees neither the clone nor the original",
            finds: &["U34"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), clone(0, 1), close(0), seen(1, A)], vec![put(A)]],
        }
        .into(),
        LitmusSpec {
            name: "clone-and-drop-clone",
            hazard: "dropping a clone on one thread unpins the original on another",
            finds: &["G6"],
            setup: vec![put(A), open(0)],
            threads: vec![vec![close(0)], vec![put(A), seen(0, A)]],
        }
        .into(),
        LitmusSpec {
            name: "two-drops",
            hazard: "when two clones are dropped at once neither, or both, free the slot",
            finds: &["G6"],
            setup: vec![put(A), open(0)],
            threads: vec![vec![close(0), open(1)], vec![close(0)], vec![put(A)]],
        }
        .into(),
    ]
}

fn collecting() -> Vec<Litmus> {
    vec![
        LitmusSpec {
            name: "two-collectors",
            hazard: "a collector drops a version that another has already dropped",
            finds: &["G7"],
            setup: vec![put(A), open(0), put(A), open(1), put(A), open(2), put(A), close(1)],
            threads: vec![vec![Op::Collect], vec![Op::Collect]],
        }
        .into(),
        LitmusSpec {
            name: "collector-beside-writer",
            hazard: "a collector and a writer drop the same versions",
            finds: &[],
            setup: vec![put(A), open(0), put(A), open(1), close(1)],
            threads: vec![vec![Op::Collect], vec![put(A)]],
        }
        .into(),
        LitmusSpec {
            name: "collector-beside-snapshot",
            hazard: "a collector misses a snapshot that is being opened",
            finds: &["U11"],
            setup: vec![put(A), open(0), put(A), close(0)],
            threads: vec![vec![Op::Collect, put(A)], vec![open(1), seen(1, A)]],
        }
        .into(),
        LitmusSpec {
            name: "collect-overwritten-beside-snapshot",
            hazard: "a collector drops the old value that a snapshot sees, which is being opened",
            finds: &["G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![put(A), Op::Collect], vec![open(0), seen(0, A)]],
        }
        .into(),
        LitmusSpec {
            name: "collect-deleted-beside-snapshot",
            hazard: "a collector drops the deleted key that a snapshot sees, which is being opened",
            finds: &["G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![delete(A), Op::Collect], vec![open(0), seen(0, A)]],
        }
        .into(),
        LitmusSpec {
            name: "collect-after-two-writes-beside-snapshot",
            hazard: "a snapshot that is being opened misses both what a collector dropped and kept",
            finds: &["G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![put(A), delete(A), Op::Collect], vec![open(0), seen(0, A)]],
        }
        .into(),
    ]
}

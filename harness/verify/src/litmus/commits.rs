//! Versions, and write sets.

use super::ops::{
    A, AB, B, RUN, apply, delete, get_in, notify, observe, open, put, put_in, seen, seen_in,
    session_get,
};
use super::{Litmus, Plan};

pub(super) fn all() -> Vec<Litmus> {
    let mut all = single();
    all.extend(sets());
    all.extend(locks());
    all
}

fn single() -> Vec<Litmus> {
    vec![
        Plan {
            name: "stamp-under-the-lock",
            hazard: "a put shows in a snapshot that was opened, and read, before it was installed",
            finds: &["W4", "G3", "U11"],
            setup: vec![put(A)],
            threads: vec![vec![put(A)], vec![open(0), seen(0, A)]],
        }
        .into(),
        Plan {
            name: "two-puts-of-a-key",
            hazard: "two commits take one number, or the earlier one wins",
            finds: &["W9"],
            setup: vec![put(A)],
            threads: vec![vec![put(A)], vec![put(A)]],
        }
        .into(),
        Plan {
            name: "two-puts-of-new-keys",
            hazard: "of two puts of new keys one is lost",
            finds: &["W8", "W9"],
            setup: vec![put(A)],
            threads: vec![vec![put(AB)], vec![put(B)]],
        }
        .into(),
        Plan {
            name: "new-key-beside-overwrite",
            hazard: "a put of a new key loses a put of an old one",
            finds: &["W8"],
            setup: vec![put(A)],
            threads: vec![vec![put(B)], vec![put(A)]],
        }
        .into(),
        Plan {
            name: "delete-beside-put",
            hazard: "a delete and a put of one key are not one after the other",
            finds: &["W9"],
            setup: vec![put(A)],
            threads: vec![vec![delete(A)], vec![put(A)]],
        }
        .into(),
        Plan {
            name: "two-writers-and-a-reader",
            hazard: "a reader sees two writes of a key in the wrong order",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![put(A), notify(0)], vec![observe(0), put(A)], vec![session_get(A)]],
        }
        .into(),
    ]
}

fn sets() -> Vec<Litmus> {
    let both_keys = [(RUN, A), (RUN, B)];
    let both_runs = [(0, A), (1, A)];
    vec![
        Plan {
            name: "set-and-snapshot",
            hazard: "a snapshot sees one key of a write set without the other",
            finds: &["W6", "W7", "W4b"],
            setup: vec![apply(&both_keys)],
            threads: vec![vec![apply(&both_keys)], vec![open(0), seen(0, B)]],
        }
        .into(),
        Plan {
            name: "set-of-new-keys-and-snapshot",
            hazard: "a snapshot sees one new key of a write set without the other",
            finds: &["W6", "W7"],
            setup: Vec::new(),
            threads: vec![vec![apply(&both_keys)], vec![open(0), seen(0, B)]],
        }
        .into(),
        Plan {
            name: "set-over-runs-and-snapshot",
            hazard: "a snapshot sees one run's part of a write set without the other's",
            finds: &["W6", "W7", "W7b", "W4b"],
            setup: vec![apply(&both_runs)],
            threads: vec![vec![apply(&both_runs)], vec![open(0), seen_in(0, 0, A)]],
        }
        .into(),
        Plan {
            name: "set-beside-put",
            hazard: "a put comes between the writes of a write set",
            finds: &["W7"],
            setup: vec![apply(&both_keys)],
            threads: vec![vec![apply(&both_keys)], vec![put(B), open(0)]],
        }
        .into(),
        Plan {
            name: "two-sets",
            hazard: "two write sets each win one key",
            finds: &["W7"],
            setup: Vec::new(),
            threads: vec![vec![apply(&both_keys)], vec![apply(&both_keys)]],
        }
        .into(),
    ]
}

fn locks() -> Vec<Litmus> {
    vec![
        Plan {
            name: "two-sets-in-opposite-order",
            hazard: "two write sets over the same runs wait for each other",
            finds: &["W12"],
            setup: vec![put_in(0, A), put_in(1, A)],
            threads: vec![vec![apply(&[(0, A), (1, A)])], vec![apply(&[(1, A), (0, A)])]],
        }
        .into(),
        Plan {
            name: "set-beside-first-read",
            hazard: "a write set and one who looks a run up wait for each other",
            finds: &["D1"],
            // Runs 1 and 2 share a lock of the replaced directory.
            setup: vec![put_in(1, A), put_in(2, A)],
            threads: vec![vec![apply(&[(1, A), (2, A)])], vec![get_in(1, A)]],
        }
        .into(),
    ]
}

//! Reads that take no lock, and what a reader may be sure to see.

use super::ops::{
    A, AB, ALL, B, EMPTY, LONG_KEY, RUN, apply, close, contains, count, delete, get, list, notify,
    observe, open, put, put_long, seen, session_get, session_peek,
};
use super::{Litmus, Plan};
use crate::program::Op;

/// As many keys as the smallest table has room for, so that [`EMPTY`] makes it grow.
fn a_full_table() -> Vec<Op> {
    [A, AB, B, 3, 5, 7, 8].map(put).to_vec()
}

pub(super) fn all() -> Vec<Litmus> {
    let mut all = while_written();
    all.extend(while_replaced());
    all.extend(fresh());
    all
}

/// The writers below raise a flag before they write, and the readers, who take a lock on their first read,
/// look at it before their second one. That orders nothing, but it makes loom let the reader wait there: its
/// reduction takes a write before which the same thread has read the word for no race with another's read, and would
/// leave out that the writer begins between the two reads.
fn while_written() -> Vec<Litmus> {
    vec![
        Plan {
            name: "read-during-overwrite",
            hazard: "an unlocked read overlaps a put of the same key and mixes the two values",
            finds: &["W3", "U1", "U2", "U3", "U4", "U5"],
            setup: vec![put(A)],
            threads: vec![
                vec![notify(0), put(A)],
                vec![session_peek(A), observe(0), session_peek(A)],
            ],
        }
        .into(),
        Plan {
            name: "read-during-restamp",
            hazard: "an unlocked read finds a new value with the stamp of the old one",
            finds: &["W3", "U1", "U29"],
            setup: vec![put(A), Op::Tick],
            threads: vec![
                vec![notify(0), put(A)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        Plan {
            name: "read-during-reuse",
            hazard: "an unlocked read finds its key's cell given to another key",
            finds: &["W3", "U1"],
            setup: vec![put(A)],
            threads: vec![
                vec![notify(0), delete(A), put(B)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        Plan {
            name: "read-during-insert",
            hazard: "an unlocked read finds a key before its value is stored",
            finds: &["W3", "U1"],
            setup: vec![put(A)],
            threads: vec![
                vec![notify(0), put(AB)],
                vec![session_get(A), observe(0), session_get(AB)],
            ],
        }
        .into(),
        Plan {
            name: "ask-during-delete",
            hazard: "an unlocked question whether a key is live overlaps its delete",
            finds: &[],
            setup: vec![put(A), put(B)],
            threads: vec![vec![notify(0), delete(A)], vec![contains(B), observe(0), contains(A)]],
        }
        .into(),
        Plan {
            name: "read-long-during-overwrite",
            hazard: "a read of a value that is not in place meets one that is, and the reverse",
            finds: &[],
            setup: vec![put_long(A)],
            threads: vec![
                vec![notify(0), put(A)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        Plan {
            name: "list-during-writes",
            hazard: "a listing or count overlaps a put and a delete",
            finds: &[],
            setup: vec![put(A), put(LONG_KEY)],
            threads: vec![vec![put(AB), delete(A)], vec![list(ALL), count()]],
        }
        .into(),
    ]
}

fn while_replaced() -> Vec<Litmus> {
    vec![
        Plan {
            name: "read-during-growth",
            hazard: "a reader goes on reading a table that has been outgrown",
            finds: &["U6"],
            setup: a_full_table(),
            threads: vec![
                vec![apply(&[(RUN, EMPTY), (RUN, A)]), notify(0)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        Plan {
            name: "read-during-removal",
            hazard: "a reader goes on reading the table of a run that was removed",
            finds: &["U7"],
            setup: vec![put(A), open(0)],
            threads: vec![
                vec![Op::RemoveRun { run: 0 }, notify(0)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        Plan {
            name: "plain-read-during-removal",
            hazard: "a thread reads a removed run's table because it remembers it",
            finds: &["U7"],
            setup: vec![put(A), open(0)],
            threads: vec![
                vec![Op::RemoveRun { run: 0 }, notify(0)],
                vec![get(A), observe(0), get(A)],
            ],
        }
        .into(),
    ]
}

fn fresh() -> Vec<Litmus> {
    vec![
        Plan {
            name: "told-then-read",
            hazard: "a reader who was told of a write does not see it",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![put(A), notify(0)], vec![session_get(A), observe(0), get(A)]],
        }
        .into(),
        Plan {
            name: "told-then-opened",
            hazard: "a snapshot opened by one who was told of a write does not contain it",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![put(A), notify(0)], vec![observe(0), open(0), seen(0, A)]],
        }
        .into(),
        Plan {
            name: "told-of-a-snapshot",
            hazard: "a write of one who was told of a snapshot shows in that snapshot",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![open(0), notify(0), seen(0, A)], vec![observe(0), put(A)]],
        }
        .into(),
        Plan {
            name: "told-of-a-close",
            hazard: "a writer who was told that a snapshot is closed keeps what it saw for ever",
            finds: &["G8"],
            setup: vec![put(A)],
            threads: vec![
                vec![open(0), seen(0, A), close(0), notify(0)],
                vec![put(A), observe(0), put(A)],
            ],
        }
        .into(),
    ]
}

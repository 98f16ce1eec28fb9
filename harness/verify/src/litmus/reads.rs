//! Reads that take no lock, and what a reader must see.

use super::ops::{
    A, AB, ALL, B, EMPTY, LONG_KEY, RUN, apply, close, contains, count, delete, get, list, notify,
    observe, open, put, put_long, seen, session_get, session_peek,
};
use super::{Litmus, LitmusSpec};
use crate::program::Op;

/// As many keys as the smallest table has room for, so that [`EMPTY`] makes it grow.
fn a_full_table() -> Vec<Op> {
    [A, AB, B, 3, 5, 7, 8].map(put).to_vec()
}

pub(super) fn all() -> Vec<Litmus> {
    let mut all = while_written();
    all.extend(while_listed());
    all.extend(while_replaced());
    all.extend(fresh());
    all
}

/// The writers raise a flag before they write, and the readers, who take a lock on their first
/// read, read the flag before their second one. The flag orders nothing, but gives loom a point to
/// switch threads. Without it loom's reduction would skip the case that a writer begins between the
/// two reads: it sees no race between a read and a write of a thread that has just read the same
/// word.
fn while_written() -> Vec<Litmus> {
    vec![
        LitmusSpec {
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
        LitmusSpec {
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
        LitmusSpec {
            name: "read-during-reuse",
            hazard: "an unlocked read finds its key's cell reused for another key",
            finds: &["W3", "U1"],
            setup: vec![put(A)],
            threads: vec![
                vec![notify(0), delete(A), put(B)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        LitmusSpec {
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
        LitmusSpec {
            name: "ask-during-delete",
            hazard: "an unlocked `contains` overlaps a delete of its key",
            finds: &[],
            setup: vec![put(A), put(B)],
            threads: vec![vec![notify(0), delete(A)], vec![contains(B), observe(0), contains(A)]],
        }
        .into(),
        LitmusSpec {
            name: "read-long-during-overwrite",
            hazard: "a read of a long value meets an inline one, and the reverse",
            finds: &[],
            setup: vec![put_long(A)],
            threads: vec![
                vec![notify(0), put(A)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
    ]
}

fn while_listed() -> Vec<Litmus> {
    vec![
        LitmusSpec {
            name: "list-during-writes",
            hazard: "a listing or count overlaps a put and a delete",
            finds: &[],
            setup: vec![put(A), put(LONG_KEY)],
            threads: vec![vec![put(AB), delete(A)], vec![list(ALL), count()]],
        }
        .into(),
        LitmusSpec {
            name: "count-during-overwrites",
            hazard: "a count misses an entry that an overwrite moves, or counts it twice",
            finds: &[],
            setup: vec![put(A), put(AB), put(B)],
            threads: vec![vec![put(A), put(B)], vec![count(), count()]],
        }
        .into(),
        LitmusSpec {
            name: "list-during-overwrites",
            hazard: "a listing misses an entry that an overwrite moves, or shows it twice",
            finds: &[],
            setup: vec![put(A), put(AB), put(B)],
            threads: vec![vec![put(A), put(B)], vec![list(ALL), list(ALL)]],
        }
        .into(),
    ]
}

fn while_replaced() -> Vec<Litmus> {
    vec![
        LitmusSpec {
            name: "read-during-growth",
            hazard: "a reader keeps reading a table that has been replaced by a larger one",
            finds: &["U6"],
            setup: a_full_table(),
            threads: vec![
                vec![apply(&[(RUN, EMPTY), (RUN, A)]), notify(0)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        LitmusSpec {
            name: "read-during-removal",
            hazard: "a reader keeps reading the table of a removed run",
            finds: &["U7"],
            setup: vec![put(A), open(0)],
            threads: vec![
                vec![Op::RemoveRun { run: 0 }, notify(0)],
                vec![session_get(A), observe(0), session_get(A)],
            ],
        }
        .into(),
        LitmusSpec {
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
        LitmusSpec {
            name: "told-then-read",
            hazard: "a reader that was notified of a write does not see it",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![put(A), notify(0)], vec![session_get(A), observe(0), get(A)]],
        }
        .into(),
        LitmusSpec {
            name: "told-then-opened",
            hazard: "a snapshot that a notified thread opens does not contain the write",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![put(A), notify(0)], vec![observe(0), open(0), seen(0, A)]],
        }
        .into(),
        LitmusSpec {
            name: "told-of-a-snapshot",
            hazard: "a snapshot contains a write that was notified of the snapshot",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![open(0), notify(0), seen(0, A)], vec![observe(0), put(A)]],
        }
        .into(),
        LitmusSpec {
            name: "told-of-a-close",
            hazard: "a writer that was notified of a closed snapshot keeps its versions for ever",
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

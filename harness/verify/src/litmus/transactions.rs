//! Transactions that meet.

use super::ops::{A, AB, AS, B, begin, commit, delete, put, within_get, within_list, within_put};
use super::{Litmus, Plan};
use crate::program::Op;

pub(super) fn all() -> Vec<Litmus> {
    let reads_and_writes =
        |read, written| vec![begin(0), within_get(0, read), within_put(0, written), commit(0)];
    vec![
        Plan {
            name: "lost-update",
            hazard: "two transactions read a key and write it, and both commit",
            finds: &["T2", "T2b"],
            setup: vec![put(A)],
            threads: vec![reads_and_writes(A, A), reads_and_writes(A, A)],
        }
        .into(),
        Plan {
            name: "write-skew",
            hazard: "two transactions each read what the other writes, and both commit",
            finds: &["T2", "T2b"],
            setup: vec![put(A), put(B)],
            threads: vec![reads_and_writes(A, B), reads_and_writes(B, A)],
        }
        .into(),
        Plan {
            name: "stale-read",
            hazard: "a transaction commits though a put changed what it read",
            finds: &["T2", "T2b", "T3", "U22"],
            setup: vec![put(A)],
            threads: vec![reads_and_writes(A, B), vec![put(A)]],
        }
        .into(),
        Plan {
            name: "phantom",
            hazard: "a transaction commits though a key appeared under a prefix that it listed",
            finds: &["T2", "T2b", "U13"],
            setup: vec![put(A)],
            threads: vec![
                vec![begin(0), within_list(0, AS), within_put(0, B), commit(0)],
                vec![put(AB)],
            ],
        }
        .into(),
        Plan {
            name: "read-of-deleted",
            hazard: "a transaction does not notice a delete of what it read, for nothing is left of it",
            finds: &["U23"],
            setup: vec![put(A)],
            threads: vec![reads_and_writes(A, B), vec![delete(A), Op::Collect]],
        }
        .into(),
    ]
}

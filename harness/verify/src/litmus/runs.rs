//! Runs that are created, removed and forgotten.

use super::ops::{A, B, get, open, put, remove_run, seen, session_get};
use super::{Litmus, Plan};
use crate::program::Op;

pub(super) fn all() -> Vec<Litmus> {
    vec![
        Plan {
            name: "create-twice",
            hazard: "two threads that write a new run each create one",
            finds: &["U19"],
            setup: Vec::new(),
            threads: vec![vec![put(A)], vec![put(B)]],
        }
        .into(),
        Plan {
            name: "forget-beside-put",
            hazard: "a run is forgotten while a writer is about to write it, or its versions come twice",
            finds: &["U8", "U9"],
            setup: vec![put(A), remove_run()],
            threads: vec![vec![put(A)], vec![Op::Collect]],
        }
        .into(),
        Plan {
            name: "forget-beside-read",
            hazard: "a reader who saw a run's write sees the forgotten run again",
            finds: &["U8", "U9"],
            setup: vec![put(A), remove_run()],
            threads: vec![vec![put(A), get(A)], vec![Op::Collect, get(A)]],
        }
        .into(),
        Plan {
            name: "remove-beside-put",
            hazard: "a put into a run that is being removed is lost",
            finds: &[],
            setup: vec![put(A)],
            threads: vec![vec![put(B)], vec![remove_run()]],
        }
        .into(),
        Plan {
            name: "remove-beside-session",
            hazard: "a session's put into a removed run is lost",
            finds: &["U10"],
            setup: vec![put(A)],
            threads: vec![
                vec![session_get(A), Op::SessionPut { run: 0, key: B, size: Default::default() }],
                vec![remove_run()],
            ],
        }
        .into(),
        Plan {
            name: "remove-beside-snapshot",
            hazard: "a snapshot sees a run half removed, or removed too early or too late",
            finds: &["U14", "U15"],
            setup: vec![put(A)],
            threads: vec![vec![open(0), seen(0, A)], vec![remove_run(), put(A)]],
        }
        .into(),
    ]
}

//! Programs of one thread: what is wrong without any help from another one.

use super::ops::{
    A, AB, ALL, AS, B, LONG_KEY, RUN, apply, apply_with_delete, begin, clone, close, commit, count,
    delete, get, get_in, list, list_in, open, put, put_in, put_long, remove_run, seen,
    seen_contains, seen_count, seen_list, session_get, within_delete, within_get, within_list,
    within_put,
};
use super::{Litmus, Plan};
use crate::program::Op;

/// A litmus of one thread without a setup.
fn alone(name: &str, hazard: &'static str, finds: &'static [&'static str], ops: Vec<Op>) -> Litmus {
    Plan { name, hazard, finds, setup: Vec::new(), threads: vec![ops] }.into()
}

pub(super) fn all() -> Vec<Litmus> {
    let mut all = snapshots();
    all.extend(garbage());
    all.extend(cells());
    all.extend(order());
    all.extend(numbers());
    all.extend(runs());
    all.extend(transactions());
    all
}

fn snapshots() -> Vec<Litmus> {
    vec![
        alone(
            "snapshot-stays",
            "a snapshot changes with the store",
            &["R1", "R2", "R3a", "R3b", "R6", "W1", "W2", "U26", "U30"],
            vec![
                put(A),
                put(B),
                open(0),
                put(A),
                delete(B),
                put(AB),
                put(LONG_KEY),
                seen(0, A),
                seen_contains(0, B),
                seen_list(0, ALL),
                seen_count(0),
            ],
        ),
        alone(
            "snapshot-of-a-delete",
            "a snapshot takes a delete for a value",
            &["R4a", "R4b"],
            vec![
                put(A),
                open(0),
                delete(A),
                open(1),
                seen_count(1),
                seen_contains(1, A),
                seen_list(1, ALL),
            ],
        ),
        alone(
            "three-snapshots-of-a-key",
            "a snapshot loses its version because there are many",
            &["W11", "R2"],
            vec![put(A), open(0), put(A), open(1), put(A), open(2), put(A), seen(0, A)],
        ),
        alone(
            "snapshot-beyond-the-slots",
            "a snapshot beyond the slots is not seen by writers",
            &["U12"],
            vec![open(0), open(1), put(A), open(2), put(A), seen(2, A)],
        ),
        alone(
            "clone-beyond-the-slots",
            "closing a clone closes the original",
            &["U35", "G6"],
            vec![open(0), open(1), put(A), open(2), clone(2, 3), close(3), put(A), seen(2, A)],
        ),
        alone(
            "clone-and-close",
            "closing a clone closes the original",
            &["G6"],
            vec![put(A), open(0), clone(0, 1), close(1), put(A), seen(0, A)],
        ),
        alone(
            "live-count-behind-a-snapshot",
            "the live count forgets a delete whose value a snapshot still sees",
            &["U18"],
            vec![put(A), put(B), open(0), delete(A), count()],
        ),
    ]
}

fn garbage() -> Vec<Litmus> {
    vec![
        alone(
            "collect-behind-a-snapshot",
            "a collection drops what a snapshot sees",
            &["G1", "G2"],
            vec![put(A), open(0), put(A), Op::Collect, seen(0, A)],
        ),
        alone(
            "sweep-behind-a-snapshot",
            "an ordinary write drops what a snapshot sees",
            &["G2b"],
            vec![put(A), open(0), put(A), put(B), seen(0, A)],
        ),
        alone(
            "delete-comes-back",
            "a delete is dropped before the value that it hides",
            &["G5"],
            vec![put(A), open(0), delete(A), open(1), put(A), Op::Collect, seen(1, A)],
        ),
        alone(
            "nothing-left",
            "what a closed snapshot saw is kept for ever",
            &["G8"],
            vec![put(A), open(0), put(A), put(B), close(0), delete(B), put(A)],
        ),
        alone(
            "clean-once",
            "a run without garbage counts as such after a snapshot was opened",
            &["U24"],
            vec![put(A), Op::Tick, put(A), open(0), put(A), seen(0, A)],
        ),
    ]
}

fn cells() -> Vec<Litmus> {
    // More than fills any group of cells; a table of 128 cells has room for 112 keys.
    let many = || (0..112).map(put).collect::<Vec<_>>();
    let every_other = (0..112).step_by(2).map(delete);
    let those_left = (1..112).step_by(2).map(get);
    vec![
        alone(
            "long-value-behind-a-snapshot",
            "a long value that a snapshot sees is given up with the newest version",
            &["U27"],
            vec![put_long(A), open(0), put_long(A), put_long(B), seen(0, A)],
        ),
        alone(
            "long-values-in-freed-places",
            "two long values get one place",
            &["U28"],
            vec![put_long(A), delete(A), put_long(A), put_long(B), put_long(LONG_KEY), get(A)],
        ),
        alone(
            "grown-table",
            "a table that grows loses something",
            &["U38", "U6"],
            [Op::Tick, put(A), session_get(A)]
                .into_iter()
                .chain((1..9).map(put))
                .chain([put(A), session_get(A), get(B)])
                .collect(),
        ),
        alone(
            "crowded-table",
            "a key is not found because its group of cells is full",
            &["U39"],
            many(),
        ),
        alone(
            "thinned-table",
            "a key is not found because one in its way was erased",
            &["U40"],
            many().into_iter().chain(every_other).chain(those_left).collect(),
        ),
        alone(
            "erased-key",
            "a key that was erased is taken for one that is there",
            &["U25"],
            vec![put(A), put(B), delete(A), get(A), put(A), list(ALL), count()],
        ),
    ]
}

fn order() -> Vec<Litmus> {
    vec![
        alone(
            "prefix-and-successor",
            "a listing includes what follows its prefix",
            &["R5"],
            vec![put(A), put(AB), put(B), list(AS), open(0), seen_list(0, AS)],
        ),
        alone(
            "list-two-runs",
            "a listing includes another run's keys",
            &["R7"],
            vec![put_in(0, A), put_in(1, B), list_in(0, ALL), list_in(1, ALL)],
        ),
        alone(
            "list-new-keys",
            "a listing lacks new keys",
            &["U16"],
            vec![put(A), put(AB), list(ALL)],
        ),
        alone(
            "list-many-keys",
            "a listing lacks a key where a block of them was split",
            &["U17"],
            (0..600).map(put).chain([list(ALL)]).collect(),
        ),
    ]
}

fn numbers() -> Vec<Litmus> {
    vec![
        alone(
            "three-puts",
            "a put takes the number of the one before",
            &["U32"],
            vec![put(A), put(A), put(A)],
        ),
        alone(
            "put-and-delete",
            "a delete takes the number of the put before",
            &["U21"],
            vec![put(A), delete(A), put(A)],
        ),
        alone(
            "restamped-in-place",
            "a put in place keeps the older stamp",
            &["U31"],
            vec![put(A), put(B), Op::Tick, put(A), put(B), get(B), get(B)],
        ),
        alone(
            "one-key-twice-in-a-set",
            "the first write of a key in a write set wins",
            &["W10"],
            vec![apply(&[(RUN, A), (RUN, A)])],
        ),
        alone(
            "set-with-an-idle-delete",
            "a write set ends at a delete that finds nothing",
            &["U20"],
            vec![apply_with_delete(A, AB, B)],
        ),
    ]
}

fn runs() -> Vec<Litmus> {
    vec![
        alone(
            "remove-and-read",
            "a removed run is still read",
            &["U7"],
            vec![put(A), session_get(A), get(A), open(0), remove_run(), session_get(A), get(A)],
        ),
        alone(
            "remove-and-write",
            "a removed run's numbers come again",
            &["U10"],
            vec![put(A), remove_run(), put(A)],
        ),
        alone(
            "forget-and-write",
            "a forgotten run's versions come again",
            &["U9"],
            vec![put(A), remove_run(), Op::Collect, put(A)],
        ),
        alone(
            "snapshots-around-a-removal",
            "a snapshot does not see what a run held when it was opened",
            &["U14", "U15", "U33"],
            vec![
                put(A),
                open(0),
                remove_run(),
                open(1),
                seen(1, A),
                put(A),
                open(2),
                seen(0, A),
                seen_list(1, ALL),
                seen(2, A),
            ],
        ),
        alone(
            "two-runs-remembered",
            "a thread takes one run's table for another's",
            &["U37"],
            // The runs are two that a thread remembers in one place.
            vec![put_in(0, A), put_in(4, A), get_in(0, A), get_in(0, A), get_in(4, A)],
        ),
    ]
}

fn transactions() -> Vec<Litmus> {
    let reads_and_writes = || vec![begin(0), within_get(0, A), within_put(0, B)];
    let then = |ops: &[Op]| {
        [vec![put(A)], reads_and_writes(), ops.to_vec(), vec![commit(0), get(B)]].concat()
    };
    vec![
        alone(
            "own-writes",
            "a transaction does not see its own writes",
            &["T1"],
            vec![
                put(A),
                begin(0),
                within_put(0, A),
                within_get(0, A),
                within_delete(0, A),
                within_get(0, A),
                within_put(0, AB),
                within_list(0, AS),
                commit(0),
            ],
        ),
        alone(
            "conflict",
            "a transaction commits though what it read was changed, or fails and leaves writes",
            &["T2", "T3"],
            then(&[put(A)]),
        ),
        alone(
            "conflict-with-removal",
            "a transaction commits though its run was removed",
            &["U36"],
            then(&[remove_run()]),
        ),
        alone(
            "conflict-with-a-forgotten-delete",
            "a transaction commits though what it read was deleted",
            &["T2"],
            then(&[delete(A), Op::Collect]),
        ),
        alone(
            "conflict-by-prefix",
            "a transaction commits though a key appeared under a prefix that it listed",
            &["U13"],
            vec![put(A), begin(0), within_list(0, AS), within_put(0, B), put(AB), commit(0)],
        ),
        alone(
            "transaction-reads-the-past",
            "a transaction reads a value newer than its beginning",
            &["U22", "R6"],
            vec![put(A), begin(0), put(A), within_get(0, A)],
        ),
    ]
}

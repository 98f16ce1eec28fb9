//! Short names for operations, and for the runs and keys that most programs need.

use crate::program::{Op, Size, Write};

/// The run of a program that needs only one.
pub(super) const RUN: u16 = 0;
/// A key that is a prefix of [`AB`].
pub(super) const A: u32 = 0;
/// A key that starts with [`A`].
pub(super) const AB: u32 = 1;
/// A key that follows all that start with [`A`].
pub(super) const B: u32 = 2;
/// The empty key, which comes before all others: a write set writes it first.
pub(super) const EMPTY: u32 = 4;
/// A key too long to be kept in place.
pub(super) const LONG_KEY: u32 = 6;
/// The prefix that every key has.
pub(super) const ALL: u32 = 0;
/// The prefix of [`A`] and [`AB`].
pub(super) const AS: u32 = 1;

pub(super) fn put(key: u32) -> Op {
    put_in(RUN, key)
}

pub(super) fn put_in(run: u16, key: u32) -> Op {
    Op::Put { run, key, size: Size::Short }
}

pub(super) fn put_long(key: u32) -> Op {
    Op::Put { run: RUN, key, size: Size::Long }
}

pub(super) fn delete(key: u32) -> Op {
    Op::Delete { run: RUN, key }
}

pub(super) fn get(key: u32) -> Op {
    get_in(RUN, key)
}

pub(super) fn get_in(run: u16, key: u32) -> Op {
    Op::Get { run, key }
}

pub(super) fn session_get(key: u32) -> Op {
    Op::SessionGet { run: RUN, key }
}

pub(super) fn session_peek(key: u32) -> Op {
    Op::SessionPeek { run: RUN, key }
}

pub(super) fn contains(key: u32) -> Op {
    Op::Contains { run: RUN, key }
}

pub(super) fn list_in(run: u16, prefix: u32) -> Op {
    Op::List { run, prefix }
}

pub(super) fn list(prefix: u32) -> Op {
    list_in(RUN, prefix)
}

pub(super) fn count() -> Op {
    Op::Count { run: RUN }
}

pub(super) fn remove_run() -> Op {
    Op::RemoveRun { run: RUN }
}

/// A write set that puts.
pub(super) fn apply(places: &[(u16, u32)]) -> Op {
    let put = |(run, key): &(u16, u32)| Write { run: *run, key: *key, put: Some(Size::Short) };
    Op::Apply { writes: places.iter().map(put).collect() }
}

/// A write set that puts one key, deletes another and puts a third.
pub(super) fn apply_with_delete(first: u32, deleted: u32, last: u32) -> Op {
    let put = |key| Write { run: RUN, key, put: Some(Size::Short) };
    Op::Apply { writes: vec![put(first), Write { run: RUN, key: deleted, put: None }, put(last)] }
}

pub(super) fn open(snapshot: u8) -> Op {
    Op::Open { snapshot }
}

pub(super) fn clone(snapshot: u8, into: u8) -> Op {
    Op::Clone { snapshot, into }
}

pub(super) fn close(snapshot: u8) -> Op {
    Op::Drop { snapshot }
}

pub(super) fn seen(snapshot: u8, key: u32) -> Op {
    seen_in(snapshot, RUN, key)
}

pub(super) fn seen_in(snapshot: u8, run: u16, key: u32) -> Op {
    Op::SnapshotGet { snapshot, run, key }
}

pub(super) fn seen_contains(snapshot: u8, key: u32) -> Op {
    Op::SnapshotContains { snapshot, run: RUN, key }
}

pub(super) fn seen_count(snapshot: u8) -> Op {
    Op::SnapshotCount { snapshot, run: RUN }
}

pub(super) fn seen_list(snapshot: u8, prefix: u32) -> Op {
    Op::SnapshotList { snapshot, run: RUN, prefix }
}

pub(super) fn begin(transaction: u8) -> Op {
    Op::Begin { transaction, run: RUN }
}

pub(super) fn within_get(transaction: u8, key: u32) -> Op {
    Op::TransactionGet { transaction, key }
}

pub(super) fn within_put(transaction: u8, key: u32) -> Op {
    Op::TransactionPut { transaction, key, size: Size::Short }
}

pub(super) fn within_delete(transaction: u8, key: u32) -> Op {
    Op::TransactionDelete { transaction, key }
}

pub(super) fn within_list(transaction: u8, prefix: u32) -> Op {
    Op::TransactionList { transaction, prefix }
}

pub(super) fn commit(transaction: u8) -> Op {
    Op::Commit { transaction }
}

pub(super) fn notify(flag: u8) -> Op {
    Op::Notify { flag }
}

pub(super) fn observe(flag: u8) -> Op {
    Op::Observe { flag }
}

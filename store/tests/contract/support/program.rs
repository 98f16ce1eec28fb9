//! Random programs as plain data.

use proptest::collection::vec;
use proptest::prelude::*;

use super::key_table::{KEYS, PREFIXES, RUNS, VALUE_BYTES};

/// The interface that an operation uses.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Via {
    /// The store itself.
    Store,
    /// A handle on the run, kept after its first use, also when the run is removed.
    Handle,
}

/// A write of a set: run, key, and the index of the value's length, or `None` to delete.
pub(crate) type Written = (usize, usize, Option<usize>);

/// One step of a program. Numbers are indices; indices of snapshots and transactions are taken
/// modulo the number of open ones.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Put { via: Via, run: usize, key: usize, size: usize },
    Delete { via: Via, run: usize, key: usize },
    Get { via: Via, run: usize, key: usize },
    List { via: Via, run: usize, prefix: usize },
    Apply(Vec<Written>),
    RemoveRun(usize),
    DropHandle(usize),
    Open,
    OpenBorrowed,
    Clone(usize),
    Drop(usize),
    DropBorrowed(usize),
    Reread(usize),
    Begin { run: usize },
    BeginAt { run: usize, snapshot: usize },
    TransactionGet { transaction: usize, key: usize },
    TransactionContains { transaction: usize, key: usize },
    TransactionPut { transaction: usize, key: usize, size: usize },
    TransactionDelete { transaction: usize, key: usize },
    TransactionList { transaction: usize, prefix: usize },
    Commit(usize),
    Abort(usize),
    Reclaim,
    NextVersion,
    Statistics,
}

/// Programs of up to `len` steps.
pub(crate) fn programs(len: usize) -> impl Strategy<Value = Vec<Op>> {
    vec(op(), 1..=len)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![40 => write(), 12 => read(), 16 => view(), 30 => transaction(), 6 => maintenance()]
}

fn via() -> impl Strategy<Value = Via> {
    prop_oneof![Just(Via::Store), Just(Via::Handle)]
}

/// A run. The first is used most, so that its keys are overwritten.
fn run() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0), 1 => 0..RUNS]
}

/// A key. A few are used most.
fn key() -> impl Strategy<Value = usize> {
    prop_oneof![2 => 0usize..3, 1 => 7usize..13, 2 => 0..KEYS]
}

fn size() -> impl Strategy<Value = usize> {
    0..VALUE_BYTES.len()
}

fn prefix() -> impl Strategy<Value = usize> {
    0..PREFIXES.len()
}

fn write() -> impl Strategy<Value = Op> {
    let writes = vec((run(), key(), prop::option::weighted(0.7, size())), 0..8);
    prop_oneof![
        8 => (via(), run(), key(), size())
            .prop_map(|(via, run, key, size)| Op::Put { via, run, key, size }),
        4 => (via(), run(), key()).prop_map(|(via, run, key)| Op::Delete { via, run, key }),
        3 => writes.prop_map(Op::Apply),
        1 => run().prop_map(Op::RemoveRun),
    ]
}

fn read() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (via(), run(), key()).prop_map(|(via, run, key)| Op::Get { via, run, key }),
        1 => (via(), run(), prefix()).prop_map(|(via, run, prefix)| Op::List { via, run, prefix }),
    ]
}

fn view() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Open),
        2 => Just(Op::OpenBorrowed),
        1 => any::<usize>().prop_map(Op::Clone),
        3 => any::<usize>().prop_map(Op::Drop),
        1 => any::<usize>().prop_map(Op::DropBorrowed),
        3 => any::<usize>().prop_map(Op::Reread),
    ]
}

fn transaction() -> impl Strategy<Value = Op> {
    let t = any::<usize>;
    prop_oneof![
        5 => run().prop_map(|run| Op::Begin { run }),
        2 => (run(), t()).prop_map(|(run, snapshot)| Op::BeginAt { run, snapshot }),
        4 => (t(), key())
            .prop_map(|(transaction, key)| Op::TransactionGet { transaction, key }),
        1 => (t(), key())
            .prop_map(|(transaction, key)| Op::TransactionContains { transaction, key }),
        6 => (t(), key(), size())
            .prop_map(|(transaction, key, size)| Op::TransactionPut { transaction, key, size }),
        3 => (t(), key())
            .prop_map(|(transaction, key)| Op::TransactionDelete { transaction, key }),
        3 => (t(), prefix())
            .prop_map(|(transaction, prefix)| Op::TransactionList { transaction, prefix }),
        6 => t().prop_map(Op::Commit),
        1 => t().prop_map(Op::Abort),
    ]
}

fn maintenance() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Reclaim),
        2 => Just(Op::NextVersion),
        2 => Just(Op::Statistics),
        2 => run().prop_map(Op::DropHandle),
    ]
}

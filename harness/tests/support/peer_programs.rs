//! Random programs for one thread, as operations of `verify`.

use proptest::collection::vec;
use proptest::prelude::*;
use shardproof::verify::program::{Op, Program, Size, Write};

/// Runs that programs use.
pub(crate) const RUNS: u16 = 3;
/// Keys that programs use: all edge cases, and a few numbered ones.
pub(crate) const KEYS: u32 = 16;
/// Prefixes that programs list.
const PREFIXES: u32 = 6;

/// Programs of up to `len` operations.
pub(crate) fn programs(len: usize) -> impl Strategy<Value = Vec<Op>> {
    vec(prop_oneof![8 => write(), 4 => read(), 5 => view(), 10 => transaction()], 1..=len)
}

/// A run; the first is used most, so that its keys are overwritten.
fn run() -> impl Strategy<Value = u16> {
    prop_oneof![3 => Just(0), 1 => 0..RUNS]
}

/// A key; the first are used most.
fn key() -> impl Strategy<Value = u32> {
    prop_oneof![2 => 0u32..4, 1 => 0..KEYS]
}

fn slot() -> impl Strategy<Value = u8> {
    0..Program::SLOTS
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![Just(Size::Short), Just(Size::Long)]
}

fn write() -> impl Strategy<Value = Op> {
    let one = (run(), key(), prop::option::weighted(0.7, size()));
    let writes = vec(one.prop_map(|(run, key, put)| Write { run, key, put }), 0..8);
    prop_oneof![
        6 => (run(), key(), size()).prop_map(|(run, key, size)| Op::Put { run, key, size }),
        3 => (run(), key()).prop_map(|(run, key)| Op::Delete { run, key }),
        3 => writes.prop_map(|writes| Op::Apply { writes }),
        1 => Just(Op::Collect),
    ]
}

fn read() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (run(), key()).prop_map(|(run, key)| Op::Get { run, key }),
        1 => (run(), key()).prop_map(|(run, key)| Op::Contains { run, key }),
        1 => run().prop_map(|run| Op::Count { run }),
        2 => (run(), 0..PREFIXES).prop_map(|(run, prefix)| Op::List { run, prefix }),
    ]
}

fn view() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => slot().prop_map(|snapshot| Op::Open { snapshot }),
        1 => (slot(), slot()).prop_map(|(snapshot, into)| Op::Clone { snapshot, into }),
        2 => slot().prop_map(|snapshot| Op::Drop { snapshot }),
        3 => (slot(), run(), key())
            .prop_map(|(snapshot, run, key)| Op::SnapshotGet { snapshot, run, key }),
        2 => (slot(), run(), 0..PREFIXES)
            .prop_map(|(snapshot, run, prefix)| Op::SnapshotList { snapshot, run, prefix }),
    ]
}

fn transaction() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (slot(), run()).prop_map(|(transaction, run)| Op::Begin { transaction, run }),
        4 => (slot(), key())
            .prop_map(|(transaction, key)| Op::TransactionGet { transaction, key }),
        5 => (slot(), key(), size())
            .prop_map(|(transaction, key, size)| Op::TransactionPut { transaction, key, size }),
        3 => (slot(), key())
            .prop_map(|(transaction, key)| Op::TransactionDelete { transaction, key }),
        3 => (slot(), 0..PREFIXES)
            .prop_map(|(transaction, prefix)| Op::TransactionList { transaction, prefix }),
        4 => slot().prop_map(|transaction| Op::Commit { transaction }),
        1 => slot().prop_map(|transaction| Op::Abort { transaction }),
    ]
}

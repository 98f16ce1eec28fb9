//! The numbers that an operation names: the one list of the fields that hold them.

use crate::program::{Op, Write};

/// What a number names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum OperandKind {
    /// A run.
    Run,
    /// A key.
    Key,
    /// A prefix to list by.
    Prefix,
    /// A slot that holds a snapshot.
    Snapshot,
    /// A slot that holds a transaction.
    Transaction,
    /// A flag.
    Flag,
}

/// One number that an operation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Operand {
    /// What it names.
    pub(crate) kind: OperandKind,
    /// The number.
    pub(crate) number: u32,
    /// The field it is in, as in a program's file.
    pub(crate) field: &'static str,
    /// The index of the write in its write set.
    pub(crate) write: Option<usize>,
}

impl Op {
    /// Every number that it names, in the order of its fields.
    pub(crate) fn operands(&self) -> Vec<Operand> {
        let mut operands = Vec::new();
        // Reading is renumbering without a change, so that there is one list of fields, not two.
        self.clone().renumber(&mut |operand| {
            operands.push(operand);
            operand.number
        });
        operands
    }

    /// Replaces every number that it names. A number that does not fit its field is not replaced.
    pub(crate) fn renumber(&mut self, new: &mut dyn FnMut(Operand) -> u32) {
        match self {
            Self::Put { run, key, size: _ }
            | Self::SessionPut { run, key, size: _ }
            | Self::Delete { run, key }
            | Self::Get { run, key }
            | Self::SessionGet { run, key }
            | Self::SessionPeek { run, key }
            | Self::Contains { run, key } => {
                replace(run, OperandKind::Run, "run", new);
                replace(key, OperandKind::Key, "key", new);
            }
            Self::Apply { writes } => renumber_writes(writes, new),
            Self::RemoveRun { run } | Self::Count { run } => {
                replace(run, OperandKind::Run, "run", new);
            }
            Self::List { run, prefix } => {
                replace(run, OperandKind::Run, "run", new);
                replace(prefix, OperandKind::Prefix, "prefix", new);
            }
            Self::Open { snapshot } | Self::Drop { snapshot } => {
                replace(snapshot, OperandKind::Snapshot, "snapshot", new);
            }
            Self::Clone { snapshot, into } => {
                replace(snapshot, OperandKind::Snapshot, "snapshot", new);
                replace(into, OperandKind::Snapshot, "into", new);
            }
            Self::SnapshotGet { snapshot, run, key }
            | Self::SnapshotContains { snapshot, run, key } => {
                replace(snapshot, OperandKind::Snapshot, "snapshot", new);
                replace(run, OperandKind::Run, "run", new);
                replace(key, OperandKind::Key, "key", new);
            }
            Self::SnapshotCount { snapshot, run } => {
                replace(snapshot, OperandKind::Snapshot, "snapshot", new);
                replace(run, OperandKind::Run, "run", new);
            }
            Self::SnapshotList { snapshot, run, prefix } => {
                replace(snapshot, OperandKind::Snapshot, "snapshot", new);
                replace(run, OperandKind::Run, "run", new);
                replace(prefix, OperandKind::Prefix, "prefix", new);
            }
            Self::Begin { transaction, run } => {
                replace(transaction, OperandKind::Transaction, "transaction", new);
                replace(run, OperandKind::Run, "run", new);
            }
            Self::TransactionGet { transaction, key }
            | Self::TransactionPut { transaction, key, size: _ }
            | Self::TransactionDelete { transaction, key } => {
                replace(transaction, OperandKind::Transaction, "transaction", new);
                replace(key, OperandKind::Key, "key", new);
            }
            Self::TransactionList { transaction, prefix } => {
                replace(transaction, OperandKind::Transaction, "transaction", new);
                replace(prefix, OperandKind::Prefix, "prefix", new);
            }
            Self::Commit { transaction } | Self::Abort { transaction } => {
                replace(transaction, OperandKind::Transaction, "transaction", new);
            }
            Self::Notify { flag } | Self::Observe { flag } => {
                replace(flag, OperandKind::Flag, "flag", new);
            }
            Self::Collect | Self::Tick => {}
        }
    }
}

fn renumber_writes(writes: &mut [Write], new: &mut dyn FnMut(Operand) -> u32) {
    for (position, write) in writes.iter_mut().enumerate() {
        let mut new = |operand| new(Operand { write: Some(position), ..operand });
        replace(&mut write.run, OperandKind::Run, "run", &mut new);
        replace(&mut write.key, OperandKind::Key, "key", &mut new);
    }
}

fn replace<N>(
    field_value: &mut N,
    kind: OperandKind,
    field: &'static str,
    new: &mut dyn FnMut(Operand) -> u32,
) where
    N: Copy + Into<u32> + TryFrom<u32>,
{
    let number = new(Operand { kind, number: (*field_value).into(), field, write: None });
    *field_value = N::try_from(number).unwrap_or(*field_value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_listed_and_replaced() {
        let mut op = Op::SnapshotGet { snapshot: 1, run: 2, key: 3 };
        let numbers = |op: &Op| op.operands().iter().map(|each| each.number).collect::<Vec<_>>();
        assert_eq!(numbers(&op), [1, 2, 3]);
        op.renumber(&mut |operand| operand.number + 10);
        assert_eq!(op, Op::SnapshotGet { snapshot: 11, run: 12, key: 13 });
    }

    #[test]
    fn a_write_has_its_index_in_the_set() {
        let write = Write { run: 0, key: 7, put: None };
        let operands = Op::Apply { writes: vec![write; 2] }.operands();
        let last = Operand { kind: OperandKind::Key, number: 7, field: "key", write: Some(1) };
        assert_eq!((operands.len(), operands[3]), (4, last));
    }

    #[test]
    fn a_number_that_does_not_fit_is_not_replaced() {
        let mut op = Op::Notify { flag: 1 };
        op.renumber(&mut |_| 256);
        assert_eq!(op, Op::Notify { flag: 1 });
    }
}

//! The numbers that an operation names, whatever the operation: one place that knows where they
//! stand.

use crate::program::{Op, Write};

/// What a number stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Noun {
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
    /// What it stands for.
    pub(crate) noun: Noun,
    /// The number.
    pub(crate) number: u32,
    /// The field it is in, as in a program's file.
    pub(crate) field: &'static str,
    /// The place of the write, in a write set.
    pub(crate) write: Option<usize>,
}

impl Op {
    /// Every number that it names, in the order of its fields.
    pub(crate) fn operands(&self) -> Vec<Operand> {
        let mut operands = Vec::new();
        // Reading is renumbering with nothing changed: so there is one list of fields, not two.
        self.clone().renumber(&mut |operand| {
            operands.push(operand);
            operand.number
        });
        operands
    }

    /// Replaces every number that it names. One that its field cannot hold is left as it was.
    pub(crate) fn renumber(&mut self, new: &mut dyn FnMut(Operand) -> u32) {
        match self {
            Self::Put { run, key, size: _ }
            | Self::SessionPut { run, key, size: _ }
            | Self::Delete { run, key }
            | Self::Get { run, key }
            | Self::SessionGet { run, key }
            | Self::SessionPeek { run, key }
            | Self::Contains { run, key } => {
                replace(run, Noun::Run, "run", new);
                replace(key, Noun::Key, "key", new);
            }
            Self::Apply { writes } => renumber_writes(writes, new),
            Self::RemoveRun { run } | Self::Count { run } => replace(run, Noun::Run, "run", new),
            Self::List { run, prefix } => {
                replace(run, Noun::Run, "run", new);
                replace(prefix, Noun::Prefix, "prefix", new);
            }
            Self::Open { snapshot } | Self::Drop { snapshot } => {
                replace(snapshot, Noun::Snapshot, "snapshot", new);
            }
            Self::Clone { snapshot, into } => {
                replace(snapshot, Noun::Snapshot, "snapshot", new);
                replace(into, Noun::Snapshot, "into", new);
            }
            Self::SnapshotGet { snapshot, run, key }
            | Self::SnapshotContains { snapshot, run, key } => {
                replace(snapshot, Noun::Snapshot, "snapshot", new);
                replace(run, Noun::Run, "run", new);
                replace(key, Noun::Key, "key", new);
            }
            Self::SnapshotCount { snapshot, run } => {
                replace(snapshot, Noun::Snapshot, "snapshot", new);
                replace(run, Noun::Run, "run", new);
            }
            Self::SnapshotList { snapshot, run, prefix } => {
                replace(snapshot, Noun::Snapshot, "snapshot", new);
                replace(run, Noun::Run, "run", new);
                replace(prefix, Noun::Prefix, "prefix", new);
            }
            Self::Begin { transaction, run } => {
                replace(transaction, Noun::Transaction, "transaction", new);
                replace(run, Noun::Run, "run", new);
            }
            Self::TransactionGet { transaction, key }
            | Self::TransactionPut { transaction, key, size: _ }
            | Self::TransactionDelete { transaction, key } => {
                replace(transaction, Noun::Transaction, "transaction", new);
                replace(key, Noun::Key, "key", new);
            }
            Self::TransactionList { transaction, prefix } => {
                replace(transaction, Noun::Transaction, "transaction", new);
                replace(prefix, Noun::Prefix, "prefix", new);
            }
            Self::Commit { transaction } | Self::Abort { transaction } => {
                replace(transaction, Noun::Transaction, "transaction", new);
            }
            Self::Notify { flag } | Self::Observe { flag } => {
                replace(flag, Noun::Flag, "flag", new);
            }
            Self::Collect | Self::Tick => {}
        }
    }
}

fn renumber_writes(writes: &mut [Write], new: &mut dyn FnMut(Operand) -> u32) {
    for (place, write) in writes.iter_mut().enumerate() {
        let mut new = |operand| new(Operand { write: Some(place), ..operand });
        replace(&mut write.run, Noun::Run, "run", &mut new);
        replace(&mut write.key, Noun::Key, "key", &mut new);
    }
}

fn replace<N>(place: &mut N, noun: Noun, field: &'static str, new: &mut dyn FnMut(Operand) -> u32)
where
    N: Copy + Into<u32> + TryFrom<u32>,
{
    let number = new(Operand { noun, number: (*place).into(), field, write: None });
    *place = N::try_from(number).unwrap_or(*place);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_seen_and_replaced() {
        let mut op = Op::SnapshotGet { snapshot: 1, run: 2, key: 3 };
        let numbers = |op: &Op| op.operands().iter().map(|each| each.number).collect::<Vec<_>>();
        assert_eq!(numbers(&op), [1, 2, 3]);
        op.renumber(&mut |operand| operand.number + 10);
        assert_eq!(op, Op::SnapshotGet { snapshot: 11, run: 12, key: 13 });
    }

    #[test]
    fn a_write_says_its_place_in_the_set() {
        let write = Write { run: 0, key: 7, put: None };
        let operands = Op::Apply { writes: vec![write; 2] }.operands();
        let last = Operand { noun: Noun::Key, number: 7, field: "key", write: Some(1) };
        assert_eq!((operands.len(), operands[3]), (4, last));
    }

    #[test]
    fn a_number_that_does_not_fit_is_left_alone() {
        let mut op = Op::Notify { flag: 1 };
        op.renumber(&mut |_| 256);
        assert_eq!(op, Op::Notify { flag: 1 });
    }
}

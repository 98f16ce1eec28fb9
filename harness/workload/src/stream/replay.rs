//! Works out what a stream has written after a number of operations.

use crate::operation::{Opcode, Operation};
use crate::stream::Stream;

/// The effect of one write on a run. Writes are numbered per thread and run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// Puts the key with this number.
    Write(u32),
    /// Deletes the key with this number.
    Delete(u32),
    /// Puts a new key.
    Insert,
    /// Puts a key if its transaction commits, which is known only at run time.
    Attempt,
}

impl Effect {
    /// The number of the key that certainly changes, and whether it is deleted.
    pub(super) const fn certain(self) -> Option<(u32, bool)> {
        match self {
            Self::Write(key) => Some((key, false)),
            Self::Delete(key) => Some((key, true)),
            Self::Insert | Self::Attempt => None,
        }
    }
}

/// A thread's last write to a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LastWrite {
    /// Its number among the thread's writes to the run, from 1; 0 if there was none.
    pub number: u64,
    /// Whether it was a delete.
    pub is_delete: bool,
}

impl Stream {
    /// Calls `visit` with each write of an operation, in order: its session and its effect.
    pub(super) fn each_write(&self, operation: &Operation, mut visit: impl FnMut(u16, Effect)) {
        let (session, key) = (operation.session, operation.argument);
        match operation.code {
            Opcode::Put | Opcode::SizedPut | Opcode::Rmw => visit(session, Effect::Write(key)),
            Opcode::Delete => visit(session, Effect::Delete(key)),
            Opcode::Insert => visit(session, Effect::Insert),
            Opcode::Transaction => visit(session, Effect::Attempt),
            Opcode::Apply => {
                for access in self.accesses_of(operation) {
                    visit(access.session, Effect::Write(access.number));
                }
            }
            Opcode::Get
            | Opcode::CheckedGet
            | Opcode::LatestGet
            | Opcode::Miss
            | Opcode::Contains
            | Opcode::List
            | Opcode::Count
            | Opcode::Snapshot => {}
        }
    }

    /// The last write to each of the first `keys` keys of session `session`'s run, after the stream
    /// has run, repeatedly, for `operations` operations. Transactions count, but write no key for
    /// certain.
    #[must_use]
    pub fn last_writes(&self, operations: u64, session: u16, keys: usize) -> Vec<LastWrite> {
        let length = self.operations.len() as u64;
        // The last pass repeats the writes of every pass before it.
        let from = operations.saturating_sub(length);
        let mut number = self.writes(from, session);
        let mut last = vec![LastWrite::default(); keys];
        for place in from..operations {
            self.each_write(&self.operations[(place % length) as usize], |of, effect| {
                if of != session {
                    return;
                }
                number += 1;
                if let Some((key, is_delete)) = effect.certain() {
                    last[key as usize] = LastWrite { number, is_delete };
                }
            });
        }
        last
    }

    /// The number of writes to session `session`'s run in the first `operations` operations.
    fn writes(&self, operations: u64, session: u16) -> u64 {
        let count = |part: &[Operation]| {
            let mut count = 0;
            for operation in part {
                self.each_write(operation, |of, _| count += u64::from(of == session));
            }
            count
        };
        let length = self.operations.len() as u64;
        let passes = operations / length;
        let current = &self.operations[..(operations % length) as usize];
        passes * count(&self.operations) + count(current)
    }
}

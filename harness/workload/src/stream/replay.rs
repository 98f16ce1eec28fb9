//! What a stream has written once it has been run for a while.

use crate::operation::{Code, Operation};
use crate::stream::Stream;

/// What one write does to a run. Each has a number of its own among the thread's writes to the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// Writes the key of this number.
    Write(u32),
    /// Deletes the key of this number.
    Delete(u32),
    /// Puts a key that was never there.
    Insert,
    /// Writes a key if its transaction commits, which only the run tells.
    Attempt,
}

impl Effect {
    /// The number of the key that is changed for certain, and whether it is deleted.
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
    /// Which of its writes to the run it is, from 1; 0 if there was none.
    pub number: u64,
    /// Whether it was a delete.
    pub is_delete: bool,
}

impl Stream {
    /// Names each write of an operation, in order: the session it goes to and what it does.
    pub(super) fn each_write(&self, operation: &Operation, mut name: impl FnMut(u16, Effect)) {
        let (session, key) = (operation.session, operation.argument);
        match operation.code {
            Code::Put | Code::SizedPut | Code::Rmw => name(session, Effect::Write(key)),
            Code::Delete => name(session, Effect::Delete(key)),
            Code::Insert => name(session, Effect::Insert),
            Code::Transaction => name(session, Effect::Attempt),
            Code::Apply => {
                for part in self.parts_of(operation) {
                    name(part.session, Effect::Write(part.number));
                }
            }
            Code::Get
            | Code::CheckedGet
            | Code::LatestGet
            | Code::Miss
            | Code::Contains
            | Code::List
            | Code::Count
            | Code::Snapshot => {}
        }
    }

    /// For each of the first `keys` keys of the run behind `session` the last write to it, when the
    /// stream has been run, over and over, until `operations` operations were done. Transactions are
    /// left out, but for their numbers.
    #[must_use]
    pub fn last_writes(&self, operations: u64, session: u16, keys: usize) -> Vec<LastWrite> {
        let length = self.operations.len() as u64;
        // Whatever was written in a pass before is written again in the one that follows.
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

    /// Writes to the run behind `session` in so many operations.
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

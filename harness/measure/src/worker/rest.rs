//! What a worker does when nobody writes any more: it looks whether everything is as it was left.

use std::sync::OnceLock;

use sharded_store::{Session, Value};
use shardproof_subject::Subject;
use shardproof_workload::OperationKind;

use crate::check::Told;
use crate::worker::Worker;

/// The last writes of each worker to the run that all work in, as each tells the others when it has
/// stopped.
pub(crate) type LastWrites = [OnceLock<Told>];

/// Of the keys that a worker has inserted, so many are looked at, the newest.
const INSERTED_CHECKED_MAX: u32 = 10_000;

impl<S: Subject> Worker<'_, S> {
    /// Tells the others what this worker wrote last to the run that all work in, once it has run
    /// `operations` operations of its stream; nothing where there is none.
    pub(crate) fn tell_last_writes(&self, operations: u64, cell: &OnceLock<Told>) {
        if let Some(session) = self.books.iter().position(|book| book.is_common) {
            cell.set(self.told(session, operations)).expect("a worker stops once");
        }
    }

    /// Checks every key of every run, and how many there are, once all have told what they wrote last
    /// and this worker has run `operations` operations of its stream.
    pub(crate) fn check_at_rest(&mut self, operations: u64, last_writes: &LastWrites) {
        if !self.checks {
            return;
        }
        for session in 0..self.seats.len() {
            if self.books[session].is_common {
                let told = |thread: u32| {
                    last_writes[thread as usize].get().expect("told before the meeting")
                };
                self.check_run(session, &told);
            } else {
                let own = self.told(session, operations);
                self.check_run(session, &|_| &own);
            }
        }
    }

    fn told(&self, session: usize, operations: u64) -> Told {
        let Self { books, stream, .. } = self;
        let number = u16::try_from(session).expect("an operation names a session by 16 bits");
        let last = books[session].checker.last_writes(stream, number, operations);
        Told { last, inserted: books[session].inserted }
    }

    fn check_run<'t>(&mut self, session: usize, told: &impl Fn(u32) -> &'t Told) {
        let checker = &mut self.books[session].checker;
        let handle = &mut self.seats[session].session;
        let mut expected = 0;
        for (key, number) in self.keys.as_slice().iter().zip(0..) {
            let found = handle.get_with(key, Value::clone);
            checker.at_rest(number, found.as_ref(), told);
            expected += u64::from(found.is_some());
        }
        expected += checker.authors().map(|thread| u64::from(told(thread).inserted)).sum::<u64>();
        // Once in each run: it lists the same for all, and costs as much as the rest.
        if S::LISTS && checker.is_first() {
            checker.counted_at_rest(handle.list_len(b""), "listed", expected);
            if self.stream.has(OperationKind::Count) {
                checker.counted_at_rest(handle.count(), "counted", expected);
            }
        }
        let inserted = self.books[session].inserted;
        for ordinal in inserted.saturating_sub(INSERTED_CHECKED_MAX)..inserted {
            let number = self.inserted_number(session, ordinal);
            let found = self.seats[session].session.get_with(&self.keys.key(number), Value::clone);
            self.books[session].checker.inserted_at_rest(number, found.as_ref());
        }
    }
}

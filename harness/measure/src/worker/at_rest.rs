//! The checks of a worker at rest, when nobody writes any more: every key must hold a last write.

use std::sync::OnceLock;

use sharded_store::{Session, Value};
use shardproof_subject::Subject;
use shardproof_workload::OperationKind;

use crate::check::FinalWrites;
use crate::worker::Worker;

/// How many of the keys that a worker has inserted are checked: the newest.
const INSERTED_CHECKED_MAX: u32 = 10_000;

impl<S: Subject> Worker<'_, S> {
    /// Publishes this worker's last write to each key of the run that all workers share, after
    /// `operations` operations of its stream. Does nothing if there is no such run.
    pub(crate) fn publish_final_writes(&self, operations: u64, cell: &OnceLock<FinalWrites>) {
        if let Some(index) = self.cold.iter().position(|run| run.is_shared) {
            cell.set(self.final_writes(index, operations)).expect("a worker stops once");
        }
    }

    /// Checks every key of every run, and the number of keys, after `operations` operations of this
    /// worker's stream. All workers must have published their final writes.
    pub(crate) fn check_at_rest(
        &mut self,
        operations: u64,
        shared_run_writes: &[OnceLock<FinalWrites>],
    ) {
        if !self.is_checked {
            return;
        }
        for index in 0..self.hot.len() {
            if self.cold[index].is_shared {
                let of_thread = |thread: u32| {
                    shared_run_writes[thread as usize].get().expect("published before the barrier")
                };
                self.check_run(index, &of_thread);
            } else {
                let own = self.final_writes(index, operations);
                self.check_run(index, &|_| &own);
            }
        }
    }

    fn final_writes(&self, index: usize, operations: u64) -> FinalWrites {
        let Self { cold, stream, .. } = self;
        let session = u16::try_from(index).expect("an operation names a session by 16 bits");
        let by_key = cold[index].checker.last_writes(stream, session, operations);
        FinalWrites { by_key, inserted: cold[index].inserted }
    }

    fn check_run<'w>(&mut self, index: usize, final_writes: &impl Fn(u32) -> &'w FinalWrites) {
        let checker = &mut self.cold[index].checker;
        let session = &mut self.hot[index].session;
        let mut expected = 0;
        for (key, number) in self.keys.as_slice().iter().zip(0..) {
            let found = session.get_with(key, Value::clone);
            checker.check_at_rest(number, found.as_ref(), final_writes);
            expected += u64::from(found.is_some());
        }
        let inserted = |thread| u64::from(final_writes(thread).inserted);
        expected += checker.writers().map(inserted).sum::<u64>();
        // By one worker for each run: the answer is the same for all, and it costs as much as all
        // other checks.
        if S::LISTS && checker.is_first_writer() {
            checker.check_count_at_rest(session.list_len(b""), "listed", expected);
            if self.stream.has(OperationKind::Count) {
                checker.check_count_at_rest(session.count(), "counted", expected);
            }
        }
        let inserted = self.cold[index].inserted;
        for ordinal in inserted.saturating_sub(INSERTED_CHECKED_MAX)..inserted {
            let number = self.inserted_number(index, ordinal);
            let found = self.hot[index].session.get_with(&self.keys.key(number), Value::clone);
            self.cold[index].checker.check_inserted_at_rest(number, found.as_ref());
        }
    }
}

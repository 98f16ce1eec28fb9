//! Operations that are slow enough for the cost of a call not to matter.

use sharded_store::{
    Error, Key, Session, SnapshotReads, Storage, TransactionWork, Value, WriteSet,
};
use shardproof_subject::Subject;
use shardproof_workload::keys::MISSES_FROM;
use shardproof_workload::{Opcode, Operation, Stream};

use crate::check::Checker;
use crate::fill::REFUSED;
use crate::worker::{Worker, fold};

/// The panic message when a subject lacks a capability that it claims to have.
const UNSUPPORTED: &str = "the subject supports every operation of its streams";

impl<S: Subject> Worker<'_, S> {
    /// Runs one operation that [`Worker::step`] does not run inline.
    // One function, not inlined, so that the loop around it stays short.
    #[inline(never)]
    pub(super) fn run_out_of_line(&mut self, operation: &Operation) -> u64 {
        let (index, key) = (usize::from(operation.session), &operation.key);
        match operation.code {
            Opcode::SizedPut => {
                self.put_sized(index, key, operation.argument);
                0
            }
            Opcode::LatestGet => self.latest_get(index, operation.argument),
            Opcode::Miss => {
                let found = self.hot[index].session.get_with(key, fold);
                self.check(index, |checker, _| checker.check_miss(found.is_some()));
                found.unwrap_or(0)
            }
            Opcode::Insert => self.insert(index),
            Opcode::Delete => {
                self.hot[index].writer.skip();
                u64::from(self.hot[index].session.delete(key).expect(REFUSED))
            }
            Opcode::Contains => {
                let is_present = self.hot[index].session.contains(key);
                self.check(index, |checker, _| {
                    checker.check_contains(operation.argument, is_present);
                });
                u64::from(is_present)
            }
            Opcode::List => {
                let count = self.hot[index].session.list_len(key.as_bytes());
                let inserted = (0, self.cold[index].inserted);
                self.check(index, |it, _| it.check_count(count, operation.argument, inserted));
                count as u64
            }
            Opcode::Count => {
                let count = self.hot[index].session.count();
                let (keys, inserted) = (self.keys.count(), self.cold[index].inserted);
                self.check(index, |it, _| it.check_count(count, keys, (inserted, inserted)));
                count as u64
            }
            Opcode::Apply => self.apply(operation),
            Opcode::Snapshot => self.snapshot(operation),
            Opcode::Transaction => self.transaction(operation),
            Opcode::Rmw => {
                let found = self.hot[index].session.get_with(key, fold);
                self.put_sized(index, key, operation.argument);
                found.unwrap_or(0)
            }
            Opcode::Get | Opcode::CheckedGet | Opcode::Put => {
                unreachable!("`step` runs these inline")
            }
        }
    }

    pub(super) fn take_snapshot(&self) -> <S::Store as Storage>::Snapshot {
        self.store.and_then(Storage::snapshot).expect(UNSUPPORTED)
    }

    /// Reads the key `rank` places before the newest: one that this worker has inserted, or one
    /// that the run was filled with.
    fn latest_get(&mut self, index: usize, rank: u32) -> u64 {
        let inserted = self.cold[index].inserted;
        let number = match inserted.checked_sub(rank + 1) {
            Some(ordinal) => self.inserted_number(index, ordinal),
            None => self.keys.count() - 1 - (rank - inserted),
        };
        let key = self.keys.key(number);
        let session = &mut self.hot[index].session;
        self.latest_gets += 1;
        if !self.latest_gets.is_multiple_of(Stream::GETS_PER_SAMPLE) {
            return session.get_with(&key, fold).unwrap_or(0);
        }
        let found = session.get_with(&key, Value::clone);
        self.check(index, |it, written| it.check_read(number, written, found.as_ref()));
        found.as_ref().map_or(0, fold)
    }

    /// Puts a new key. Making it here costs a few nanoseconds; keys cannot be made in advance,
    /// because nobody knows how many are needed.
    fn insert(&mut self, index: usize) -> u64 {
        let number = self.inserted_number(index, self.cold[index].inserted);
        let key = self.keys.key(number);
        self.put_sized(index, &key, number);
        self.cold[index].inserted += 1;
        0
    }

    /// The number of the `ordinal`-th key, from 0, that this worker inserts.
    pub(super) fn inserted_number(&self, index: usize, ordinal: u32) -> u32 {
        let (inserters, turn) = self.cold[index].turn;
        let number = ordinal.checked_mul(inserters).and_then(|it| it.checked_add(turn));
        let number = number.and_then(|it| it.checked_add(self.keys.count()));
        number.filter(|it| *it < MISSES_FROM).expect("fewer than 2^31 keys are inserted in a slice")
    }

    fn apply(&mut self, operation: &Operation) -> u64 {
        let mut writes = WriteSet::new();
        for part in self.stream.accesses_of(operation) {
            let index = usize::from(part.session);
            let value = self.next_value(index, part.number);
            writes.add(self.cold[index].checker.run(), part.key.clone(), Some(value));
        }
        let applied = self.store.expect(UNSUPPORTED).apply(&writes).expect(REFUSED);
        applied.len() as u64
    }

    fn snapshot(&mut self, operation: &Operation) -> u64 {
        let snapshot = self.take_snapshot();
        let mut digest = 0;
        for (part, position) in self.stream.accesses_of(operation).iter().zip(0..) {
            let index = usize::from(part.session);
            let found = snapshot.get(self.cold[index].checker.run(), &part.key);
            let value = found.map(|found| found.value);
            digest ^= value.as_ref().map_or(0, fold);
            // Only one is checked, so that checks do not cost as much as reads.
            if position == 0 {
                let number = part.number;
                self.check(index, |it, written| it.check_read(number, written, value.as_ref()));
            }
        }
        digest
    }

    /// One attempt. Its write takes a number whether it commits or not.
    fn transaction(&mut self, operation: &Operation) -> u64 {
        let (index, number) = (usize::from(operation.session), operation.argument);
        let key: &Key = &operation.key;
        let value = self.next_value(index, number);
        let written = self.hot[index].writer.written();
        let run = self.cold[index].checker.run();
        let mut transaction = self.store.and_then(|store| store.begin(run)).expect(UNSUPPORTED);
        let found = transaction.get(key);
        transaction.put(key, value);
        match transaction.commit() {
            Ok(_) => self.cold[index].checker.record_commit(number, written),
            Err(Error::Conflict(_)) => self.conflicts += 1,
            Err(error) => panic!("{REFUSED}: {error}"),
        }
        // The read came before this transaction's own write.
        self.check(index, |it, written| it.check_read(number, written - 1, found.as_ref()));
        found.as_ref().map_or(0, fold)
    }

    /// Checks an answer, if answers are checked. `check` gets the number of writes made so far.
    fn check(&mut self, index: usize, check: impl FnOnce(&mut Checker, u64)) {
        if self.is_checked {
            check(&mut self.cold[index].checker, self.hot[index].writer.written());
        }
    }
}

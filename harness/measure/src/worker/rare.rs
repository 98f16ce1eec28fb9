//! The operations that take so long that a call more is nothing to them.

use sharded_store::{
    Error, Key, Session, SnapshotReads, Storage, TransactionWork, Value, WriteSet,
};
use shardproof_subject::Subject;
use shardproof_workload::keys::MISSES_FROM;
use shardproof_workload::{Code, Operation, Stream};

use crate::check::Checker;
use crate::fill::REFUSED;
use crate::worker::{Worker, fold};

/// What is said of a subject that cannot do what it was said to.
const UNABLE: &str = "a subject is only given what it says it can do";

impl<S: Subject> Worker<'_, S> {
    /// Runs one operation that is not run in place.
    // One function and not inlined, so that the loop around it stays short.
    #[inline(never)]
    pub(super) fn rare(&mut self, operation: &Operation) -> u64 {
        let (session, key) = (usize::from(operation.session), &operation.key);
        match operation.code {
            Code::SizedPut => {
                self.put_any(session, key, operation.argument);
                0
            }
            Code::LatestGet => self.latest_get(session, operation.argument),
            Code::Miss => {
                let found = self.seats[session].session.get_with(key, fold);
                self.look(session, |checker, _| checker.missing(found.is_some()));
                found.unwrap_or(0)
            }
            Code::Insert => self.insert(session),
            Code::Delete => {
                self.seats[session].writer.skip();
                u64::from(self.seats[session].session.delete(key).expect(REFUSED))
            }
            Code::Contains => {
                let is_there = self.seats[session].session.contains(key);
                self.look(session, |checker, _| checker.there(operation.argument, is_there));
                u64::from(is_there)
            }
            Code::List => {
                let count = self.seats[session].session.list_len(key.as_bytes());
                let inserted = (0, self.books[session].inserted);
                self.look(session, |it, _| it.counted(count, operation.argument, inserted));
                count as u64
            }
            Code::Count => {
                let count = self.seats[session].session.count();
                let (keys, inserted) = (self.keys.count(), self.books[session].inserted);
                self.look(session, |it, _| it.counted(count, keys, (inserted, inserted)));
                count as u64
            }
            Code::Apply => self.apply(operation),
            Code::Snapshot => self.snapshot(operation),
            Code::Transaction => self.transaction(operation),
            Code::Rmw => {
                let found = self.seats[session].session.get_with(key, fold);
                self.put_any(session, key, operation.argument);
                found.unwrap_or(0)
            }
            Code::Get | Code::CheckedGet | Code::Put => {
                unreachable!("the loop does these in place")
            }
        }
    }

    pub(super) fn take_snapshot(&self) -> <S::Store as Storage>::Snapshot {
        self.store.and_then(Storage::snapshot).expect(UNABLE)
    }

    /// Reads the key that came `rank` keys before the newest: one that this worker has inserted, or else
    /// one that the run was filled with.
    fn latest_get(&mut self, session: usize, rank: u32) -> u64 {
        let inserted = self.books[session].inserted;
        let number = match inserted.checked_sub(rank + 1) {
            Some(ordinal) => self.inserted_number(session, ordinal),
            None => self.keys.count() - 1 - (rank - inserted),
        };
        let key = self.keys.key(number);
        let handle = &mut self.seats[session].session;
        self.latest_gets += 1;
        if !self.latest_gets.is_multiple_of(Stream::GETS_PER_SAMPLE) {
            return handle.get_with(&key, fold).unwrap_or(0);
        }
        let found = handle.get_with(&key, Value::clone);
        self.look(session, |it, written| it.in_passing(number, written, found.as_ref()));
        found.as_ref().map_or(0, fold)
    }

    /// Puts the next key that was never there. Making it costs a few nanoseconds; making all of them
    /// beforehand would need to know how many there will be.
    fn insert(&mut self, session: usize) -> u64 {
        let number = self.inserted_number(session, self.books[session].inserted);
        let key = self.keys.key(number);
        self.put_any(session, &key, number);
        self.books[session].inserted += 1;
        0
    }

    /// The number of the key that this worker inserts as its `ordinal`-th, from 0.
    pub(super) fn inserted_number(&self, session: usize, ordinal: u32) -> u32 {
        let (inserters, turn) = self.books[session].turn;
        let number = ordinal.checked_mul(inserters).and_then(|it| it.checked_add(turn));
        let number = number.and_then(|it| it.checked_add(self.keys.count()));
        number.filter(|it| *it < MISSES_FROM).expect("fewer than 2^31 keys are inserted in a slice")
    }

    fn apply(&mut self, operation: &Operation) -> u64 {
        let mut writes = WriteSet::new();
        for part in self.stream.parts_of(operation) {
            let session = usize::from(part.session);
            let value = self.value(session, part.number);
            writes.add(self.books[session].checker.run(), part.key.clone(), Some(value));
        }
        let applied = self.store.expect(UNABLE).apply(&writes).expect(REFUSED);
        applied.len() as u64
    }

    fn snapshot(&mut self, operation: &Operation) -> u64 {
        let snapshot = self.take_snapshot();
        let mut digest = 0;
        for (part, place) in self.stream.parts_of(operation).iter().zip(0..) {
            let session = usize::from(part.session);
            let found = snapshot.get(self.books[session].checker.run(), &part.key);
            let value = found.map(|found| found.value);
            digest ^= value.as_ref().map_or(0, fold);
            // One of them, so that looking does not cost what reading does.
            if place == 0 {
                let number = part.number;
                self.look(session, |it, written| it.in_passing(number, written, value.as_ref()));
            }
        }
        digest
    }

    /// One attempt. Its write has a number whether it is committed or not.
    fn transaction(&mut self, operation: &Operation) -> u64 {
        let (session, number) = (usize::from(operation.session), operation.argument);
        let key: &Key = &operation.key;
        let value = self.value(session, number);
        let written = self.seats[session].writer.written();
        let run = self.books[session].checker.run();
        let mut transaction = self.store.and_then(|store| store.begin(run)).expect(UNABLE);
        let found = transaction.get(key);
        transaction.put(key, value);
        match transaction.commit() {
            Ok(_) => self.books[session].checker.committed(number, written),
            Err(Error::Conflict(_)) => self.conflicts += 1,
            Err(error) => panic!("{REFUSED}: {error}"),
        }
        // What was read before this write was.
        self.look(session, |it, written| it.in_passing(number, written - 1, found.as_ref()));
        found.as_ref().map_or(0, fold)
    }

    /// Has an answer looked at, if it can be checked at all, when the worker had made so many writes.
    fn look(&mut self, session: usize, look: impl FnOnce(&mut Checker, u64)) {
        if self.checks {
            look(&mut self.books[session].checker, self.seats[session].writer.written());
        }
    }
}

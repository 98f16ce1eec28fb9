//! What is the same for peers with optimistic transactions in memory: to try again where a write of one operation
//! meets a conflict, and to keep account of a transaction until its end.

use std::fmt::{self, Display};
use std::ops::Range;

use sharded_store::{Deleted, Error, Key, RunId, TransactionWork, Value, Version, WriteSet};

use crate::peers::{Course, answered, failed, place};

/// A peer's own writing transaction, over places as [`place`] makes them.
pub trait PeerTransaction: Sized {
    /// What errors call the peer.
    const PEER: &'static str;
    /// The peer's own error.
    type Error: Display;

    /// Whether an error says that another transaction came first.
    fn is_conflict(error: &Self::Error) -> bool;

    /// The value at a place, with the transaction's own writes on top.
    ///
    /// # Errors
    /// The peer's own.
    fn find(&mut self, place: Vec<u8>) -> Result<Option<Value>, Self::Error>;

    /// Puts a value at a place.
    ///
    /// # Errors
    /// The peer's own.
    fn write(&mut self, place: Vec<u8>, value: &Value) -> Result<(), Self::Error>;

    /// Deletes what is at a place, if anything.
    ///
    /// # Errors
    /// The peer's own.
    fn remove(&mut self, place: Vec<u8>) -> Result<(), Self::Error>;

    /// The entries of a range of places, in order.
    ///
    /// # Errors
    /// The peer's own.
    fn scan(&mut self, places: Range<Vec<u8>>) -> Result<Vec<(Key, Value)>, Self::Error>;

    /// Commits.
    ///
    /// # Errors
    /// The peer's own.
    fn end(&mut self) -> Result<(), Self::Error>;
}

/// Puts one value, in a transaction of its own.
pub(super) fn put<T: PeerTransaction>(
    begin: impl Fn() -> T,
    (run, key): (RunId, &Key),
    value: &Value,
) -> Result<Version, Error> {
    retried(begin, "put", |transaction| {
        transaction.write(place::of(run, key), value)?;
        Ok(Version::NONE)
    })
}

/// Deletes one key, in a transaction of its own.
pub(super) fn delete<T: PeerTransaction>(
    begin: impl Fn() -> T,
    (run, key): (RunId, &Key),
) -> Result<Option<Deleted>, Error> {
    retried(begin, "delete", |transaction| {
        let Some(found) = transaction.find(place::of(run, key))? else { return Ok(None) };
        transaction.remove(place::of(run, key))?;
        Ok(Some(Deleted::unversioned(found)))
    })
}

/// Makes all writes of a set in one transaction.
pub(super) fn apply<T: PeerTransaction>(
    begin: impl Fn() -> T,
    writes: &WriteSet,
) -> Result<Vec<(RunId, Version)>, Error> {
    retried(begin, "commit a write set", |transaction| {
        for (run, key, value) in writes.iter() {
            let place = place::of(run, key);
            match value {
                Some(value) => transaction.write(place, value)?,
                None => transaction.remove(place)?,
            }
        }
        Ok(Vec::new())
    })
}

/// Makes `work` in transactions until one of them meets no conflict.
fn retried<T: PeerTransaction, R>(
    begin: impl Fn() -> T,
    doing: &str,
    work: impl Fn(&mut T) -> Result<R, T::Error>,
) -> Result<R, Error> {
    loop {
        let mut transaction = begin();
        let done = work(&mut transaction).and_then(|result| {
            transaction.end()?;
            Ok(result)
        });
        match done {
            Err(error) if T::is_conflict(&error) => {}
            other => return other.map_err(|error| failed(T::PEER, doing, error)),
        }
    }
}

/// A peer's writing transaction on one run, as [`Storage`](sharded_store::Storage) knows it.
pub struct OnRun<T> {
    /// The peer's own.
    transaction: T,
    /// What has been done in it.
    course: Course,
}

impl<T: PeerTransaction> OnRun<T> {
    /// A transaction that has just begun.
    pub(super) const fn new(transaction: T, run: RunId) -> Self {
        Self { transaction, course: Course::new(run) }
    }

    fn place(&self, key: &Key) -> Vec<u8> {
        place::of(self.course.run, key)
    }
}

impl<T: PeerTransaction> TransactionWork for OnRun<T> {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.course.reads(key);
        let place = self.place(key);
        answered(T::PEER, "get in a transaction", self.transaction.find(place))
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.course.writes(key);
        let place = self.place(key);
        answered(T::PEER, "put in a transaction", self.transaction.write(place, &value));
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let found = self.get(key)?;
        self.course.writes(key);
        let place = self.place(key);
        answered(T::PEER, "delete in a transaction", self.transaction.remove(place));
        Some(found)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let places = place::range(self.course.run, prefix);
        answered(T::PEER, "list in a transaction", self.transaction.scan(places))
    }

    fn commit(mut self) -> Result<Option<Version>, Error> {
        match self.transaction.end() {
            Ok(()) => Ok(self.course.wrote.then_some(Version::NONE)),
            Err(error) if T::is_conflict(&error) => Err(self.course.conflict()),
            Err(error) => Err(failed(T::PEER, "commit", error)),
        }
    }
}

impl<T: PeerTransaction> fmt::Debug for OnRun<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(T::PEER).field("course", &self.course).finish_non_exhaustive()
    }
}

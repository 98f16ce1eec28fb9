//! Shared code for peers with optimistic in-memory transactions: retrying single writes on
//! conflicts, and tracking a transaction until its commit.

use std::fmt::{self, Display};
use std::ops::Range;

use sharded_store::{Deleted, Error, Key, RunId, TransactionWork, Value, Version, WriteSet};

use crate::peers::{TransactionState, expect_answer, flat_key, peer_error};

/// A peer's write transaction on flat keys, as encoded by `flat_key`.
pub trait PeerTransaction: Sized {
    /// The peer's name in errors.
    const PEER: &'static str;
    /// The peer's error type.
    type Error: Display;

    /// Whether an error is a conflict with another transaction.
    fn is_conflict(error: &Self::Error) -> bool;

    /// Reads a value, including the transaction's own writes.
    ///
    /// # Errors
    /// The peer's error.
    fn find(&mut self, key: Vec<u8>) -> Result<Option<Value>, Self::Error>;

    /// Puts a value.
    ///
    /// # Errors
    /// The peer's error.
    fn write(&mut self, key: Vec<u8>, value: &Value) -> Result<(), Self::Error>;

    /// Deletes a key, if it exists.
    ///
    /// # Errors
    /// The peer's error.
    fn remove(&mut self, key: Vec<u8>) -> Result<(), Self::Error>;

    /// The entries in a range of flat keys, in order.
    ///
    /// # Errors
    /// The peer's error.
    fn scan(&mut self, range: Range<Vec<u8>>) -> Result<Vec<(Key, Value)>, Self::Error>;

    /// Commits.
    ///
    /// # Errors
    /// The peer's error.
    fn end(&mut self) -> Result<(), Self::Error>;
}

/// Puts one value, in its own transaction.
pub(super) fn put<T: PeerTransaction>(
    begin: impl Fn() -> T,
    (run, key): (RunId, &Key),
    value: &Value,
) -> Result<Version, Error> {
    retried(begin, "put", |transaction| {
        transaction.write(flat_key::encode(run, key), value)?;
        Ok(Version::NONE)
    })
}

/// Deletes one key, in its own transaction.
pub(super) fn delete<T: PeerTransaction>(
    begin: impl Fn() -> T,
    (run, key): (RunId, &Key),
) -> Result<Option<Deleted>, Error> {
    retried(begin, "delete", |transaction| {
        let Some(found) = transaction.find(flat_key::encode(run, key))? else { return Ok(None) };
        transaction.remove(flat_key::encode(run, key))?;
        Ok(Some(Deleted::unversioned(found)))
    })
}

/// Applies a write set in one transaction.
pub(super) fn apply<T: PeerTransaction>(
    begin: impl Fn() -> T,
    writes: &WriteSet,
) -> Result<Vec<(RunId, Version)>, Error> {
    retried(begin, "commit a write set", |transaction| {
        for (run, key, value) in writes.iter() {
            let flat = flat_key::encode(run, key);
            match value {
                Some(value) => transaction.write(flat, value)?,
                None => transaction.remove(flat)?,
            }
        }
        Ok(Vec::new())
    })
}

/// Runs `work` in a transaction, retrying on conflicts.
fn retried<T: PeerTransaction, R>(
    begin: impl Fn() -> T,
    action: &str,
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
            other => return other.map_err(|error| peer_error(T::PEER, action, error)),
        }
    }
}

/// A peer's write transaction on one run, as a [`Storage`](sharded_store::Storage) transaction.
pub struct RunTransaction<T> {
    /// The peer's transaction.
    transaction: T,
    /// What its commit needs to know.
    state: TransactionState,
}

impl<T: PeerTransaction> RunTransaction<T> {
    /// Wraps a new transaction.
    pub(super) const fn new(transaction: T, run: RunId) -> Self {
        Self { transaction, state: TransactionState::new(run) }
    }

    fn flat_key(&self, key: &Key) -> Vec<u8> {
        flat_key::encode(self.state.run, key)
    }
}

impl<T: PeerTransaction> TransactionWork for RunTransaction<T> {
    fn get(&mut self, key: &Key) -> Option<Value> {
        self.state.reads(key);
        let flat = self.flat_key(key);
        expect_answer(T::PEER, "get in a transaction", self.transaction.find(flat))
    }

    fn put(&mut self, key: &Key, value: Value) {
        self.state.writes(key);
        let flat = self.flat_key(key);
        expect_answer(T::PEER, "put in a transaction", self.transaction.write(flat, &value));
    }

    fn delete(&mut self, key: &Key) -> Option<Value> {
        let found = self.get(key)?;
        self.state.writes(key);
        let flat = self.flat_key(key);
        expect_answer(T::PEER, "delete in a transaction", self.transaction.remove(flat));
        Some(found)
    }

    fn list(&mut self, prefix: &[u8]) -> Vec<(Key, Value)> {
        let range = flat_key::range(self.state.run, prefix);
        expect_answer(T::PEER, "list in a transaction", self.transaction.scan(range))
    }

    fn commit(mut self) -> Result<Option<Version>, Error> {
        match self.transaction.end() {
            Ok(()) => Ok(self.state.wrote.then_some(Version::NONE)),
            Err(error) if T::is_conflict(&error) => Err(self.state.conflict()),
            Err(error) => Err(peer_error(T::PEER, "commit", error)),
        }
    }
}

impl<T: PeerTransaction> fmt::Debug for RunTransaction<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(T::PEER).field("state", &self.state).finish_non_exhaustive()
    }
}

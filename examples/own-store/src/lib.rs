//! The store of the example: books of entries, in memory, with atomic writes of many entries and
//! views that do not change. It knows nothing of Shardproof.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Entries by book and key.
pub type Entries = BTreeMap<(u128, Vec<u8>), Vec<u8>>;

/// Books in `SHARDS` shards, each with a lock of its own.
#[derive(Debug)]
pub struct Ledger<const SHARDS: usize>([Mutex<Entries>; SHARDS]);

/// A copy of all entries.
#[derive(Clone, Debug)]
pub struct View<const SHARDS: usize>([Entries; SHARDS]);

/// One change: the book, the key, and the new value or nothing.
pub type Change<'a> = (u128, &'a [u8], Option<&'a [u8]>);

impl<const SHARDS: usize> Ledger<SHARDS> {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }

    /// The value of an entry.
    #[must_use]
    pub fn read(&self, book: u128, key: &[u8]) -> Option<Vec<u8>> {
        lock(&self.0[shard(book, SHARDS)]).get(&(book, key.to_vec())).cloned()
    }

    /// Changes one entry, and returns its old value.
    pub fn write(&self, (book, key, value): Change<'_>) -> Option<Vec<u8>> {
        change(&mut lock(&self.0[shard(book, SHARDS)]), (book, key, value))
    }

    /// The entries of a book.
    #[must_use]
    pub fn entries(&self, book: u128) -> Vec<(Vec<u8>, Vec<u8>)> {
        entries(&lock(&self.0[shard(book, SHARDS)]), book)
    }

    /// Makes all changes, or none: all locks are held, always taken in the same order.
    pub fn write_all<'a>(&self, changes: impl IntoIterator<Item = Change<'a>>) {
        let mut shards = self.0.each_ref().map(lock);
        for each in changes {
            change(&mut shards[shard(each.0, SHARDS)], each);
        }
    }

    /// A view of all books.
    ///
    /// With more than one shard it has a mistake: each shard is copied under its own lock, so a
    /// change of two books that happens between two copies is half in the view.
    #[must_use]
    pub fn view(&self) -> View<SHARDS> {
        View(self.0.each_ref().map(|shard| lock(shard).clone()))
    }
}

impl<const SHARDS: usize> Default for Ledger<SHARDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SHARDS: usize> View<SHARDS> {
    /// The value of an entry.
    #[must_use]
    pub fn read(&self, book: u128, key: &[u8]) -> Option<Vec<u8>> {
        self.0[shard(book, SHARDS)].get(&(book, key.to_vec())).cloned()
    }

    /// The entries of a book.
    #[must_use]
    pub fn entries(&self, book: u128) -> Vec<(Vec<u8>, Vec<u8>)> {
        entries(&self.0[shard(book, SHARDS)], book)
    }
}

fn shard(book: u128, shards: usize) -> usize {
    (book % shards as u128) as usize
}

fn lock(shard: &Mutex<Entries>) -> MutexGuard<'_, Entries> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn change(shard: &mut Entries, (book, key, value): Change<'_>) -> Option<Vec<u8>> {
    match value {
        Some(value) => shard.insert((book, key.to_vec()), value.to_vec()),
        None => shard.remove(&(book, key.to_vec())),
    }
}

fn entries(shard: &Entries, book: u128) -> Vec<(Vec<u8>, Vec<u8>)> {
    let of_book = shard.range((book, Vec::new())..).take_while(|((of, _), _)| *of == book);
    of_book.map(|((_, key), value)| (key.clone(), value.clone())).collect()
}

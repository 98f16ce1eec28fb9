//! The controls: an upper bound on any store, and the cost of measuring.

use std::hash::BuildHasher;
use std::hint::black_box;
use std::mem;

use hashbrown::HashTable;
use hashbrown::hash_table::OccupiedEntry;
use rustc_hash::FxBuildHasher;
use sharded_store::{
    Capabilities, Deleted, Direct, Error, Key, NoSnapshot, NoTransaction, RunId, Session, Storage,
    Value, Version, Versioned,
};
use shardproof_workload::keys;

use crate::{Subject, Visibility};

/// One private, unlocked map per session: an upper bound for shared stores.
#[derive(Clone, Copy, Debug)]
pub struct Ceiling;

impl Subject for Ceiling {
    const VISIBILITY: Visibility = Visibility::OwnSession;
    type Session<'a> = CeilingSession;
    type Store = NoStore;

    fn session(&self, _run: RunId) -> CeilingSession {
        CeilingSession { table: HashTable::new() }
    }
}

/// A private map.
///
/// It is the table behind std's `HashMap`, used directly: each operation hashes its key once, and
/// its probe is inlined without link-time optimisation, which that of `HashMap` is not.
#[derive(Debug)]
pub struct CeilingSession {
    /// Each key with its newest value.
    table: HashTable<(Key, Value)>,
}

#[inline]
fn hash(key: &Key) -> u64 {
    FxBuildHasher.hash_one(key)
}

impl Session for CeilingSession {
    #[inline]
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.table.find(hash(key), |(each, _)| each == key).map(|(_, value)| read(value))
    }

    // Forced, so that the value goes from the registers it was made in to the table: read back from
    // the stack at once, in wider pieces than it was written in, it stalls the processor.
    #[inline(always)]
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        let hash_of_key = hash(key);
        if let Some((_, slot)) = self.table.find_mut(hash_of_key, |(each, _)| each == key) {
            // Not an assignment: that drops the old value first, and keeps the new one on the stack
            // in case the drop panics.
            drop(mem::replace(slot, value));
        } else {
            self.table.insert_unique(hash_of_key, (key.clone(), value), |(each, _)| hash(each));
        }
        Ok(Version::NONE)
    }

    #[inline]
    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        let entry = self.table.find_entry(hash(key), |(each, _)| each == key);
        Ok(entry.map(OccupiedEntry::remove).is_ok())
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        let mut found: Vec<&Key> =
            self.table.iter().map(|(key, _)| key).filter(|key| key.starts_with(prefix)).collect();
        found.sort_unstable();
        black_box(found).len()
    }

    fn count(&mut self) -> usize {
        self.table.len()
    }
}

/// Does nothing, so that only the cost of measuring remains.
#[derive(Clone, Copy, Debug)]
pub struct Floor;

impl Subject for Floor {
    const VISIBILITY: Visibility = Visibility::None;
    type Session<'a> = FloorSession;
    type Store = NoStore;

    fn session(&self, _run: RunId) -> FloorSession {
        FloorSession { value: keys::value(0) }
    }
}

/// Returns the same value for every key, and drops puts.
#[derive(Debug)]
pub struct FloorSession {
    /// The value of every key.
    value: Value,
}

impl Session for FloorSession {
    #[inline]
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        black_box(key);
        Some(read(black_box(&self.value)))
    }

    #[inline]
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        black_box(key);
        black_box(&value);
        Ok(Version::NONE)
    }

    #[inline]
    fn delete(&mut self, _key: &Key) -> Result<bool, Error> {
        Ok(false)
    }

    fn list_len(&mut self, _prefix: &[u8]) -> usize {
        0
    }
}

/// The store type of controls without a store. It has no values.
#[derive(Clone, Copy, Debug)]
pub enum NoStore {}

impl Storage for NoStore {
    const CAPABILITIES: Capabilities = Capabilities::BASIC;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = NoSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, _run: RunId, _key: &Key) -> Option<Versioned> {
        match *self {}
    }

    fn put(&self, _run: RunId, _key: &Key, _value: Value) -> Result<Version, Error> {
        match *self {}
    }

    fn delete(&self, _run: RunId, _key: &Key) -> Result<Option<Deleted>, Error> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_of_the_ceiling_are_private_maps() {
        let run = keys::run_id(1, 0);
        let (mut one, mut other) = (Ceiling.session(run), Ceiling.session(run));
        one.put(&keys::key(1), keys::value(1)).unwrap();
        one.put(&keys::key(1), keys::value(2)).unwrap();
        assert_eq!(one.get_with(&keys::key(1), Value::clone), Some(keys::value(2)));
        assert_eq!((one.list_len(b""), other.list_len(b"")), (1, 0));
        assert_eq!((one.delete(&keys::key(1)), other.delete(&keys::key(1))), (Ok(true), Ok(false)));
    }
}

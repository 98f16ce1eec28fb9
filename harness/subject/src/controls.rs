//! The controls: what no store can beat, and what measuring itself costs.

use std::collections::HashMap;
use std::hint::black_box;

use rustc_hash::FxBuildHasher;
use sharded_store::{
    Capabilities, Deleted, Direct, Error, Key, NoSnapshot, NoTransaction, RunId, Session, Storage,
    Value, Version, Versioned,
};
use shardproof_workload::keys;

use crate::{Keeps, Subject};

/// One private, unlocked map per session: a shared store can come close, and no closer.
#[derive(Clone, Copy, Debug)]
pub struct Ceiling;

impl Subject for Ceiling {
    const KEEPS: Keeps = Keeps::Apart;
    type Session<'a> = CeilingSession;
    type Store = NoStore;

    fn session(&self, _run: RunId) -> CeilingSession {
        CeilingSession { map: HashMap::default() }
    }
}

/// A map that no other thread knows.
#[derive(Debug)]
pub struct CeilingSession {
    /// The newest value of each key, and nothing else.
    map: HashMap<Key, Value, FxBuildHasher>,
}

impl Session for CeilingSession {
    #[inline]
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.map.get(key).map(read)
    }

    #[inline]
    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        if let Some(place) = self.map.get_mut(key) {
            *place = value;
        } else {
            self.map.insert(key.clone(), value);
        }
        Ok(Version::NONE)
    }

    #[inline]
    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        Ok(self.map.remove(key).is_some())
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        let mut found: Vec<&Key> = self.map.keys().filter(|key| key.starts_with(prefix)).collect();
        found.sort_unstable();
        black_box(found).len()
    }

    fn count(&mut self) -> usize {
        self.map.len()
    }
}

/// Does nothing, so that what is left is what measuring costs.
#[derive(Clone, Copy, Debug)]
pub struct Floor;

impl Subject for Floor {
    const KEEPS: Keeps = Keeps::Nothing;
    type Session<'a> = FloorSession;
    type Store = NoStore;

    fn session(&self, _run: RunId) -> FloorSession {
        FloorSession { value: keys::value(0) }
    }
}

/// Finds the same value for every key, and keeps nothing.
#[derive(Debug)]
pub struct FloorSession {
    /// What every key holds.
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

/// The store behind a control: it cannot exist.
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
    fn a_ceiling_keeps_what_is_put_and_shares_it_with_nobody() {
        let run = keys::run_id(1, 0);
        let (mut one, mut other) = (Ceiling.session(run), Ceiling.session(run));
        one.put(&keys::key(1), keys::value(1)).unwrap();
        one.put(&keys::key(1), keys::value(2)).unwrap();
        assert_eq!(one.get_with(&keys::key(1), Value::clone), Some(keys::value(2)));
        assert_eq!((one.list_len(b""), other.list_len(b"")), (1, 0));
        assert_eq!((one.delete(&keys::key(1)), other.delete(&keys::key(1))), (Ok(true), Ok(false)));
    }
}

//! `crossbeam-skiplist`: a lock-free, ordered skip list.
//!
//! Its `insert` does not overwrite: it removes the old entry and adds the new one, and a `get` in
//! between finds nothing (its issue 1023, fixed but not released). So each entry holds its value
//! behind a lock, as its authors advise for mutable values (issue 318), and entries are inserted
//! and removed only with their keys. That is also faster.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam_skiplist::SkipMap;
use crossbeam_skiplist::map::Entry as MapEntry;
use sharded_store::{Entry, Key, RunId, Value};

use crate::peers::maps::lookup::{FlatKeyRef, Lookup};
use crate::peers::maps::{Flat, FlatKey, PeerMap};

/// A `SkipMap` with the keys of all runs.
pub type Skiplist = Flat<SkipMap<FlatKey, Mutex<Value>>>;

impl PeerMap for SkipMap<FlatKey, Mutex<Value>> {
    const SETTINGS: &'static str = concat!(
        "crossbeam-skiplist ",
        env!("SHARDPROOF_VERSION_CROSSBEAM_SKIPLIST"),
        ": one SkipMap of (run, key); ordered, so no hasher; each value behind a ",
        "std::sync::Mutex, because insert makes an existing key vanish for a moment; ",
        "get first, get_or_insert on a miss"
    );
    const ORDERED: bool = true;

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = FlatKeyRef(run, key);
        self.get(&at as &dyn Lookup).map(|found| read(&value_of(&found)))
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        let at = FlatKeyRef(run, key);
        loop {
            let found = self.get(&at as &dyn Lookup).unwrap_or_else(|| {
                self.get_or_insert_with((run, key.clone()), || Mutex::new(value.clone()))
            });
            let mut slot = value_of(&found);
            // Removal holds the same lock, so the entry cannot be removed before the value is in
            // it.
            if !found.is_removed() {
                *slot = value;
                return;
            }
        }
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = FlatKeyRef(run, key);
        let found = self.get(&at as &dyn Lookup)?;
        let value = value_of(&found);
        found.remove().then(|| value.clone())
    }

    fn scan(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        // A prefix longer than any key matches nothing.
        let Ok(first) = Key::new(prefix) else { return Vec::new() };
        let found = self.range((run, first)..);
        let found =
            found.take_while(|found| found.key().0 == run && found.key().1.starts_with(prefix));
        found
            .map(|found| Entry::unversioned(found.key().1.clone(), value_of(&found).clone()))
            .collect()
    }
}

#[inline]
fn value_of<'a>(found: &'a MapEntry<'_, FlatKey, Mutex<Value>>) -> MutexGuard<'a, Value> {
    found.value().lock().unwrap_or_else(PoisonError::into_inner)
}

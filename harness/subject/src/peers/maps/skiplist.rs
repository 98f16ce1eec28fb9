//! `crossbeam-skiplist`: a skip list without locks, in order.
//!
//! Its own `insert` is no overwrite: it takes the old entry out and puts the new one in, and a `get` between the two
//! finds nothing (its issue 1023, mended since and not released). So each value is behind a lock in its
//! entry, as its authors advise for values that change (issue 318), and an entry goes in and out only when its key
//! does. That is also the faster way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam_skiplist::SkipMap;
use crossbeam_skiplist::map::Entry as MapEntry;
use sharded_store::{Entry, Key, RunId, Value};

use crate::peers::maps::lookup::{At, Lookup};
use crate::peers::maps::{Flat, PeerMap, Place};

/// A `SkipMap` of all runs.
pub type Skiplist = Flat<SkipMap<Place, Mutex<Value>>>;

impl PeerMap for SkipMap<Place, Mutex<Value>> {
    const SETTINGS: &'static str = concat!(
        "crossbeam-skiplist ",
        env!("SHARDPROOF_VERSION_CROSSBEAM_SKIPLIST"),
        ": one SkipMap of (run, key); no hasher: it compares; each value behind a ",
        "std::sync::Mutex, since insert makes a key that is there vanish for a moment; ",
        "get first, get_or_insert on a miss"
    );
    const ORDERED: bool = true;

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = At(run, key);
        self.get(&at as &dyn Lookup).map(|found| read(&value_of(&found)))
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        let at = At(run, key);
        loop {
            let found = self.get(&at as &dyn Lookup).unwrap_or_else(|| {
                self.get_or_insert_with((run, key.clone()), || Mutex::new(value.clone()))
            });
            let mut place = value_of(&found);
            // Under the lock, as is removing: so it is not removed before the value is in it.
            if !found.is_removed() {
                *place = value;
                return;
            }
        }
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = At(run, key);
        let found = self.get(&at as &dyn Lookup)?;
        let value = value_of(&found);
        found.remove().then(|| value.clone())
    }

    fn scan(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        // No key starts with more bytes than a key has.
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
fn value_of<'a>(found: &'a MapEntry<'_, Place, Mutex<Value>>) -> MutexGuard<'a, Value> {
    found.value().lock().unwrap_or_else(PoisonError::into_inner)
}

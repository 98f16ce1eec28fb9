//! `dashmap`: hash maps, each behind a lock; the hash says in which a key lies.

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{At, Lookup};
use crate::peers::maps::{Flat, PeerMap, Place};

/// A `DashMap` of all runs.
pub type Dashmap = Flat<DashMap<Place, Value, FxBuildHasher>>;

impl PeerMap for DashMap<Place, Value, FxBuildHasher> {
    const SETTINGS: &'static str = concat!(
        "dashmap ",
        env!("SHARDPROOF_VERSION_DASHMAP"),
        ": one DashMap of (run, key); FxBuildHasher of rustc-hash ",
        env!("SHARDPROOF_VERSION_RUSTC_HASH"),
        "; its default shards, 4 per core rounded up to a power of 2; ",
        "get_mut first, insert on a miss"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = At(run, key);
        self.get(&at as &dyn Lookup).map(|found| read(found.value()))
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        let at = At(run, key);
        if let Some(mut found) = self.get_mut(&at as &dyn Lookup) {
            *found = value;
            return;
        }
        self.insert((run, key.clone()), value);
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = At(run, key);
        self.remove(&at as &dyn Lookup).map(|(_, value)| value)
    }
}

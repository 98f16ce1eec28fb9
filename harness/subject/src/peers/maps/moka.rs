//! `moka`: a cache. Without a bound it evicts nothing, but keeps account of what is read and written all the same.

use std::fmt;

use moka::sync::Cache;
use rustc_hash::FxBuildHasher;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{At, Lookup};
use crate::peers::maps::{Flat, PeerMap, Place};

/// A `moka::sync::Cache` of all runs.
pub type Moka = Flat<Unbounded>;

/// A cache that holds whatever is put.
pub struct Unbounded(Cache<Place, Value, FxBuildHasher>);

impl Default for Unbounded {
    fn default() -> Self {
        Self(Cache::builder().build_with_hasher(FxBuildHasher))
    }
}

impl PeerMap for Unbounded {
    const SETTINGS: &'static str = concat!(
        "moka ",
        env!("SHARDPROOF_VERSION_MOKA"),
        ": one sync::Cache of (run, key); FxBuildHasher of rustc-hash ",
        env!("SHARDPROOF_VERSION_RUSTC_HASH"),
        "; no capacity, no expiry, default policy, which records reads and writes all the same; ",
        "get clones the value, insert replaces the entry: it has no other way"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = At(run, key);
        self.0.get(&at as &dyn Lookup).as_ref().map(read)
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        self.0.insert((run, key.clone()), value);
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = At(run, key);
        self.0.remove(&at as &dyn Lookup)
    }
}

impl fmt::Debug for Unbounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unbounded").field("entries", &self.0.entry_count()).finish()
    }
}

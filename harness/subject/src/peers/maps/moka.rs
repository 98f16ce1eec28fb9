//! `moka`: a cache. Without a capacity it evicts nothing, but it still records reads and writes.

use std::fmt;

use moka::sync::Cache;
use rustc_hash::FxBuildHasher;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{FlatKeyRef, Lookup};
use crate::peers::maps::{Flat, FlatKey, PeerMap};

/// A `moka::sync::Cache` with the keys of all runs.
pub type Moka = Flat<Unbounded>;

/// A cache without a capacity.
pub struct Unbounded(Cache<FlatKey, Value, FxBuildHasher>);

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
        "; no capacity, no expiry; the default policy, which still records reads and writes; ",
        "get clones the value and insert replaces the entry, the only ways it offers"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = FlatKeyRef(run, key);
        self.0.get(&at as &dyn Lookup).as_ref().map(read)
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        self.0.insert((run, key.clone()), value);
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = FlatKeyRef(run, key);
        self.0.remove(&at as &dyn Lookup)
    }
}

impl fmt::Debug for Unbounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unbounded").field("entries", &self.0.entry_count()).finish()
    }
}

//! `papaya`: a hash table without locks. Each entry is a separate allocation, which a put replaces.

use papaya::HashMap;
use rustc_hash::FxBuildHasher;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{FlatKeyRef, Lookup};
use crate::peers::maps::{Flat, FlatKey, PeerMap};

/// A `papaya::HashMap` with the keys of all runs.
pub type Papaya = Flat<HashMap<FlatKey, Value, FxBuildHasher>>;

impl PeerMap for HashMap<FlatKey, Value, FxBuildHasher> {
    const SETTINGS: &'static str = concat!(
        "papaya ",
        env!("SHARDPROOF_VERSION_PAPAYA"),
        ": one HashMap of (run, key); FxBuildHasher of rustc-hash ",
        env!("SHARDPROOF_VERSION_RUSTC_HASH"),
        "; default collector and incremental resizing; one guard per operation; ",
        "insert, because it cannot overwrite in place"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = FlatKeyRef(run, key);
        self.pin().get(&at as &dyn Lookup).map(read)
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        self.pin().insert((run, key.clone()), value);
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = FlatKeyRef(run, key);
        self.pin().remove(&at as &dyn Lookup).cloned()
    }
}

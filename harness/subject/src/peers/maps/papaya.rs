//! `papaya`: a hash table without locks; each entry is an allocation of its own, which a put replaces.

use papaya::HashMap;
use rustc_hash::FxBuildHasher;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{At, Lookup};
use crate::peers::maps::{Flat, PeerMap, Place};

/// A `papaya::HashMap` of all runs.
pub type Papaya = Flat<HashMap<Place, Value, FxBuildHasher>>;

impl PeerMap for HashMap<Place, Value, FxBuildHasher> {
    const SETTINGS: &'static str = concat!(
        "papaya ",
        env!("SHARDPROOF_VERSION_PAPAYA"),
        ": one HashMap of (run, key); FxBuildHasher of rustc-hash ",
        env!("SHARDPROOF_VERSION_RUSTC_HASH"),
        "; default collector and incremental resizing; pinned for each operation; ",
        "insert, since it has no way to overwrite in place"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = At(run, key);
        self.pin().get(&at as &dyn Lookup).map(read)
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        self.pin().insert((run, key.clone()), value);
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = At(run, key);
        self.pin().remove(&at as &dyn Lookup).cloned()
    }
}

//! `scc`: a hash table with a lock in each bucket of 32 entries.

use std::mem::swap;

use rustc_hash::FxBuildHasher;
use scc::HashMap;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{At, Lookup};
use crate::peers::maps::{Flat, PeerMap, Place};

/// A `scc::HashMap` of all runs.
pub type Scc = Flat<HashMap<Place, Value, FxBuildHasher>>;

impl PeerMap for HashMap<Place, Value, FxBuildHasher> {
    const SETTINGS: &'static str = concat!(
        "scc ",
        env!("SHARDPROOF_VERSION_SCC"),
        ": one HashMap of (run, key), its methods that block; FxBuildHasher of rustc-hash ",
        env!("SHARDPROOF_VERSION_RUSTC_HASH"),
        "; update_sync first, upsert_sync on a miss; ",
        "without the AVX2 search that it has for builds that ask for it"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = At(run, key);
        self.read_sync(&at as &dyn Lookup, |_, value| read(value))
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        let at = At(run, key);
        let mut value = value;
        let found = self.update_sync(&at as &dyn Lookup, |_, found| swap(found, &mut value));
        if found.is_none() {
            self.upsert_sync((run, key.clone()), value);
        }
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = At(run, key);
        self.remove_sync(&at as &dyn Lookup).map(|(_, value)| value)
    }
}

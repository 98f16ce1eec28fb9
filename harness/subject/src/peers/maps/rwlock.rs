//! The map that comes with the language, behind the lock that does: what one writes before looking for more.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use rustc_hash::FxBuildHasher;
use sharded_store::{Key, RunId, Value};

use crate::peers::maps::lookup::{At, Lookup};
use crate::peers::maps::{Flat, PeerMap, Place};

/// One locked `HashMap` of all runs.
pub type Rwlock = Flat<RwLock<HashMap<Place, Value, FxBuildHasher>>>;

impl PeerMap for RwLock<HashMap<Place, Value, FxBuildHasher>> {
    const SETTINGS: &'static str = concat!(
        "std::sync::RwLock over one std HashMap of (run, key), both of ",
        env!("SHARDPROOF_BUILD_RUSTC"),
        "; FxBuildHasher of rustc-hash ",
        env!("SHARDPROOF_VERSION_RUSTC_HASH"),
        "; get_mut first, insert on a miss, under one write lock"
    );

    #[inline]
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let at = At(run, key);
        let map = Self::read(self).unwrap_or_else(PoisonError::into_inner);
        map.get(&at as &dyn Lookup).map(read)
    }

    #[inline]
    fn write(&self, run: RunId, key: &Key, value: Value) {
        let at = At(run, key);
        let mut map = Self::write(self).unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = map.get_mut(&at as &dyn Lookup) {
            *place = value;
        } else {
            map.insert((run, key.clone()), value);
        }
    }

    fn take(&self, run: RunId, key: &Key) -> Option<Value> {
        let at = At(run, key);
        let mut map = Self::write(self).unwrap_or_else(PoisonError::into_inner);
        map.remove(&at as &dyn Lookup)
    }
}

//! Peers that are concurrent maps: no versions, snapshots or transactions. One map holds the keys
//! of all runs, each under its run id and key.
//!
//! Each is configured for speed, as an experienced user would, so that the comparison is between
//! maps and not between configurations:
//!
//! - the hasher is `FxBuildHasher`, as in our store;
//! - a lookup borrows the key, because cloning a long key writes to a reference count shared by
//!   threads;
//! - a put first tries to overwrite the value in place, where the map supports that, and inserts
//!   only on a miss;
//! - everything else is the map's default, and no map gets its capacity in advance, nor does our
//!   store.

mod dashmap;
mod lookup;
mod moka;
mod papaya;
mod rwlock;
mod scc;
mod skiplist;

pub use self::dashmap::Dashmap;
pub use self::lookup::FlatKey;
pub use self::moka::Moka;
pub use self::papaya::Papaya;
pub use self::rwlock::Rwlock;
pub use self::scc::Scc;
pub use self::skiplist::Skiplist;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoSnapshot, NoTransaction, RunId, Storage,
    Value, Version, Versioned,
};

/// The operations that make a concurrent map a store. Implement it for your own map, and [`Flat`]
/// makes it a subject.
pub trait PeerMap: Default + Send + Sync {
    /// Its version and configuration.
    const SETTINGS: &'static str;
    /// Whether the map is ordered, so that one run can be listed without scanning all others.
    const ORDERED: bool = false;

    /// Passes the value of a key to `read`, without copying it if the map allows that.
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R>;

    /// Puts a value, whether or not the key exists.
    fn write(&self, run: RunId, key: &Key, value: Value);

    /// Removes a key and returns its value.
    fn take(&self, run: RunId, key: &Key) -> Option<Value>;

    /// The entries of a run with this key prefix, in order. Called only on ordered maps.
    fn scan(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let _ = (run, prefix);
        Vec::new()
    }
}

/// A map with the keys of all runs, as a store.
#[derive(Debug, Default)]
pub struct Flat<M>(M);

impl<M: PeerMap> Flat<M> {
    /// The map's version and configuration.
    pub const SETTINGS: &'static str = M::SETTINGS;

    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self(M::default())
    }
}

impl<M: PeerMap> Storage for Flat<M> {
    const CAPABILITIES: Capabilities = Capabilities { lists: M::ORDERED, ..Capabilities::BASIC };
    type Session<'a>
        = Direct<'a, Self>
    where
        Self: 'a;
    type Snapshot = NoSnapshot;
    type Transaction<'a>
        = NoTransaction
    where
        Self: 'a;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.read(run, key, |value| Versioned::unversioned(value.clone()))
    }

    #[inline]
    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.write(run, key, value);
        Ok(Version::NONE)
    }

    #[inline]
    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.0.take(run, key).map(Deleted::unversioned))
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        self.0.scan(run, prefix)
    }

    #[inline]
    fn get_with<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.0.read(run, key, read)
    }

    #[inline]
    fn contains(&self, run: RunId, key: &Key) -> bool {
        self.0.read(run, key, |_| ()).is_some()
    }
}

//! Peers that are maps: keys and values, shared by threads, without versions, snapshots or transactions. One map
//! holds the keys of all runs, each under its run's id and the key.
//!
//! Each is set up as its users would for speed, so that it is the map that is compared and not the set-up:
//!
//! - the hasher is `FxBuildHasher`, as in our store;
//! - a lookup borrows the key, since to clone a long one writes to a counter that other threads write to, too;
//! - a put looks for the key first and overwrites its value in place, where the map can do that, and inserts only
//!   what is not there;
//! - everything else is the map's own default, and no map is given its size in advance: nor is our store.

mod dashmap;
mod lookup;
mod moka;
mod papaya;
mod rwlock;
mod scc;
mod skiplist;

pub use self::dashmap::Dashmap;
pub use self::lookup::Place;
pub use self::moka::Moka;
pub use self::papaya::Papaya;
pub use self::rwlock::Rwlock;
pub use self::scc::Scc;
pub use self::skiplist::Skiplist;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoSnapshot, NoTransaction, RunId, Storage,
    Value, Version, Versioned,
};

/// A concurrent map, as far as it makes a store. A map of your own that does this is a subject as [`Flat`].
pub trait PeerMap: Default + Send + Sync {
    /// Which version of it, and how it is set up.
    const SETTINGS: &'static str;
    /// Whether it is in order, so that the keys of a run can be listed without looking at all others.
    const ORDERED: bool = false;

    /// Shows the value of a key to `read`, copying it only if the map leaves no other way.
    fn read<R>(&self, run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R>;

    /// Puts a value, whatever was there.
    fn write(&self, run: RunId, key: &Key, value: Value);

    /// Takes a value out.
    fn take(&self, run: RunId, key: &Key) -> Option<Value>;

    /// The entries of a run whose key starts with `prefix`, in order. Only asked of a map that is in order.
    fn scan(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        let _ = (run, prefix);
        Vec::new()
    }
}

/// The store that a map is, when it holds the keys of all runs.
#[derive(Debug, Default)]
pub struct Flat<M>(M);

impl<M: PeerMap> Flat<M> {
    /// Which version of the map, and how it is set up.
    pub const SETTINGS: &'static str = M::SETTINGS;

    /// An empty one.
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

//! One thread's handle on one run.

use std::cell::RefCell;
use std::fmt;

use crate::contents::At;
use crate::contract::{Deleted, Entry, Error, Key, RunId, Value, Version, Versioned};
use crate::shard::Shard;
use crate::sharded::ShardedStore;
use crate::sync::Arc;
use crate::table::Table;
use crate::transaction::Transaction;
use crate::unlocked::{self, Declined};

/// One thread's handle on one run: the fast way to work in it, without the directory.
///
/// It can be sent to another thread, but not shared between threads: each takes, or clones, its
/// own. It stays good when the run is removed (the next put creates the run anew) and keeps the
/// store alive. It also keeps the table it read last alive, so that an idle handle on a run that
/// has grown since holds memory of at most half that run's size.
pub struct RunHandle {
    /// The store, kept alive.
    store: ShardedStore,
    /// The run's data and its lock.
    shard: Arc<Shard>,
    /// The run's table when this handle last looked.
    table: RefCell<Arc<Table>>,
}

impl RunHandle {
    pub(crate) fn new(store: ShardedStore, shard: Arc<Shard>) -> Self {
        let table = RefCell::new(Arc::clone(shard.lock().table()));
        Self { store, shard, table }
    }

    /// The run.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.shard.id()
    }

    /// The newest value of a key, with the version that wrote it.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Versioned> {
        let answer = unlocked::versioned(&self.table.borrow(), key);
        answer.unwrap_or_else(|declined| self.get_locked(declined, key))
    }

    /// Shows the newest value of a key to `read`, and returns what that returns.
    ///
    /// `read` runs outside all locks, so it may take its time, panic, or use the store.
    #[inline]
    pub fn get_with<R>(&self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let declined = match unlocked::value(&self.table.borrow(), key) {
            Ok(Some(value)) => return Some(read(&value)),
            Ok(None) => return None,
            Err(declined) => declined,
        };
        self.get_locked(declined, key).map(|found| read(&found.value))
    }

    /// Writes a value, creating the run on first use. Returns the version of the write.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    // Forced inline: the value then goes from the caller to its cell without a stop in memory.
    #[inline(always)]
    pub fn put(&self, key: &Key, value: Value) -> Result<Version, Error> {
        self.shard.put(self.store.shared(), key, &value)
    }

    /// Deletes a key; returns what that removed, and its version. A key that is not live is left as
    /// it is.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`].
    pub fn delete(&self, key: &Key) -> Result<Option<Deleted>, Error> {
        self.shard.delete(self.store.shared(), key)
    }

    /// Whether a key is live.
    #[inline]
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        let answer = unlocked::contains(&self.table.borrow(), key);
        answer.unwrap_or_else(|declined| self.get_locked(declined, key).is_some())
    }

    /// How many keys are live.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shard.lock().count(At::Newest)
    }

    /// The live entries whose key starts with `prefix`, sorted by key.
    #[must_use]
    pub fn list(&self, prefix: impl AsRef<[u8]>) -> Vec<Entry> {
        self.shard.lock().list(prefix.as_ref(), At::Newest)
    }

    /// All live entries, sorted by key.
    #[must_use]
    pub fn list_all(&self) -> Vec<Entry> {
        self.list(b"")
    }

    /// Begins a transaction on the run, as of now.
    #[must_use]
    pub fn begin(&self) -> Transaction {
        Transaction::begin(self.store.snapshot(), Arc::clone(&self.shard))
    }

    pub(crate) fn shard(&self) -> &Shard {
        &self.shard
    }

    #[cold]
    #[inline(never)]
    fn get_locked(&self, declined: Declined, key: &Key) -> Option<Versioned> {
        let state = self.shard.lock();
        // Not to be had if the caller's closure, which looks at a value of the old table, has
        // called us: then the next read gets it.
        if declined == Declined::Retired
            && let Ok(mut table) = self.table.try_borrow_mut()
        {
            *table = Arc::clone(state.table());
        }
        state.get(key, At::Newest)
    }
}

impl Clone for RunHandle {
    fn clone(&self) -> Self {
        Self::new(self.store.clone(), Arc::clone(&self.shard))
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle").field("run", &self.id()).finish_non_exhaustive()
    }
}

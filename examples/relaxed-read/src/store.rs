// A store with one lock for writers, and reads that take it only if a write is under way: each
// entry has a sequence number, which is odd during a write (a sequence lock).
//
// `store` and `sync` are those of the variant: `main.rs` compiles this file three times.

use std::collections::BTreeMap;

use store::{
    Capabilities, Deleted, Direct, Error, Key, NoSnapshot, NoTransaction, RunId, Storage, Value,
    Version, Versioned,
};
use sync::atomic::{AtomicU64, Ordering};
use sync::{Arc, Mutex, RwLock};

pub(crate) struct Store {
    /// The entries; none is ever removed.
    entries: RwLock<BTreeMap<(RunId, Key), Arc<Entry>>>,
    /// All values ever written; an entry is an index into them.
    values: RwLock<Vec<Option<Value>>>,
    /// The last version. Writers hold its lock.
    last: Mutex<u64>,
}

struct Entry {
    sequence: AtomicU64,
    version: AtomicU64,
    value: AtomicU64,
}

/// The mistake: with `Relaxed`, a reader may see the new version with the old value. A sequence lock
/// needs acquire fences between its loads, and release fences between its stores.
const ORDERING: Ordering = Ordering::Relaxed;

impl Store {
    pub(crate) fn new() -> Self {
        let (entries, values) = (RwLock::new(BTreeMap::new()), RwLock::new(vec![None]));
        Self { entries, values, last: Mutex::new(0) }
    }

    fn entry(&self, run: RunId, key: &Key) -> Option<Arc<Entry>> {
        self.entries.read().unwrap().get(&(run, key.clone())).cloned()
    }

    fn versioned(&self, version: u64, value: u64) -> Option<Versioned> {
        let value = self.values.read().unwrap()[value as usize].clone()?;
        Some(Versioned { value, version: Version::new(version, 0) })
    }

    /// Writes a value, or deletes the entry. Returns the version, and what was there.
    fn write(&self, run: RunId, key: &Key, value: Option<Value>) -> (Version, Option<Versioned>) {
        let mut last = self.last.lock().unwrap();
        *last += 1;
        let entry = self.entry(run, key).unwrap_or_else(|| {
            let [sequence, version, value] = [0; 3].map(AtomicU64::new);
            let entry = Arc::new(Entry { sequence, version, value });
            self.entries.write().unwrap().insert((run, key.clone()), Arc::clone(&entry));
            entry
        });
        let (version, index) = entry.load();
        let old = self.versioned(version, index);
        let index = {
            let mut values = self.values.write().unwrap();
            values.push(value);
            values.len() as u64 - 1
        };
        let sequence = entry.sequence.load(Ordering::Relaxed);
        entry.sequence.store(sequence + 1, ORDERING);
        entry.value.store(index, ORDERING);
        entry.version.store(*last, ORDERING);
        entry.sequence.store(sequence + 2, ORDERING);
        (Version::new(*last, 0), old)
    }
}

impl Entry {
    fn load(&self) -> (u64, u64) {
        (self.version.load(ORDERING), self.value.load(ORDERING))
    }
}

impl Storage for Store {
    const CAPABILITIES: Capabilities = Capabilities { versions: true, ..Capabilities::BASIC };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = NoSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        let entry = self.entry(run, key)?;
        let before = entry.sequence.load(ORDERING);
        let (version, value) = entry.load();
        let after = entry.sequence.load(ORDERING);
        if before % 2 == 0 && before == after {
            return self.versioned(version, value);
        }
        let _last = self.last.lock().unwrap();
        let (version, value) = entry.load();
        self.versioned(version, value)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        Ok(self.write(run, key, Some(value)).0)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let (version, old) = self.write(run, key, None);
        Ok(old.map(|removed| Deleted { removed, version }))
    }
}

//! A transaction with its model, which knows exactly whether it must conflict.

use std::collections::{BTreeMap, BTreeSet};

use sharded_store::{Conflict, ConflictKind, Error, Key, ShardedStore, Transaction, Value};

use super::version_model::{Change, Contents, VersionModel};

/// A transaction, and a record of its reads and writes.
pub(crate) struct CheckedTransaction {
    transaction: Transaction,
    /// The moment of its snapshot.
    moment: u64,
    keys: BTreeSet<Key>,
    prefixes: Vec<Vec<u8>>,
    writes: BTreeMap<Key, Option<Value>>,
}

impl CheckedTransaction {
    pub(crate) fn new(transaction: Transaction, moment: u64) -> Self {
        let (keys, prefixes, writes) = (BTreeSet::new(), Vec::new(), BTreeMap::new());
        Self { transaction, moment, keys, prefixes, writes }
    }

    pub(crate) fn version(&self) -> u64 {
        self.transaction.version()
    }

    pub(crate) fn get(&mut self, key: &Key, model: &VersionModel) {
        let wanted = self.expect(key, model);
        assert_eq!(self.transaction.get(key), wanted);
    }

    pub(crate) fn contains(&mut self, key: &Key, model: &VersionModel) {
        let wanted = self.expect(key, model);
        assert_eq!(self.transaction.contains(key), wanted.is_some());
    }

    pub(crate) fn put(&mut self, key: &Key, value: Value) {
        self.transaction.put(key, value.clone());
        self.writes.insert(key.clone(), Some(value));
    }

    pub(crate) fn delete(&mut self, key: &Key, model: &VersionModel) {
        let wanted = self.expect(key, model);
        assert_eq!(self.transaction.delete(key), wanted);
        self.writes.insert(key.clone(), None);
    }

    pub(crate) fn list(&mut self, prefix: &[u8], model: &VersionModel) {
        let mut wanted: BTreeMap<Key, Value> =
            self.contents(model).into_iter().map(|(key, found)| (key, found.value)).collect();
        for (key, value) in &self.writes {
            match value {
                Some(value) => wanted.insert(key.clone(), value.clone()),
                None => wanted.remove(key),
            };
        }
        wanted.retain(|key, _| key.as_bytes().starts_with(prefix));
        let listed = self.transaction.list(prefix);
        assert!(listed.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(listed.into_iter().collect::<BTreeMap<_, _>>(), wanted);
        self.prefixes.push(prefix.to_vec());
    }

    pub(crate) fn abort(self) {
        self.transaction.abort();
    }

    /// Commits, and checks the outcome against the model.
    pub(crate) fn commit(self, store: &ShardedStore, model: &mut VersionModel) {
        let run = self.transaction.run();
        let clock = store.version();
        let (moment, begun) = (self.moment, self.transaction.version());
        let writes = self.writes.clone();
        let effective = model.effective(run, &writes);
        let changes: Vec<Change> =
            self.read_keys(model).iter().map(|key| model.change(run, key, moment)).collect();
        let reads = Reads { keys: self.keys, prefixes: self.prefixes };
        let removed = reads.any() && model.removed_since(run, moment);
        let must_fail = removed || changes.contains(&Change::Changed);
        let may_fail = must_fail || changes.contains(&Change::Restored);
        match self.transaction.commit() {
            Ok(version) => {
                assert!(writes.is_empty() || !must_fail, "undetected conflict: {reads:?}");
                assert_eq!(version.is_some(), !effective.is_empty());
                if let Some(version) = version {
                    assert!(!version.visible_at(begun), "a commit is later than its snapshot");
                    model.commit(&[(run, Some(version), effective)], clock);
                }
            }
            Err(Error::Conflict(conflict)) => {
                assert!(!writes.is_empty(), "a transaction without writes never fails");
                assert!(may_fail, "no read changed, but: {conflict:?}");
                assert_eq!(conflict.run, run);
                reads.check(&conflict, removed, model.change(run, &conflict.key, moment));
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// The keys that were read or listed, and written at any time.
    fn read_keys(&self, model: &VersionModel) -> BTreeSet<Key> {
        let mut keys = model.keys(self.transaction.run());
        keys.retain(|key| {
            self.keys.contains(key) || self.prefixes.iter().any(|prefix| key.starts_with(prefix))
        });
        keys
    }

    /// The expected result of reading a key; records the read.
    fn expect(&mut self, key: &Key, model: &VersionModel) -> Option<Value> {
        if let Some(written) = self.writes.get(key) {
            return written.clone();
        }
        self.keys.insert(key.clone());
        self.contents(model).remove(key).map(|found| found.value)
    }

    fn contents(&self, model: &VersionModel) -> Contents {
        model.contents(self.transaction.run(), self.moment)
    }
}

/// The reads of a transaction.
#[derive(Debug)]
struct Reads {
    keys: BTreeSet<Key>,
    prefixes: Vec<Vec<u8>>,
}

impl Reads {
    fn any(&self) -> bool {
        !self.keys.is_empty() || !self.prefixes.is_empty()
    }

    /// Checks that a conflict names a read that actually changed.
    fn check(&self, Conflict { kind, key, .. }: &Conflict, removed: bool, change: Change) {
        let changed = matches!(change, Change::Changed | Change::Restored);
        let is_justified = match kind {
            ConflictKind::RunRemoved => {
                let listed = self.prefixes.iter().any(|prefix| prefix == key.as_bytes());
                removed && (listed || self.keys.contains(key))
            }
            ConflictKind::StaleRead => changed && self.keys.contains(key),
            ConflictKind::Phantom => {
                changed && self.prefixes.iter().any(|prefix| key.starts_with(prefix))
            }
            _ => false,
        };
        assert!(is_justified, "{kind} on `{key}` ({change:?}) after reading {self:?}");
    }
}

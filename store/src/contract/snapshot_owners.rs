//! Owners of a snapshot that are snapshots themselves, for adapters whose view is shared or large.

use super::{Entry, Key, RunId, SnapshotReads, Versioned};
use crate::sync::StdArc;

/// A view that is shared: another owner costs one more reference.
impl<T: SnapshotReads + ?Sized> SnapshotReads for StdArc<T> {
    fn version(&self) -> u64 {
        (**self).version()
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        (**self).get(run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        (**self).list(run, prefix)
    }

    fn another(&self) -> Option<Self> {
        Some(Self::clone(self))
    }

    fn contains(&self, run: RunId, key: &Key) -> bool {
        (**self).contains(run, key)
    }

    fn count(&self, run: RunId) -> usize {
        (**self).count(run)
    }
}

/// A view with one owner, of which another can be made if its own type can.
impl<T: SnapshotReads> SnapshotReads for Box<T> {
    fn version(&self) -> u64 {
        (**self).version()
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        (**self).get(run, key)
    }

    fn list(&self, run: RunId, prefix: &[u8]) -> Vec<Entry> {
        (**self).list(run, prefix)
    }

    fn another(&self) -> Option<Self> {
        (**self).another().map(Self::new)
    }

    fn contains(&self, run: RunId, key: &Key) -> bool {
        (**self).contains(run, key)
    }

    fn count(&self, run: RunId) -> usize {
        (**self).count(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Storage, Value};
    use crate::{ShardedStore, Snapshot};

    /// Checks that an owner answers as the snapshot itself does.
    fn answers(owner: impl SnapshotReads, snapshot: &Snapshot, run: RunId) {
        let another = owner.another().expect("ours can be cloned");
        drop(owner);
        for key in [b"a", b"b"].map(Key::from) {
            assert_eq!(another.get(run, &key), SnapshotReads::get(snapshot, run, &key));
            assert_eq!(another.contains(run, &key), SnapshotReads::contains(snapshot, run, &key));
        }
        assert_eq!(another.list(run, b""), SnapshotReads::list(snapshot, run, b""));
        assert_eq!((another.count(run), another.version()), (1, snapshot.version()));
    }

    #[test]
    fn an_owner_of_a_snapshot_answers_as_the_snapshot_does() {
        let (store, run) = (ShardedStore::new(), RunId::from_u128(1));
        store.put(run, &Key::from(b"a"), Value::from(b"1")).unwrap();
        let snapshot = Storage::snapshot(&store).unwrap();
        store.put(run, &Key::from(b"b"), Value::from(b"2")).unwrap();
        answers(StdArc::new(snapshot.clone()), &snapshot, run);
        answers(Box::new(snapshot.clone()), &snapshot, run);
        let shared: StdArc<dyn SnapshotReads> = StdArc::new(snapshot.clone());
        answers(shared, &snapshot, run);
    }
}

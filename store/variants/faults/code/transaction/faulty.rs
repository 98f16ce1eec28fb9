//! A seeded fault of transactions that is too long for a replacement.

use super::{Error, ReadSet, Transaction, Version};

impl Transaction {
    /// U23: commits with the snapshot dropped before the check.
    pub(super) fn commit_unpinned(self) -> Result<Option<Version>, Error> {
        let Self { snapshot, shard, writes, keys_read, prefixes_read } = self;
        let store = snapshot.store().clone();
        let shared = store.shared();
        let reads =
            ReadSet { snapshot: snapshot.version(), keys: &keys_read, prefixes: &prefixes_read };
        drop(snapshot);
        let mut state = shard.lock();
        let version = state.next_version(shared.clock.stamp()?)?;
        state.check(shard.id(), &reads)?;
        Ok(state.install(shared, &writes, version).then_some(version))
    }
}

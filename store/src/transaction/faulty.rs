//! Seeded faults of transactions that are too long to stand where they strike.

use super::{Error, ReadSet, Transaction, Version};
use crate::fault::fault;

/// Wrong ways to commit a transaction.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// T2: what was read is compared with what is there now.
    ComparedWithNow,
    /// T2b: the lock is released between the check and the writes.
    CheckedUnderAnotherLock,
    /// T3: the writes are made before the check, and stay if that fails.
    WrittenFirst,
    /// U23: the snapshot is dropped before the check.
    Unpinned,
}

impl Way {
    /// The one that is switched on.
    pub(super) fn armed() -> Option<Self> {
        let ways = [
            (fault!(T2), Self::ComparedWithNow),
            (fault!(T2b), Self::CheckedUnderAnotherLock),
            (fault!(T3), Self::WrittenFirst),
            (fault!(U23), Self::Unpinned),
        ];
        ways.into_iter().find_map(|(armed, way)| armed.then_some(way))
    }
}

impl Transaction {
    /// Commits in a wrong way.
    pub(super) fn commit_in(self, way: Way) -> Result<Option<Version>, Error> {
        let Self { snapshot, shard, writes, keys_read, prefixes_read } = self;
        let store = snapshot.store().clone();
        let shared = store.shared();
        let mut reads =
            ReadSet { snapshot: snapshot.version(), keys: &keys_read, prefixes: &prefixes_read };
        let (run, mut pin) = (shard.id(), Some(snapshot));
        match way {
            Way::ComparedWithNow => reads.snapshot = shared.clock.now(),
            Way::CheckedUnderAnotherLock => shard.lock().check(run, &reads)?,
            Way::WrittenFirst => {}
            Way::Unpinned => pin = None,
        }
        let mut state = shard.lock();
        let version = state.next_version(shared.clock.stamp()?)?;
        match way {
            Way::ComparedWithNow | Way::Unpinned => state.check(run, &reads)?,
            Way::CheckedUnderAnotherLock => {}
            Way::WrittenFirst => {
                if let Err(conflict) = state.check(run, &reads) {
                    state.install(shared, &writes, version);
                    return Err(conflict);
                }
            }
        }
        drop(pin);
        Ok(state.install(shared, &writes, version).then_some(version))
    }
}

//! For tests and measurements only: how a store is laid out, and a lock held from outside.

use crate::contract::RunId;
use crate::run_handle::RunHandle;
use crate::sharded::ShardedStore;

/// The number of the directory's shard that a run falls in: runs with the same number share one of
/// its locks. For choosing runs that collide, or do not, on purpose.
#[must_use]
pub fn directory_shard(store: &ShardedStore, run: RunId) -> usize {
    store.directory().place_of(run)
}

/// Runs `work` while holding the lock of a handle's run, as a writer does that is interrupted at
/// the worst moment: to show that nothing outside the run waits for one.
///
/// `work` must use neither this run nor a call that visits all runs, or it waits for ever; and it
/// must not wait for other runs while a write set over this and those is under way.
pub fn while_locked<R>(handle: &RunHandle, work: impl FnOnce() -> R) -> R {
    let _lock = handle.shard().lock();
    work()
}

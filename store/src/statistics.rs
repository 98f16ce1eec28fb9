//! Counts of what a store holds.

use crate::pins::Live;
use crate::shard::{Shard, Shared};
use crate::sync::{Arc, Ordering};

/// What a store holds, for its operators. See
/// [`ShardedStore::statistics`](crate::ShardedStore::statistics).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Runs that exist.
    pub runs: usize,
    /// Keys that are live now, in all runs.
    pub live_keys: usize,
    /// Versions held: newest ones, older ones that snapshots need or needed, and deletes.
    pub versions: usize,
    /// Most versions held of one key.
    pub chain_length_max: usize,
    /// Bytes of all runs: tables, indices, long keys and values, older versions.
    pub bytes: usize,
    /// Snapshots open now, clones counted in.
    pub snapshots_open: u64,
    /// The version of the oldest open snapshot.
    pub oldest_pin: Option<u64>,
    /// Snapshots that ever found all lock-free slots taken.
    pub spills: u64,
}

/// What [`ShardedStore::reclaim`](crate::ShardedStore::reclaim) dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reclaimed {
    /// Versions, deletes counted in.
    pub versions: usize,
    /// Entries of the directory whose run nobody sees or holds.
    pub directory_entries: usize,
}

impl Statistics {
    pub(crate) fn gather(shared: &Shared, shards: &[Arc<Shard>]) -> Self {
        let mut live = Live::default();
        shared.pins.look(&mut live);
        let mut statistics = Self {
            // Relaxed: a count that orders nothing.
            runs: shared.runs.load(Ordering::Relaxed),
            snapshots_open: shared.pins.open_count(),
            oldest_pin: live.oldest(),
            spills: shared.pins.spills_total(),
            ..Self::default()
        };
        for shard in shards {
            let counts = shard.lock().counts();
            statistics.live_keys += counts.live;
            statistics.versions += counts.versions;
            statistics.chain_length_max = statistics.chain_length_max.max(counts.chain_max);
            statistics.bytes += size_of::<Shard>() + counts.bytes;
        }
        statistics
    }
}

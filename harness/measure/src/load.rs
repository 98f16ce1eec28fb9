//! The load that a subject is put under.

use std::time::Duration;

use shardproof_subject::Subject;
use shardproof_workload::{KeySet, Placement, Runs, Stream};

/// The number of different heap offsets of a subject.
const HEAP_OFFSETS: usize = 512;
/// The distance between two heap offsets: the alignment of allocators. All offsets together span
/// two pages.
const HEAP_STEP_BYTES: usize = 16;

/// Streams of operations on given runs, with one worker per stream.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The operations of each worker.
    pub streams: &'a [Stream],
    /// Which thread works in which run. It must fit the placement that the streams were made for.
    pub placement: Placement,
    /// Decides the ids of the runs, and where the subject is in memory.
    pub layout: u64,
    /// The keys that each run is filled with.
    pub keys: &'a KeySet,
    /// The length of the timed work.
    pub slice: Duration,
    /// The processors that workers are pinned to, in turn; empty if they are not pinned.
    pub cpus: &'a [usize],
}

impl<'a> Load<'a> {
    /// A load with `disjoint` placement and without pinning.
    #[must_use]
    pub const fn new(streams: &'a [Stream], keys: &'a KeySet, slice: Duration) -> Self {
        let placement = Placement::Disjoint;
        Self { streams, placement, layout: 1, keys, slice, cpus: &[] }
    }

    /// An allocation to make before the subject, which moves the subject in memory.
    #[must_use]
    pub fn offset(&self) -> Vec<u8> {
        vec![0; self.layout as usize % HEAP_OFFSETS * HEAP_STEP_BYTES]
    }

    /// The runs of each worker. They depend on the subject: the `colliding` placement needs runs
    /// that share a shard of its directory.
    pub(crate) fn runs<S: Subject>(&self, subject: &S) -> Runs {
        let runs_per_thread = self.streams.first().map_or(1, Stream::runs_per_thread);
        let threads = (self.streams.len(), runs_per_thread);
        Runs::new(self.placement, self.layout, threads, |run| subject.directory_shard(run))
    }

    /// The processor that a worker is pinned to, if any.
    pub(crate) fn cpu_of(&self, thread: usize) -> Option<usize> {
        self.cpus.get(thread % self.cpus.len().max(1)).copied()
    }
}

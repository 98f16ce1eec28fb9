//! What a subject is put under.

use std::time::Duration;

use shardproof_subject::Subject;
use shardproof_workload::{KeySet, Placement, Runs, Stream};

/// Different places in memory that a subject may come to lie at, and how far they are apart: what
/// allocators align to, over two pages.
const HEAP_OFFSETS: usize = 512;
const HEAP_STEP_BYTES: usize = 16;

/// A load: one worker per stream.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The operations of each worker.
    pub streams: &'a [Stream],
    /// Who works in which run: the placement that the streams were made for, or one that they serve.
    pub placement: Placement,
    /// Decides which runs these are, and where the subject comes to lie in memory.
    pub layout: u64,
    /// The keys that each run is filled with.
    pub keys: &'a KeySet,
    /// How long the workers work.
    pub slice: Duration,
    /// The processors that workers are bound to, in turn; none where they are not.
    pub cpus: &'a [usize],
}

impl<'a> Load<'a> {
    /// Each worker in runs of its own, bound to no processor.
    #[must_use]
    pub const fn new(streams: &'a [Stream], keys: &'a KeySet, slice: Duration) -> Self {
        let placement = Placement::Disjoint;
        Self { streams, placement, layout: 1, keys, slice, cpus: &[] }
    }

    /// What is to be allocated before the subject is made, to move it in memory.
    #[must_use]
    pub fn offset(&self) -> Vec<u8> {
        vec![0; self.layout as usize % HEAP_OFFSETS * HEAP_STEP_BYTES]
    }

    /// The runs of each worker. Each asks for itself: a placement may depend on the subject.
    pub(crate) fn runs<S: Subject>(&self, subject: &S) -> Runs {
        let runs_per_thread = self.streams.first().map_or(1, Stream::runs_per_thread);
        let threads = (self.streams.len(), runs_per_thread);
        Runs::new(self.placement, self.layout, threads, |run| subject.directory_shard(run))
    }

    /// The processor that a worker is bound to, if it is.
    pub(crate) fn cpu_of(&self, thread: usize) -> Option<usize> {
        self.cpus.get(thread % self.cpus.len().max(1)).copied()
    }
}

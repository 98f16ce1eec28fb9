//! What a subject is put under.

use std::time::Duration;

use crate::subject::Subject;
use crate::workload::{KeySet, Placement, Runs, Stream};

/// A load: one worker per stream.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The operations of each worker.
    pub streams: &'a [Stream],
    /// Who works in which run: the placement that the streams were made for, or one that they serve.
    pub placement: Placement,
    /// Decides which runs these are.
    pub layout: u64,
    /// The keys that each run is filled with.
    pub keys: &'a KeySet,
    /// How long the workers work.
    pub slice: Duration,
    /// Bytes allocated before the subject is made, to move it in memory.
    pub heap_offset_bytes: usize,
    /// The processors that workers are bound to, in turn; none where they are not.
    pub cpus: &'a [usize],
}

impl<'a> Load<'a> {
    /// Each worker in runs of its own, bound to no processor.
    #[must_use]
    pub const fn new(streams: &'a [Stream], keys: &'a KeySet, slice: Duration) -> Self {
        let placement = Placement::Disjoint;
        Self { streams, placement, layout: 1, keys, slice, heap_offset_bytes: 0, cpus: &[] }
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

//! What all cells are fed with, made before the first clock starts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::evidence::Skipped;
use crate::machine::cpus::Cpus;
use crate::measure::cell::Slice;
use crate::measure::load::Load;
use crate::measure::plan::{Pinning, Plan, Point};
use crate::workload::{KeySet, Placement, Stream};

/// Different places in memory that a subject may come to lie at, and how far they are apart: what
/// allocators align to, over two pages.
const HEAP_OFFSETS: usize = 512;
const HEAP_STEP_BYTES: usize = 16;

/// Keys and streams of every cell of a plan.
pub(crate) struct Inputs {
    /// By workload.
    keys: Vec<KeySet>,
    /// By workload and placement, one stream for each thread that any cell has.
    streams: BTreeMap<(usize, Placement), Vec<Stream>>,
    /// Processors that workers are bound to; none where they are not.
    cpus: Vec<usize>,
}

impl Inputs {
    /// For every cell of a plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        let keys: Vec<KeySet> = plan.workloads.iter().map(|workload| workload.key_set()).collect();
        let mut threads: BTreeMap<(usize, Placement), usize> = BTreeMap::new();
        for point in plan.every_point() {
            // Streams depend on a placement only as far as its operations choose between runs.
            let most = threads.entry((point.workload, point.placement)).or_default();
            *most = point.threads.max(*most);
        }
        let streams_of = |((workload, placement), threads): ((usize, Placement), usize)| {
            let make = |thread| {
                Stream::of(plan.seed, &plan.workloads[workload], placement, thread, &keys[workload])
            };
            ((workload, placement), (0..threads).map(make).collect())
        };
        let streams = threads.into_iter().map(streams_of).collect();
        let cpus = match plan.pinning {
            Pinning::On => Cpus::detect().order().to_vec(),
            Pinning::Off => Vec::new(),
        };
        Self { keys, streams, cpus }
    }

    /// The load of a cell. `layout` decides which runs are used and where they come to lie in memory.
    pub(crate) fn load(&self, point: Point, slice: Duration, layout: u64) -> Load<'_> {
        let Point { workload, placement, threads, .. } = point;
        Load {
            streams: &self.streams[&(workload, placement)][..threads],
            placement,
            layout,
            keys: &self.keys[workload],
            slice,
            heap_offset_bytes: layout as usize % HEAP_OFFSETS * HEAP_STEP_BYTES,
            cpus: &self.cpus,
        }
    }

    /// One cell once, untimed.
    pub(crate) fn slice(&self, point: Point, slice: Duration, layout: u64) -> Slice {
        point.subject.visit(self.load(point, slice, layout))
    }

    /// The processors that workers are bound to; none where they are not.
    pub(crate) fn cpus(&self) -> &[usize] {
        &self.cpus
    }
}

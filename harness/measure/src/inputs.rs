//! Keys and operation streams of all cells, made before timing starts.

use std::collections::BTreeMap;
use std::time::Duration;

use shardproof_machine::cpus::Cpus;
use shardproof_workload::{KeySet, Placement, Stream, Workload};

use crate::cell::Slice;
use crate::load::Load;
use crate::plan::{CellId, Pinning, Plan};

/// Keys and streams of every cell of a plan.
pub(crate) struct Inputs {
    /// By workload, the keys that each run is filled with.
    keys: Vec<KeySet>,
    /// By [`Inputs::stream_group`], one stream for each thread of the cell with most threads.
    streams: BTreeMap<(usize, Placement), Vec<Stream>>,
    /// By workload, how many runs each thread has.
    runs_per_thread: Vec<usize>,
    /// Processors that workers are pinned to; empty if they are not pinned.
    cpus: Vec<usize>,
}

impl Inputs {
    /// Makes the inputs of every cell of a plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        let workloads = &plan.workloads;
        let mut inputs = Self {
            keys: workloads.iter().map(Workload::key_set).collect(),
            streams: BTreeMap::new(),
            runs_per_thread: workloads.iter().map(|it| it.settings().runs_per_thread).collect(),
            cpus: match plan.pinning {
                Pinning::On => Cpus::detect().order(),
                Pinning::Off => Vec::new(),
            },
        };
        for cell in plan.all_cells() {
            let CellId { workload, placement, threads, .. } = cell;
            let streams = inputs.streams.entry(inputs.stream_group(cell)).or_default();
            for thread in streams.len()..threads {
                let (workload, keys) = (&workloads[workload], &inputs.keys[workload]);
                streams.push(Stream::for_workload(plan.seed, workload, placement, thread, keys));
            }
        }
        inputs
    }

    /// The load of a cell. `layout` decides which runs are used and where they are in memory.
    pub(crate) fn load(&self, cell: CellId, slice: Duration, layout: u64) -> Load<'_> {
        Load {
            streams: &self.streams[&self.stream_group(cell)][..cell.threads],
            placement: cell.placement,
            layout,
            keys: &self.keys[cell.workload],
            slice,
            cpus: &self.cpus,
        }
    }

    /// Runs one throughput slice of a cell.
    pub(crate) fn slice(&self, cell: CellId, slice: Duration, layout: u64) -> Slice {
        cell.subject.slice(self.load(cell, slice, layout))
    }

    /// The processors that workers are pinned to; empty if they are not pinned.
    pub(crate) fn cpus(&self) -> &[usize] {
        &self.cpus
    }

    /// The cells that share streams: those of one workload, and of placements that do not differ in
    /// which of a thread's runs an operation uses.
    fn stream_group(&self, cell: CellId) -> (usize, Placement) {
        let runs_per_thread = self.runs_per_thread[cell.workload];
        (cell.workload, cell.placement.for_streams(runs_per_thread))
    }
}

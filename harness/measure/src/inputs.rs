//! What all cells are fed with, made before the first clock starts.

use std::collections::BTreeMap;
use std::time::Duration;

use shardproof_machine::cpus::Cpus;
use shardproof_workload::{KeySet, Placement, Stream, Workload};

use crate::cell::Slice;
use crate::load::Load;
use crate::plan::{CellId, Pinning, Plan};

/// Keys and streams of every cell of a plan.
pub(crate) struct Inputs {
    /// By workload.
    keys: Vec<KeySet>,
    /// By workload and by what streams depend on of a placement, one for each thread that any cell has.
    streams: BTreeMap<(usize, Placement), Vec<Stream>>,
    /// By workload.
    runs_per_thread: Vec<usize>,
    /// Processors that workers are bound to; none where they are not.
    cpus: Vec<usize>,
}

impl Inputs {
    /// For every cell of a plan.
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
        for cell in plan.every_cell() {
            let (place, CellId { workload, placement, threads, .. }) = (inputs.place(cell), cell);
            let streams = inputs.streams.entry(place).or_default();
            for thread in streams.len()..threads {
                let (workload, keys) = (&workloads[workload], &inputs.keys[workload]);
                streams.push(Stream::for_workload(plan.seed, workload, placement, thread, keys));
            }
        }
        inputs
    }

    /// The load of a cell. `layout` decides which runs are used and where they come to lie in memory.
    pub(crate) fn load(&self, cell: CellId, slice: Duration, layout: u64) -> Load<'_> {
        Load {
            streams: &self.streams[&self.place(cell)][..cell.threads],
            placement: cell.placement,
            layout,
            keys: &self.keys[cell.workload],
            slice,
            cpus: &self.cpus,
        }
    }

    /// One cell once, untimed.
    pub(crate) fn slice(&self, cell: CellId, slice: Duration, layout: u64) -> Slice {
        cell.subject.visit(self.load(cell, slice, layout))
    }

    /// The processors that workers are bound to; none where they are not.
    pub(crate) fn cpus(&self) -> &[usize] {
        &self.cpus
    }

    /// Where the streams of a cell are: a placement decides them only as far as operations choose
    /// between runs.
    fn place(&self, cell: CellId) -> (usize, Placement) {
        let runs_per_thread = self.runs_per_thread[cell.workload];
        (cell.workload, cell.placement.for_streams(runs_per_thread))
    }
}

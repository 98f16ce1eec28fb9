//! What all cells are fed with, made before the first clock starts.

use std::collections::BTreeMap;
use std::time::Duration;

use shardproof_machine::cpus::Cpus;
use shardproof_workload::{KeySet, Placement, Stream, Workload};

use crate::cell::Slice;
use crate::load::Load;
use crate::plan::{Pinning, Plan, Point};

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
        for point in plan.every_point() {
            let (place, Point { workload, placement, threads, .. }) = (inputs.place(point), point);
            let streams = inputs.streams.entry(place).or_default();
            for thread in streams.len()..threads {
                let (workload, keys) = (&workloads[workload], &inputs.keys[workload]);
                streams.push(Stream::of(plan.seed, workload, placement, thread, keys));
            }
        }
        inputs
    }

    /// The load of a cell. `layout` decides which runs are used and where they come to lie in memory.
    pub(crate) fn load(&self, point: Point, slice: Duration, layout: u64) -> Load<'_> {
        Load {
            streams: &self.streams[&self.place(point)][..point.threads],
            placement: point.placement,
            layout,
            keys: &self.keys[point.workload],
            slice,
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

    /// Where the streams of a cell are: a placement decides them only as far as operations choose
    /// between runs.
    fn place(&self, point: Point) -> (usize, Placement) {
        let runs_per_thread = self.runs_per_thread[point.workload];
        (point.workload, point.placement.for_streams(runs_per_thread))
    }
}

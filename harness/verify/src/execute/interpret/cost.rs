//! What it costs to record.

use std::time::Instant;

use shardproof_trace::allocations;

use super::super::store::Storage;
use super::worker::Worker;
use crate::execute::cost::{Cost, Loop};
use crate::execute::ticks::Ticks;
use crate::history::Kind;
use crate::program::Op;

impl<S: Storage, T: Ticks> Worker<'_, S, T> {
    /// Runs a loop over the operations of a thread, and tells what it cost.
    pub(super) fn cost(&mut self, ops: &[Op], of: Loop) -> Cost {
        let recorded = self.log.events.len();
        let allocated = allocations::on_this_thread();
        let start = Instant::now();
        match of {
            Loop::Recorder => self.record(ops.len()),
            Loop::Interpreter => self.run(ops),
        }
        let took = start.elapsed();
        let made = allocations::on_this_thread().zip(allocated);
        Cost {
            events: self.log.events.len() - recorded,
            nanoseconds: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
            allocations: made.map(|(after, before)| after - before),
        }
    }

    /// Records events of operations that are not done.
    fn record(&mut self, events: usize) {
        for _ in 0..events {
            let event = self.begin_at(Kind::Get, 0, 0);
            self.end(event);
        }
    }
}

//! The cost of recording: benchmarks reach the inner loops through this module.

use crate::execute::VerifySubject;
use crate::execute::driver::{ListingDetail, TimeSource};
use crate::key_table::KeyTable;
use crate::program::Program;

/// The loop to measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loop {
    /// The recorder alone: it records one event for each operation of the thread, and runs none.
    Recorder,
    /// The thread as an executor runs it: operations run and are recorded.
    Interpreter,
}

/// The cost of one run of a loop, without its preparation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Events recorded.
    pub events: usize,
    /// How long it took, in nanoseconds.
    pub nanoseconds: u64,
    /// Allocations made; `None` where they are not counted (see
    /// [`allocations`](shardproof_trace::allocations)).
    pub allocations: Option<u64>,
}

impl Cost {
    /// Nanoseconds per event.
    #[must_use]
    pub fn ns_per_event(&self) -> f64 {
        self.nanoseconds as f64 / self.events as f64
    }
}

/// Runs the first thread of a program once, on the calling thread and a fresh store, as the
/// executors for real threads do.
///
/// # Panics
/// When the program has no thread, or the store panics.
#[must_use]
pub fn cost(subject: &VerifySubject, program: &Program, of: Loop) -> Cost {
    let key_table = KeyTable::new(program.keys_min());
    let loaded = subject.real().load(program, &key_table, ListingDetail::Digests);
    let _exclusive = subject.prepare();
    loaded.begin(TimeSource::Nanoseconds).cost(0, of)
}

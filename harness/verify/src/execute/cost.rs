//! What it costs to record: for benchmarks, which have no other way to the loops inside.

use crate::alphabet::Alphabet;
use crate::execute::Subject;
use crate::execute::rig::{Keep, Time};
use crate::program::Program;

/// Which loop is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loop {
    /// The recorder alone: as many events as the thread has operations, none of which is done.
    Recorder,
    /// The thread as an executor runs it: its operations are done, and recorded.
    Interpreter,
}

/// What one run of a loop cost, without what was made ready before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Events recorded.
    pub events: usize,
    /// Nanoseconds that it took.
    pub nanoseconds: u64,
    /// Allocations made; `None` where they are not counted (see
    /// [`allocations`](shardproof_trace::allocations)).
    pub allocations: Option<u64>,
}

impl Cost {
    /// Nanoseconds of one event.
    #[must_use]
    pub fn ns_per_event(&self) -> f64 {
        self.nanoseconds as f64 / self.events as f64
    }
}

/// Runs the first thread of a program once, on this thread and a fresh store, as the executors for
/// real threads do.
///
/// # Panics
/// When the program has no thread, or the store panics.
#[must_use]
pub fn cost(subject: &Subject, program: &Program, of: Loop) -> Cost {
    let alphabet = Alphabet::new(program.keys_min());
    let loaded = subject.real().load(program, &alphabet, Keep::Digests);
    let _alone = subject.prepare();
    loaded.begin(Time::Nanoseconds).cost(0, of)
}

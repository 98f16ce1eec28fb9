//! What an executor drives, whatever the store's type: a driver loads a program and runs it any
//! number of times, each time on a fresh store.

use std::sync::Arc;

use crate::execute::cost::{Cost, Loop};
use crate::history::{Claims, Log};
use crate::key_table::KeyTable;
use crate::program::Program;

/// Runs programs on one kind of store.
pub trait StoreDriver: Send + Sync {
    /// What the store claims.
    fn claims(&self) -> Claims;

    /// Prepares a program.
    fn load(
        &self,
        program: &Program,
        key_table: &KeyTable,
        listings: ListingDetail,
    ) -> ArcLoadedProgram;
}

/// A program prepared for one kind of store.
pub trait LoadedProgram: Send + Sync {
    /// Creates a fresh store and runs the setup on it.
    fn begin(&self, time: TimeSource) -> ArcExecution;
}

/// One execution, after its setup.
pub trait Execution: Send + Sync {
    /// Runs one thread of the program, numbered from 0, once. Calls `start` when all is prepared,
    /// right before the first operation; if it returns false, the thread ends there.
    fn work(&self, thread: usize, start: &mut dyn FnMut() -> bool);

    /// A number that grows while any thread makes progress; read by another thread.
    fn progress(&self) -> usize;

    /// Runs one loop for [`cost`](crate::execute::cost) instead, and discards what it records.
    fn cost(&self, thread: usize, of: Loop) -> Cost;

    /// After all threads have ended: reads everything again, and returns all logs.
    fn finish(&self) -> Vec<Log>;
}

/// A shared [`LoadedProgram`].
pub type ArcLoadedProgram = Arc<dyn LoadedProgram>;
/// A shared [`Execution`].
pub type ArcExecution = Arc<dyn Execution>;

/// Where the times of events come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeSource {
    /// A count of steps, where one thread runs at a time.
    Steps,
    /// Nanoseconds, on real threads.
    Nanoseconds,
}

/// How much of each listing is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListingDetail {
    /// Its digest only: nothing is allocated.
    Digests,
    /// Every entry.
    Entries,
}

/// Runs a program once on the executor's own kind of threads, and returns all logs.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(super) fn run_once<J>(
    loaded: &ArcLoadedProgram,
    threads: usize,
    spawn: impl Fn(Box<dyn FnOnce() + Send>) -> J,
    join: impl Fn(J),
) -> Vec<Log> {
    let round = loaded.begin(TimeSource::Steps);
    let workers: Vec<J> = (0..threads)
        .map(|thread| {
            let round = Arc::clone(&round);
            spawn(Box::new(move || round.work(thread, &mut || true)))
        })
        .collect();
    workers.into_iter().for_each(join);
    round.finish()
}

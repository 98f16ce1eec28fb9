//! What an executor drives, whatever the store's type: a driver is loaded with a program, and runs it round
//! by round on a fresh store each time.

use std::sync::Arc;

use crate::execute::cost::{Cost, Loop};
use crate::history::{Claims, Log};
use crate::key_table::KeyTable;
use crate::program::Program;

/// A kind of store, on which programs can be run.
pub trait StoreDriver: Send + Sync {
    /// What the store claims.
    fn claims(&self) -> Claims;

    /// Makes a program ready.
    fn load(
        &self,
        program: &Program,
        key_table: &KeyTable,
        listings: ListingDetail,
    ) -> ArcLoadedProgram;
}

/// A program on a kind of store.
pub trait LoadedProgram: Send + Sync {
    /// Makes a fresh store and runs the setup on it.
    fn begin(&self, time: TimeSource) -> ArcExecution;
}

/// One execution, set up.
pub trait Execution: Send + Sync {
    /// Runs one thread of the program, numbered from 0, once.
    fn work(&self, thread: usize);

    /// A number that grows as long as any thread gets on; looked at from outside.
    fn progress(&self) -> usize;

    /// Does instead what [`cost`](crate::execute::cost) measures; nothing of it is kept.
    fn cost(&self, thread: usize, of: Loop) -> Cost;

    /// When all threads have ended: reads everything again, and returns all logs.
    fn finish(&self) -> Vec<Log>;
}

/// A shared [`LoadedProgram`].
pub type ArcLoadedProgram = Arc<dyn LoadedProgram>;
/// A shared [`Execution`].
pub type ArcExecution = Arc<dyn Execution>;

/// What times of events are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeSource {
    /// The number of the step, where one thread runs at a time.
    Steps,
    /// Nanoseconds, on real threads.
    Nanoseconds,
}

/// Whether listings are kept in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListingDetail {
    /// Their digests only: nothing is allocated.
    Digests,
    /// Every entry.
    Entries,
}

/// Runs a program once on threads of an executor's own kind, and returns all logs.
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
            spawn(Box::new(move || round.work(thread)))
        })
        .collect();
    workers.into_iter().for_each(join);
    round.finish()
}

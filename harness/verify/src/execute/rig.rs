//! What an executor drives, whatever the store's type: a rig is loaded with a program, and runs it round
//! by round on a fresh store each time.

use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::execute::cost::{Cost, Loop};
use crate::history::{Claims, Log};
use crate::program::Program;

/// A kind of store, on which programs can be run.
pub trait Rig: Send + Sync {
    /// What the store claims.
    fn claims(&self) -> Claims;

    /// Makes a program ready.
    fn load(&self, program: &Program, alphabet: &Alphabet, listings: Keep) -> ArcLoaded;
}

/// A program on a kind of store.
pub trait Loaded: Send + Sync {
    /// Makes a fresh store and runs the setup on it.
    fn begin(&self, time: Time) -> ArcRound;
}

/// One execution, set up.
pub trait Round: Send + Sync {
    /// Runs one thread of the program, numbered from 0, once.
    fn work(&self, thread: usize);

    /// A number that grows as long as any thread gets on; looked at from outside.
    fn beats(&self) -> usize;

    /// Does instead what [`cost`](crate::execute::cost) measures; nothing of it is kept.
    fn cost(&self, thread: usize, of: Loop) -> Cost;

    /// When all threads have ended: reads everything again, and returns all logs.
    fn finish(&self) -> Vec<Log>;
}

/// A shared [`Loaded`].
pub type ArcLoaded = Arc<dyn Loaded>;
/// A shared [`Round`].
pub type ArcRound = Arc<dyn Round>;

/// What times of events are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Time {
    /// The number of the step, where one thread runs at a time.
    Steps,
    /// Nanoseconds, on real threads.
    Nanoseconds,
}

/// Whether listings are kept in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Their digests only: nothing is allocated.
    Digests,
    /// Every entry.
    Entries,
}

/// Runs a program once on threads of an executor's own kind, and returns all logs.
pub(super) fn run_once<J>(
    loaded: &ArcLoaded,
    threads: usize,
    spawn: impl Fn(Box<dyn FnOnce() + Send>) -> J,
    join: impl Fn(J),
) -> Vec<Log> {
    let round = loaded.begin(Time::Steps);
    let workers: Vec<J> = (0..threads)
        .map(|thread| {
            let round = Arc::clone(&round);
            spawn(Box::new(move || round.work(thread)))
        })
        .collect();
    workers.into_iter().for_each(join);
    round.finish()
}

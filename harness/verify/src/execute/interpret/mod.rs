//! Runs a program on a store and records what it observes: the one interpreter of all executors.
//!
//! This file is compiled once for each variant of the store (see `variants`): `super::store` is the
//! variant's crate, and `super::Flag` an atomic that the executor controls.

mod cost;
mod reads;
mod transactions;
mod worker;
mod writes;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_utils::CachePadded;

use super::Flag;
use super::store::{Key, RunId, Storage};
use crate::execute::cost::{Cost, Loop};
use crate::execute::driver::{self, ListingDetail, TimeSource};
use crate::execute::ticks::{Nanoseconds, Steps, Ticks};
use crate::history::{Claims, Event, Kind, Log, flag};
use crate::key_table::{KeyNumbers, KeyTable, run_bits};
use crate::program::{Op, Program};
use worker::Worker;

/// Operations of a thread between two steps of its progress.
const OPERATIONS_PER_STEP: usize = 64;

/// A program prepared for one variant of the store.
struct PreparedProgram {
    /// The program.
    program: Program,
    /// The keys, by number.
    keys: Vec<Key>,
    /// The prefixes, by number.
    prefixes: Vec<Vec<u8>>,
    /// The numbers of the keys.
    numbers: KeyNumbers,
    /// The runs, by number.
    runs: Vec<RunId>,
    /// The runs and keys that the program names: all are read again at the end.
    keys_by_run: Vec<(u16, Vec<u32>)>,
    /// How much of each listing is kept.
    listings: ListingDetail,
    /// How many ids each log may use: a power of ten, so that an id shows its log (201 is the first
    /// of thread 2).
    ids_per_log: u32,
}

impl PreparedProgram {
    fn new(program: Program, key_table: &KeyTable, listings: ListingDetail) -> Self {
        let keys_by_run = program.keys_by_run();
        let runs = keys_by_run.last().map_or(0, |(run, _)| run + 1);
        let key = |bytes: &Vec<u8>| {
            Key::new(bytes).expect("keys of the table are below the store's limit")
        };
        Self {
            keys: key_table.keys.iter().map(key).collect(),
            prefixes: key_table.prefixes.clone(),
            numbers: key_table.numbers(),
            runs: (0..runs).map(|run| RunId::from_u128(run_bits(run))).collect(),
            keys_by_run,
            ids_per_log: ids_per_log(&program),
            program,
            listings,
        }
    }
}

/// The smallest power of ten from 100 that is more than any thread needs, capped so that the ids of
/// all logs fit.
fn ids_per_log(program: &Program) -> u32 {
    let logs = program.threads.len() as u32 + 2;
    10u32.saturating_pow(program.ids_max().max(10).ilog10() + 1).min(u32::MAX / logs)
}

/// Runs programs on the stores that a function creates.
pub(crate) struct Driver<F>(pub(crate) F);

impl<S, F> driver::StoreDriver for Driver<F>
where
    S: Storage + 'static,
    S::Snapshot: 'static,
    F: Fn() -> S + Clone + Send + Sync + 'static,
{
    fn claims(&self) -> Claims {
        let claims = S::CAPABILITIES;
        Claims {
            versions: claims.versions,
            snapshots: claims.snapshots,
            lists: claims.lists,
            atomic_apply: claims.atomic_apply,
            transactions: claims.transactions,
            removal: claims.removal,
        }
    }

    fn load(
        &self,
        program: &Program,
        key_table: &KeyTable,
        listings: ListingDetail,
    ) -> driver::ArcLoadedProgram {
        let prepared = Arc::new(PreparedProgram::new(program.clone(), key_table, listings));
        Arc::new(LoadedProgram { create: self.0.clone(), prepared })
    }
}

/// A prepared program, and how to create a store for it.
struct LoadedProgram<F> {
    /// Creates a store.
    create: F,
    /// The program.
    prepared: Arc<PreparedProgram>,
}

impl<S, F> driver::LoadedProgram for LoadedProgram<F>
where
    S: Storage + 'static,
    S::Snapshot: 'static,
    F: Fn() -> S + Send + Sync + 'static,
{
    fn begin(&self, time: TimeSource) -> driver::ArcExecution {
        let (under_test, prepared) =
            (StoreUnderTest::new((self.create)()), Arc::clone(&self.prepared));
        match time {
            TimeSource::Steps => Arc::new(Execution::begin(under_test, prepared, Steps::default())),
            TimeSource::Nanoseconds => {
                Arc::new(Execution::begin(under_test, prepared, Nanoseconds::new()))
            }
        }
    }
}

/// A store on which a program runs, and the program's flags.
struct StoreUnderTest<S> {
    /// The store.
    store: S,
    /// The flags.
    flags: [Flag; Program::FLAGS as usize],
}

impl<S> StoreUnderTest<S> {
    fn new(store: S) -> Self {
        Self { store, flags: std::array::from_fn(|_| Flag::new(false)) }
    }
}

/// One execution, after its setup.
struct Execution<S: Storage, T> {
    /// The store and the flags.
    under_test: StoreUnderTest<S>,
    /// The program.
    prepared: Arc<PreparedProgram>,
    /// The clock.
    ticks: T,
    /// The setup's log, then the log of each thread that has ended.
    logs: Vec<Mutex<Log>>,
    /// The snapshots that each thread starts with.
    initial_snapshots: Vec<Mutex<Slots<S::Snapshot>>>,
    /// Snapshots that are still open at the end.
    left_open: Mutex<Vec<Snapshot<S::Snapshot>>>,
    /// The progress of each thread, each on its own cache line. Real atomics: they are not part of
    /// what is checked.
    progress: Vec<CachePadded<AtomicUsize>>,
}

impl<S: Storage, T: Ticks> Execution<S, T> {
    fn begin(under_test: StoreUnderTest<S>, prepared: Arc<PreparedProgram>, ticks: T) -> Self {
        let SetupOutput { log, snapshots, initial_snapshots } =
            open(&under_test, &prepared, &ticks);
        let later = prepared.program.threads.iter().map(|_| Log::default());
        let logs = std::iter::once(log).chain(later).map(Mutex::new).collect();
        let progress = initial_snapshots.iter().map(|_| CachePadded::default()).collect();
        let initial_snapshots = initial_snapshots.into_iter().map(Mutex::new).collect();
        Self {
            under_test,
            prepared,
            ticks,
            logs,
            initial_snapshots,
            left_open: Mutex::new(snapshots),
            progress,
        }
    }
}

impl<S: Storage, T: Ticks> driver::Execution for Execution<S, T> {
    fn work(&self, thread: usize, start: &mut dyn FnMut() -> bool) {
        let snapshots_for = std::mem::take(&mut *lock(&self.initial_snapshots[thread]));
        let number = thread as u32 + 1;
        let (under_test, prepared, progress) =
            (&self.under_test, &self.prepared, &self.progress[thread]);
        let mut worker = Worker::new(under_test, prepared, &self.ticks, number, snapshots_for);
        if !start() {
            return;
        }
        worker.start_clock();
        work(&mut worker, progress);
        let ThreadOutput { log, snapshots } = worker.into_output();
        *lock(&self.logs[thread + 1]) = log;
        lock(&self.left_open).extend(snapshots);
    }

    fn progress(&self) -> usize {
        // Relaxed: only its growth matters.
        self.progress.iter().map(|progress| progress.load(Ordering::Relaxed)).sum()
    }

    fn cost(&self, thread: usize, of: Loop) -> Cost {
        let snapshots_for = std::mem::take(&mut *lock(&self.initial_snapshots[thread]));
        let (number, ops) = (thread as u32 + 1, &self.prepared.program.threads[thread]);
        Worker::new(&self.under_test, &self.prepared, &self.ticks, number, snapshots_for)
            .cost(ops, of)
    }

    fn finish(&self) -> Vec<Log> {
        let left_open = std::mem::take(&mut *lock(&self.left_open));
        let last = finish(&self.under_test, &self.prepared, &self.ticks, left_open);
        let mut logs: Vec<Log> =
            self.logs.iter().map(|log| std::mem::take(&mut *lock(log))).collect();
        logs.push(last);
        logs
    }
}

/// A real lock, in all variants: it is never held while the store runs.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the setup leaves.
struct SetupOutput<S: Storage> {
    /// Its log.
    log: Log,
    /// Its own snapshots.
    snapshots: Vec<Snapshot<S::Snapshot>>,
    /// The clones of them that each thread starts with.
    initial_snapshots: Vec<Slots<S::Snapshot>>,
}

/// What a thread leaves.
struct ThreadOutput<S: Storage> {
    /// Its log.
    log: Log,
    /// The snapshots that it still holds.
    snapshots: Vec<Snapshot<S::Snapshot>>,
}

/// An open snapshot with its id.
struct Snapshot<V> {
    /// The snapshot.
    reads: V,
    /// Its id in the history.
    id: u32,
}

/// The snapshot slots of a thread.
type Slots<V> = [Option<Snapshot<V>>; Program::SLOTS as usize];

/// Runs the setup.
fn open<S: Storage>(
    under_test: &StoreUnderTest<S>,
    prepared: &PreparedProgram,
    ticks: &impl Ticks,
) -> SetupOutput<S> {
    let mut worker = Worker::new(under_test, prepared, ticks, 0, Slots::default());
    worker.run(&prepared.program.setup);
    let initial_snapshots =
        prepared.program.threads.iter().map(|ops| worker.snapshots_for(ops)).collect();
    let ThreadOutput { log, snapshots } = worker.into_output();
    SetupOutput { log, snapshots, initial_snapshots }
}

/// Runs the thread of the program that has the worker's number.
fn work<S: Storage>(worker: &mut Worker<'_, S, impl Ticks>, progress: &AtomicUsize) {
    let program = &worker.prepared.program;
    for ops in program.threads[worker.number as usize - 1].chunks(OPERATIONS_PER_STEP) {
        worker.run(ops);
        // Relaxed: only this thread writes it, and only its growth matters.
        progress.store(progress.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// Reads everything again after all threads have ended: through the snapshots that are still open
/// and through the store, before and after a collection; then drops the snapshots, collects, and
/// reads once more.
fn finish<S: Storage>(
    under_test: &StoreUnderTest<S>,
    prepared: &PreparedProgram,
    ticks: &impl Ticks,
    snapshots: Vec<Snapshot<S::Snapshot>>,
) -> Log {
    let number = prepared.program.threads.len() as u32 + 1;
    let mut worker = Worker::new(under_test, prepared, ticks, number, Slots::default());
    worker.read_flags = flag::REREAD;
    worker.read_all(&snapshots);
    worker.run(&[Op::Collect]);
    if !snapshots.is_empty() {
        worker.read_all(&snapshots);
    }
    for snapshot in snapshots {
        worker.drop_snapshot(snapshot);
    }
    worker.sessions.iter_mut().for_each(|session| *session = None);
    worker.run(&[Op::Collect]);
    worker.read_all(&[]);
    if let Some(held) = under_test.store.held() {
        let event = worker.begin(Kind::Held);
        worker.end(Event {
            stamp: held.versions as u64,
            value: u32::try_from(held.live_keys).unwrap_or(u32::MAX),
            ..event
        });
    }
    worker.log
}

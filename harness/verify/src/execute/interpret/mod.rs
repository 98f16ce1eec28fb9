//! Runs a program on a store and records what it sees: the one interpreter of all executors.
//!
//! This file is compiled once for each variant of the store (see `worlds`): `super::store` is the
//! variant's crate, and `super::Flag` an atomic that its executor sees.

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
use crate::alphabet::{Alphabet, KeyNumbers, run_bits};
use crate::execute::cost::{Cost, Loop};
use crate::execute::rig::{self, Keep, Time};
use crate::execute::ticks::{Nanoseconds, Steps, Ticks};
use crate::history::{Claims, Event, Kind, Log, flag};
use crate::program::{Op, Program};
use worker::Worker;

/// Operations of a thread between two signs of life.
const OPERATIONS_PER_BEAT: usize = 64;

/// A program made ready for one variant of the store.
struct Script {
    program: Program,
    keys: Vec<Key>,
    prefixes: Vec<Vec<u8>>,
    numbers: KeyNumbers,
    runs: Vec<RunId>,
    /// Runs and keys that the program names: what is read again at the end.
    places: Vec<(u16, Vec<u32>)>,
    listings: Keep,
    /// A power of ten, so that a reader sees whose an id is: thread 2's first is 201.
    ids_per_log: u32,
}

impl Script {
    fn new(program: Program, alphabet: &Alphabet, listings: Keep) -> Self {
        let places = program.places();
        let runs = places.last().map_or(0, |(run, _)| run + 1);
        let key = |bytes: &Vec<u8>| Key::new(bytes).expect("the alphabet's keys are short");
        Self {
            keys: alphabet.keys.iter().map(key).collect(),
            prefixes: alphabet.prefixes.clone(),
            numbers: alphabet.numbers(),
            runs: (0..runs).map(|run| RunId::from_u128(run_bits(run))).collect(),
            places,
            ids_per_log: ids_per_log(&program),
            program,
            listings,
        }
    }
}

/// The smallest power of ten, from 100 on, that is more than any thread needs, and that all logs have room for.
fn ids_per_log(program: &Program) -> u32 {
    let logs = program.threads.len() as u32 + 2;
    10u32.saturating_pow(program.ids_max().max(10).ilog10() + 1).min(u32::MAX / logs)
}

/// A kind of store, on which programs can be run.
pub(crate) struct Rig<F>(pub(crate) F);

impl<S, F> rig::Rig for Rig<F>
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

    fn load(&self, program: &Program, alphabet: &Alphabet, listings: Keep) -> rig::ArcLoaded {
        let script = Arc::new(Script::new(program.clone(), alphabet, listings));
        Arc::new(Loaded { create: self.0.clone(), script })
    }
}

/// A program on a kind of store.
struct Loaded<F> {
    create: F,
    script: Arc<Script>,
}

impl<S, F> rig::Loaded for Loaded<F>
where
    S: Storage + 'static,
    S::Snapshot: 'static,
    F: Fn() -> S + Send + Sync + 'static,
{
    fn begin(&self, time: Time) -> rig::ArcRound {
        let (stage, script) = (Stage::new((self.create)()), Arc::clone(&self.script));
        match time {
            Time::Steps => Arc::new(Round::begin(stage, script, Steps::default())),
            Time::Nanoseconds => Arc::new(Round::begin(stage, script, Nanoseconds::new())),
        }
    }
}

/// A store on which a program is run, and the program's flags.
struct Stage<S> {
    store: S,
    flags: [Flag; Program::FLAGS as usize],
}

impl<S> Stage<S> {
    fn new(store: S) -> Self {
        Self { store, flags: std::array::from_fn(|_| Flag::new(false)) }
    }
}

/// One execution, set up.
struct Round<S: Storage, T> {
    stage: Stage<S>,
    script: Arc<Script>,
    ticks: T,
    /// The setup's log, then each thread's once it has ended.
    logs: Vec<Mutex<Log>>,
    /// What each thread starts with.
    shares: Vec<Mutex<Slots<S::Snapshot>>>,
    /// Snapshots that are still open.
    left: Mutex<Vec<Snapshot<S::Snapshot>>>,
    /// How far each thread is, each on a line of its own. Real atomics: no part of what is checked.
    beats: Vec<CachePadded<AtomicUsize>>,
}

impl<S: Storage, T: Ticks> Round<S, T> {
    fn begin(stage: Stage<S>, script: Arc<Script>, ticks: T) -> Self {
        let Opening { log, snapshots, shares } = open(&stage, &script, &ticks);
        let later = script.program.threads.iter().map(|_| Log::default());
        let logs = std::iter::once(log).chain(later).map(Mutex::new).collect();
        let beats = shares.iter().map(|_| CachePadded::default()).collect();
        let shares = shares.into_iter().map(Mutex::new).collect();
        Self { stage, script, ticks, logs, shares, left: Mutex::new(snapshots), beats }
    }
}

impl<S: Storage, T: Ticks> rig::Round for Round<S, T> {
    fn work(&self, thread: usize) {
        let share = std::mem::take(&mut *lock(&self.shares[thread]));
        let number = thread as u32 + 1;
        let (stage, script, beat) = (&self.stage, &self.script, &self.beats[thread]);
        let Finished { log, snapshots } = work(stage, script, &self.ticks, number, share, beat);
        *lock(&self.logs[thread + 1]) = log;
        lock(&self.left).extend(snapshots);
    }

    fn beats(&self) -> usize {
        // Relaxed: only whether it grows counts.
        self.beats.iter().map(|beat| beat.load(Ordering::Relaxed)).sum()
    }

    fn cost(&self, thread: usize, of: Loop) -> Cost {
        let share = std::mem::take(&mut *lock(&self.shares[thread]));
        let (number, ops) = (thread as u32 + 1, &self.script.program.threads[thread]);
        Worker::new(&self.stage, &self.script, &self.ticks, number, share).cost(ops, of)
    }

    fn finish(&self) -> Vec<Log> {
        let left = std::mem::take(&mut *lock(&self.left));
        let last = finish(&self.stage, &self.script, &self.ticks, left);
        let mut logs: Vec<Log> =
            self.logs.iter().map(|log| std::mem::take(&mut *lock(log))).collect();
        logs.push(last);
        logs
    }
}

/// A real lock, in all variants: it is never held while the store is at work.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the setup leaves: its log, its own snapshots, and each thread's clones of them.
struct Opening<S: Storage> {
    log: Log,
    snapshots: Vec<Snapshot<S::Snapshot>>,
    shares: Vec<Slots<S::Snapshot>>,
}

/// What a thread leaves: its log, and the snapshots that it still holds.
struct Finished<S: Storage> {
    log: Log,
    snapshots: Vec<Snapshot<S::Snapshot>>,
}

/// An open snapshot with its id.
struct Snapshot<V> {
    reads: V,
    id: u32,
}

/// A thread's slots for snapshots.
type Slots<V> = [Option<Snapshot<V>>; Program::SLOTS as usize];

/// Runs the setup.
fn open<S: Storage>(stage: &Stage<S>, script: &Script, ticks: &impl Ticks) -> Opening<S> {
    let mut worker = Worker::new(stage, script, ticks, 0, Slots::default());
    worker.run(&script.program.setup);
    let shares = script.program.threads.iter().map(|ops| worker.share(ops)).collect();
    let Finished { log, snapshots } = worker.into_finished();
    Opening { log, snapshots, shares }
}

/// Runs one thread of the program; `number` is that of its log.
fn work<S: Storage>(
    stage: &Stage<S>,
    script: &Script,
    ticks: &impl Ticks,
    number: u32,
    snapshots: Slots<S::Snapshot>,
    beat: &AtomicUsize,
) -> Finished<S> {
    let mut worker = Worker::new(stage, script, ticks, number, snapshots);
    for ops in script.program.threads[number as usize - 1].chunks(OPERATIONS_PER_BEAT) {
        worker.run(ops);
        // Relaxed: as above; only this thread writes it.
        beat.store(beat.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
    worker.into_finished()
}

/// Reads everything again, now that all threads have ended: through the snapshots that are left, before and after
/// a collection, and through the store; then drops the snapshots, and looks at what is left.
fn finish<S: Storage>(
    stage: &Stage<S>,
    script: &Script,
    ticks: &impl Ticks,
    snapshots: Vec<Snapshot<S::Snapshot>>,
) -> Log {
    let number = script.program.threads.len() as u32 + 1;
    let mut worker = Worker::new(stage, script, ticks, number, Slots::default());
    worker.marks = flag::REREAD;
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
    if let Some(held) = stage.store.held() {
        let event = worker.begin(Kind::Held);
        worker.end(Event {
            stamp: held.versions as u64,
            value: u32::try_from(held.live_keys).unwrap_or(u32::MAX),
            ..event
        });
    }
    worker.log
}

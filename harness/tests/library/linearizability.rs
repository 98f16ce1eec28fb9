//! The checker against an independent one: stateright's `LinearizabilityTester`, which tries the
//! orders of all operations. Histories of one key, of right and wrong stores, recorded and mutated.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, RunId, ShardedStore, Storage, Value};
use shardproof::verify::check::check;
use shardproof::verify::check::report::Axioms;
use shardproof::verify::history::{Claims, Event, Header, History, Kind, Log, Order, flag};
use shardproof::verify::key_table::KeyTable;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

/// Threads of each history; one more thread reads at rest.
const THREADS: usize = 3;
/// The most operations of a thread: the other checker tries every order.
const OPS_MAX: usize = 3;

/// One operation with its result and times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Done {
    thread: usize,
    kind: Kind,
    /// What was put or found; 0 for nothing.
    value: u32,
    /// The version of the write, or of the value found; 0 for none.
    version: u64,
    invoke: u64,
    returned: u64,
}

/// What one history shows each checker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Verdicts {
    /// Ours finds nothing, by versions.
    by_versions: bool,
    /// Ours finds nothing, without versions.
    by_intervals: bool,
    /// Linearizable, with versions that grow from write to write.
    with_versions: bool,
    /// Linearizable.
    without_versions: bool,
    /// Each read by itself is linearizable with all writes.
    each_read_alone: bool,
}

/// A register, or a register whose versions are compared too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Register {
    value: u32,
    version: u64,
    compared: Compared,
}

/// What is compared with a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Compared {
    Values,
    Versions,
}

/// An operation on a register; `finds` is none if its result is not compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Step {
    kind: Kind,
    value: u32,
    finds: Option<u32>,
    version: u64,
}

impl SequentialSpec for Register {
    type Op = Step;
    type Ret = ();

    fn invoke(&mut self, _: &Step) {
        unreachable!("no operation is left without a result");
    }

    fn is_valid_step(&mut self, step: &Step, (): &()) -> bool {
        if step.finds.is_some_and(|found| found != self.value) {
            return false;
        }
        let by_versions = self.compared == Compared::Versions;
        match step.kind {
            // It changed nothing.
            Kind::Delete if step.value == 0 => true,
            Kind::Put | Kind::Delete => {
                let grows = step.version > self.version;
                self.value = if step.kind == Kind::Put { step.value } else { 0 };
                self.version = step.version;
                grows || !by_versions
            }
            _ => !by_versions || step.value == 0 || step.version == self.version,
        }
    }
}

impl Done {
    fn is_write(&self) -> bool {
        self.kind == Kind::Put || self.kind == Kind::Delete && self.value != 0
    }

    fn finds(&self) -> Option<u32> {
        (self.kind != Kind::Put).then_some(self.value)
    }
}

/// Whether some order explains all operations; of those that `compares` rejects, the result is not
/// compared.
fn is_linearizable(
    history: &[Done],
    compared: Compared,
    compares: impl Fn(usize, &Done) -> bool,
) -> bool {
    let register = Register { value: 0, version: 0, compared };
    let mut tester = LinearizabilityTester::new(register);
    // At one moment beginnings come before ends: such operations overlap.
    let mut moments: Vec<(u64, bool, usize)> = Vec::new();
    for (at, done) in history.iter().enumerate() {
        moments.push((done.invoke, false, at));
        moments.push((done.returned, true, at));
    }
    moments.sort_unstable();
    for (_, is_end, at) in moments {
        let done = &history[at];
        let finds = done.finds().filter(|_| compares(at, done));
        let Done { kind, value, version, .. } = *done;
        let fits = if is_end {
            tester.on_return(done.thread, ())
        } else {
            tester.on_invoke(done.thread, Step { kind, value, finds, version })
        };
        fits.expect("a thread has one operation at a time");
    }
    tester.is_consistent()
}

/// The history in our format.
fn recorded(history: &[Done], versions: bool) -> History {
    let header = Header {
        subject: "register".to_owned(),
        executor: "simulated".to_owned(),
        seed: None,
        claims: Claims { versions, ..Claims::default() },
        order: Order::RealTime,
        key_table: KeyTable::new(1),
        runs: 1,
        program: None,
    };
    let mut logs = vec![Log::default(); THREADS + 2];
    for done in history {
        let changes_nothing = done.kind == Kind::Delete && done.value == 0;
        logs[done.thread + 1].events.push(Event {
            invoke: done.invoke,
            took: (done.returned - done.invoke) as u32,
            sequence: if versions { done.version } else { 0 },
            value: done.value,
            kind: done.kind as u8,
            flags: if changes_nothing { flag::NO_EFFECT } else { 0 },
            ..Event::default()
        });
    }
    History { header, logs }
}

/// Whether our checker finds nothing.
fn passes(history: &[Done], versions: bool) -> bool {
    check(&recorded(history, versions), &Axioms::all()).anomalies_total.is_empty()
}

/// The same history, but each put ends when a read of its value does, if that is earlier.
fn tightened(history: &[Done]) -> Vec<Done> {
    let mut tightened = history.to_vec();
    for put in tightened.iter_mut().filter(|done| done.kind == Kind::Put) {
        let reads = history.iter().filter(|read| read.finds() == Some(put.value));
        let first = reads.map(|read| read.returned).min().unwrap_or(put.returned);
        put.returned = put.returned.min(first.max(put.invoke));
    }
    tightened
}

fn verdicts(history: &[Done]) -> Verdicts {
    let reads = (0..history.len()).filter(|at| history[*at].finds().is_some());
    let alone = |read: usize| {
        let with_writes: Vec<Done> = { history.iter().enumerate() }
            .filter(|(at, done)| *at == read || done.is_write())
            .map(|(_, done)| *done)
            .collect();
        is_linearizable(&with_writes, Compared::Values, |_, done| *done == history[read])
    };
    let without_versions = is_linearizable(history, Compared::Values, |_, _| true);
    Verdicts {
        by_versions: passes(history, true),
        by_intervals: passes(history, false),
        with_versions: is_linearizable(history, Compared::Versions, |_, _| true),
        without_versions,
        each_read_alone: without_versions || { reads }.all(alone),
    }
}

/// How a simulated store is wrong, now and then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrong {
    /// Never.
    Never,
    /// A read returns what was there before the newest write.
    StaleRead,
    /// A put is acknowledged and lost.
    LostPut,
    /// A read returns a value before its write takes effect.
    DirtyRead,
    /// A write takes effect after it has returned.
    LateWrite,
    /// A delete reports the value and leaves it there.
    LostDelete,
}

const WRONG: [Wrong; 6] = [
    Wrong::Never,
    Wrong::StaleRead,
    Wrong::LostPut,
    Wrong::DirtyRead,
    Wrong::LateWrite,
    Wrong::LostDelete,
];

/// A store of one key: what was written, oldest first, with versions.
#[derive(Default)]
struct Simulated {
    /// The writes that took effect.
    writes: Vec<(u32, u64)>,
    /// The newest version.
    version: u64,
    /// Values that were or will be put.
    values: u32,
}

impl Simulated {
    fn newest(&self) -> (u32, u64) {
        self.writes.last().copied().unwrap_or_default()
    }

    /// Takes effect now.
    fn take_effect(&mut self, done: &mut Done, wrong: Wrong) {
        let older = self.writes.len().checked_sub(2).map(|at| self.writes[at]);
        let (found, version) = match wrong {
            Wrong::StaleRead => older.unwrap_or_default(),
            _ => self.newest(),
        };
        match done.kind {
            Kind::Get if wrong == Wrong::DirtyRead => {
                (done.value, done.version) = (self.values + 1, self.version + 1);
            }
            Kind::Get => (done.value, done.version) = (found, if found == 0 { 0 } else { version }),
            Kind::Delete if found == 0 => {}
            _ => {
                self.version += 1;
                done.version = self.version;
                if done.kind == Kind::Put {
                    self.values += 1;
                    done.value = self.values;
                } else {
                    done.value = found;
                }
                let lost = matches!(wrong, Wrong::LostPut | Wrong::LostDelete);
                if !lost {
                    let left = if done.kind == Kind::Put { done.value } else { 0 };
                    self.writes.push((left, done.version));
                }
            }
        }
    }
}

/// A random history of a simulated store.
fn simulated(random: &mut Xoshiro256PlusPlus, wrong: Wrong) -> Vec<Done> {
    let mut store = Simulated::default();
    let mut left: Vec<usize> = (0..THREADS).map(|_| random.random_range(1..=OPS_MAX)).collect();
    let mut open: [Option<(Done, bool)>; THREADS] = [None; THREADS];
    let (mut history, mut now) = (Vec::new(), 1);
    // Writes that took effect too late.
    let mut late: Vec<Done> = Vec::new();
    while left.iter().any(|left| *left > 0) || open.iter().any(Option::is_some) {
        now += u64::from(random.random_ratio(3, 4));
        let thread = random.random_range(0..THREADS);
        let is_wrong = wrong != Wrong::Never && random.random_ratio(1, 3);
        match &mut open[thread] {
            None if left[thread] > 0 => {
                left[thread] -= 1;
                let kinds = [Kind::Put, Kind::Get, Kind::Get, Kind::Delete];
                let kind = *kinds.choose(random).expect("there are kinds");
                let done = Done { thread, kind, value: 0, version: 0, invoke: now, returned: 0 };
                open[thread] = Some((done, false));
            }
            Some((done, took_effect @ false)) => {
                *took_effect = true;
                let wrong = if is_wrong { wrong } else { Wrong::Never };
                if wrong == Wrong::LateWrite && done.kind == Kind::Put {
                    (store.values, store.version) = (store.values + 1, store.version + 1);
                    (done.value, done.version) = (store.values, store.version);
                    late.push(*done);
                } else {
                    store.take_effect(done, wrong);
                }
            }
            Some((done, true)) => {
                // The next operation of a thread begins later than this one ended.
                done.returned = now;
                now += 1;
                history.push(*done);
                open[thread] = None;
                if let Some(done) = late.pop().filter(|_| random.random_ratio(1, 2)) {
                    store.writes.push((done.value, done.version));
                }
            }
            None => {}
        }
    }
    let (value, version) = store.newest();
    let version = if value == 0 { 0 } else { version };
    let (invoke, returned) = (now + 1, now + 2);
    history.push(Done { thread: THREADS, kind: Kind::Get, value, version, invoke, returned });
    history
}

/// Changes one thing about a history.
fn mutate(random: &mut Xoshiro256PlusPlus, history: &mut [Done]) {
    let other = *history.choose(random).expect("a history ends with a read");
    let end = history.len() - 1;
    let at = random.random_range(0..=end);
    let done = &mut history[at];
    match random.random_range(0..5) {
        // A value of another operation, of no write, or none; what a put wrote stays unique.
        0 | 1 if done.kind != Kind::Put => {
            let value = [other.value, other.value, 0, 99].choose(random).copied();
            done.value = value.expect("there are values");
            done.version = if done.value == 0 { 0 } else { other.version.max(1) };
        }
        2 if done.version > 0 && other.version > 0 => done.version = other.version,
        // It took longer, up to the next operation of its thread.
        3 if at < end => {
            let (thread, returned) = (done.thread, done.returned);
            let next = history[at + 1..end].iter().find(|next| next.thread == thread);
            let longest = next.map_or(returned + 3, |next| next.invoke - 1);
            history[at].returned = returned.max(longest.min(history[end].invoke - 1));
        }
        // It was faster.
        _ if at < end => done.returned = random.random_range(done.invoke..=done.returned),
        _ => {}
    }
}

/// Runs random operations on a real store: one key for each history.
fn on_a_store(histories: usize, seed: u64) -> Vec<Vec<Done>> {
    let (store, clock, barrier) = (ShardedStore::new(), AtomicU64::new(1), Barrier::new(THREADS));
    let run = RunId::from_u128(1);
    let key_of = |history: usize| Key::new(history.to_be_bytes()).expect("a short key");
    let work = |thread: usize| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed + thread as u64);
        // One clock for all threads: its order is a real-time order.
        let now = || clock.fetch_add(1, Ordering::SeqCst);
        let mut logs = Vec::with_capacity(histories);
        for history in 0..histories {
            let key = key_of(history);
            let mut log = Vec::with_capacity(OPS_MAX);
            barrier.wait();
            for number in 0..random.random_range(1..=OPS_MAX) {
                let kinds = [Kind::Put, Kind::Get, Kind::Get, Kind::Delete];
                let kind = *kinds.choose(&mut random).expect("there are kinds");
                let id = (thread * OPS_MAX + number + 1) as u32;
                let invoke = now();
                let (value, version) = step(&store, (run, &key), kind, id);
                log.push(Done { thread, kind, value, version, invoke, returned: now() });
            }
            logs.push(log);
        }
        logs
    };
    let mut all: Vec<Vec<Done>> = vec![Vec::new(); histories];
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
        for thread in threads {
            let logs = thread.join().expect("a worker ends");
            all.iter_mut().zip(logs).for_each(|(all, log)| all.extend(log));
        }
    });
    let end = clock.load(Ordering::SeqCst);
    for (number, history) in all.iter_mut().enumerate() {
        let (value, version) = step(&store, (run, &key_of(number)), Kind::Get, 0);
        let (invoke, returned) = (end + 1, end + 2);
        history.push(Done { thread: THREADS, kind: Kind::Get, value, version, invoke, returned });
    }
    all
}

/// One operation: the value put or found, and the version.
fn step(store: &ShardedStore, (run, key): (RunId, &Key), kind: Kind, id: u32) -> (u32, u64) {
    let id_of = |value: &Value| {
        u32::from_be_bytes(value.as_bytes().try_into().expect("a value is four bytes"))
    };
    match kind {
        Kind::Put => {
            let value = Value::new(id.to_be_bytes()).expect("a short value");
            let version = Storage::put(store, run, key, value).expect("a put is accepted");
            (id, version.sequence())
        }
        Kind::Delete => Storage::delete(store, run, key)
            .expect("a delete is accepted")
            .map_or((0, 0), |it| (id_of(&it.removed.value), it.version.sequence())),
        _ => Storage::get(store, run, key)
            .map_or((0, 0), |found| (id_of(&found.value), found.version.sequence())),
    }
}

/// How often the two checkers agree.
#[derive(Debug, Default)]
struct Tally {
    histories: u64,
    linearizable: u64,
    /// Not linearizable, and our checker finds that without versions too.
    found_without_versions: u64,
    /// Not linearizable, but each read alone is: only versions show it.
    needs_versions: u64,
    /// Linearizable, but not with these versions.
    wrong_versions: u64,
    /// Passed by versions, though a read proves that versions do not follow the order of time.
    order_by_reads: u64,
}

impl Tally {
    fn add(&mut self, history: &[Done]) {
        let verdicts = verdicts(history);
        let Verdicts { by_versions, by_intervals, .. } = verdicts;
        let Verdicts { with_versions, without_versions, each_read_alone, .. } = verdicts;
        let shown = || format!("{verdicts:#?} of {history:#?}");
        // A write that was read before it returned has taken effect. Our checker follows that for
        // reads, not for the order of versions.
        let is_by_read = by_versions && !with_versions && !passes(&tightened(history), true);
        assert!(by_versions == with_versions || is_by_read, "by versions: {}", shown());
        self.order_by_reads += u64::from(is_by_read);
        // Without versions our checker judges each read by itself: sound, and incomplete.
        assert_eq!(by_intervals, each_read_alone, "without versions: {}", shown());
        assert!(by_intervals || !without_versions, "a false alarm: {}", shown());
        self.histories += 1;
        self.linearizable += u64::from(without_versions);
        self.found_without_versions += u64::from(!without_versions && !by_intervals);
        self.needs_versions += u64::from(!without_versions && by_intervals);
        self.wrong_versions += u64::from(without_versions && !with_versions);
    }
}

/// Compares the checkers on as many histories.
fn compare(histories: usize, seed: u64) -> Tally {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut tally = Tally::default();
    for mut history in on_a_store(histories / 10, seed) {
        tally.add(&history);
        mutate(&mut random, &mut history);
        tally.add(&history);
    }
    while tally.histories < histories as u64 {
        let wrong = *WRONG.choose(&mut random).expect("there are stores");
        let mut history = simulated(&mut random, wrong);
        tally.add(&history);
        mutate(&mut random, &mut history);
        tally.add(&history);
    }
    println!("{tally:#?}");
    let Tally { linearizable, found_without_versions, needs_versions, .. } = tally;
    assert!(linearizable > 0 && found_without_versions > 0 && needs_versions > 0);
    tally
}

#[test]
fn the_checker_agrees_with_stateright() {
    let _ = compare(3_000, 1);
}

#[test]
#[ignore = "takes a minute: ci/verify.sh runs it"]
fn the_checker_agrees_with_stateright_on_many_histories() {
    let tally = compare(120_000, 2);
    assert!(tally.histories >= 100_000);
}

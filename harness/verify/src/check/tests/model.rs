//! A model of a correct store, run by simulated threads whose operations overlap in time.

use std::collections::BTreeMap;

use crate::alphabet::Alphabet;
use crate::history::{ABSENT, Digest, Event, Header, History, Kind, Listed, Log, Order, flag};

use super::dice::Dice;
use super::steps::{ALL, LOGS, REST};

/// Runs and keys of the model, few, so that operations meet.
const RUNS: u16 = 2;
const KEYS: u32 = 4;

/// A write: its version and its value, [`ABSENT`] for a delete.
type Write = ((u64, u64), u32);

/// A correct store.
struct Store {
    clock: u64,
    sequences: [u64; RUNS as usize],
    keys: BTreeMap<(u16, u32), Vec<Write>>,
    removed: [u64; RUNS as usize],
    next_value: u32,
    next_handle: u32,
}

/// A transaction under way.
#[derive(Clone, Default)]
struct Deal {
    handle: u32,
    run: u16,
    stamp: u64,
    own: BTreeMap<u32, u32>,
    keys: Vec<u32>,
    prefixes: Vec<u32>,
}

/// A simulated thread.
#[derive(Default)]
struct Thread {
    log: Log,
    snapshots: Vec<(u32, u64)>,
    deal: Option<Deal>,
    /// When its operation began, and what it did once it took effect.
    open: Option<(u64, Option<Done>)>,
}

/// A history of as many operations as asked for.
pub(super) fn history(seed: u64, operations: usize) -> History {
    let mut dice = Dice(seed);
    let mut store = Store {
        clock: 0,
        sequences: [0; RUNS as usize],
        keys: BTreeMap::new(),
        removed: [0; RUNS as usize],
        next_value: 1,
        next_handle: 1,
    };
    let mut threads: Vec<Thread> = (0..LOGS).map(|_| Thread::default()).collect();
    let mut now = 0;
    for _ in 0..operations / 8 {
        threads[0].step_whole(&mut store, &mut dice, &mut now);
    }
    for _ in 0..operations * 3 {
        let thread = 1 + dice.below(LOGS as u64 - 2) as usize;
        now += dice.below(2);
        threads[thread].step(&mut store, &mut dice, now);
    }
    for thread in &mut threads {
        while thread.open.is_some() {
            now += 1;
            thread.step(&mut store, &mut dice, now);
        }
    }
    let held: Vec<_> = threads.iter().flat_map(|thread| thread.snapshots.clone()).collect();
    threads[REST].read_again(&store, &held, now + 10);
    let header = Header {
        subject: "model".to_owned(),
        executor: "model".to_owned(),
        seed: Some(seed),
        claims: ALL,
        order: Order::RealTime,
        alphabet: Alphabet::new(KEYS as usize),
        runs: RUNS,
        program: None,
    };
    History { header, logs: threads.into_iter().map(|thread| thread.log).collect() }
}

/// The same history as a store would show it that has no versions.
pub(super) fn hide_versions(mut history: History) -> History {
    history.header.claims.versions = false;
    for log in &mut history.logs {
        for event in &mut log.events {
            match event.kind() {
                Kind::List | Kind::SnapshotList | Kind::TransactionList => event.sequence = 0,
                Kind::Held => {}
                _ => (event.stamp, event.sequence) = (0, 0),
            }
        }
        for entry in log.listings.iter_mut().flat_map(|(_, entries)| entries) {
            (entry.stamp, entry.sequence) = (0, 0);
        }
    }
    history
}

impl Store {
    fn value(&self, run: u16, key: u32, sees: impl Fn(u64) -> bool) -> Write {
        let writes = self.keys.get(&(run, key)).into_iter().flatten();
        writes.filter(|((stamp, _), _)| sees(*stamp)).last().copied().unwrap_or(((0, 0), ABSENT))
    }

    fn newest(&self, run: u16, key: u32) -> Write {
        self.value(run, key, |_| true)
    }

    fn next_version(&mut self, run: u16) -> (u64, u64) {
        self.sequences[usize::from(run)] += 1;
        (self.clock, self.sequences[usize::from(run)])
    }

    fn write(&mut self, run: u16, key: u32, version: (u64, u64), value: u32) {
        self.keys.entry((run, key)).or_default().push((version, value));
    }

    fn new_value(&mut self) -> u32 {
        self.next_value += 1;
        self.next_value
    }

    fn new_handle(&mut self) -> u32 {
        self.next_handle += 1;
        self.next_handle
    }

    fn open(&mut self) -> u64 {
        self.clock += 1;
        self.clock - 1
    }

    fn list(&self, run: u16, prefix: u32, sees: impl Fn(u64) -> bool) -> Vec<Listed> {
        let alphabet = Alphabet::new(KEYS as usize);
        let keys = (0..KEYS).filter(|key| alphabet.starts_with(*key, prefix));
        let all = keys.map(|key| (key, self.value(run, key, &sees)));
        let listed =
            all.map(|(key, ((stamp, sequence), value))| Listed { key, value, stamp, sequence });
        listed.filter(|entry| entry.value != ABSENT).collect()
    }
}

fn event(kind: Kind, run: u16, key: u32, value: u32, version: (u64, u64)) -> Event {
    let (stamp, sequence) = version;
    Event { kind: kind as u8, run, key, value, stamp, sequence, ..Event::default() }
}

fn listing(kind: Kind, run: u16, prefix: u32, listed: &[Listed]) -> Event {
    let mut digest = Digest::default();
    listed.iter().for_each(|entry| digest.add(entry));
    if kind == Kind::TransactionList {
        digest.versions = 0;
    }
    event(kind, run, prefix, listed.len() as u32, (digest.contents, digest.versions))
}

/// What an operation did: its events, and the entries of a listing.
type Done = (Vec<Event>, Option<Vec<Listed>>);

fn one(event: Event) -> Done {
    (vec![event], None)
}

impl Thread {
    /// Begins an operation, lets it take effect, or ends it.
    fn step(&mut self, store: &mut Store, dice: &mut Dice, now: u64) {
        match self.open.take() {
            None => self.open = Some((now, None)),
            Some((began, None)) => {
                let done = self.operate(store, dice);
                self.open = Some((began, Some(done)));
            }
            Some((began, Some((events, listed)))) => {
                let at = self.log.events.len() as u32;
                self.log.listings.extend(listed.map(|listed| (at, listed)));
                for event in events {
                    let took = (now - began) as u32;
                    self.log.events.push(Event { invoke: began, took, ..event });
                }
            }
        }
    }

    fn step_whole(&mut self, store: &mut Store, dice: &mut Dice, now: &mut u64) {
        for _ in 0..3 {
            *now += 1;
            self.step(store, dice, *now);
        }
    }

    fn operate(&mut self, store: &mut Store, dice: &mut Dice) -> Done {
        let (run, key) = (dice.below(u64::from(RUNS)) as u16, dice.below(u64::from(KEYS)) as u32);
        let prefix = dice.below(4) as u32;
        match dice.below(24) {
            0..5 => {
                let (version, value) = (store.next_version(run), store.new_value());
                store.write(run, key, version, value);
                one(event(Kind::Put, run, key, value, version))
            }
            5 | 6 => delete(store, run, key),
            7 => apply(store, dice),
            8 if dice.one_in(3) => remove(store, run),
            8 | 9 => {
                let (version, value) = store.newest(run, key);
                let version = if value == ABSENT { (0, 0) } else { version };
                one(event(Kind::Get, run, key, value, version))
            }
            10 => {
                let live = u32::from(store.newest(run, key).1 != ABSENT);
                one(event(Kind::Contains, run, key, live, (0, 0)))
            }
            11 => {
                let count = store.list(run, 0, |_| true).len() as u32;
                one(event(Kind::Count, run, 0, count, (0, 0)))
            }
            12 => {
                let listed = store.list(run, prefix, |_| true);
                (vec![listing(Kind::List, run, prefix, &listed)], Some(listed))
            }
            13 => self.open(store),
            14..19 => self.look(store, dice, (run, key, prefix)),
            _ => self.transact(store, dice, (run, key, prefix)),
        }
    }

    fn open(&mut self, store: &mut Store) -> Done {
        let (stamp, handle) = (store.open(), store.new_handle());
        self.snapshots.push((handle, stamp));
        one(Event { handle, ..event(Kind::Open, 0, 0, 0, (stamp, 0)) })
    }

    fn look(
        &mut self,
        store: &mut Store,
        dice: &mut Dice,
        (run, key, prefix): (u16, u32, u32),
    ) -> Done {
        if self.snapshots.is_empty() {
            return self.open(store);
        }
        let (handle, at) = self.snapshots[dice.below(self.snapshots.len() as u64) as usize];
        if dice.one_in(8) {
            let clone = store.new_handle();
            self.snapshots.push((clone, at));
            return one(Event { handle: clone, ..event(Kind::Clone, 0, 0, handle, (at, 0)) });
        }
        let which = dice.below(6);
        let (event, listed) = snapshot_read(store, which, (run, key, prefix), at);
        (vec![Event { handle, ..event }], listed)
    }

    fn transact(
        &mut self,
        store: &mut Store,
        dice: &mut Dice,
        (run, key, prefix): (u16, u32, u32),
    ) -> Done {
        let Some(deal) = &mut self.deal else {
            let (handle, stamp) = (store.new_handle(), store.open());
            self.deal = Some(Deal { handle, run, stamp, ..Deal::default() });
            return one(Event { handle, ..event(Kind::Begin, run, 0, 0, (stamp, 0)) });
        };
        let handle = deal.handle;
        if dice.one_in(4) {
            let deal = self.deal.take().expect("it was there");
            return one(Event { handle, ..end(store, dice, &deal) });
        }
        let (event, listed) = deal.work(store, dice, key, prefix);
        (vec![Event { handle, ..event }], listed)
    }

    /// Reads everything again when all threads have ended.
    fn read_again(&mut self, store: &Store, snapshots: &[(u32, u64)], mut now: u64) {
        let mut push = |(event, listed): (Event, Option<Vec<Listed>>)| {
            let at = self.log.events.len() as u32;
            self.log.listings.extend(listed.map(|listed| (at, listed)));
            now += 2;
            let flags = event.flags | flag::REREAD;
            self.log.events.push(Event { invoke: now, took: 1, flags, ..event });
        };
        for run in 0..RUNS {
            for (handle, at) in snapshots {
                for which in 0..6 {
                    let (event, listed) =
                        snapshot_read(store, which, (run, which as u32 % KEYS, 0), *at);
                    push((Event { handle: *handle, ..event }, listed));
                }
            }
            for key in 0..KEYS {
                let (version, value) = store.newest(run, key);
                let version = if value == ABSENT { (0, 0) } else { version };
                push((event(Kind::Get, run, key, value, version), None));
                let live = u32::from(value != ABSENT);
                push((event(Kind::Contains, run, key, live, (0, 0)), None));
            }
            let listed = store.list(run, 0, |_| true);
            push((event(Kind::Count, run, 0, listed.len() as u32, (0, 0)), None));
            push((listing(Kind::List, run, 0, &listed), Some(listed)));
        }
        let live = (0..RUNS).map(|run| store.list(run, 0, |_| true).len()).sum::<usize>();
        push((event(Kind::Held, 0, 0, live as u32, (live as u64, 0)), None));
    }
}

fn delete(store: &mut Store, run: u16, key: u32) -> Done {
    let value = store.newest(run, key).1;
    if value == ABSENT {
        let nothing = event(Kind::Delete, run, key, ABSENT, (0, 0));
        return one(Event { flags: flag::NO_EFFECT, ..nothing });
    }
    let version = store.next_version(run);
    store.write(run, key, version, ABSENT);
    one(event(Kind::Delete, run, key, value, version))
}

fn remove(store: &mut Store, run: u16) -> Done {
    if store.list(run, 0, |_| true).is_empty() {
        let nothing = event(Kind::RemoveRun, run, 0, 0, (0, 0));
        return one(Event { flags: flag::NO_EFFECT, ..nothing });
    }
    let version = store.next_version(run);
    store.removed[usize::from(run)] = store.clock + 1;
    for key in 0..KEYS {
        if store.newest(run, key).1 != ABSENT {
            store.write(run, key, version, ABSENT);
        }
    }
    one(event(Kind::RemoveRun, run, 0, 1, version))
}

fn apply(store: &mut Store, dice: &mut Dice) -> Done {
    let handle = store.new_handle();
    let versions = [store.next_version(0), store.next_version(1)];
    let (mut events, mut values) = (Vec::new(), BTreeMap::new());
    for _ in 0..1 + dice.below(4) {
        let (run, key) = (dice.below(u64::from(RUNS)) as u16, dice.below(u64::from(KEYS)) as u32);
        let (kind, value) = match dice.below(4) {
            0 => (Kind::SetDelete, ABSENT),
            _ => (Kind::SetPut, store.new_value()),
        };
        values.insert((run, key), value);
        events.push(Event { handle, ..event(kind, run, key, value, versions[usize::from(run)]) });
    }
    // A set that changed nothing in a run has no version there.
    for run in 0..RUNS {
        let changes = |((of, key), value): (&(u16, u32), &u32)| {
            *of == run && (*value != ABSENT || store.newest(run, *key).1 != ABSENT)
        };
        if values.iter().any(changes) {
            continue;
        }
        values.retain(|(of, _), _| *of != run);
        for event in events.iter_mut().filter(|event| event.run == run) {
            (event.stamp, event.sequence) = (0, 0);
            event.flags |= flag::NO_EFFECT;
        }
    }
    for ((run, key), value) in values {
        if value != ABSENT || store.newest(run, key).1 != ABSENT {
            store.write(run, key, versions[usize::from(run)], value);
        }
    }
    (events, None)
}

fn snapshot_read(
    store: &Store,
    which: u64,
    (run, key, prefix): (u16, u32, u32),
    at: u64,
) -> (Event, Option<Vec<Listed>>) {
    let sees = |stamp: u64| stamp <= at;
    let (version, value) = store.value(run, key, sees);
    let live = u32::from(value != ABSENT);
    match which {
        0 => (event(Kind::SnapshotContains, run, key, live, (0, 0)), None),
        1 => {
            let count = store.list(run, 0, sees).len() as u32;
            (event(Kind::SnapshotCount, run, 0, count, (0, 0)), None)
        }
        2 => {
            let listed = store.list(run, prefix, sees);
            (listing(Kind::SnapshotList, run, prefix, &listed), Some(listed))
        }
        _ => {
            let version = if value == ABSENT { (0, 0) } else { version };
            (event(Kind::SnapshotGet, run, key, value, version), None)
        }
    }
}

impl Deal {
    fn work(
        &mut self,
        store: &mut Store,
        dice: &mut Dice,
        key: u32,
        prefix: u32,
    ) -> (Event, Option<Vec<Listed>>) {
        let sees = |stamp: u64| stamp <= self.stamp;
        let run = self.run;
        let own = self.own.get(&key).copied();
        let value = own.unwrap_or_else(|| store.value(run, key, sees).1);
        match dice.below(5) {
            0 => {
                let mut listed: BTreeMap<u32, Listed> =
                    store.list(run, prefix, sees).iter().map(|entry| (entry.key, *entry)).collect();
                let alphabet = Alphabet::new(KEYS as usize);
                for (key, value) in &self.own {
                    listed.remove(key);
                    if *value != ABSENT && alphabet.starts_with(*key, prefix) {
                        let entry = Listed { key: *key, value: *value, stamp: 0, sequence: 0 };
                        listed.insert(*key, entry);
                    }
                }
                self.prefixes.push(prefix);
                let listed: Vec<Listed> = listed.into_values().collect();
                (listing(Kind::TransactionList, run, prefix, &listed), Some(listed))
            }
            1 => {
                let value = store.new_value();
                self.own.insert(key, value);
                (event(Kind::TransactionPut, run, key, value, (0, 0)), None)
            }
            2 => {
                if own.is_none() {
                    self.keys.push(key);
                }
                self.own.insert(key, ABSENT);
                (event(Kind::TransactionDelete, run, key, value, (0, 0)), None)
            }
            _ => {
                if own.is_none() {
                    self.keys.push(key);
                }
                (event(Kind::TransactionGet, run, key, value, (0, 0)), None)
            }
        }
    }

    fn is_still_so(&self, store: &Store) -> bool {
        let alphabet = Alphabet::new(KEYS as usize);
        let reads_any = !self.keys.is_empty() || !self.prefixes.is_empty();
        let read = |key: &u32| {
            self.keys.contains(key)
                || self.prefixes.iter().any(|prefix| alphabet.starts_with(*key, *prefix))
        };
        let kept = (0..KEYS).filter(read).all(|key| store.newest(self.run, key).0.0 <= self.stamp);
        kept && !(reads_any && store.removed[usize::from(self.run)] > self.stamp + 1)
    }
}

fn end(store: &mut Store, dice: &mut Dice, deal: &Deal) -> Event {
    let run = deal.run;
    if dice.one_in(5) {
        return event(Kind::Abort, run, 0, 0, (0, 0));
    }
    let nothing = event(Kind::Commit, run, 0, 0, (0, 0));
    if !deal.own.is_empty() && !deal.is_still_so(store) {
        return Event { flags: flag::CONFLICT, ..nothing };
    }
    let changes =
        deal.own.iter().any(|(key, value)| *value != ABSENT || store.newest(run, *key).1 != ABSENT);
    if !changes {
        return Event { flags: flag::NO_EFFECT, ..nothing };
    }
    let version = store.next_version(run);
    for (key, value) in &deal.own {
        if *value != ABSENT || store.newest(run, *key).1 != ABSENT {
            store.write(run, *key, version, *value);
        }
    }
    event(Kind::Commit, run, 0, 0, version)
}

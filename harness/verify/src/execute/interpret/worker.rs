//! One thread of a program.

use std::sync::atomic::Ordering;

use super::super::Flag;
use super::super::store::{Key, RunId, SnapshotReads, Storage, Version};
use super::reads::Row;
use super::{PreparedProgram, Slots, StoreUnderTest, ThreadOutput};
use crate::execute::ticks::Ticks;
use crate::history::{Event, GARBLED, Kind, Log, TOOK_LONG, flag};
use crate::key_table::{id_elsewhere, value_id};
use crate::program::{Op, Program};

/// One thread of a program.
pub(super) struct Worker<'a, S: Storage, T> {
    /// The store.
    pub(super) store: &'a S,
    /// The program's flags.
    pub(super) flags: &'a [Flag; Program::FLAGS as usize],
    /// The program.
    pub(super) prepared: &'a PreparedProgram,
    /// The clock.
    pub(super) ticks: &'a T,
    /// The number of its log.
    pub(super) number: u32,
    /// Its log.
    pub(super) log: Log,
    /// When the last operation ended. It counts as the beginning of the next one, which saves one
    /// reading of the clock: an operation that seems longer than it was never causes a false alarm.
    pub(super) last: u64,
    /// Ids used so far.
    pub(super) ids: u32,
    /// The open snapshots, by slot.
    pub(super) snapshots: Slots<S::Snapshot>,
    /// The open transactions, by slot.
    pub(super) transactions: [Option<Transaction<S::Transaction<'a>>>; Program::SLOTS as usize],
    /// The open sessions, by run.
    pub(super) sessions: Vec<Option<S::Session<'a>>>,
    /// Flags that the next reads get.
    pub(super) read_flags: u8,
}

/// An open transaction.
pub(super) struct Transaction<W> {
    /// The transaction.
    pub(super) work: W,
    /// Its id in the history.
    pub(super) id: u32,
    /// The number of its run.
    pub(super) run: u16,
}

impl<'a, S: Storage, T: Ticks> Worker<'a, S, T> {
    pub(super) fn new(
        under_test: &'a StoreUnderTest<S>,
        prepared: &'a PreparedProgram,
        ticks: &'a T,
        number: u32,
        snapshots: Slots<S::Snapshot>,
    ) -> Self {
        let ops = match number {
            0 => prepared.program.setup.len(),
            _ => prepared.program.threads.get(number as usize - 1).map_or(16, Vec::len),
        };
        let mut events = Vec::new();
        // Written once, so that its pages are mapped before the operations begin.
        events.resize(ops + ops / 4 + 8, Event::default());
        events.clear();
        Self {
            store: &under_test.store,
            flags: &under_test.flags,
            prepared,
            ticks,
            number,
            log: Log { events, listings: Vec::new() },
            last: ticks.now(),
            ids: 0,
            snapshots,
            transactions: [const { None }; Program::SLOTS as usize],
            sessions: prepared.runs.iter().map(|_| None).collect(),
            read_flags: 0,
        }
    }

    /// Lets the first operation begin now, after whatever the thread waited for.
    pub(super) fn start_clock(&mut self) {
        self.last = self.ticks.now();
    }

    pub(super) fn into_output(mut self) -> ThreadOutput<S> {
        for slot in 0..Program::SLOTS {
            self.abort(slot);
        }
        let snapshots = self.snapshots.into_iter().flatten().collect();
        ThreadOutput { log: self.log, snapshots }
    }

    /// Clones of the snapshots that a thread with these operations uses.
    pub(super) fn snapshots_for(&mut self, ops: &[Op]) -> Slots<S::Snapshot> {
        std::array::from_fn(|slot| {
            let used = ops.iter().any(|op| op.snapshots().contains(&(slot as u8)));
            let original = self.snapshots[slot].as_ref().filter(|_| used)?;
            let (reads, from) = (original.reads.another()?, original.id);
            Some(self.opened(reads, Kind::Clone, from))
        })
    }

    pub(super) fn run(&mut self, ops: &[Op]) {
        for op in ops {
            self.step(op);
        }
    }

    pub(super) fn step(&mut self, op: &Op) {
        match op {
            Op::Put { run, key, size } => self.put(*run, *key, *size),
            Op::SessionPut { run, key, size } => self.session_put(*run, *key, *size),
            Op::Delete { run, key } => self.delete(*run, *key),
            Op::Apply { writes } => self.apply(writes),
            Op::RemoveRun { run } => self.remove_run(*run),
            Op::Collect => {
                let event = self.begin(Kind::Collect);
                self.store.collect();
                self.end(event);
                self.read_flags |= flag::AFTER_COLLECT;
            }
            Op::Tick => {
                let event = self.begin(Kind::Tick);
                let stamp = self.store.tick().unwrap_or(0);
                self.end(Event { stamp, ..event });
            }
            Op::Notify { flag } => {
                let event = self.begin(Kind::Notify);
                // Release: what this thread did happens before whatever a thread does that sees the
                // flag.
                self.flags[usize::from(*flag)].store(true, Ordering::Release);
                self.end(Event { key: u32::from(*flag), ..event });
            }
            Op::Observe { flag } => {
                let event = self.begin(Kind::Observe);
                // Acquire: pairs with the Release above.
                let value = u32::from(self.flags[usize::from(*flag)].load(Ordering::Acquire));
                self.end(Event { key: u32::from(*flag), value, ..event });
            }
            Op::Get { .. } | Op::SessionGet { .. } | Op::SessionPeek { .. } => self.get(op),
            Op::Contains { run, key } => {
                let event = self.begin_at(Kind::Contains, *run, *key);
                let value = self.store.contains(self.id(*run), self.key(*key));
                self.end(Event { value: u32::from(value), ..event });
            }
            Op::Count { run } => {
                let event = self.begin_at(Kind::Count, *run, 0);
                let value = self.store.count(self.id(*run)) as u32;
                self.end(Event { value, ..event });
            }
            Op::List { run, prefix } => {
                let event = self.begin_at(Kind::List, *run, *prefix);
                let entries = self.store.list(self.id(*run), self.prefix(*prefix));
                self.end_listing(event, entries.iter().map(Row::from));
            }
            Op::Open { .. } | Op::Clone { .. } | Op::Drop { .. } => self.snapshot(op),
            Op::SnapshotGet { .. }
            | Op::SnapshotContains { .. }
            | Op::SnapshotCount { .. }
            | Op::SnapshotList { .. } => self.snapshot_read(op),
            Op::Begin { .. }
            | Op::TransactionGet { .. }
            | Op::TransactionPut { .. }
            | Op::TransactionDelete { .. }
            | Op::TransactionList { .. }
            | Op::Commit { .. }
            | Op::Abort { .. } => self.transaction(op),
        }
    }

    pub(super) fn new_id(&mut self) -> u32 {
        self.ids += 1;
        debug_assert!(
            self.ids < self.prepared.ids_per_log,
            "the program's ids were counted in advance"
        );
        self.number * self.prepared.ids_per_log + self.ids
    }

    pub(super) fn id(&self, run: u16) -> RunId {
        self.prepared.runs[usize::from(run)]
    }

    pub(super) fn key(&self, key: u32) -> &'a Key {
        &self.prepared.keys[key as usize]
    }

    pub(super) fn prefix(&self, prefix: u32) -> &'a [u8] {
        &self.prepared.prefixes[prefix as usize]
    }

    pub(super) fn begin(&mut self, kind: Kind) -> Event {
        let is_read = matches!(
            kind,
            Kind::Get
                | Kind::Contains
                | Kind::Count
                | Kind::List
                | Kind::SnapshotGet
                | Kind::SnapshotContains
                | Kind::SnapshotCount
                | Kind::SnapshotList
        );
        let flags = if is_read { self.read_flags } else { 0 };
        Event { kind: kind as u8, invoke: self.last, flags, ..Event::default() }
    }

    pub(super) fn begin_at(&mut self, kind: Kind, run: u16, key: u32) -> Event {
        Event { run, key, ..self.begin(kind) }
    }

    pub(super) fn refused(&mut self, event: Event) {
        self.end(Event { flags: event.flags | flag::REFUSED, ..event });
    }

    pub(super) fn end(&mut self, event: Event) {
        let now = self.ticks.now();
        self.end_at(event, now);
        self.last = now;
    }

    pub(super) fn end_at(&mut self, event: Event, now: u64) {
        let took = u32::try_from(now - event.invoke).unwrap_or(TOOK_LONG);
        self.log.events.push(Event { took, ..event });
    }
}

pub(super) fn id_of(bytes: &[u8], run: u16, key: u32) -> u32 {
    value_id(bytes, run, key).or_else(|| id_elsewhere(bytes)).unwrap_or(GARBLED)
}

pub(super) fn at(event: Event, version: Version) -> Event {
    Event { stamp: version.stamp(), sequence: version.sequence(), ..event }
}

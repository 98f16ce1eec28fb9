//! Snapshots and transactions, by handle.

use crate::check::events::{Events, NONE};
use crate::check::ids::Ids;
use crate::history::{Event, Kind, flag};

/// All snapshots of a history.
pub(super) struct Snapshots {
    /// Maps handles to positions in `all`.
    ids: Ids,
    /// The snapshots, including clones.
    all: Vec<Snapshot>,
}

/// One snapshot, or a clone of one.
#[derive(Clone, Copy)]
pub(super) struct Snapshot {
    /// Its version.
    pub(super) stamp: u64,
    /// The event that opened its original.
    pub(super) open: u32,
    /// The position of its original; its own if it is not a clone.
    pub(super) root: u32,
}

/// All transactions of a history.
pub(super) struct Transactions {
    /// Maps handles to positions in `all`.
    ids: Ids,
    /// The transactions.
    all: Vec<Transaction>,
    /// The events of each in order, one transaction after the other.
    events: Vec<u32>,
    /// The events that wrote what was committed: the last for each key.
    writes: Vec<u32>,
}

/// One transaction.
#[derive(Clone, Copy)]
pub(super) struct Transaction {
    /// The event that began it.
    pub(super) begin: u32,
    /// The event that ended it, or [`NONE`].
    pub(super) end: u32,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Where its events end; they begin where those of the previous transaction end.
    events_end: u32,
    /// Where its writes end, likewise.
    writes_end: u32,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It committed its writes.
    Committed,
    /// It committed without changing anything.
    NoEffect,
    /// It failed with a conflict.
    Conflict,
    /// It was aborted or refused, or never ended.
    Nothing,
}

impl Snapshots {
    pub(super) fn collect_from(events: &Events<'_>, count: usize) -> Self {
        let (mut ids, mut all) = (Ids::for_about(count), Vec::with_capacity(count));
        if count == 0 {
            return Self { ids, all };
        }
        let opens =
            |event: &Event, kind: Kind| event.kind == kind as u8 && !event.has(flag::REFUSED);
        let mut clones = Vec::new();
        for (number, event) in events.iter() {
            if opens(event, Kind::Open) {
                let position = all.len() as u32;
                ids.add(event.handle, position);
                all.push(Snapshot { stamp: event.stamp, open: number, root: position });
            } else if opens(event, Kind::Clone) {
                clones.push((number, event));
            }
        }
        ids.finish();
        let mut snapshots = Self { ids, all };
        // A clone comes after its original, but not always in the same log.
        clones.sort_by_key(|(number, event)| (events.log_of(*number) > 0, event.invoke));
        let mut left = usize::MAX;
        while !clones.is_empty() && clones.len() < left {
            left = clones.len();
            clones.retain(|(_, event)| !snapshots.add_clone(event));
            snapshots.ids.finish();
        }
        snapshots
    }

    /// Adds a clone if its original is known; returns whether it did.
    fn add_clone(&mut self, event: &Event) -> bool {
        let Some(source) = self.ids.get(event.value) else { return false };
        let source = self.all[source as usize];
        self.ids.add(event.handle, self.all.len() as u32);
        self.all.push(source);
        true
    }

    /// The event that opened the snapshot at this position.
    pub(super) fn open(&self, root: u32) -> u32 {
        self.all[root as usize].open
    }

    /// Whether the snapshot at this position is not a clone.
    pub(super) fn is_original(&self, position: u32) -> bool {
        self.all[position as usize].root == position
    }

    /// The number of snapshots, including clones.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The snapshot with a handle.
    #[inline]
    pub(super) fn of(&self, handle: u32) -> Option<&Snapshot> {
        self.all.get(self.ids.get(handle)? as usize)
    }
}

impl Transactions {
    pub(super) fn collect_from(events: &Events<'_>, count: usize) -> Self {
        let ids = Ids::for_about(count);
        let all = Vec::with_capacity(count);
        let mut transactions = Self { ids, all, events: Vec::new(), writes: Vec::new() };
        if count > 0 {
            transactions.add_begins(events);
            transactions.add_events(events);
            transactions.add_writes(events);
        }
        transactions
    }

    fn add_begins(&mut self, events: &Events<'_>) {
        for (number, event) in events.iter() {
            if event.kind == Kind::Begin as u8 && !event.has(flag::REFUSED) {
                self.ids.add(event.handle, self.all.len() as u32);
                self.all.push(Transaction {
                    begin: number,
                    end: NONE,
                    outcome: Outcome::Nothing,
                    events_end: 0,
                    writes_end: 0,
                });
            }
        }
        self.ids.finish();
    }

    fn add_events(&mut self, events: &Events<'_>) {
        for (number, event) in events.iter() {
            let Some(position) = self.position_of(event) else { continue };
            let transaction = &mut self.all[position];
            match event.kind() {
                Kind::Commit | Kind::Abort => {
                    transaction.end = number;
                    transaction.outcome = outcome(event);
                }
                _ => transaction.events_end += 1,
            }
        }
        let mut end = 0;
        for transaction in &mut self.all {
            let len = transaction.events_end;
            transaction.events_end = end;
            end += len;
        }
        self.events = vec![0; end as usize];
        for (number, event) in events.iter() {
            let Some(position) = self.position_of(event) else { continue };
            if !matches!(event.kind(), Kind::Commit | Kind::Abort) {
                let transaction = &mut self.all[position];
                self.events[transaction.events_end as usize] = number;
                transaction.events_end += 1;
            }
        }
    }

    fn add_writes(&mut self, events: &Events<'_>) {
        let mut last = Vec::new();
        for position in 0..self.all.len() {
            if self.all[position].outcome == Outcome::Committed {
                let written = self.events(position).iter().copied();
                last.extend(written.filter(|number| writes(events.at(*number))));
                keep_last_of_keys(events, &mut last);
                self.writes.append(&mut last);
            }
            self.all[position].writes_end = self.writes.len() as u32;
        }
    }

    /// The position of an event's transaction; the event that begins it does not count.
    #[inline]
    fn position_of(&self, event: &Event) -> Option<usize> {
        let is_part = (Kind::TransactionGet as u8..=Kind::Abort as u8).contains(&event.kind);
        (is_part && !event.has(flag::REFUSED)).then(|| self.position(event.handle))?
    }

    /// The position of the transaction with a handle.
    #[inline]
    pub(super) fn position(&self, handle: u32) -> Option<usize> {
        self.ids.get(handle).map(|position| position as usize)
    }

    /// The transaction at a position.
    #[inline]
    pub(super) fn at(&self, position: usize) -> &Transaction {
        &self.all[position]
    }

    /// The events of a transaction, in order.
    pub(super) fn events(&self, position: usize) -> &[u32] {
        let from = position.checked_sub(1).map_or(0, |before| self.all[before].events_end);
        &self.events[from as usize..self.all[position].events_end as usize]
    }

    /// The events that wrote what a transaction committed: the last for each key.
    pub(super) fn writes(&self, position: usize) -> &[u32] {
        let from = position.checked_sub(1).map_or(0, |before| self.all[before].writes_end);
        &self.writes[from as usize..self.all[position].writes_end as usize]
    }

    /// The positions of all transactions.
    pub(super) fn positions(&self) -> std::ops::Range<usize> {
        0..self.all.len()
    }
}

fn outcome(end: &Event) -> Outcome {
    if end.kind == Kind::Abort as u8 {
        Outcome::Nothing
    } else if end.has(flag::CONFLICT) {
        Outcome::Conflict
    } else if end.has(flag::NO_EFFECT) {
        Outcome::NoEffect
    } else {
        Outcome::Committed
    }
}

/// Keeps the last write of each key, in the order of keys.
pub(super) fn keep_last_of_keys(events: &Events<'_>, writes: &mut Vec<u32>) {
    // Sorts the last write of each key first, so that the others are dropped.
    writes.sort_by_key(|number| (events.at(*number).key, u32::MAX - *number));
    writes.dedup_by_key(|number| events.at(*number).key);
}

/// Whether an event is a write within a transaction.
pub(super) fn writes(event: &Event) -> bool {
    event.kind == Kind::TransactionPut as u8 || event.kind == Kind::TransactionDelete as u8
}

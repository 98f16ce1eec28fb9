//! Reads, and the life of snapshots.

use super::super::store::{Entry, Key, Session, SnapshotReads, Storage, Value, Version, Versioned};
use super::Snapshot;
use super::worker::{Worker, at, id_of};
use crate::alphabet::KeyNumbers;
use crate::execute::rig::Keep;
use crate::execute::ticks::Ticks;
use crate::history::{ABSENT, Digest, Event, GARBLED, Kind, Listed, flag};
use crate::program::Op;

impl<S: Storage, T: Ticks> Worker<'_, S, T> {
    pub(super) fn get(&mut self, op: &Op) {
        let (Op::Get { run, key } | Op::SessionGet { run, key } | Op::SessionPeek { run, key }) =
            op
        else {
            unreachable!("{op:?} is handled elsewhere");
        };
        let event = self.begin_at(Kind::Get, *run, *key);
        let (store, id, wanted) = (self.store, self.id(*run), self.key(*key));
        if matches!(op, Op::Get { .. }) {
            let found = store.get(id, wanted);
            return self.end_read(event, found);
        }
        let session = &mut self.sessions[usize::from(*run)];
        let session = session.get_or_insert_with(|| store.session(id));
        if matches!(op, Op::SessionGet { .. }) {
            let found = session.get(wanted);
            return self.end_read(event, found);
        }
        let found = session.get_with(wanted, |value| id_of(value.as_bytes(), *run, *key));
        let (value, flags) = (found.unwrap_or(ABSENT), event.flags | flag::NO_VERSION);
        self.end(Event { value, flags, ..event });
    }

    pub(super) fn end_read(&mut self, event: Event, found: Option<Versioned>) {
        match found {
            None => self.end(event),
            Some(Versioned { value, version }) => {
                let value = id_of(value.as_bytes(), event.run, event.key);
                self.end(at(Event { value, ..event }, version));
            }
        }
    }

    pub(super) fn snapshot(&mut self, op: &Op) {
        match op {
            Op::Open { snapshot } => {
                let opened = self.begin(Kind::Open);
                if let Some(reads) = self.store.snapshot() {
                    let older = self.snapshots[usize::from(*snapshot)].take();
                    let opened = self.opened_at(reads, opened);
                    self.snapshots[usize::from(*snapshot)] = Some(opened);
                    older.into_iter().for_each(|older| self.drop_snapshot(older));
                }
            }
            Op::Clone { snapshot, into } => {
                let original = self.snapshots[usize::from(*snapshot)].as_ref();
                let clone = original.and_then(|from| Some((from.reads.another()?, from.id)));
                if let Some((reads, from)) = clone {
                    let clone = self.opened(reads, Kind::Clone, from);
                    let older = self.snapshots[usize::from(*into)].replace(clone);
                    older.into_iter().for_each(|older| self.drop_snapshot(older));
                }
            }
            Op::Drop { snapshot } => {
                let dropped = self.snapshots[usize::from(*snapshot)].take();
                dropped.into_iter().for_each(|dropped| self.drop_snapshot(dropped));
            }
            _ => unreachable!("{op:?} is handled elsewhere"),
        }
    }

    pub(super) fn opened(
        &mut self,
        reads: S::Snapshot,
        kind: Kind,
        from: u32,
    ) -> Snapshot<S::Snapshot> {
        let event = self.begin(kind);
        self.opened_at(reads, Event { value: from, ..event })
    }

    pub(super) fn opened_at(&mut self, reads: S::Snapshot, event: Event) -> Snapshot<S::Snapshot> {
        let id = self.new_id();
        self.end(Event { handle: id, stamp: reads.version(), ..event });
        Snapshot { reads, id }
    }

    pub(super) fn drop_snapshot(&mut self, snapshot: Snapshot<S::Snapshot>) {
        let event = self.begin(Kind::Drop);
        let Snapshot { reads, id } = snapshot;
        drop(reads);
        self.end(Event { handle: id, ..event });
    }

    pub(super) fn snapshot_read(&mut self, op: &Op) {
        let (Op::SnapshotGet { snapshot, .. }
        | Op::SnapshotContains { snapshot, .. }
        | Op::SnapshotCount { snapshot, .. }
        | Op::SnapshotList { snapshot, .. }) = op
        else {
            unreachable!("{op:?} is handled elsewhere");
        };
        let slot = usize::from(*snapshot);
        if let Some(snapshot) = self.snapshots[slot].take() {
            self.read_snapshot(&snapshot, op);
            self.snapshots[slot] = Some(snapshot);
        }
    }

    pub(super) fn read_snapshot(&mut self, snapshot: &Snapshot<S::Snapshot>, op: &Op) {
        let Snapshot { reads, id: handle } = snapshot;
        let handle = *handle;
        match op {
            Op::SnapshotGet { run, key, .. } => {
                let event = self.begin_at(Kind::SnapshotGet, *run, *key);
                let found = reads.get(self.id(*run), self.key(*key));
                self.end_read(Event { handle, ..event }, found);
            }
            Op::SnapshotContains { run, key, .. } => {
                let event = self.begin_at(Kind::SnapshotContains, *run, *key);
                let value = u32::from(reads.contains(self.id(*run), self.key(*key)));
                self.end(Event { handle, value, ..event });
            }
            Op::SnapshotCount { run, .. } => {
                let event = self.begin_at(Kind::SnapshotCount, *run, 0);
                let value = reads.count(self.id(*run)) as u32;
                self.end(Event { handle, value, ..event });
            }
            Op::SnapshotList { run, prefix, .. } => {
                let event = self.begin_at(Kind::SnapshotList, *run, *prefix);
                let entries = reads.list(self.id(*run), self.prefix(*prefix));
                self.end_listing(Event { handle, ..event }, entries.iter().map(Row::from));
            }
            _ => unreachable!("{op:?} is handled elsewhere"),
        }
    }

    /// Reads every place that the program names, through the snapshots and through the store.
    pub(super) fn read_all(&mut self, snapshots: &[Snapshot<S::Snapshot>]) {
        let script = self.script;
        for (run, keys) in &script.places {
            let run = *run;
            for snapshot in snapshots {
                for key in keys {
                    self.read_snapshot(snapshot, &Op::SnapshotGet { snapshot: 0, run, key: *key });
                }
                if S::CAPABILITIES.lists {
                    let list = Op::SnapshotList { snapshot: 0, run, prefix: 0 };
                    self.read_snapshot(snapshot, &list);
                    self.read_snapshot(snapshot, &Op::SnapshotCount { snapshot: 0, run });
                }
            }
            for key in keys {
                self.step(&Op::Get { run, key: *key });
            }
            if S::CAPABILITIES.lists {
                self.step(&Op::List { run, prefix: 0 });
                self.step(&Op::Count { run });
            }
        }
    }

    pub(super) fn end_listing<'k>(&mut self, event: Event, rows: impl Iterator<Item = Row<'k>>) {
        let now = self.ticks.now();
        let mut digest = Digest::default();
        let mut listed = Vec::new();
        let (mut value, mut flags, mut before): (u32, u8, Option<&Key>) = (0, event.flags, None);
        for row in rows {
            if before.is_some_and(|before| before >= row.key) {
                flags |= flag::UNSORTED;
            }
            before = Some(row.key);
            let entry = row.listed(event.run, &self.script.numbers);
            digest.add(&entry);
            value += 1;
            if self.script.listings == Keep::Entries {
                listed.push(entry);
            }
        }
        if event.kind == Kind::TransactionList as u8 {
            digest.versions = 0;
        }
        if self.script.listings == Keep::Entries {
            self.log.listings.push((self.log.events.len() as u32, listed));
        }
        let (stamp, sequence) = (digest.contents, digest.versions);
        self.end_at(Event { value, flags, stamp, sequence, ..event }, now);
        self.last = now;
    }
}

/// One row of a listing.
pub(super) struct Row<'k> {
    pub(super) key: &'k Key,
    pub(super) value: &'k Value,
    pub(super) version: Option<Version>,
}

impl<'k> From<&'k Entry> for Row<'k> {
    fn from(entry: &'k Entry) -> Self {
        Self { key: &entry.key, value: &entry.value, version: Some(entry.version) }
    }
}

impl Row<'_> {
    fn listed(&self, run: u16, numbers: &KeyNumbers) -> Listed {
        let version = self.version.unwrap_or(Version::NONE);
        let (stamp, sequence) = (version.stamp(), version.sequence());
        match numbers.of(self.key.as_bytes()) {
            Some(key) => {
                let value = id_of(self.value.as_bytes(), run, key);
                Listed { key, value, stamp, sequence }
            }
            None => Listed { key: 0, value: GARBLED, stamp, sequence },
        }
    }
}

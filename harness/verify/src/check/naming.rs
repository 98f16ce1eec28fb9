//! Names for the reads of snapshots and transactions that are wrong.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use crate::check::context::Context;
use crate::check::events::{NONE, is_of_set};
use crate::check::index::{Index, Origin, is_put};
use crate::check::report::{AnomalyKind, Axiom};
use crate::check::tell;
use crate::history::{ABSENT, Event, Kind, flag};

/// A read that should have seen another write.
#[derive(Clone, Copy)]
pub(super) struct Wrong {
    /// The read.
    pub(super) read: u32,
    /// The newest write that it had to see, or [`NONE`].
    pub(super) newest: u32,
}

/// What a wrong read is judged by.
struct Case<'a> {
    /// The history's writes.
    index: &'a Index<'a>,
    /// The read's number.
    read: u32,
    /// The read.
    event: &'a Event,
    /// The version as of which it read.
    stamp: u64,
    /// The write that it had to see.
    newest: Option<u32>,
    /// The write whose value it returned.
    got: Option<u32>,
    /// The reads of single keys in the same snapshot, this one among them.
    others: &'a [u32],
}

/// A name, and an event that explains it.
type Name = (Axiom, AnomalyKind, Option<u32>);

/// Names wrong reads of snapshots.
pub(super) fn name_all(context: &mut Context<'_>, wrong: &[Wrong]) {
    if wrong.is_empty() {
        return;
    }
    let reads = reads_beside(context.index, wrong);
    for wrong in wrong {
        let event = context.index.events.at(wrong.read);
        let Some(snapshot) = context.index.snapshots.of(event.handle) else { continue };
        name_one(context, *wrong, snapshot.stamp, &reads[&snapshot.root]);
    }
}

/// The reads of single keys in those snapshots in which something was wrong, by the snapshot's
/// place.
fn reads_beside(index: &Index<'_>, wrong: &[Wrong]) -> HashMap<u32, Vec<u32>, FxBuildHasher> {
    let root = |event: &Event| index.snapshots.of(event.handle).map(|snapshot| snapshot.root);
    let roots: HashSet<u32, FxBuildHasher> =
        wrong.iter().filter_map(|wrong| root(index.events.at(wrong.read))).collect();
    let mut reads: HashMap<u32, Vec<u32>, FxBuildHasher> = HashMap::default();
    for (number, event) in index.events.iter() {
        let is_read =
            event.kind == Kind::SnapshotGet as u8 || event.kind == Kind::SnapshotContains as u8;
        if is_read
            && !event.has(flag::REFUSED)
            && let Some(root) = root(event)
            && roots.contains(&root)
        {
            reads.entry(root).or_default().push(number);
        }
    }
    reads
}

/// Names a wrong read as of version `stamp`, among the other reads of the same snapshot.
pub(super) fn name_one(context: &mut Context<'_>, wrong: Wrong, stamp: u64, others: &[u32]) {
    let index = context.index;
    let event = index.events.at(wrong.read);
    let newest = (wrong.newest != NONE).then_some(wrong.newest);
    let got =
        if event.kind == Kind::SnapshotContains as u8 { None } else { index.write_read(event) };
    let case = Case { index, read: wrong.read, event, stamp, newest, got, others };
    let (axiom, kind, because) = case.name();
    let because = because.or(newest).or(got);
    let shown_by: Vec<u32> = [wrong.read].into_iter().chain(because).collect();
    let expected = case.expected();
    context.add((axiom, kind), &shown_by, expected, || case.message());
}

impl Case<'_> {
    fn name(&self) -> Name {
        let equation = |kind, because| (Axiom::Equation, kind, because);
        if let Some(kept) = self.collected() {
            return equation(AnomalyKind::CollectedTooEarly, kept);
        }
        if let Some(other) = self.earlier_and_different() {
            return equation(AnomalyKind::NonRepeatableRead, Some(other));
        }
        if let Some(other) = self.split_from() {
            return (Axiom::Atomic, AnomalyKind::FracturedRead, Some(other));
        }
        let kind = self.direction();
        equation(kind, self.got.filter(|_| kind == AnomalyKind::FutureRead))
    }

    /// What a read should have returned, if that was there and has been collected since: the read
    /// found nothing or something older, and whatever was wrong was not so from the beginning.
    fn collected(&self) -> Option<Option<u32>> {
        let had_value = self.index.value_after(self.newest) != ABSENT;
        let is_newer = self.got.is_some_and(|got| self.sees_too_much(got));
        if !had_value || is_newer {
            return None;
        }
        let (mut was_right, mut was_wrong) = (false, false);
        for other in self.earlier() {
            let right = self.is_right(other);
            (was_right, was_wrong) = (was_right || right, was_wrong || !right);
        }
        let at_once = self.event.has(flag::AFTER_COLLECT) && !was_wrong;
        // What a later delete explains need not have been collected.
        let vanished = was_right
            && (self.got.is_some() || self.index.future_delete(self.read, self.stamp).is_none());
        (at_once || vanished).then_some(self.newest)
    }

    /// Earlier reads of the same key in the same snapshot.
    fn earlier(&self) -> impl Iterator<Item = u32> + '_ {
        self.others.iter().copied().filter(|other| {
            let event = self.index.events.at(*other);
            (event.run, event.key) == (self.event.run, self.event.key)
                && self.index.before(*other, self.read)
        })
    }

    fn is_right(&self, other: u32) -> bool {
        let event = self.index.events.at(other);
        let value = self.index.value_after(self.newest);
        if event.kind == Kind::SnapshotContains as u8 {
            (event.value != 0) == (value != ABSENT)
        } else {
            event.value == value
        }
    }

    fn earlier_and_different(&self) -> Option<u32> {
        self.earlier().find(|other| {
            let event = self.index.events.at(*other);
            if event.kind == self.event.kind {
                event.value != self.event.value
            } else {
                (event.value == ABSENT) != (self.event.value == ABSENT)
            }
        })
    }

    /// A read in the same snapshot that saw a commit of which this read should have seen a part, or
    /// that should have seen one of which this read saw a part.
    fn split_from(&self) -> Option<u32> {
        let set = self.newest.filter(|write| self.is_atomic(*write));
        let unseen = set.and_then(|newest| {
            self.others.iter().copied().find(|other| {
                let write = self.index.write_read(self.index.events.at(*other));
                *other != self.read
                    && write.is_some_and(|write| self.index.is_one_commit(write, newest))
            })
        });
        let set = self.got.filter(|got| self.is_atomic(*got) && self.sees_too_much(*got));
        unseen.or_else(|| {
            let got = set?;
            self.others.iter().copied().find(|other| self.lacks(*other, got))
        })
    }

    fn sees_too_much(&self, write: u32) -> bool {
        self.index.is_future(write, self.stamp)
    }

    /// Whether a write is part of a commit that is atomic and may have other parts.
    fn is_atomic(&self, write: u32) -> bool {
        let event = self.index.events.at(write);
        is_of_set(event) && self.index.history.header.claims.atomic_apply
            || event.kind == Kind::TransactionPut as u8
            || event.kind == Kind::TransactionDelete as u8
    }

    /// Whether a read of another key saw something older than what a commit wrote there.
    fn lacks(&self, other: u32, commit: u32) -> bool {
        let event = self.index.events.at(other);
        if (event.run, event.key) == (self.event.run, self.event.key) {
            return false;
        }
        let mut writes =
            self.index.key_places(event.run, event.key).iter().map(|place| place.write);
        let part = writes.find(|write| self.index.is_one_commit(*write, commit));
        let Some(part) = part else { return false };
        let seen = self.index.write_read(event);
        seen.is_none_or(|seen| self.index.version(seen) < self.index.version(part))
            && event.value != self.index.value_after(Some(part))
    }

    fn direction(&self) -> AnomalyKind {
        if let Some(got) = self.got {
            return if self.sees_too_much(got) {
                AnomalyKind::FutureRead
            } else if self.newest.is_some_and(|newest| !is_put(self.index.events.at(newest))) {
                AnomalyKind::ResurrectedDelete
            } else {
                AnomalyKind::StaleRead
            };
        }
        if self.event.kind == Kind::SnapshotContains as u8 && self.event.value != 0 {
            return match self.newest {
                Some(_) => AnomalyKind::ResurrectedDelete,
                None => AnomalyKind::FutureRead,
            };
        }
        match self.index.future_delete(self.read, self.stamp) {
            Some(_) => AnomalyKind::FutureRead,
            None => AnomalyKind::StaleRead,
        }
    }

    fn expected(&self) -> crate::check::report::Expected {
        use crate::check::report::Expected;
        if self.event.kind == Kind::SnapshotContains as u8 {
            return Expected::Number(u64::from(self.index.value_after(self.newest) != ABSENT));
        }
        tell::expected(self.index, self.newest)
    }

    fn message(&self) -> String {
        let (view, key) = (tell::view(self.event, self.stamp), tell::key(self.event));
        let newest = match self.newest {
            Some(_) => tell::write(self.index, self.newest),
            None => "none".to_owned(),
        };
        let found = if self.event.kind == Kind::SnapshotContains as u8 {
            if self.event.value == 0 { "said no key there" } else { "said a key is there" }
                .to_owned()
        } else {
            format!("returned {}", tell::write(self.index, self.got))
        };
        format!("A read of {key} in {view} {found}; the newest write it sees is {newest}.")
    }
}

impl Index<'_> {
    /// The write whose value a read of one key returned.
    pub(super) fn write_read(&self, read: &Event) -> Option<u32> {
        if read.kind == Kind::SnapshotContains as u8 || read.kind == Kind::Contains as u8 {
            return None;
        }
        match self.origin(read.value, read.run, read.key) {
            Origin::Written(place) => Some(self.places()[place as usize].write),
            _ => None,
        }
    }
}

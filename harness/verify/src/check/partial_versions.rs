//! Stores that report versions for commits of some kinds only.
//!
//! Exact checks need the version of every commit. A history in which a kind of commit never has one
//! is judged by intervals instead, as that of a store without versions. A commit that lacks a
//! version while another of its kind has one is no such case: there the store claims that it
//! changed nothing.

use crate::check::index::takes_effect;
use crate::history::{Event, History, Kind, flag};

/// Kinds of commits, each with the bits of its kinds of events.
const KINDS: [(&str, u32); 5] = [
    ("puts", 1 << Kind::Put as u8),
    ("deletes", 1 << Kind::Delete as u8),
    ("write sets", SETS),
    ("removals of runs", 1 << Kind::RemoveRun as u8),
    ("transactions", 1 << Kind::Commit as u8),
];
/// The events of write sets, as bits.
const SETS: u32 = 1 << Kind::SetPut as u8 | 1 << Kind::SetDelete as u8;

/// The kinds of commits that never have a version in a history, as bits of kinds of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Unnumbered {
    /// Those that changed something.
    certain: u32,
    /// Write sets: either the store numbers none, or each had nothing to delete.
    possible: u32,
}

impl Unnumbered {
    /// Finds them.
    pub(super) fn of(history: &History) -> Self {
        let (mut with, mut certain, mut possible) = (0u32, 0u32, 0u32);
        for event in history.logs.iter().flat_map(|log| &log.events) {
            if (event.stamp, event.sequence) != (0, 0) {
                with |= 1 << event.kind;
            } else if changed(event) {
                certain |= 1 << event.kind;
            } else if SETS >> event.kind & 1 != 0 {
                possible |= 1 << event.kind;
            }
        }
        let never = KINDS.iter().filter(|(_, kinds)| with & kinds == 0);
        let never = never.fold(0, |all, (_, kinds)| all | kinds);
        Self { certain: certain & never, possible: possible & never }
    }

    /// Whether some commit changed something and has no version.
    pub(super) const fn is_certain(self) -> bool {
        self.certain != 0
    }

    /// Whether some commit may have changed something and has no version.
    pub(super) const fn is_possible(self) -> bool {
        self.certain | self.possible != 0
    }

    /// The names of the kinds, as in "puts and deletes".
    pub(super) fn names(self) -> String {
        let kinds = KINDS.iter().filter(|(_, kinds)| (self.certain | self.possible) & kinds != 0);
        kinds.map(|(name, _)| *name).collect::<Vec<_>>().join(" and ")
    }

    /// The history without any versions, in which write sets of a store that numbers none may have
    /// changed something.
    pub(super) fn without_versions(self, history: &History) -> History {
        let mut history = history.clone();
        history.header.claims.versions = false;
        for log in &mut history.logs {
            for event in &mut log.events {
                match event.kind() {
                    Kind::List | Kind::SnapshotList | Kind::TransactionList => event.sequence = 0,
                    Kind::Held => {}
                    _ => (event.stamp, event.sequence) = (0, 0),
                }
                if (self.certain | self.possible) & SETS != 0 && SETS >> event.kind & 1 != 0 {
                    event.flags &= !flag::NO_EFFECT;
                }
            }
            for entry in log.listings.iter_mut().flat_map(|(_, entries)| entries) {
                (entry.stamp, entry.sequence) = (0, 0);
            }
        }
        history
    }
}

/// Whether an event is a commit that claims to have changed something.
fn changed(event: &Event) -> bool {
    takes_effect(event)
        || event.kind == Kind::Commit as u8
            && !event.has(flag::REFUSED | flag::CONFLICT | flag::NO_EFFECT)
}

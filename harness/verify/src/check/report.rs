//! The checker's report on a history: anomalies, how much was checked, and how much of that could
//! have failed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use shardproof_base::names::{self, UnknownName};

use crate::history::{Kind, Listed};

/// The checker's report on a history.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The anomalies: the first few of each kind, the least specific kinds last.
    pub anomalies: Vec<Anomaly>,
    /// The number of all anomalies, by kind.
    pub anomalies_total: BTreeMap<AnomalyKind, u64>,
    /// How often each axiom was checked. An axiom that is not here did not apply.
    pub counts: BTreeMap<Axiom, Count>,
    /// The axioms that were not checked, or not fully, and why.
    pub unchecked: BTreeMap<Axiom, String>,
    /// Events in the history.
    pub events: u64,
    /// Reads among them, listings and counts included.
    pub reads: u64,
    /// Reads that were not judged, or only in part, by kind.
    pub unjudged: BTreeMap<Kind, u64>,
    /// How many snapshots could have shown a part of a commit.
    pub snapshots: Snapshots,
}

/// How many snapshots were opened, and how many beside a commit of several keys: only those could
/// show a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Snapshots {
    /// Snapshots opened, without clones.
    pub opened: u64,
    /// Those whose opening overlapped a commit of several keys.
    pub beside_commits: u64,
}

/// How often an axiom was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Count {
    /// Reads, or pairs of events, on which the axiom was checked.
    pub checked: u64,
    /// How many of those a faulty store could have got wrong. A snapshot read counts if a commit to
    /// its key overlapped the snapshot before the read, or if it was repeated after a collection;
    /// the order of two events counts if they are from different threads.
    pub could_have_failed: u64,
}

/// A rule that every history of a correct store keeps: a property that is verified. They are
/// declared, and ordered, by how bad it is to break them, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axiom {
    /// At rest, the store equals the fold of all commits in version order.
    NoLostUpdate,
    /// Every value read was written under that key and is whole; listings are sorted.
    Intact,
    /// A snapshot read returns the value of the newest version that the snapshot sees; list, count
    /// and contains are functions of it. A read within a transaction sees its own writes on top.
    Equation,
    /// Every snapshot contains all of a write set or none of it.
    Atomic,
    /// A transaction commits only if what it read has not changed, and fails only if it has.
    Isolation,
    /// A read of the newest value returns the newest value at some moment between its beginning and
    /// its end, with its version; the same holds for the return value of a delete, and for list,
    /// count and contains.
    LatestRead,
    /// Every operation returns, and none panics or is refused.
    Progress,
    /// A snapshot opened after a commit returned, or was read, contains it.
    Freshness,
    /// A snapshot contains no commit begun after it was opened.
    NotFromTheFuture,
    /// Of two snapshots, one opened after the other was, the later one sees at least as much.
    Monotonic,
    /// A commit that returned before another of its run began has the smaller version.
    CommitOrder,
    /// No two commits of a run share a version.
    UniqueVersions,
    /// At rest and without snapshots the store keeps only the newest version of each live key.
    NoGarbage,
}

/// The kind of an anomaly, named as in the literature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// A value that no write made, or not under that key (torn, or from another run).
    GarbledRead,
    /// A value of a write that was aborted, or had not begun.
    DirtyRead,
    /// An older value than the newest that had to be visible.
    StaleRead,
    /// A newer value than the snapshot may see.
    FutureRead,
    /// Part of a write set without the rest, or values that did not exist at the same time.
    FracturedRead,
    /// Two reads of one key in one snapshot differ.
    NonRepeatableRead,
    /// A listing or count has an entry that it should not have.
    Phantom,
    /// A listing or count lacks an entry.
    MissingEntry,
    /// A deleted key is back with its old value.
    ResurrectedDelete,
    /// A version that an open snapshot sees has been collected.
    CollectedTooEarly,
    /// A committed write is gone.
    LostUpdate,
    /// A transaction committed although what it had read was changed.
    UnnoticedConflict,
    /// A transaction failed with a conflict although nothing that it had read was changed.
    SpuriousConflict,
    /// A transaction did not see its own write.
    OwnWriteLost,
    /// Two commits of a run have one version.
    DuplicateVersion,
    /// A later commit has an earlier version.
    VersionOrder,
    /// A snapshot opened after a commit does not contain it.
    StaleSnapshot,
    /// A snapshot contains a commit that began after it was opened.
    FutureSnapshot,
    /// A later snapshot sees less.
    NonMonotonicSnapshot,
    /// The version of a read is not that of the write of its value.
    WrongVersion,
    /// A listing is not sorted, or has a key twice.
    Unsorted,
    /// The store keeps versions that no snapshot can see.
    Garbage,
    /// An operation was refused with an error.
    Refused,
    /// A thread panicked.
    Panicked,
    /// The threads are deadlocked, or an operation never returned.
    Stuck,
}

/// One anomaly.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Anomaly {
    /// Its kind.
    pub kind: AnomalyKind,
    /// The axiom that it breaks.
    pub axiom: Axiom,
    /// The events that show it, the wrong one first; usually two or three.
    pub events: Vec<EventRef>,
    /// What the first event should have returned, where only one answer is right.
    pub expected: Expected,
    /// What is wrong, in a sentence that names the values; the events themselves are printed beside
    /// it.
    pub message: String,
}

/// Where an event stands in a history.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EventRef {
    /// The log's number.
    pub log: u32,
    /// The event's number in the log.
    pub event: u32,
}

/// What an event should have returned.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// More than one answer is right, or the right one is unknown.
    #[default]
    Unknown,
    /// Nothing: the key is absent.
    Absent,
    /// The value with this id, with the version that wrote it.
    Value {
        /// The value's id.
        id: u32,
        /// The version's stamp.
        stamp: u64,
        /// The version's sequence.
        sequence: u64,
    },
    /// A number of entries, or yes (1) or no (0).
    Number(u64),
    /// These entries.
    Entries(Vec<Listed>),
    /// A version (of a commit or snapshot) of at least this stamp and sequence.
    AtLeast {
        /// The stamp.
        stamp: u64,
        /// The sequence; 0 for a snapshot.
        sequence: u64,
    },
    /// A version of at most this stamp and sequence.
    AtMost {
        /// The stamp.
        stamp: u64,
        /// The sequence; 0 for a snapshot.
        sequence: u64,
    },
}

/// A set of axioms, by default all. Leaving one out shows what only that axiom detects, and what the
/// violations of that one would hide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axioms(Vec<Axiom>);

impl Axiom {
    /// All of them, the worst to break first.
    pub const ALL: [Self; 13] = [
        Self::NoLostUpdate,
        Self::Intact,
        Self::Equation,
        Self::Atomic,
        Self::Isolation,
        Self::LatestRead,
        Self::Progress,
        Self::Freshness,
        Self::NotFromTheFuture,
        Self::Monotonic,
        Self::CommitOrder,
        Self::UniqueVersions,
        Self::NoGarbage,
    ];

    /// Its name, as in files and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoLostUpdate => "no-lost-update",
            Self::Intact => "intact",
            Self::Equation => "equation",
            Self::Atomic => "atomic",
            Self::Isolation => "isolation",
            Self::LatestRead => "latest-read",
            Self::Progress => "progress",
            Self::Freshness => "freshness",
            Self::NotFromTheFuture => "not-from-the-future",
            Self::Monotonic => "monotonic",
            Self::CommitOrder => "commit-order",
            Self::UniqueVersions => "unique-versions",
            Self::NoGarbage => "no-garbage",
        }
    }
}

impl fmt::Display for Axiom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Axiom {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("property", text, &Self::ALL, Self::as_str)
    }
}

impl Axioms {
    /// All axioms.
    #[must_use]
    pub fn all() -> Self {
        Self(Axiom::ALL.to_vec())
    }

    /// These axioms alone.
    #[must_use]
    pub fn only(selected: &[Axiom]) -> Self {
        Self(Axiom::ALL.into_iter().filter(|axiom| selected.contains(axiom)).collect())
    }

    /// All but one.
    #[must_use]
    pub fn without(left_out: Axiom) -> Self {
        Self::all().except(&[left_out])
    }

    /// The axioms of this set but these.
    #[must_use]
    pub fn except(&self, left_out: &[Axiom]) -> Self {
        Self(self.iter().filter(|axiom| !left_out.contains(axiom)).collect())
    }

    /// Whether an axiom is in the set.
    #[must_use]
    pub fn has(&self, axiom: Axiom) -> bool {
        self.0.contains(&axiom)
    }

    /// Whether no axiom is left in the set: nothing would be checked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The axioms of the set, the worst to break first.
    pub fn iter(&self) -> impl Iterator<Item = Axiom> {
        self.0.iter().copied()
    }
}

impl Default for Axioms {
    fn default() -> Self {
        Self::all()
    }
}

impl Report {
    /// Adds the counts of another report; its anomalies are counted but not added.
    pub fn add(&mut self, other: &Self) {
        for (kind, total) in &other.anomalies_total {
            *self.anomalies_total.entry(*kind).or_default() += total;
        }
        for (axiom, count) in &other.counts {
            let sum = self.counts.entry(*axiom).or_default();
            sum.checked += count.checked;
            sum.could_have_failed += count.could_have_failed;
        }
        for (axiom, reason) in &other.unchecked {
            self.unchecked.entry(*axiom).or_insert_with(|| reason.clone());
        }
        for (kind, reads) in &other.unjudged {
            *self.unjudged.entry(*kind).or_default() += reads;
        }
        self.events += other.events;
        self.reads += other.reads;
        self.snapshots.opened += other.snapshots.opened;
        self.snapshots.beside_commits += other.snapshots.beside_commits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axiom_has_one_name_in_files_and_on_the_command_line() {
        for (axiom, number) in Axiom::ALL.into_iter().zip(0..) {
            assert_eq!(serde_json::to_value(axiom).unwrap(), axiom.as_str());
            assert_eq!(axiom.as_str().parse(), Ok(axiom));
            assert_eq!(axiom as usize, number, "all are in the order of their declaration");
        }
        let unknown = "fresh".parse::<Axiom>().unwrap_err().to_string();
        assert!(unknown.contains("`fresh` is not a property: give one of no-lost-update,"));
    }

    #[test]
    fn axioms_are_selected_and_left_out_by_name() {
        let two = Axioms::only(&[Axiom::NoGarbage, Axiom::Intact]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Axiom::Intact, Axiom::NoGarbage]);
        let one = two.except(&[Axiom::Intact, Axiom::Atomic]);
        assert!(one.has(Axiom::NoGarbage) && !one.has(Axiom::Intact) && !one.is_empty());
        assert!(one.except(&[Axiom::NoGarbage]).is_empty());
    }
}

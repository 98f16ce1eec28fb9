//! What the checker says of a history: what was wrong, how much was checked, and how much of that could have
//! failed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::history::Listed;

/// What the checker says of a history.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// What was wrong: the first few of each kind, those last that show least.
    pub anomalies: Vec<Anomaly>,
    /// How many there were in all, by kind.
    pub anomalies_total: BTreeMap<AnomalyKind, u64>,
    /// What each axiom was checked on. An axiom that is not here did not apply.
    pub counts: BTreeMap<Axiom, Count>,
    /// What the subject's claims, or a history without versions, leave unchecked, and why.
    pub unchecked: BTreeMap<Axiom, String>,
    /// Events in the history.
    pub events: u64,
    /// Reads among them, listings and counts included.
    pub reads: u64,
}

/// How often an axiom was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Count {
    /// Reads, or pairs of events, that it was checked on.
    pub checked: u64,
    /// Those of them that a faulty store could have got wrong: the vacuity meter. A read of a snapshot counts if a
    /// commit to its key overlapped the snapshot's life before the read, or if it was read again after something
    /// was collected; an order of two events counts if they are of different threads.
    pub could_have_failed: u64,
}

/// A rule that every history of a correct store keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axiom {
    /// A snapshot read returns the value of the newest version that the snapshot sees; list, count and
    /// contains are functions of it. A read within a transaction sees its own writes on top.
    Equation,
    /// No two commits of a run share a version.
    UniqueVersions,
    /// A commit that returned before another of its run began has the smaller version.
    CommitOrder,
    /// A snapshot opened after a commit returned, or was read, contains it.
    Freshness,
    /// A snapshot contains no commit begun after it was opened.
    NotFromTheFuture,
    /// Of two snapshots, one opened after the other was, the later one sees at least as much.
    Monotonic,
    /// All of a write set or none of it, in every snapshot.
    Atomic,
    /// At rest, the store equals the fold of all commits in version order.
    NoLostUpdate,
    /// A transaction commits only if what it read is still so, and fails only if it is not.
    Isolation,
    /// A read of the newest value returns a value that was the newest at some moment between its beginning and its
    /// end, with the version that wrote it; so do a delete's return value, list, count and contains.
    LatestRead,
    /// Every value read is one that was written, under that key, whole; listings are sorted.
    Intact,
    /// At rest and without snapshots nothing is kept but the newest version of each live key.
    NoGarbage,
    /// Every operation returns, and none panics or is refused.
    Progress,
}

/// What was wrong, by the name the field uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// A value that no write made, or not under that key (torn, or another run's).
    GarbledRead,
    /// A value of a write that was aborted, or had not begun.
    DirtyRead,
    /// An older value than the one that had to be seen.
    StaleRead,
    /// A newer value than the snapshot may see.
    FutureRead,
    /// Part of a write set, or of one moment, without the rest.
    FracturedRead,
    /// Two reads of one key in one snapshot differ.
    NonRepeatableRead,
    /// A listing or count has an entry that it should not have.
    Phantom,
    /// A listing or count lacks an entry.
    MissingEntry,
    /// A key that had been deleted is back, with its old value.
    ResurrectedDelete,
    /// A value that a snapshot still sees has been collected.
    CollectedTooEarly,
    /// A committed write is gone.
    LostUpdate,
    /// A transaction committed although what it had read was changed under it.
    UnnoticedConflict,
    /// A transaction failed although nothing that it had read was changed.
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
    /// A read's version is not the one of the write whose value it returned.
    WrongVersion,
    /// A listing is not sorted, or has a key twice.
    Unsorted,
    /// Versions that nobody can see are kept.
    Garbage,
    /// An operation was refused with an error.
    Refused,
    /// A thread panicked.
    Panicked,
    /// The threads wait for each other, or one never returned.
    Stuck,
}

/// One thing that was wrong.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Anomaly {
    /// Its name.
    pub kind: AnomalyKind,
    /// The axiom that it breaks.
    pub axiom: Axiom,
    /// The events that show it, the one that is wrong first; two or three, seldom more.
    pub events: Vec<EventRef>,
    /// What the first event should have returned, where one answer is right.
    pub expected: Expected,
    /// What is wrong, in a sentence that names the values; without the names of events, which the reader sees
    /// beside it.
    pub message: String,
}

/// The place of an event in a history.
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
    /// No one answer is right, or none is known.
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
    /// A number of entries, or a yes (1) or no (0).
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

/// A set of axioms, all unless told otherwise: to leave one out shows what it alone notices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axioms(Vec<Axiom>);

impl Axiom {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Equation,
        Self::UniqueVersions,
        Self::CommitOrder,
        Self::Freshness,
        Self::NotFromTheFuture,
        Self::Monotonic,
        Self::Atomic,
        Self::NoLostUpdate,
        Self::Isolation,
        Self::LatestRead,
        Self::Intact,
        Self::NoGarbage,
        Self::Progress,
    ];
}

impl Axioms {
    /// All axioms.
    #[must_use]
    pub fn all() -> Self {
        Self(Axiom::ALL.to_vec())
    }

    /// All but one.
    #[must_use]
    pub fn without(left_out: Axiom) -> Self {
        Self(Axiom::ALL.into_iter().filter(|axiom| *axiom != left_out).collect())
    }

    /// Whether an axiom is in the set.
    #[must_use]
    pub fn has(&self, axiom: Axiom) -> bool {
        self.0.contains(&axiom)
    }
}

impl Default for Axioms {
    fn default() -> Self {
        Self::all()
    }
}

impl Report {
    /// Adds the counts of another report; its anomalies are not taken over, only counted.
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
        self.events += other.events;
        self.reads += other.reads;
    }
}

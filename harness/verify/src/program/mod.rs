//! Programs: operations on a store, as plain data.
//!
//! A program is a *setup*, which one thread runs, and *threads*, which run concurrently after it.
//! The same program runs under every executor. Numbers stand for runs, keys and prefixes (see
//! [`KeyTable`](crate::key_table::KeyTable)), and for slots: each thread keeps its snapshots and
//! transactions in slots of its own. Snapshots that the setup leaves open are cloned into the same
//! slots of every thread, if the store can clone snapshots.

pub mod file;
pub mod limits;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::history::Claims;

/// Operations on a store.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its name in reports; free text.
    #[serde(default)]
    pub name: String,
    /// Run by one thread before the others start.
    #[serde(default)]
    pub setup: Vec<Op>,
    /// Run concurrently.
    pub threads: Vec<Vec<Op>>,
}

/// The length of a written value: below or above the limit of a store that keeps short values
/// inline.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// 16 bytes, the shortest self-describing value.
    #[default]
    Short,
    /// 64 bytes.
    Long,
}

/// One write of a write set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// The run's number.
    pub run: u16,
    /// The key's number.
    pub key: u32,
    /// The value's size; `None` for a delete.
    #[serde(default)]
    pub put: Option<Size>,
}

/// One operation. An operation that names an empty slot does nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Writes a new value, unique in the program.
    Put {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
        /// The value's size.
        #[serde(default)]
        size: Size,
    },
    /// Deletes a key.
    Delete {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Applies a write set.
    Apply {
        /// Its writes, in the order they are added to it.
        writes: Vec<Write>,
    },
    /// Removes a run with all its keys.
    RemoveRun {
        /// The run's number.
        run: u16,
    },
    /// Reads the newest value.
    Get {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Writes a new value through the thread's session on the run.
    SessionPut {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
        /// The value's size.
        #[serde(default)]
        size: Size,
    },
    /// Reads the newest value, with its version, through the thread's session on the run.
    SessionGet {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Reads the newest value alone through the thread's session on the run.
    SessionPeek {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Asks whether a key is live now.
    Contains {
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Counts the keys that are live now.
    Count {
        /// The run's number.
        run: u16,
    },
    /// Lists the entries that are live now.
    List {
        /// The run's number.
        run: u16,
        /// The prefix's number.
        prefix: u32,
    },
    /// Opens a snapshot; the one in the slot is dropped.
    Open {
        /// The slot.
        snapshot: u8,
    },
    /// Clones a snapshot into another slot.
    Clone {
        /// The slot of the one to clone.
        snapshot: u8,
        /// The slot of the clone.
        into: u8,
    },
    /// Drops a snapshot.
    Drop {
        /// The slot.
        snapshot: u8,
    },
    /// Reads a value as of a snapshot.
    SnapshotGet {
        /// The slot.
        snapshot: u8,
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Asks whether a key was live as of a snapshot.
    SnapshotContains {
        /// The slot.
        snapshot: u8,
        /// The run's number.
        run: u16,
        /// The key's number.
        key: u32,
    },
    /// Counts the keys that were live as of a snapshot.
    SnapshotCount {
        /// The slot.
        snapshot: u8,
        /// The run's number.
        run: u16,
    },
    /// Lists the entries that were live as of a snapshot.
    SnapshotList {
        /// The slot.
        snapshot: u8,
        /// The run's number.
        run: u16,
        /// The prefix's number.
        prefix: u32,
    },
    /// Begins a transaction; the one in the slot is aborted.
    Begin {
        /// The slot.
        transaction: u8,
        /// The run's number.
        run: u16,
    },
    /// Reads a value within a transaction.
    TransactionGet {
        /// The slot.
        transaction: u8,
        /// The key's number.
        key: u32,
    },
    /// Writes a value within a transaction.
    TransactionPut {
        /// The slot.
        transaction: u8,
        /// The key's number.
        key: u32,
        /// The value's size.
        #[serde(default)]
        size: Size,
    },
    /// Deletes a key within a transaction.
    TransactionDelete {
        /// The slot.
        transaction: u8,
        /// The key's number.
        key: u32,
    },
    /// Lists live entries within a transaction.
    TransactionList {
        /// The slot.
        transaction: u8,
        /// The prefix's number.
        prefix: u32,
    },
    /// Commits a transaction.
    Commit {
        /// The slot.
        transaction: u8,
    },
    /// Aborts a transaction.
    Abort {
        /// The slot.
        transaction: u8,
    },
    /// Drops versions that no snapshot can see.
    Collect,
    /// Advances the store's clock, if it has one.
    Tick,
    /// Raises a flag: what this thread did before happens before what a thread does that sees it.
    Notify {
        /// The flag's number, below [`Program::FLAGS`].
        flag: u8,
    },
    /// Reads a flag once.
    Observe {
        /// The flag's number, below [`Program::FLAGS`].
        flag: u8,
    },
}

impl Program {
    /// Slots for snapshots of each thread, and as many for transactions.
    pub const SLOTS: u8 = 4;
    /// Flags.
    pub const FLAGS: u8 = 4;
    /// The most threads; loom supports three and the main one.
    pub const THREADS_MAX: usize = 64;

    /// The number of operations, including the setup.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.setup.len() + self.threads.iter().map(Vec::len).sum::<usize>()
    }

    /// All operations, starting with the setup.
    pub fn iter(&self) -> impl Iterator<Item = &Op> {
        self.setup.iter().chain(self.threads.iter().flatten())
    }

    /// Whether it uses only what a store claims.
    #[must_use]
    pub fn uses_only(&self, claims: Claims) -> bool {
        self.iter().all(|op| op.is_claimed(claims))
    }

    /// Whether one thread may open a snapshot while another writes and then collects.
    #[must_use]
    pub fn opens_beside_collect(&self) -> bool {
        let collects =
            |ops: &[Op]| ops.iter().skip_while(|op| !op.is_write()).any(|op| *op == Op::Collect);
        let opens = |ops: &[Op]| ops.iter().any(|op| matches!(op, Op::Open { .. }));
        let mut numbered = self.threads.iter().enumerate();
        numbered.any(|(collector, ops)| {
            let mut others = self.threads.iter().enumerate();
            collects(ops) && others.any(|(thread, ops)| thread != collector && opens(ops))
        })
    }

    /// How many keys a key table must have for it.
    #[must_use]
    pub fn keys_min(&self) -> usize {
        let keys = self.keys_by_run();
        keys.iter().flat_map(|(_, keys)| keys).max().map_or(1, |key| *key as usize + 1)
    }

    /// The most values, snapshots, transactions and write sets that any of its threads creates.
    #[must_use]
    pub fn ids_max(&self) -> u32 {
        let of = |ops: &Vec<Op>| {
            let made = |op: &Op| match op {
                Op::Apply { writes } => 1 + writes.len(),
                _ => 1,
            };
            ops.iter().map(made).sum::<usize>()
        };
        // The setup clones its snapshots for every thread.
        let clones = usize::from(Self::SLOTS) * self.threads.len();
        let most = self.threads.iter().map(of).max().unwrap_or(0).max(of(&self.setup) + clones);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// The runs up to the largest that it names, each with the keys that it names, sorted.
    #[must_use]
    pub fn keys_by_run(&self) -> Vec<(u16, Vec<u32>)> {
        let mut keys: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
        for op in self.iter() {
            for (run, key) in op.runs_and_keys() {
                keys.entry(run).or_default().extend(key);
            }
        }
        // A transaction names its run only when it begins.
        let of_transactions: BTreeSet<u32> = self.iter().filter_map(Op::transaction_key).collect();
        let runs = keys.last_key_value().map_or(0, |(run, _)| run + 1);
        let of = |run| keys.get(&run).into_iter().flatten().chain(&of_transactions).copied();
        (0..runs).map(|run| (run, of(run).collect::<BTreeSet<_>>().into_iter().collect())).collect()
    }
}

impl Op {
    /// The slots of snapshots that it names.
    #[must_use]
    pub fn snapshots(&self) -> Vec<u8> {
        match self {
            Self::Open { snapshot }
            | Self::Drop { snapshot }
            | Self::SnapshotGet { snapshot, .. }
            | Self::SnapshotContains { snapshot, .. }
            | Self::SnapshotCount { snapshot, .. }
            | Self::SnapshotList { snapshot, .. } => vec![*snapshot],
            Self::Clone { snapshot, into } => vec![*snapshot, *into],
            _ => Vec::new(),
        }
    }

    /// Whether it changes keys outside a transaction.
    const fn is_write(&self) -> bool {
        matches!(
            self,
            Self::Put { .. }
                | Self::SessionPut { .. }
                | Self::Delete { .. }
                | Self::Apply { .. }
                | Self::RemoveRun { .. }
        )
    }

    const fn is_claimed(&self, claims: Claims) -> bool {
        match self {
            Self::Apply { .. } => claims.atomic_apply,
            Self::RemoveRun { .. } => claims.removal,
            Self::Count { .. } | Self::List { .. } => claims.lists,
            Self::Open { .. } | Self::Clone { .. } | Self::Drop { .. } => claims.snapshots,
            Self::SnapshotGet { .. } | Self::SnapshotContains { .. } => claims.snapshots,
            Self::SnapshotCount { .. } | Self::SnapshotList { .. } => {
                claims.snapshots && claims.lists
            }
            Self::Begin { .. } | Self::Commit { .. } | Self::Abort { .. } => claims.transactions,
            Self::TransactionGet { .. } | Self::TransactionPut { .. } => claims.transactions,
            Self::TransactionDelete { .. } => claims.transactions,
            Self::TransactionList { .. } => claims.transactions && claims.lists,
            _ => true,
        }
    }

    /// The runs that it names, each with its key if it names one.
    fn runs_and_keys(&self) -> Vec<(u16, Option<u32>)> {
        match self {
            Self::Put { run, key, .. }
            | Self::SessionPut { run, key, .. }
            | Self::Delete { run, key }
            | Self::Get { run, key }
            | Self::SessionGet { run, key }
            | Self::SessionPeek { run, key }
            | Self::Contains { run, key }
            | Self::SnapshotGet { run, key, .. }
            | Self::SnapshotContains { run, key, .. } => vec![(*run, Some(*key))],
            Self::Apply { writes } => {
                writes.iter().map(|write| (write.run, Some(write.key))).collect()
            }
            Self::RemoveRun { run }
            | Self::Count { run }
            | Self::List { run, .. }
            | Self::SnapshotCount { run, .. }
            | Self::SnapshotList { run, .. }
            | Self::Begin { run, .. } => vec![(*run, None)],
            _ => Vec::new(),
        }
    }

    fn transaction_key(&self) -> Option<u32> {
        match self {
            Self::TransactionGet { key, .. }
            | Self::TransactionPut { key, .. }
            | Self::TransactionDelete { key, .. } => Some(*key),
            _ => None,
        }
    }
}

//! Peers: public embedded stores with snapshots, and public [`maps`], put under the same programs and loads as
//! ours. Only with the feature `peers`.
//!
//! What each of the stores promises, in the words of its own documentation, and how it is set up here:
//!
//! | peer | what it promises | settings here |
//! |---|---|---|
//! | `surrealmx` 1.1.0, in memory | Writing transactions: "Strict Serializable", conflicts found at commit, also between blind writes. Reading ones, our snapshots: "a completely consistent, linearizable point-in-time cut of the database pinned at transaction creation". Direct `get`: "linearizable". | defaults: no persistence; the two background workers on; a collection is `run_cleanup` and `run_gc` |
//! | `fjall` 3.1.13, on disk | "Multi-writer, serializable transactions" with "optimistic concurrency control"; a snapshot is "a cross-keyspace, consistent snapshot" by sequence number. Direct `get`: "wrapped in a read snapshot". | `OptimisticTxDatabase` with defaults but no compression, one keyspace, in a temporary folder; not synced to disk at each commit; a collection flushes and compacts |
//! | `redb` 4.6.0, in-memory backend | "A single isolation level: serializable, in which all writes are applied sequentially": one writer at a time, readers on a copy-on-write tree. | defaults (each commit is final when it returns), one table |
//! | `skipdb` 0.2.1, in memory | `serializable_write`: "a totally serializable snapshot isolation transaction"; reading transactions as of the last commit before them. | `SerializableDb`, serializable transactions throughout; a collection is `compact` |
//!
//! None of the stores shows a version per write, so `versions` is claimed of none;
//! [`Numbered`](crate::numbered::Numbered) gives them versions by their own transactions. All claim
//! snapshots, lists and atomic write sets. `redb` claims no transactions, though it has them: they exclude each
//! other, so that a thread which puts while it holds one waits for itself.
//!
//! A direct write retries where the peer reports a conflict. No peer tells the key of a conflict: ours names
//! the first key that the transaction read or wrote. The reads of [`Storage`](sharded_store::Storage) cannot
//! fail, and so panic if a peer's do.

mod fjall;
pub mod maps;
mod place;
mod redb;
mod skipdb;
mod surrealmx;
mod transactions;

pub use self::fjall::{Fjall, FjallSnapshot, FjallTransaction};
pub use self::maps::{Dashmap, Moka, Papaya, Rwlock, Scc, Skiplist};
pub use self::redb::{Redb, RedbSnapshot, RedbTransaction};
pub use self::skipdb::{Skipdb, SkipdbSnapshot, SkipdbTransaction};
pub use self::surrealmx::{Surrealmx, SurrealmxSnapshot, SurrealmxTransaction};
pub use self::transactions::{OnRun, PeerTransaction};

use std::fmt::Display;

use sharded_store::{Capabilities, Conflict, ConflictKind, Error, Key, RunId};

/// What all stores among the peers claim; of transactions each says for itself.
const CLAIMS: Capabilities =
    Capabilities { snapshots: true, lists: true, atomic_apply: true, ..Capabilities::BASIC };

/// The error of a peer that could not do something, in its own words.
fn failed(peer: &str, doing: &str, error: impl Display) -> Error {
    Error::Other { message: format!("{peer} could not {doing}: {error}") }
}

/// A peer's answer where [`Storage`](sharded_store::Storage) leaves no way to say that there is none.
fn answered<T, E: Display>(peer: &str, doing: &str, answer: Result<T, E>) -> T {
    answer.unwrap_or_else(|error| panic!("{}", failed(peer, doing, error)))
}

/// What a transaction has done, as far as its end needs to know.
#[derive(Debug)]
struct Course {
    /// Its run.
    run: RunId,
    /// The first key it read or wrote.
    first: Option<Key>,
    /// Whether it wrote anything.
    wrote: bool,
}

impl Course {
    const fn new(run: RunId) -> Self {
        Self { run, first: None, wrote: false }
    }

    fn reads(&mut self, key: &Key) {
        self.first.get_or_insert_with(|| key.clone());
    }

    fn writes(&mut self, key: &Key) {
        self.reads(key);
        self.wrote = true;
    }

    /// The conflict that the peer reported without saying where.
    fn conflict(self) -> Error {
        let key = self.first.unwrap_or_else(|| Key::new(b"").expect("it is short"));
        Error::Conflict(Box::new(Conflict { run: self.run, kind: ConflictKind::StaleRead, key }))
    }
}

//! Peers: public embedded stores with snapshots, and public [`maps`], run under the same programs
//! and loads as our store. Compiled only with the feature `peers`.
//!
//! What each store promises, in the words of its own documentation, and its configuration here:
//!
//! | peer | what it promises | settings here |
//! |---|---|---|
//! | `surrealmx` 1.1.0, in memory | Writing transactions: "Strict Serializable", conflicts found at commit, also between blind writes. Reading ones, our snapshots: "a completely consistent, linearizable point-in-time cut of the database pinned at transaction creation". Direct `get`: "linearizable". | defaults: no persistence; the two background workers on; a collection is `run_cleanup` and `run_gc` |
//! | `fjall` 3.1.13, on disk | "Multi-writer, serializable transactions" with "optimistic concurrency control"; a snapshot is "a cross-keyspace, consistent snapshot" by sequence number. Direct `get`: "wrapped in a read snapshot". | `OptimisticTxDatabase` with defaults but no compression, one keyspace, in a temporary folder; not synced to disk at each commit; a collection flushes and compacts |
//! | `redb` 4.6.0, in-memory backend | "A single isolation level: serializable, in which all writes are applied sequentially": one writer at a time, readers on a copy-on-write tree. | defaults (each commit is final when it returns), one table |
//! | `skipdb` 0.2.1, in memory | `serializable_write`: "a totally serializable snapshot isolation transaction"; reading transactions as of the last commit before them. | `SerializableDb`, serializable transactions throughout; a collection is `compact` |
//!
//! None of the stores exposes a version per write, so none claims `versions`;
//! [`Numbered`](crate::numbered::Numbered) adds versions through their own transactions. All claim
//! snapshots, lists and atomic write sets. `redb` claims no transactions, although it has them:
//! they exclude each other, so a thread that puts while it holds one waits for itself.
//!
//! A direct write retries when the peer reports a conflict. No peer names the key of a conflict, so
//! ours names the first key that the transaction read or wrote. The reads of
//! [`Storage`](sharded_store::Storage) cannot fail, so they panic if a peer's read does.

mod fjall;
mod flat_key;
pub mod maps;
mod redb;
mod skipdb;
mod surrealmx;
mod transactions;

pub use self::fjall::{Fjall, FjallSnapshot, FjallTransaction};
pub use self::maps::{Dashmap, Moka, Papaya, Rwlock, Scc, Skiplist};
pub use self::redb::{Redb, RedbSnapshot, RedbTransaction};
pub use self::skipdb::{Skipdb, SkipdbSnapshot, SkipdbTransaction};
pub use self::surrealmx::{Surrealmx, SurrealmxSnapshot, SurrealmxTransaction};
pub use self::transactions::{PeerTransaction, RunTransaction};

use std::fmt::Display;

use sharded_store::{Capabilities, Conflict, ConflictKind, Error, Key, RunId};

/// The capabilities that all peer stores claim. Each adds transactions where it claims them.
const STORE_CAPABILITIES: Capabilities =
    Capabilities { snapshots: true, lists: true, atomic_apply: true, ..Capabilities::BASIC };

/// An error that a peer reported, in its own words.
fn peer_error(peer: &str, action: &str, error: impl Display) -> Error {
    Error::Other { message: format!("{peer} could not {action}: {error}") }
}

/// A peer's answer, where [`Storage`](sharded_store::Storage) has no way to report an error.
fn expect_answer<T, E: Display>(peer: &str, action: &str, answer: Result<T, E>) -> T {
    answer.unwrap_or_else(|error| panic!("{}", peer_error(peer, action, error)))
}

/// What a commit needs to know about its transaction.
#[derive(Debug)]
struct TransactionState {
    /// Its run.
    run: RunId,
    /// The first key read or written.
    first: Option<Key>,
    /// Whether it wrote anything.
    wrote: bool,
}

impl TransactionState {
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

    /// The error for a conflict, of which the peer does not name the key.
    fn conflict(self) -> Error {
        let key = self.first.unwrap_or_else(|| Key::from(b""));
        Error::Conflict(Box::new(Conflict { run: self.run, kind: ConflictKind::StaleRead, key }))
    }
}

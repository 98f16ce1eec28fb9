//! A subject under its name: its type is known only to the code compiled for it.
//!
//! Every pass calls a driver once and runs its timed loops behind it, compiled for the subject's
//! type, so they contain no dynamic dispatch.

use std::fmt;

use sharded_store::Storage;
use shardproof_evidence::{HeldSnapshot, Operation, SnapshotThreads, Snapshots};
use shardproof_subject::{Description, Incompatibility, Operations, Role, Subject, Visibility};
use shardproof_workload::Workload;

use crate::cell::Slice;
use crate::latency::RoundHistograms;
use crate::latency::closed::ClosedRound;
use crate::latency::open::OpenLoop;
use crate::load::Load;
use crate::memory::Fill;
use crate::operations::Comparison;
use crate::snapshots::acquire::Acquire;
use crate::snapshots::held::Hold;
use crate::snapshots::threads::ConcurrentAcquire;

/// A subject to measure.
///
/// It is a small handle on what is known of the subject, which lives as long as the process.
#[derive(Clone, Copy)]
pub struct MeasureSubject(&'static Entry);

/// What is known of a subject.
struct Entry {
    /// Its name, and what evidence says of it.
    description: Description,
    /// The optional operations it has.
    operations: Operations,
    /// Which sessions see a put.
    visibility: Visibility,
    /// Runs what needs sessions only.
    sessions: Box<dyn SessionDriver>,
    /// Runs what needs a complete store.
    store: Option<Box<dyn StoreDriver>>,
}

impl MeasureSubject {
    /// A complete store; `create` makes a fresh one that shares nothing with earlier ones.
    ///
    /// ```
    /// # use sharded_store::Storage;
    /// use shardproof_measure::MeasureSubject;
    ///
    /// # fn example<MyStore: Storage + 'static>(new: fn() -> MyStore) {
    /// let mine = MeasureSubject::store("mine", new);
    /// assert_eq!(mine.as_str(), "mine");
    /// # }
    /// ```
    #[must_use]
    pub fn store<S: Storage>(
        description: impl Into<Description>,
        create: impl Fn() -> S + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::new::<S>(description.into(), create.clone(), Some(Box::new(Fresh(create))))
    }

    /// Sessions alone: cells and memory are measured, snapshots and operations are not. For
    /// controls, and for a store that is already measured under another name.
    #[must_use]
    pub fn sessions<S: Subject>(
        description: impl Into<Description>,
        create: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self {
        Self::new::<S>(description.into(), create, None)
    }

    fn new<S: Subject>(
        description: Description,
        create: impl Fn() -> S + Send + Sync + 'static,
        store: Option<Box<dyn StoreDriver>>,
    ) -> Self {
        Self(Box::leak(Box::new(Entry {
            description,
            operations: Operations::of::<S>(),
            visibility: S::VISIBILITY,
            sessions: Box::new(Fresh(create)),
            store,
        })))
    }

    /// Its name on the command line and in evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        &self.0.description.name
    }

    /// Its name, and what evidence says of it.
    #[must_use]
    pub fn description(self) -> &'static Description {
        &self.0.description
    }

    /// Which sessions see a put.
    #[must_use]
    pub fn visibility(self) -> Visibility {
        self.0.visibility
    }

    /// Whether it bounds the others, and is part of every block of cells.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.0.description.role == Role::Control
    }

    /// Whether it can do what a workload asks for.
    ///
    /// # Errors
    /// The first operation that it lacks.
    pub fn check_compatibility(self, workload: &Workload) -> Result<(), Incompatibility> {
        self.0.operations.check(workload)
    }

    /// Puts a fresh instance under a load, as [`slice`](crate::cell::slice) does.
    #[must_use]
    pub fn slice(self, load: Load<'_>) -> Slice {
        self.0.sessions.slice(load)
    }

    /// The optional operations of a complete store; `None` for one that has sessions only.
    pub(crate) fn store_operations(self) -> Option<Operations> {
        self.0.store.as_ref().map(|_| self.0.operations)
    }

    /// Runs what needs sessions only.
    pub(crate) fn driver(self) -> &'static dyn SessionDriver {
        &*self.0.sessions
    }

    /// Runs what needs a complete store, if it is one.
    pub(crate) fn store_driver(self) -> Option<&'static dyn StoreDriver> {
        self.0.store.as_deref()
    }
}

impl PartialEq for MeasureSubject {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for MeasureSubject {}

impl fmt::Display for MeasureSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for MeasureSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MeasureSubject").field(&self.as_str()).finish()
    }
}

/// Work on sessions of a fresh subject. One method per pass; each is a generic function elsewhere.
pub(crate) trait SessionDriver: Send + Sync {
    /// One slice of throughput.
    fn slice(&self, load: Load<'_>) -> Slice;

    /// One round of a closed loop.
    fn closed_round(&self, round: ClosedRound<'_>) -> RoundHistograms;

    /// One round of an open loop.
    fn open_round(&self, round: OpenLoop<'_>) -> RoundHistograms;

    /// The live bytes of a filled subject.
    fn entry_bytes(&self, fill: Fill<'_>) -> Option<i64>;
}

/// Work on a fresh store, which gives nothing if the store lacks what it needs.
pub(crate) trait StoreDriver: Send + Sync {
    /// The bytes of versions kept for snapshots, per version.
    fn version_bytes(&self, fill: Fill<'_>) -> Option<f64>;

    /// The live bytes of many runs of one entry each.
    fn run_bytes(&self, fill: Fill<'_>) -> Option<i64>;

    /// Taking a snapshot, by size of the store.
    fn acquire(&self, acquire: Acquire<'_, '_>) -> Vec<Snapshots>;

    /// Taking snapshots on several threads.
    fn acquire_concurrently(&self, acquire: ConcurrentAcquire<'_, '_>) -> Vec<SnapshotThreads>;

    /// Holding a snapshot.
    fn hold(&self, hold: Hold<'_>) -> Option<HeldSnapshot>;

    /// Listing, beside a `BTreeMap`.
    fn list(&self, comparison: Comparison<'_>) -> Option<Operation>;

    /// Putting, beside snapshots.
    fn put_beside_snapshots(&self, comparison: Comparison<'_>) -> Option<Operation>;
}

/// Compiles each kind of work for the type that a function creates.
struct Fresh<F>(F);

impl<S: Subject, F: Fn() -> S + Send + Sync> SessionDriver for Fresh<F> {
    fn slice(&self, load: Load<'_>) -> Slice {
        load.slice_of_fresh(&self.0)
    }

    fn closed_round(&self, round: ClosedRound<'_>) -> RoundHistograms {
        round.of_fresh(&self.0)
    }

    fn open_round(&self, round: OpenLoop<'_>) -> RoundHistograms {
        round.of_fresh(&self.0)
    }

    fn entry_bytes(&self, fill: Fill<'_>) -> Option<i64> {
        fill.entry_bytes(&self.0)
    }
}

impl<S: Storage, F: Fn() -> S + Send + Sync> StoreDriver for Fresh<F> {
    fn version_bytes(&self, fill: Fill<'_>) -> Option<f64> {
        fill.version_bytes(&self.0)
    }

    fn run_bytes(&self, fill: Fill<'_>) -> Option<i64> {
        fill.run_bytes(&self.0)
    }

    fn acquire(&self, acquire: Acquire<'_, '_>) -> Vec<Snapshots> {
        acquire.on_fresh(&self.0)
    }

    fn acquire_concurrently(&self, acquire: ConcurrentAcquire<'_, '_>) -> Vec<SnapshotThreads> {
        acquire.on_fresh(&self.0)
    }

    fn hold(&self, hold: Hold<'_>) -> Option<HeldSnapshot> {
        hold.measure(&(self.0)())
    }

    fn list(&self, comparison: Comparison<'_>) -> Option<Operation> {
        comparison.list(&self.0)
    }

    fn put_beside_snapshots(&self, comparison: Comparison<'_>) -> Option<Operation> {
        comparison.put_beside_snapshots(&self.0)
    }
}

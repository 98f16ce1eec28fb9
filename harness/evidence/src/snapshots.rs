//! Cost of snapshots.

use serde::{Deserialize, Serialize};

use crate::{Checks, Spread, is_first_part};

/// Time to take a snapshot and drop it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshots {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// Keys in the store, in runs of at most `config.keys_per_run`.
    pub keys: usize,
    /// Threads that put continuously meanwhile.
    pub writers: usize,
    /// Time to take and drop one snapshot.
    pub acquire_ns: AcquireNs,
    /// The median of snapshots timed one by one, one reading of the clock included.
    pub single_p50_ns: f64,
    /// Snapshots timed one by one.
    pub samples: u64,
    /// Cost of reading the clock; not subtracted from any value here.
    pub clock_cost_ns: f64,
    /// Allocations of the thread that takes the snapshots.
    pub allocations_per_op: Option<f64>,
    /// Why a subject was measured at fewer keys than others.
    pub limit: Option<String>,
}

/// Quantiles of the time to take and drop one snapshot.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct AcquireNs {
    /// The median over batches of the mean within a batch. The clock is read once per `batch`
    /// snapshots, because reading it costs about as much as a snapshot.
    pub p50: f64,
    /// The 99th percentile of snapshots timed one by one, one reading of the clock included.
    pub p99: f64,
    /// Snapshots between two readings of the clock for `p50`; 1 if a snapshot takes over 10 us.
    pub batch: u32,
}

/// Time to take a snapshot and drop it while other threads do the same.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SnapshotThreads {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// Keys in the store.
    pub keys: usize,
    /// Threads that take snapshots continuously, at most one per core.
    pub threads: usize,
    /// Time per snapshot, over batches of all threads.
    pub acquire_ns: Spread,
    /// Share of the measured time that the threads spent on a processor. Well below 1, they waited
    /// for a core instead of contending, and the result is that of fewer threads. `null` if the
    /// system does not report it.
    #[serde(default)]
    pub on_cpu_share: Option<f64>,
}

/// Cost of a snapshot that is held while other threads write.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct HeldSnapshot {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// Keys in the store, all in one run.
    pub keys: usize,
    /// By age, youngest first.
    pub ages: Vec<SnapshotAge>,
    /// How memory was reclaimed after the drop; `null` if bytes are not counted.
    pub reclaim: Option<Reclaim>,
    /// Result of reading every key through the snapshot at each age: values must be those of the
    /// time it was taken.
    #[serde(default)]
    pub checks: Checks,
}

impl HeldSnapshot {
    /// Whether reads through it returned wrong values: its cost is then not the cost of a snapshot.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        self.checks.failed > 0
    }
}

/// Cost of a held snapshot at one age.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct SnapshotAge {
    /// Overwrites since it was taken, each of a key drawn at random.
    pub overwrites: u64,
    /// Distinct keys overwritten since: the snapshot requires no more versions than these.
    #[serde(default)]
    pub keys_overwritten: usize,
    /// How long ago it was taken.
    pub age_ms: f64,
    /// Live bytes in excess of those just before it was taken, including what taking it allocated,
    /// so that a snapshot by copying costs its copy. `null` if bytes are not counted.
    pub extra_bytes: Option<i64>,
    /// Versions in the store; `null` if it does not report them.
    pub versions: Option<usize>,
    /// Time to read a current value meanwhile.
    pub newest_read_ns: Spread,
    /// Time to read a value through the snapshot.
    pub snapshot_read_ns: Spread,
}

/// How memory is reclaimed after a snapshot is dropped. All bytes are in excess of those just
/// before it was taken.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reclaim {
    /// Just before it was dropped.
    pub extra_bytes: i64,
    /// Time to drop it, one reading of the clock included.
    pub drop_ns: f64,
    /// Just after it was dropped.
    pub after_drop_bytes: i64,
    /// Time from the start of the drop until 90 % of the extra bytes were freed, or less than a
    /// byte per key was left, while overwrites continued; `null` if that was not reached in the
    /// allotted time.
    pub reclaimed_ms: Option<f64>,
    /// Overwrites during `reclaimed_ms`.
    pub overwrites: u64,
    /// At the end of the overwrites.
    pub end_bytes: i64,
    /// After an explicit collection; `null` if the bytes were freed without one.
    #[serde(default)]
    pub collected_bytes: Option<i64>,
}

//! What snapshots cost.

use serde::{Deserialize, Serialize};

use crate::{Checks, Spread, is_first_part};

/// How long it takes to take a snapshot and drop it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshots {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// Keys in the store, in runs of at most `config.keys_per_run`.
    pub keys: usize,
    /// Threads that put without pause meanwhile.
    pub writers: usize,
    /// Taking and dropping one snapshot.
    pub acquire_ns: AcquireNs,
    /// The median of snapshots timed one by one, one reading of the clock included.
    pub single_p50_ns: f64,
    /// Snapshots timed one by one.
    pub samples: u64,
    /// One reading of the clock, taken off from nothing here.
    pub clock_cost_ns: f64,
    /// Allocations of the thread that takes the snapshots.
    pub allocations_per_op: Option<f64>,
    /// Why a subject was measured at fewer keys than others.
    pub limit: Option<String>,
}

/// Quantiles of taking and dropping one snapshot.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct AcquireNs {
    /// The median over batches of the mean in a batch. The clock is read once per batch of
    /// `batch` snapshots, because reading it costs about as much as a snapshot.
    pub p50: f64,
    /// Over snapshots timed one by one, one reading of the clock included.
    pub p99: f64,
    /// Snapshots between two readings of the clock for `p50`; 1 where one takes over 10 us.
    pub batch: u32,
}

/// How long it takes to take a snapshot and drop it while other threads do the same.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SnapshotThreads {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// Keys in the store.
    pub keys: usize,
    /// Threads that take snapshots without pause, at most as many as there are cores.
    pub threads: usize,
    /// One snapshot, as its thread sees it: over batches of all the threads.
    pub acquire_ns: Spread,
    /// Part of the measured time in which the threads were on a processor: well below 1, they have
    /// waited for a core instead of meeting each other, and the figure is that of fewer threads.
    /// `null` where the system does not tell.
    #[serde(default)]
    pub on_cpu_share: Option<f64>,
}

/// What a snapshot costs that is held while others write.
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
    /// What became of the memory when it was dropped; `null` where bytes are not counted.
    pub reclaim: Option<Reclaim>,
    /// What came of reading every key through the snapshot at each age: it must be as it was when
    /// the snapshot was taken.
    #[serde(default)]
    pub checks: Checks,
}

impl HeldSnapshot {
    /// Whether what was read through it was not what was there when it was taken: what it costs is then no cost
    /// of a snapshot.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        self.checks.failed > 0
    }
}

/// What it costs at one age.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct SnapshotAge {
    /// Overwrites since it was taken, each of a key drawn at random.
    pub overwrites: u64,
    /// Keys overwritten since, each counted once: no more versions need be kept for the snapshot.
    #[serde(default)]
    pub keys_overwritten: usize,
    /// How long ago it was taken.
    pub age_ms: f64,
    /// Bytes requested and not freed, more than just before it was taken: what taking it allocated
    /// is counted in, so that a snapshot by copying costs its copy. `null` where they are not
    /// counted.
    pub extra_bytes: Option<i64>,
    /// Versions that the store holds; `null` where it does not tell.
    pub versions: Option<usize>,
    /// One read of a newest value meanwhile.
    pub newest_read_ns: Spread,
    /// One read through the snapshot.
    pub snapshot_read_ns: Spread,
}

/// How memory comes back when a snapshot is dropped. All bytes are those more than just before it
/// was taken.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reclaim {
    /// Just before it was dropped.
    pub extra_bytes: i64,
    /// How long dropping it took, one reading of the clock included.
    pub drop_ns: f64,
    /// Just after it was dropped.
    pub after_drop_bytes: i64,
    /// From the beginning of the drop until nine tenths of the extra bytes had been given back,
    /// while overwrites went on, or less than a byte for each key was left; `null` if it did not
    /// come to that within the time that was given.
    pub reclaimed_ms: Option<f64>,
    /// Overwrites until then.
    pub overwrites: u64,
    /// At the end of the overwrites.
    pub end_bytes: i64,
    /// After the store was then told to collect; `null` where the bytes had come back without that.
    #[serde(default)]
    pub collected_bytes: Option<i64>,
}

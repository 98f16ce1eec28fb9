//! The configuration of a measurement.

use serde::{Deserialize, Serialize};

/// The configuration of a measurement: what was requested, and the plan that followed from it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Config {
    /// The profile's name.
    pub profile: String,
    /// The seed of every random choice.
    pub seed: u64,
    /// Subjects, in the order in which reports list them.
    pub subjects: Vec<String>,
    /// Workloads.
    pub workloads: Vec<Workload>,
    /// Placements.
    pub placements: Vec<String>,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// Runs of each cell. Round `i` of all cells ran in the same stretch of time.
    pub rounds: usize,
    /// Duration of a cell in a round.
    pub slice_ms: f64,
    /// Rounds of the latency pass; 0 if there was none.
    #[serde(default)]
    pub latency_rounds: usize,
    /// Duration of a cell in a round of the latency pass, in a closed loop.
    #[serde(default)]
    pub latency_slice_ms: f64,
    /// Duration of a cell in a round of the latency pass, in an open loop.
    #[serde(default)]
    pub open_slice_ms: f64,
    /// The matrix file; `null` for the built-in matrix.
    #[serde(default)]
    pub matrix: Option<String>,
    /// Regular expression that selected cells by name.
    #[serde(default)]
    pub filter: Option<String>,
    /// Which part of the matrix this is, as in `2/3`.
    #[serde(default)]
    pub partition: Option<String>,
    /// Operations in a thread's stream, which it repeats; fewer if some of them take long.
    pub stream_operations: usize,
    /// Duration of the whole measurement.
    pub elapsed_s: f64,
    /// When the measurement began, in UTC, in the format of RFC 3339: `2026-01-31T23:59:59Z`.
    /// `null` in evidence older than this field, like the fields below.
    #[serde(default)]
    pub begun_at: Option<String>,
    /// The sections that were measured: `throughput`, `latency`, ...
    #[serde(default)]
    pub sections: Option<Vec<String>>,
    /// Whether workers were to be pinned to processors: `on` or `off`.
    #[serde(default)]
    pub pinning: Option<String>,
    /// A digest of the names of all cells of the matrix, other partitions included.
    #[serde(default)]
    pub matrix_digest: Option<String>,
}

/// The operations that run against a subject. Values are spelled as on the command line and in
/// matrix files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// Its name in cells.
    pub name: String,
    /// The operations and their shares: `get90-put10`.
    pub mix: String,
    /// Distribution of keys: `uniform`, `zipf:0.99`, ...
    pub keys: String,
    /// Shape of keys: `random`, `dense`, ...
    pub key_shape: String,
    /// Bytes of a key.
    pub key_bytes: usize,
    /// Bytes of a value: `40`, or a distribution.
    pub value_bytes: String,
    /// Keys in each run before timing starts.
    pub keys_per_run: usize,
    /// Runs per thread, for threads that have runs of their own.
    pub runs_per_thread: usize,
    /// Role of each thread: `all`, `one-writer`, ...
    pub roles: String,
    /// Writes of one `apply`.
    pub writes_per_apply: usize,
    /// Reads of one `snapshot`.
    pub reads_per_snapshot: usize,
    /// Target number of entries per `list`.
    pub entries_per_list: usize,
}

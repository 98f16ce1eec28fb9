//! What was asked for.

use serde::{Deserialize, Serialize};

/// What was asked for, and what was made of it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Config {
    /// The profile's name.
    pub profile: String,
    /// The seed of every random choice.
    pub seed: u64,
    /// Subjects, in the order of reports.
    pub subjects: Vec<String>,
    /// Workloads.
    pub workloads: Vec<Workload>,
    /// Placements.
    pub placements: Vec<String>,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// How often each cell was run; round `i` of every cell was run in the same stretch of time.
    pub rounds: usize,
    /// How long each cell ran in each round.
    pub slice_ms: f64,
    /// The same for the pass that measures latency; 0 where there was none.
    #[serde(default)]
    pub latency_rounds: usize,
    /// How long each cell ran in each round of that pass, in a closed loop.
    #[serde(default)]
    pub latency_slice_ms: f64,
    /// The same in an open loop.
    #[serde(default)]
    pub open_slice_ms: f64,
    /// The file that the matrix comes from; `null` where it is built in.
    #[serde(default)]
    pub matrix: Option<String>,
    /// What cells had to be called to be measured, as a regular expression.
    #[serde(default)]
    pub filter: Option<String>,
    /// Which part of the matrix this is, as in `2/3`.
    #[serde(default)]
    pub partition: Option<String>,
    /// Operations of a thread's stream, which it runs over and over; fewer where some of them take long.
    pub stream_operations: usize,
    /// How long it all took.
    pub elapsed_s: f64,
}

/// What is done to a subject. Words are those of the command line and of matrix files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// What cells call it.
    pub name: String,
    /// The operations and their shares: `get90-put10`.
    pub mix: String,
    /// How keys are chosen: `uniform`, `zipf:0.99`, ...
    pub keys: String,
    /// What keys look like: `random`, `dense`, ...
    pub key_shape: String,
    /// Bytes of a key.
    pub key_bytes: usize,
    /// Bytes of a value: `40`, or what they are drawn from.
    pub value_bytes: String,
    /// Keys that each run is filled with.
    pub keys_per_run: usize,
    /// Runs of each thread that has its own.
    pub runs_per_thread: usize,
    /// What each thread does: `all` or `one-writer`, ...
    pub roles: String,
    /// Writes of one `apply`.
    pub writes_per_apply: usize,
    /// Reads of one `snapshot`.
    pub reads_per_snapshot: usize,
    /// Entries that one `list` aims at.
    pub entries_per_list: usize,
}

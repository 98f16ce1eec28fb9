//! What was observed, and never a judgement: plain data, versioned, that knows nobody.
//!
//! Units are the last part of a field's name. What was not or could not be observed is `null`,
//! never 0.

pub mod file;
pub mod verification;
pub mod warning;

pub use file::EvidenceError;
pub use verification::Verification;
pub use warning::Warning;

use serde::{Deserialize, Serialize};

use crate::evidence::verification::{Fault, VerificationConfig, VerificationRun};
use crate::stats::Summary;

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "shardproof.evidence/1";

/// Everything observed in one measurement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// [`SCHEMA`].
    pub schema: String,
    /// Where it was observed.
    pub machine: Machine,
    /// From what.
    pub build: Build,
    /// What was asked for; none where nothing was measured.
    #[serde(default)]
    pub config: Option<Config>,
    /// Throughput, one per cell of the matrix.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// Snapshot latency.
    #[serde(default)]
    pub snapshots: Vec<Snapshots>,
    /// Memory per entry.
    #[serde(default)]
    pub memory: Vec<Memory>,
    /// Operations that no mix holds, each against something to compare it with.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// What may have spoiled the measurement as a whole.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// How it was verified; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<VerificationRun>,
    /// What was verified: each property of each subject under each executor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifications: Vec<Verification>,
    /// How the seeded faults were hunted; none where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault_hunt: Option<VerificationConfig>,
    /// What became of each seeded fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

impl Evidence {
    /// Evidence of a machine and a build, with nothing measured or verified yet.
    #[must_use]
    pub fn new(machine: Machine, build: Build) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            machine,
            build,
            config: None,
            cells: Vec::new(),
            snapshots: Vec::new(),
            memory: Vec::new(),
            operations: Vec::new(),
            warnings: Vec::new(),
            verification: None,
            verifications: Vec::new(),
            fault_hunt: None,
            faults: Vec::new(),
        }
    }

    /// Takes over what older evidence of the same build says and this says nothing of.
    #[must_use]
    pub fn with_rest_of(self, older: Self) -> Self {
        let mut both = self;
        if both.config.is_none() {
            let Self { machine, config, cells, snapshots, memory, operations, warnings, .. } =
                older;
            both = Self { machine, config, cells, snapshots, memory, operations, warnings, ..both };
        }
        if both.verification.is_none() {
            both.verification = older.verification;
            both.verifications = older.verifications;
        }
        if both.fault_hunt.is_none() {
            both.fault_hunt = older.fault_hunt;
            both.faults = older.faults;
        }
        both
    }
}

/// The machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// Cores that the process could run on.
    pub cores: usize,
    /// The processor's own name.
    pub cpu: Option<String>,
    /// `x86_64`, `aarch64`, ...
    pub architecture: String,
    /// `linux`, `macos`, ...
    pub os: String,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// Whether the processor says that it is a virtual one.
    pub hypervisor: Option<bool>,
    /// Memory of the machine.
    pub memory_bytes: Option<u64>,
    /// Runnable threads, mean over the minute before the start.
    pub load_average_before: Option<f64>,
    /// Runnable threads, mean over the minute before the end, the measurement's own included.
    pub load_average_after: Option<f64>,
    /// One reading of the clock that latencies are taken with.
    pub clock_cost_ns: f64,
    /// One reading of the standard library's clock.
    pub instant_cost_ns: f64,
}

/// The program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Build {
    /// The commit, or `unknown`.
    pub commit: String,
    /// Whether tracked files differed from the commit.
    pub dirty: Option<bool>,
    /// The compiler.
    pub rustc: String,
    /// `release` or `debug`.
    pub profile: String,
    /// The optimisation level.
    pub opt_level: String,
    /// The target triple.
    pub target: String,
    /// The version of this program.
    pub version: String,
}

/// What was asked for, and what was made of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Config {
    /// The profile's name.
    pub profile: String,
    /// The seed of every random choice.
    pub seed: u64,
    /// Subjects, in the order of reports.
    pub subjects: Vec<String>,
    /// Mixes.
    pub mixes: Vec<String>,
    /// Placements.
    pub placements: Vec<String>,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// How often each cell was run; round `i` of every cell was run in the same stretch of time.
    pub rounds: usize,
    /// How long each cell ran in each round.
    pub slice_ms: f64,
    /// Keys of a run.
    pub keys_per_run: usize,
    /// Bytes of a key.
    pub key_bytes: usize,
    /// Bytes of a value.
    pub value_bytes: usize,
    /// Operations of a thread's stream, which it runs over and over.
    pub stream_operations: usize,
    /// How long it all took.
    pub elapsed_s: f64,
}

/// One cell of the matrix.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The subject's name.
    pub subject: String,
    /// The mix.
    pub mix: String,
    /// The placement.
    pub placement: String,
    /// Threads at work.
    pub threads: usize,
    /// Operations per second, summed over the threads; `null` where a check failed, for how fast
    /// wrong answers come is no throughput.
    pub throughput_ops_s: Option<Throughput>,
    /// Allocations per operation in the timed loops, mean over rounds; `null` where a check failed.
    pub allocations_per_op: Option<f64>,
    /// What came of checking the subject's answers; `null` in evidence from before that.
    #[serde(default)]
    pub checks: Option<Checks>,
    /// What may have spoiled this cell.
    pub warnings: Vec<Warning>,
}

impl Cell {
    /// Whether a check of the subject's answers failed.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.checks.as_ref().is_some_and(|checks| checks.failed > 0)
    }

    /// The throughput, unless the cell is invalid.
    #[must_use]
    pub fn valid_throughput(&self) -> Option<&Throughput> {
        self.throughput_ops_s.as_ref().filter(|_| !self.is_invalid())
    }
}

/// What came of checking a subject's answers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Checks {
    /// Answers checked: sampled gets of the workers, and at rest every key and every listing.
    pub checked: u64,
    /// Those that were wrong.
    pub failed: u64,
    /// The first wrong one, in words.
    pub first_failure: Option<String>,
    /// Why nothing was checked; `null` if something was.
    pub exemption: Option<String>,
}

impl Checks {
    /// Adds what came of checking later.
    pub fn extend(&mut self, later: Self) {
        self.checked += later.checked;
        self.failed += later.failed;
        self.first_failure = self.first_failure.take().or(later.first_failure);
        self.exemption = self.exemption.take().or(later.exemption);
    }
}

/// Throughput over the rounds of a cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Throughput {
    /// The median over rounds.
    pub median: f64,
    /// Low end of the interval for the median.
    pub low: f64,
    /// High end of the interval for the median.
    pub high: f64,
    /// How often such an interval holds the true median, between 0 and 1.
    pub coverage: f64,
    /// Each round, in order, so that rounds of different cells can be paired.
    pub rounds: Vec<f64>,
}

/// A median with its interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// Low end of the interval for the median.
    pub low: f64,
    /// High end of the interval for the median.
    pub high: f64,
    /// How often such an interval holds the true median, between 0 and 1.
    pub coverage: f64,
}

impl From<Summary> for Spread {
    fn from(Summary { median, low, high, coverage }: Summary) -> Self {
        Self { median, low, high, coverage }
    }
}

/// How long it takes to take a snapshot and drop it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshots {
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

/// The memory of a filled store.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Memory {
    /// The subject's name.
    pub subject: String,
    /// Entries put, and listed once so that what is built on first use is counted.
    pub keys: usize,
    /// Bytes requested and not freed, all told, by the number of entries.
    pub bytes_per_entry: Option<f64>,
}

/// One operation that no mix holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// What was done.
    pub name: String,
    /// The subject's name.
    pub subject: String,
    /// How long one took.
    pub ns: Spread,
    /// How many times as long as something else, taken in turns with it.
    pub ratio_to: RatioTo,
}

/// A ratio to something that was measured in turns with it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RatioTo {
    /// What it is compared with.
    pub name: String,
    /// The median over pairs.
    pub median: f64,
    /// Low end of the interval for the median.
    pub low: f64,
    /// High end of the interval for the median.
    pub high: f64,
    /// How often such an interval holds the true median, between 0 and 1.
    pub coverage: f64,
}

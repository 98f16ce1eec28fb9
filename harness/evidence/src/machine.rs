//! The machine and the program.

use serde::{Deserialize, Serialize};

use crate::Spread;

/// The machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// Cores available to the process.
    pub cores: usize,
    /// The processor's model name.
    pub cpu: Option<String>,
    /// `x86_64`, `aarch64`, ...
    pub architecture: String,
    /// `linux`, `macos`, ...
    pub os: String,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// Whether the processor reports a hypervisor.
    pub hypervisor: Option<bool>,
    /// Physical memory.
    pub memory_bytes: Option<u64>,
    /// Tells machines apart: 16 hexadecimal digits of a salted digest of the system's machine id
    /// and of hardware facts that outlast a boot; `null` if too few of these are known, and in
    /// evidence older than this field. The machine id itself is stored nowhere.
    #[serde(default)]
    pub identity: Option<String>,
    /// Load average (one minute) at the start.
    pub load_average_before: Option<f64>,
    /// Load average (one minute) at the end, the measurement itself included.
    pub load_average_after: Option<f64>,
    /// Cost of reading the clock that times latencies.
    pub clock_cost_ns: f64,
    /// Cost of reading the standard library's clock.
    pub instant_cost_ns: f64,
}

/// The program that measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Default)]
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

/// How well the machine can measure: conditions and calibrations taken just before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// Processors that this process may run on, by the system's numbers; `null` if the system does
    /// not report them.
    pub cpus: Option<Vec<usize>>,
    /// Cores that this process may run on, each with all its processors by the system's numbers,
    /// including processors that the process may not run on.
    pub siblings: Option<Vec<Vec<usize>>>,
    /// The processors that workers are pinned to, in the order of use; `null` if they are not
    /// pinned.
    pub pinned_to: Option<Vec<usize>>,
    /// Processor time limit of the control group, in processors; `null` without a limit.
    pub cpu_quota: Option<f64>,
    /// Frequency governor: `performance`, `powersave`, ...; comma-separated if processors differ.
    pub governor: Option<String>,
    /// Whether the processor may exceed its rated frequency.
    pub turbo: Option<bool>,
    /// Virtual machine or container, by systemd's names: `kvm`, `docker`, `docker on kvm`, ...;
    /// `none` if known to be none, `null` if unknown.
    pub virtualisation: Option<String>,
    /// The system's clock source: `tsc`, ...
    pub clock_source: Option<String>,
    /// Smallest non-zero difference between two readings of the clock.
    pub clock_resolution_ns: f64,
    /// One-way cache-line transfer time between cores: between all pairs of up to 16 processors;
    /// with more processors, from the first of `pinned_to` to at most 120 others. Empty if nothing
    /// can be pinned.
    pub core_to_core: Vec<CoreToCore>,
    /// The same between the first two processors of `pinned_to`, before each throughput round: a
    /// hypervisor may move processors in between. Empty if not measured.
    #[serde(default)]
    pub core_to_core_rounds_ns: Vec<f64>,
    /// How visible contention is on this machine; `null` with fewer than two processors.
    pub counters: Option<Counters>,
    /// Share of processor time stolen by the hypervisor while this was measured.
    pub stolen_share: Option<f64>,
    /// Share of the previous ten seconds in which some thread waited for a processor.
    pub pressure_share: Option<f64>,
    /// A/A test: the same thing measured twice.
    pub same_twice: Option<AaTest>,
}

/// Cache-line transfer time between two cores.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct CoreToCore {
    /// One processor, by the system's number.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// One way: half of a round trip, median over batches.
    pub ns: f64,
}

/// Threads that increment a counter each: all counters on one cache line (packed), or one cache
/// line each (padded). If both are equally fast, contention is not visible.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Counters {
    /// Threads at work.
    pub threads: usize,
    /// Increments per second of all threads, one cache line each.
    pub padded_ops_s: f64,
    /// Increments per second of all threads, on a shared cache line.
    pub packed_ops_s: f64,
    /// Padded divided by packed, over alternating pairs.
    pub ratio: Spread,
}

/// An A/A test: the same thing measured twice, alternating.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AaTest {
    /// What was measured.
    pub what: String,
    /// Pairs.
    pub pairs: usize,
    /// The ratio of the second to the first.
    pub ratio: Spread,
    /// The ratio of 19 in 20 pairs is within this distance of 1: smaller differences are noise.
    pub noise_floor: f64,
}

//! Where it was observed, and from what.

use serde::{Deserialize, Serialize};

use crate::Spread;

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
    /// Whether the machine says that it is a virtual one.
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

/// What the machine was found to be able to show, measured just before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// The processors that this process may run on, by the system's numbers; `null` where the
    /// system does not tell.
    pub cpus: Option<Vec<usize>>,
    /// The cores that this process may run on, each with all its processors by the system's
    /// numbers, also those that the process may not run on.
    pub siblings: Option<Vec<Vec<usize>>>,
    /// The processors that workers are pinned to, in the order in which they are used; `null` where
    /// they are not.
    pub pinned_to: Option<Vec<usize>>,
    /// The limit of a control group on processor time, in processors; `null` where there is none.
    pub cpu_quota: Option<f64>,
    /// What decides the frequency: `performance`, `powersave`, ...; by comma where processors
    /// differ.
    pub governor: Option<String>,
    /// Whether the processor may run faster than its rated frequency.
    pub turbo: Option<bool>,
    /// What the process runs in, by the names that systemd gives: `kvm`, `docker`, `docker on kvm`,
    /// ...; `none` where it can be told that it is none of them, `null` where the system does not
    /// tell.
    pub virtualisation: Option<String>,
    /// What the system's clock is read from: `tsc`, ...
    pub clock_source: Option<String>,
    /// The shortest time above 0 that two readings of the clock were apart.
    pub clock_resolution_ns: f64,
    /// How long a cache line takes from one core to another, one way: between all pairs of up to 16
    /// processors, and of more from the first of `pinned_to` to at most 120 others; empty where
    /// nothing can be pinned.
    pub core_to_core: Vec<CoreToCore>,
    /// The same between the first two that workers are pinned to, before each round of throughput, in nanoseconds:
    /// a hypervisor may move processors apart meanwhile. Empty where it was not looked at.
    #[serde(default)]
    pub core_to_core_rounds_ns: Vec<f64>,
    /// Whether the machine can show contention now; `null` with fewer than two processors.
    pub counters: Option<Counters>,
    /// Part of the processors' time that the hypervisor gave to others while this was measured.
    pub stolen_share: Option<f64>,
    /// Part of the time in which some thread waited for a processor, over the ten seconds before.
    pub pressure_share: Option<f64>,
    /// The same thing measured twice, which should differ in nothing.
    pub same_twice: Option<SameTwice>,
}

/// How long a cache line takes between two cores.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct CoreToCore {
    /// One processor, by the system's number.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// One way: half of a round trip, median over batches.
    pub ns: f64,
}

/// Threads that count, each in a word of its own: on one cache line, and on one line each. Where
/// both are as fast, contention cannot be seen.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Counters {
    /// Threads at work.
    pub threads: usize,
    /// Additions per second of all, on a cache line each.
    pub padded_ops_s: f64,
    /// Additions per second of all, on one cache line.
    pub packed_ops_s: f64,
    /// How many times as fast padded counters are, over pairs in turns.
    pub ratio: Spread,
}

/// The same thing measured twice in turns.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SameTwice {
    /// What was measured.
    pub what: String,
    /// Pairs.
    pub pairs: usize,
    /// The ratio of the second to the first.
    pub ratio: Spread,
    /// How far from 1 the ratio of one pair is in 19 of 20 pairs: smaller differences are noise.
    pub noise_floor: f64,
}

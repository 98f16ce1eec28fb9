//! Arguments of commands that run briefly.

/// A verification that finds violations.
pub(crate) const SEED: &[&str] =
    &["verify", "--profile", "smoke", "--subjects", "seed", "--executors", "sequential"];
/// A measurement of one cell.
pub(crate) const MEASURE: &[&str] = &[
    "measure",
    "--profile",
    "smoke",
    "--subjects",
    "ceiling",
    "--workloads",
    "get100",
    "--placements",
    "disjoint",
    "--threads",
    "1",
    "--sections",
    "throughput",
];

//! Everything that may have spoiled a measurement, each with advice.

use serde::{Deserialize, Serialize};

/// Something that may have spoiled a measurement; in evidence, its name in kebab case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// More threads than cores.
    Oversubscribed,
    /// The interval is wider than a quarter of the median.
    WideSpread,
    /// Fewer rounds than an interval of 95 % coverage needs.
    FewRounds,
    /// Others were using the machine when it began.
    BusyMachine,
    /// The program was built without optimisation.
    UnoptimisedBuild,
    /// The counting allocator is not installed.
    AllocationsNotCounted,
    /// Evidence was merged of which a part of the matrix is missing.
    IncompleteMerge,
}

impl Warning {
    /// Its name, as in evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oversubscribed => "oversubscribed",
            Self::WideSpread => "wide-spread",
            Self::FewRounds => "few-rounds",
            Self::BusyMachine => "busy-machine",
            Self::UnoptimisedBuild => "unoptimised-build",
            Self::AllocationsNotCounted => "allocations-not-counted",
            Self::IncompleteMerge => "incomplete-merge",
        }
    }

    /// What it means and what to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Oversubscribed => {
                "more threads than cores: threads wait for a core, so scaling says little; \
                 give fewer with --threads"
            }
            Self::WideSpread => {
                "the interval is wider than a quarter of the median: close other programs, \
                 or take more rounds with --profile full"
            }
            Self::FewRounds => {
                "fewer than 6 rounds: intervals are ranges and cover less than 95 %; \
                 take --profile quick or full"
            }
            Self::BusyMachine => {
                "others were using the machine at the start: trust ratios more than throughput, \
                 and repeat on an idle machine"
            }
            Self::UnoptimisedBuild => {
                "built without optimisation: no figure means anything; build with --release"
            }
            Self::AllocationsNotCounted => {
                "the counting allocator is not installed, so allocations and bytes are unknown"
            }
            Self::IncompleteMerge => {
                "a part of the matrix is missing: measure the partitions that are not there, \
                 and merge again"
            }
        }
    }
}

//! Warnings: conditions that may have distorted a measurement.

use serde::{Deserialize, Serialize};

/// Generates the enum, the list of variants and the names from one table.
macro_rules! warnings {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A condition that may have distorted a measurement.
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize,
        )]
        pub enum Warning {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Warning {
            /// Every warning.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name, as in evidence.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

warnings! {
    /// More threads than cores.
    Oversubscribed = "oversubscribed",
    /// The interval is wider than a quarter of the median.
    WideSpread = "wide-spread",
    /// Operations were not processed as fast as they arrived.
    DidNotKeepUp = "did-not-keep-up",
    /// Fewer rounds than an interval with 95 % coverage needs.
    FewRounds = "few-rounds",
    /// Other processes were using the machine at the start.
    BusyMachine = "busy-machine",
    /// The program was built without optimisation.
    UnoptimisedBuild = "unoptimised-build",
    /// The loop that measures takes a large part of what it measures.
    DearFloor = "dear-floor",
    /// The counting allocator is not installed.
    AllocationsNotCounted = "allocations-not-counted",
    /// The hypervisor gave processor time to other machines.
    StolenTime = "stolen-time",
    /// A control group limits processor time to less than all processors.
    Throttled = "throttled",
    /// The frequency governor saves power.
    PowersaveGovernor = "powersave-governor",
    /// Processors may exceed their rated frequency while they are cool.
    Turbo = "turbo",
    /// The machine is virtual.
    VirtualMachine = "virtual-machine",
    /// Counters on a shared cache line were hardly slower than counters on separate lines.
    ContentionNotVisible = "contention-not-visible",
    /// The noise floor is too high: the same thing measured twice differed too much.
    Noisy = "noisy",
    /// Threads are not pinned to processors.
    NotPinned = "not-pinned",
    /// Too few cores to fit a scaling law.
    FewCores = "few-cores",
    /// The clock is not the processor's own counter, or is slow to read.
    SlowClock = "slow-clock",
    /// The latency between processors changed during the measurement.
    CoresMoved = "cores-moved",
    /// Workers started at very different times.
    RaggedStart = "ragged-start",
    /// Workers were not on a processor for all of the time.
    OffCpu = "off-cpu",
    /// A partition of the matrix is missing from merged evidence.
    IncompleteMerge = "incomplete-merge",
    /// Merged parts differ in their number of rounds or slice duration.
    UnevenParts = "uneven-parts",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_survives_a_round_trip_through_its_name() {
        for warning in Warning::ALL {
            let json = serde_json::to_string(warning).unwrap();
            assert_eq!(json, format!("\"{}\"", warning.as_str()));
            assert_eq!(serde_json::from_str::<Warning>(&json).unwrap(), *warning);
        }
    }
}

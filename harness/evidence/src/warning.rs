//! Everything that may have spoiled a measurement.

use serde::{Deserialize, Serialize};

/// Makes the enum, the list of all, and the names from one table.
macro_rules! warnings {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Something that may have spoiled a measurement.
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
    /// Operations did not come as fast as they were to arrive.
    DidNotKeepUp = "did-not-keep-up",
    /// Fewer rounds than an interval of 95 % coverage needs.
    FewRounds = "few-rounds",
    /// Others were using the machine when it began.
    BusyMachine = "busy-machine",
    /// The program was built without optimisation.
    UnoptimisedBuild = "unoptimised-build",
    /// The counting allocator is not installed.
    AllocationsNotCounted = "allocations-not-counted",
    /// The hypervisor gave time of the processors to others.
    StolenTime = "stolen-time",
    /// A control group allows less processor time than there are processors.
    Throttled = "throttled",
    /// The system saves power rather than time.
    PowersaveGovernor = "powersave-governor",
    /// Processors may run faster than rated, for as long as they stay cool.
    Turbo = "turbo",
    /// The machine is a virtual one.
    VirtualMachine = "virtual-machine",
    /// Counters on one cache line were hardly slower than counters on one each.
    ContentionNotVisible = "contention-not-visible",
    /// The same thing measured twice differed too much.
    Noisy = "noisy",
    /// Threads are not pinned to processors.
    NotPinned = "not-pinned",
    /// Too few cores for a law of scaling.
    FewCores = "few-cores",
    /// The clock is not the processor's counter, or slow to read.
    SlowClock = "slow-clock",
    /// The processors moved closer to each other, or further apart.
    CoresMoved = "cores-moved",
    /// Workers began far apart.
    RaggedStart = "ragged-start",
    /// Workers were not on a processor all the time.
    OffCpu = "off-cpu",
    /// Evidence was merged of which a part of the matrix is missing.
    IncompleteMerge = "incomplete-merge",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_by_the_name_it_is_written_by() {
        for warning in Warning::ALL {
            let json = serde_json::to_string(warning).unwrap();
            assert_eq!(json, format!("\"{}\"", warning.as_str()));
            assert_eq!(serde_json::from_str::<Warning>(&json).unwrap(), *warning);
        }
    }
}

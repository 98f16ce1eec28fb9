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
    /// Operations did not come as fast as they were to arrive.
    DidNotKeepUp,
    /// Fewer rounds than an interval of 95 % coverage needs.
    FewRounds,
    /// Others were using the machine when it began.
    BusyMachine,
    /// The program was built without optimisation.
    UnoptimisedBuild,
    /// The counting allocator is not installed.
    AllocationsNotCounted,
    /// The hypervisor gave time of the processors to others.
    StolenTime,
    /// A control group allows less processor time than there are processors.
    Throttled,
    /// The system saves power rather than time.
    PowersaveGovernor,
    /// Processors may run faster than rated, for as long as they stay cool.
    Turbo,
    /// The machine is a virtual one.
    VirtualMachine,
    /// Counters on one cache line were hardly slower than counters on one each.
    ContentionNotVisible,
    /// The same thing measured twice differed too much.
    Noisy,
    /// Threads are not pinned to processors.
    NotPinned,
    /// Too few cores for a law of scaling.
    FewCores,
    /// The clock is not the processor's counter, or slow to read.
    SlowClock,
    /// The processors moved closer to each other, or further apart.
    CoresMoved,
    /// Workers began far apart.
    RaggedStart,
    /// Workers were not on a processor all the time.
    OffCpu,
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
            Self::DidNotKeepUp => "did-not-keep-up",
            Self::FewRounds => "few-rounds",
            Self::BusyMachine => "busy-machine",
            Self::UnoptimisedBuild => "unoptimised-build",
            Self::AllocationsNotCounted => "allocations-not-counted",
            Self::StolenTime => "stolen-time",
            Self::Throttled => "throttled",
            Self::PowersaveGovernor => "powersave-governor",
            Self::Turbo => "turbo",
            Self::VirtualMachine => "virtual-machine",
            Self::ContentionNotVisible => "contention-not-visible",
            Self::Noisy => "noisy",
            Self::NotPinned => "not-pinned",
            Self::FewCores => "few-cores",
            Self::SlowClock => "slow-clock",
            Self::CoresMoved => "cores-moved",
            Self::RaggedStart => "ragged-start",
            Self::OffCpu => "off-cpu",
            Self::IncompleteMerge => "incomplete-merge",
        }
    }

    /// What it means and what to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Oversubscribed => advice::OVERSUBSCRIBED,
            Self::WideSpread => advice::WIDE_SPREAD,
            Self::DidNotKeepUp => advice::DID_NOT_KEEP_UP,
            Self::FewRounds => advice::FEW_ROUNDS,
            Self::BusyMachine => advice::BUSY_MACHINE,
            Self::UnoptimisedBuild => advice::UNOPTIMISED_BUILD,
            Self::AllocationsNotCounted => advice::ALLOCATIONS_NOT_COUNTED,
            Self::StolenTime => advice::STOLEN_TIME,
            Self::Throttled => advice::THROTTLED,
            Self::PowersaveGovernor => advice::POWERSAVE_GOVERNOR,
            Self::Turbo => advice::TURBO,
            Self::VirtualMachine => advice::VIRTUAL_MACHINE,
            Self::ContentionNotVisible => advice::CONTENTION_NOT_VISIBLE,
            Self::Noisy => advice::NOISY,
            Self::NotPinned => advice::NOT_PINNED,
            Self::FewCores => advice::FEW_CORES,
            Self::SlowClock => advice::SLOW_CLOCK,
            Self::CoresMoved => advice::CORES_MOVED,
            Self::RaggedStart => advice::RAGGED_START,
            Self::OffCpu => advice::OFF_CPU,
            Self::IncompleteMerge => advice::INCOMPLETE_MERGE,
        }
    }
}

/// What each warning means and what to do about it.
mod advice {
    pub(super) const OVERSUBSCRIBED: &str = "\
        more threads than cores: threads wait for a core, so scaling says little; give fewer \
        with --threads";
    pub(super) const WIDE_SPREAD: &str = "\
        the interval is wider than a quarter of the median: close other programs, or take more \
        rounds with --profile full";
    pub(super) const DID_NOT_KEEP_UP: &str = "\
        fewer operations were done than arrived: latencies grow for as long as it lasts, and only \
        say that they are too long; ask for a lower rate";
    pub(super) const FEW_ROUNDS: &str = "\
        fewer than 6 rounds: intervals are ranges and cover less than 95 %; take --profile quick \
        or full";
    pub(super) const BUSY_MACHINE: &str = "\
        others were using the machine at the start: trust ratios more than throughput, and \
        repeat on an idle machine";
    pub(super) const UNOPTIMISED_BUILD: &str = "\
        built without optimisation: no figure means anything; build with --release";
    pub(super) const ALLOCATIONS_NOT_COUNTED: &str = "\
        the counting allocator is not installed, so allocations and bytes are unknown";
    pub(super) const INCOMPLETE_MERGE: &str = "\
        a part of the matrix is missing: measure the partitions that are not there, and merge again";
    pub(super) const STOLEN_TIME: &str = "\
        the hypervisor gave time of the processors to other machines: take a machine with \
        processors of its own, or trust only ratios taken side by side";
    pub(super) const THROTTLED: &str = "\
        a control group allows less processor time than there are processors, so threads are \
        stopped in mid-work: raise the limit (docker run --cpus), or allow only as many \
        processors (--cpuset-cpus, taskset)";
    pub(super) const POWERSAVE_GOVERNOR: &str = "\
        the system saves power, so short slices run at a low frequency: cpupower frequency-set \
        -g performance";
    pub(super) const TURBO: &str = "\
        processors run faster while few of them work and while they are cool, so scaling looks \
        worse than it is: write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to \
        /sys/devices/system/cpu/cpufreq/boost";
    pub(super) const VIRTUAL_MACHINE: &str = "\
        a virtual machine: others share its processors and caches unseen, so compare only what \
        was measured side by side, and confirm small differences on a real machine";
    pub(super) const CONTENTION_NOT_VISIBLE: &str = "\
        threads that fight for a cache line were hardly slower than threads that do not, so a \
        contended store would look well too: trust what was counted rather than timed, and \
        repeat when the machine is idle";
    pub(super) const NOISY: &str = "\
        the same thing measured twice differed by more than 3 % in one pair of twenty: believe \
        no difference below the noise floor; close other programs, or take more rounds with \
        --profile full";
    pub(super) const NOT_PINNED: &str = "\
        threads are not pinned and may move between processors in mid-slice: run on Linux, where \
        the system lets this process set its affinity";
    pub(super) const FEW_CORES: &str = "\
        fewer than 4 cores: too few points for a law of scaling, so nothing is said of larger \
        machines; measure on one";
    pub(super) const SLOW_CLOCK: &str = "\
        the clock is not the processor's own counter, or takes over 50 ns to read, so short \
        latencies are mostly its own: look why the kernel does not use it (dmesg | grep -i -e \
        tsc -e clocksource)";
    pub(super) const CORES_MOVED: &str = "\
        a cache line took much longer between the processors in some rounds than in others, as when a \
        hypervisor moves them: cells whose threads share something are mixtures of both; repeat until \
        it does not happen, or measure on a real machine";
    pub(super) const RAGGED_START: &str = "\
        the workers began further apart than a tenth of the slice, so for a part of it fewer \
        were at work: give longer slices with --profile full, or fewer threads with --threads";
    pub(super) const OFF_CPU: &str = "\
        the workers were on a processor for less than 95 % of the time: others ran there, or \
        they waited asleep for a lock; close other programs, or give fewer threads with \
        --threads";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ALL: [Warning; 21] = [
        Warning::Oversubscribed,
        Warning::WideSpread,
        Warning::DidNotKeepUp,
        Warning::IncompleteMerge,
        Warning::CoresMoved,
        Warning::FewRounds,
        Warning::BusyMachine,
        Warning::UnoptimisedBuild,
        Warning::AllocationsNotCounted,
        Warning::StolenTime,
        Warning::Throttled,
        Warning::PowersaveGovernor,
        Warning::Turbo,
        Warning::VirtualMachine,
        Warning::ContentionNotVisible,
        Warning::Noisy,
        Warning::NotPinned,
        Warning::FewCores,
        Warning::SlowClock,
        Warning::RaggedStart,
        Warning::OffCpu,
    ];

    #[test]
    fn each_has_one_name_everywhere_and_advice_of_its_own() {
        for warning in ALL {
            let json = serde_json::to_string(&warning).unwrap();
            assert_eq!(json, format!("\"{}\"", warning.as_str()));
        }
        let advice: BTreeSet<&str> = ALL.iter().map(|warning| warning.advice()).collect();
        assert_eq!(advice.len(), ALL.len());
    }
}

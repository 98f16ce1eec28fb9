//! What a warning means, and what to do about it.

use shardproof_evidence::Warning;
use shardproof_stats::{COVERAGE_AIM, VALUES_MIN};

use crate::certificate::{CLOCK_COST_NS_MAX, CORES_MIN, NOISE_FLOOR_MAX};
use crate::warnings::{ON_CPU_SHARE_MIN, SPREAD_MAX, START_SKEW_SHARE_MAX};

/// What a warning means, and what to do about it.
#[must_use]
pub fn advice(warning: Warning) -> String {
    with_limit(warning).unwrap_or_else(|| without_limit(warning).to_owned())
}

/// Of those that come from a limit: it is in the words.
fn with_limit(warning: Warning) -> Option<String> {
    Some(match warning {
        Warning::WideSpread => format!(
            "the interval is wider than {spread} of the median: close other \
             programs, or take more rounds with --profile full",
            spread = percent(SPREAD_MAX)
        ),
        Warning::FewRounds => format!(
            "fewer than {VALUES_MIN} rounds: intervals are ranges and cover less \
             than {coverage}; take --profile quick or full",
            coverage = percent(COVERAGE_AIM)
        ),
        Warning::Noisy => format!(
            "the same thing measured twice differed by more than {noise} in more \
             than one pair of twenty: believe no difference below the noise floor; \
             close other programs, or take more rounds with --profile full",
            noise = percent(NOISE_FLOOR_MAX)
        ),
        Warning::FewCores => format!(
            "fewer than {CORES_MIN} cores: too few points for a law of scaling, so \
             nothing is said of larger machines; measure on one"
        ),
        Warning::SlowClock => format!(
            "the clock is not the processor's own counter, or takes over \
             {CLOCK_COST_NS_MAX} ns to read, so short latencies are mostly its own: \
             look why the kernel does not use it (dmesg | grep -i -e tsc -e \
             clocksource)"
        ),
        Warning::RaggedStart => format!(
            "the workers began further apart than {skew} of the slice, so for a part \
             of it fewer were at work: give longer slices with --profile full, or \
             fewer threads with --threads",
            skew = percent(START_SKEW_SHARE_MAX)
        ),
        Warning::OffCpu => format!(
            "the workers were on a processor for less than {on_cpu} of the time: \
             others ran there, or they waited asleep for a lock; close other \
             programs, or give fewer threads with --threads",
            on_cpu = percent(ON_CPU_SHARE_MIN)
        ),
        _ => return None,
    })
}

/// Of the others.
fn without_limit(warning: Warning) -> &'static str {
    match warning {
        Warning::Oversubscribed => {
            "more threads than cores: threads wait for a core, so scaling says \
             little; give fewer with --threads"
        }
        Warning::DidNotKeepUp => {
            "fewer operations were done than arrived: latencies grow for as long as \
             it lasts, and only say that they are too long; ask for a lower rate"
        }
        Warning::BusyMachine => {
            "others were using the machine at the start: trust ratios more than \
             throughput, and repeat on an idle machine"
        }
        Warning::UnoptimisedBuild => {
            "built without optimisation: no figure means anything; build with \
             --release"
        }
        Warning::AllocationsNotCounted => {
            "the counting allocator is not installed, so allocations and bytes are \
             unknown"
        }
        Warning::StolenTime => {
            "the hypervisor gave time of the processors to other machines: take a \
             machine with processors of its own, or trust only ratios taken side by \
             side"
        }
        Warning::Throttled => {
            "a control group allows less processor time than there are processors, \
             so threads are stopped in mid-work: raise the limit (docker run \
             --cpus), or allow only as many processors (--cpuset-cpus, taskset)"
        }
        Warning::PowersaveGovernor => {
            "the system saves power, so short slices run at a low frequency: \
             cpupower frequency-set -g performance"
        }
        Warning::Turbo => {
            "processors run faster while few of them work and while they are cool, \
             so scaling looks worse than it is: write 1 to \
             /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to \
             /sys/devices/system/cpu/cpufreq/boost"
        }
        Warning::VirtualMachine => {
            "a virtual machine: others share its processors and caches unseen, so \
             compare only what was measured side by side, and confirm small \
             differences on a real machine"
        }
        Warning::ContentionNotVisible => {
            "threads that fight for a cache line were hardly slower than threads \
             that do not, so a contended store would look well too: trust what was \
             counted rather than timed, and repeat when the machine is idle"
        }
        Warning::NotPinned => {
            "threads are not pinned and may move between processors in mid-slice: \
             run on Linux, where the system lets this process set its affinity"
        }
        Warning::CoresMoved => {
            "a cache line took much longer between the processors in some rounds \
             than in others, as when a hypervisor moves them: cells whose threads \
             share something are mixtures of both; repeat until it does not happen, \
             or measure on a real machine"
        }
        Warning::IncompleteMerge => {
            "a part of the matrix is missing: measure the partitions that are not \
             there, and merge again"
        }
        Warning::WideSpread
        | Warning::FewRounds
        | Warning::Noisy
        | Warning::FewCores
        | Warning::SlowClock
        | Warning::RaggedStart
        | Warning::OffCpu => unreachable!("it has a limit"),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_warning_has_advice_of_its_own() {
        let all: BTreeSet<String> = Warning::ALL.iter().map(|warning| advice(*warning)).collect();
        assert_eq!(all.len(), Warning::ALL.len());
    }

    #[test]
    fn a_limit_is_told_as_it_is() {
        assert!(advice(Warning::WideSpread).contains("wider than 25 % of the median"));
        assert!(advice(Warning::FewRounds).contains("fewer than 6 rounds"));
        assert!(advice(Warning::OffCpu).contains("less than 95 % of the time"));
    }
}

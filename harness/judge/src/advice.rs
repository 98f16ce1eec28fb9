//! Advice on warnings.
//!
//! Advice is specific to one machine and one configuration: it never recommends what this machine
//! cannot do or what was already done.

use shardproof_evidence::{Config, Evidence, Machine, Warning};
use shardproof_stats::{COVERAGE_TARGET, VALUES_MIN};

use crate::certificate::{CLOCK_COST_NS_MAX, CORES_MIN, NOISE_FLOOR_MAX};
use crate::warnings::{ON_CPU_SHARE_MIN, SPREAD_MAX, START_SKEW_SHARE_MAX};

/// What advice depends on: a machine and a configuration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AdviceContext<'a> {
    /// Available cores; for merged evidence, those of the smallest machine.
    cores: usize,
    /// The machine.
    machine: &'a Machine,
    /// The configuration; none if nothing was measured.
    config: Option<&'a Config>,
}

impl<'a> AdviceContext<'a> {
    /// The context of this evidence.
    #[must_use]
    pub fn of(evidence: &'a Evidence) -> Self {
        let cores = evidence.all_parts().map(|part| part.machine.cores).min();
        let cores = cores.unwrap_or(evidence.machine.cores);
        Self { cores, machine: &evidence.machine, config: evidence.config.as_ref() }
    }

    fn has_profile(&self, name: &str) -> bool {
        self.config.is_some_and(|config| config.profile == name)
    }

    /// Advice that gives more rounds and longer slices, unless the longest profile was used.
    fn more_rounds(&self) -> Option<&'static str> {
        (!self.has_profile("full")).then_some("use --profile full for more rounds")
    }

    /// Advice that leaves each worker more processor time, unless only one thread was used.
    fn fewer_threads(&self) -> Option<&'static str> {
        let has_many = |config: &Config| config.threads.iter().any(|threads| *threads > 1);
        self.config.is_none_or(has_many).then_some("use fewer threads with --threads")
    }
}

/// Explains a warning and, if anything helps on this machine, what to do about it.
#[must_use]
pub fn advice(warning: Warning, context: &AdviceContext<'_>) -> String {
    let meaning = meaning(warning);
    match remedy(warning, context) {
        Some(remedy) => format!("{meaning}: {remedy}"),
        None => meaning,
    }
}

/// What a warning means.
fn meaning(warning: Warning) -> String {
    meaning_with_limit(warning).unwrap_or_else(|| meaning_without_limit(warning).to_owned())
}

/// The meaning of a warning whose text names the limit that was exceeded.
fn meaning_with_limit(warning: Warning) -> Option<String> {
    Some(match warning {
        Warning::WideSpread => {
            format!("the interval is wider than {} of the median", percent(SPREAD_MAX))
        }
        Warning::FewRounds => {
            let coverage = percent(COVERAGE_TARGET);
            format!(
                "fewer than {VALUES_MIN} rounds: intervals are full ranges with a coverage below \
                 {coverage}"
            )
        }
        Warning::Noisy => {
            let noise = percent(NOISE_FLOOR_MAX);
            format!(
                "the noise floor is above {noise}: the same thing measured twice differed by more \
                 than that in over 5 % of pairs, and differences below the noise floor mean nothing"
            )
        }
        Warning::FewCores => {
            format!(
                "fewer than {CORES_MIN} cores: too few thread counts to fit a scaling law, so \
                 nothing follows for larger machines"
            )
        }
        Warning::SlowClock => {
            format!(
                "the clock is not the processor's own counter, or takes over {CLOCK_COST_NS_MAX} \
                 ns to read: short latencies are mostly the cost of the clock"
            )
        }
        Warning::RaggedStart => {
            let skew = percent(START_SKEW_SHARE_MAX);
            format!(
                "workers started more than {skew} of a slice apart: part of it ran with \
                 fewer workers"
            )
        }
        Warning::OffCpu => {
            let on_cpu = percent(ON_CPU_SHARE_MIN);
            format!(
                "workers were on a processor for less than {on_cpu} of the time: other processes \
                 ran instead, or workers slept waiting for a lock"
            )
        }
        _ => return None,
    })
}

/// The meaning of any other warning.
fn meaning_without_limit(warning: Warning) -> &'static str {
    match warning {
        Warning::Oversubscribed => {
            "more threads than cores: threads wait for a core, so scaling says little"
        }
        Warning::DidNotKeepUp => {
            "fewer operations completed than arrived: latencies grow for as long as that lasts, \
             and only show that the rate is too high"
        }
        Warning::BusyMachine => "other processes were using the machine at the start",
        Warning::UnoptimisedBuild => "built without optimisation: no result means anything",
        Warning::DearFloor => {
            "the control `floor`, which does nothing, takes more than two fifths of the time of \
             `ceiling`: much of every figure is the cost of measuring"
        }
        Warning::AllocationsNotCounted => {
            "the counting allocator is not installed: allocations and bytes are unknown"
        }
        Warning::StolenTime => "the hypervisor gave processor time to other machines",
        Warning::Throttled => {
            "a control group limits processor time to less than all processors: threads are paused \
             while they work"
        }
        Warning::PowersaveGovernor => {
            "the frequency governor saves power: short slices run at a low frequency"
        }
        Warning::Turbo => {
            "processors run faster while few are active and while they are cool: scaling looks \
             worse than it is"
        }
        Warning::VirtualMachine => {
            "a virtual machine: other machines may share its processors and caches unnoticed"
        }
        Warning::ContentionNotVisible => {
            "threads that contend for a cache line were hardly slower than threads that do not: a \
             contended store would look good too"
        }
        Warning::NotPinned => "threads are not pinned to processors and may migrate during a slice",
        Warning::CoresMoved => {
            "a cache-line transfer between processors took much longer in some rounds than in \
             others, as when a hypervisor moves them: cells with shared data mix both"
        }
        Warning::IncompleteMerge => "a partition of the matrix is missing",
        Warning::UnevenParts => {
            "the parts differ greatly in their number of rounds or slice duration"
        }
        Warning::WideSpread
        | Warning::FewRounds
        | Warning::Noisy
        | Warning::FewCores
        | Warning::SlowClock
        | Warning::RaggedStart
        | Warning::OffCpu => unreachable!("its meaning names a limit"),
    }
}

/// What to do about a warning; none if nothing helps on this machine.
fn remedy(warning: Warning, context: &AdviceContext<'_>) -> Option<String> {
    let text = match warning {
        Warning::WideSpread | Warning::Noisy => {
            return either(Some("close other programs"), context.more_rounds());
        }
        Warning::FewRounds => {
            let is_short = context.config.is_none() || context.has_profile("smoke");
            return is_short.then(|| "use --profile quick or full".to_owned());
        }
        Warning::RaggedStart => {
            let longer = context.more_rounds().map(|_| "use --profile full for longer slices");
            return either(longer, context.fewer_threads());
        }
        Warning::OffCpu => return either(Some("close other programs"), context.fewer_threads()),
        Warning::Oversubscribed => {
            return Some(format!("use at most {} with --threads", context.cores));
        }
        Warning::NotPinned => return pinning(context),
        Warning::SlowClock => {
            let is_linux = context.machine.os == "linux";
            let check =
                "check why the kernel does not use it (dmesg | grep -i -e tsc -e clocksource)";
            return is_linux.then(|| check.to_owned());
        }
        Warning::Turbo if context.machine.hypervisor == Some(true) => {
            "only the host can change that"
        }
        Warning::Turbo => {
            "write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to \
             /sys/devices/system/cpu/cpufreq/boost, whichever is there"
        }
        Warning::FewCores | Warning::AllocationsNotCounted => return None,
        Warning::DidNotKeepUp => "request a lower rate",
        Warning::BusyMachine => {
            "rely on ratios rather than throughput, and repeat when the machine is idle"
        }
        Warning::UnoptimisedBuild => "build with --release",
        Warning::DearFloor => {
            "build the packages with timed code with opt-level = 3, or judge by the time above \
             `floor`"
        }
        Warning::StolenTime => {
            "rely only on ratios measured side by side, or repeat at another time"
        }
        Warning::Throttled => {
            "raise the limit (docker run --cpus), or restrict the process to that many processors \
             (--cpuset-cpus, taskset)"
        }
        Warning::PowersaveGovernor => "run cpupower frequency-set -g performance",
        Warning::VirtualMachine => {
            "compare only what was measured side by side, and treat small differences as \
             unconfirmed"
        }
        Warning::ContentionNotVisible => {
            "rely on counts rather than times, and repeat when the machine is idle"
        }
        Warning::CoresMoved => "repeat the measurement",
        Warning::IncompleteMerge => "measure the missing partitions and merge again",
        Warning::UnevenParts => "compare results only within a part",
    };
    Some(text.to_owned())
}

fn pinning(context: &AdviceContext<'_>) -> Option<String> {
    let is_off = context.config.is_some_and(|config| config.pinning.as_deref() == Some("off"));
    if is_off {
        return Some("use --pin on".to_owned());
    }
    let is_linux = context.machine.os == "linux";
    is_linux.then(|| "run where this process may set its affinity".to_owned())
}

/// Joins the alternatives that exist with "or".
fn either(one: Option<&str>, other: Option<&str>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}, or {other}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::samples::quiet;

    /// Advice on a machine with this many cores, after measuring with this profile and these
    /// threads.
    fn after(warning: Warning, cores: usize, profile: &str, threads: &[usize]) -> String {
        let machine = Machine { cores, ..quiet().0 };
        let (profile, threads) = (profile.to_owned(), threads.to_vec());
        let pinning = Some("on".to_owned());
        let config = Config { profile, threads, pinning, ..Config::default() };
        advice(warning, &AdviceContext { cores, machine: &machine, config: Some(&config) })
    }

    /// The context of a machine on which nothing was measured yet.
    const fn of_machine(machine: &Machine) -> AdviceContext<'_> {
        AdviceContext { cores: machine.cores, machine, config: None }
    }

    #[test]
    fn every_warning_has_its_own_advice() {
        let machine = quiet().0;
        let here = of_machine(&machine);
        let all: BTreeSet<String> =
            Warning::ALL.iter().map(|warning| advice(*warning, &here)).collect();
        assert_eq!(all.len(), Warning::ALL.len());
    }

    #[test]
    fn advice_names_the_limit_that_was_exceeded() {
        let of = |warning| after(warning, 8, "quick", &[1, 2]);
        assert!(of(Warning::WideSpread).contains("wider than 25 % of the median"));
        assert!(of(Warning::FewRounds).contains("fewer than 6 rounds"));
        assert!(of(Warning::OffCpu).contains("less than 95 % of the time"));
    }

    #[test]
    fn advice_does_not_repeat_what_was_already_done() {
        for warning in Warning::ALL {
            let full = after(*warning, 8, "full", &[1, 2]);
            assert!(!full.contains("--profile"), "{warning:?}: {full}");
            let single = after(*warning, 8, "full", &[1]);
            assert!(!single.contains("fewer threads"), "{warning:?}: {single}");
            assert!(!after(*warning, 8, "smoke", &[1]).contains("--pin on"), "{warning:?}");
        }
        assert!(after(Warning::Noisy, 8, "quick", &[1]).contains("--profile full"));
        assert!(after(Warning::FewRounds, 8, "smoke", &[1]).contains("--profile quick"));
    }

    #[test]
    fn advice_is_possible_on_this_machine() {
        let crowded = after(Warning::Oversubscribed, 2, "quick", &[1, 2, 4]);
        assert!(crowded.contains("use at most 2 with --threads"), "{crowded}");
        let few = after(Warning::FewCores, 2, "quick", &[1, 2]);
        assert!(!few.contains("measure"), "{few}");
        let (mut machine, _) = quiet();
        machine.hypervisor = Some(true);
        let turbo = advice(Warning::Turbo, &of_machine(&machine));
        assert!(!turbo.contains("/sys/"), "{turbo}");
        machine.os = "macos".to_owned();
        let here = of_machine(&machine);
        assert!(!advice(Warning::SlowClock, &here).contains("dmesg"));
        assert!(!advice(Warning::NotPinned, &here).contains("Linux"));
    }

    #[test]
    fn if_pinning_was_switched_off_the_advice_is_to_switch_it_on() {
        let (machine, pinning) = (quiet().0, Some("off".to_owned()));
        let config = Config { pinning, ..Config::default() };
        let here = AdviceContext { cores: 8, machine: &machine, config: Some(&config) };
        assert!(advice(Warning::NotPinned, &here).ends_with("use --pin on"));
    }
}

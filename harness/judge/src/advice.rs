//! What a warning means, and what to do about it here.
//!
//! Advice is given for one machine and one configuration: nothing that this machine cannot do, and
//! nothing that was done already.

use shardproof_evidence::{Config, Evidence, Machine, Warning};
use shardproof_stats::{COVERAGE_TARGET, VALUES_MIN};

use crate::certificate::{CLOCK_COST_NS_MAX, CORES_MIN, NOISE_FLOOR_MAX};
use crate::warnings::{ON_CPU_SHARE_MIN, SPREAD_MAX, START_SKEW_SHARE_MAX};

/// What advice depends on: a machine, and what was asked for on it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Circumstances<'a> {
    /// Cores that can be used: of merged evidence, on the smallest machine.
    cores: usize,
    /// The machine.
    machine: &'a Machine,
    /// What was asked for; none where nothing was.
    config: Option<&'a Config>,
}

impl<'a> Circumstances<'a> {
    /// Those of evidence.
    #[must_use]
    pub fn of(evidence: &'a Evidence) -> Self {
        let cores = evidence.all_parts().map(|part| part.machine.cores).min();
        let cores = cores.unwrap_or(evidence.machine.cores);
        Self { cores, machine: &evidence.machine, config: evidence.config.as_ref() }
    }

    fn has_profile(&self, name: &str) -> bool {
        self.config.is_some_and(|config| config.profile == name)
    }

    /// What gives more rounds and longer slices, if there is anything that does.
    fn more_rounds(&self) -> Option<&'static str> {
        (!self.has_profile("full")).then_some("take more rounds with --profile full")
    }

    /// What leaves workers more room, if there can be fewer of them.
    fn fewer_threads(&self) -> Option<&'static str> {
        let has_many = |config: &Config| config.threads.iter().any(|threads| *threads > 1);
        self.config.is_none_or(has_many).then_some("give fewer threads with --threads")
    }
}

/// What a warning means, and what to do about it here.
#[must_use]
pub fn advice(warning: Warning, here: &Circumstances<'_>) -> String {
    let meaning = meaning(warning);
    match what_to_do(warning, here) {
        Some(what_to_do) => format!("{meaning}: {what_to_do}"),
        None => meaning,
    }
}

/// What a warning means.
fn meaning(warning: Warning) -> String {
    meaning_with_limit(warning).unwrap_or_else(|| meaning_without_limit(warning).to_owned())
}

/// What a warning means whose message names the limit that was exceeded.
fn meaning_with_limit(warning: Warning) -> Option<String> {
    Some(match warning {
        Warning::WideSpread => {
            format!("the interval is wider than {} of the median", percent(SPREAD_MAX))
        }
        Warning::FewRounds => {
            let coverage = percent(COVERAGE_TARGET);
            format!(
                "fewer than {VALUES_MIN} rounds, so that intervals are ranges and cover less than \
                 {coverage}"
            )
        }
        Warning::Noisy => {
            let noise = percent(NOISE_FLOOR_MAX);
            format!(
                "the same thing measured twice differed by more than {noise} in more than one pair \
                 of twenty, so that no difference below the noise floor means anything"
            )
        }
        Warning::FewCores => {
            format!(
                "fewer than {CORES_MIN} cores are too few points for a law of scaling, so nothing \
                 is said of larger machines"
            )
        }
        Warning::SlowClock => {
            format!(
                "the clock is not the processor's own counter, or takes over \
                 {CLOCK_COST_NS_MAX} ns to read, so that short latencies are mostly its own"
            )
        }
        Warning::RaggedStart => {
            let skew = percent(START_SKEW_SHARE_MAX);
            format!(
                "the workers began further apart than {skew} of the slice, so that for a part of \
                 it fewer were at work"
            )
        }
        Warning::OffCpu => {
            let on_cpu = percent(ON_CPU_SHARE_MIN);
            format!(
                "the workers were on a processor for less than {on_cpu} of the time: others ran \
                 there, or the workers slept while they waited for a lock"
            )
        }
        _ => return None,
    })
}

/// What any other warning means.
fn meaning_without_limit(warning: Warning) -> &'static str {
    match warning {
        Warning::Oversubscribed => {
            "more threads than cores: threads wait for a core, so that scaling says little"
        }
        Warning::DidNotKeepUp => {
            "fewer operations were done than fell due, so that latencies grow for as long as it \
             lasts, and only say that they are too long"
        }
        Warning::BusyMachine => "others were using the machine at the start",
        Warning::UnoptimisedBuild => "built without optimisation, so that no figure means anything",
        Warning::AllocationsNotCounted => {
            "the counting allocator is not installed, so that allocations and bytes are unknown"
        }
        Warning::StolenTime => "the hypervisor gave time of the processors to other machines",
        Warning::Throttled => {
            "a control group allows less processor time than there are processors, so that threads \
             are stopped in mid-work"
        }
        Warning::PowersaveGovernor => {
            "the system saves power, so that short slices run at a low frequency"
        }
        Warning::Turbo => {
            "processors run faster while few of them work and while they are cool, so that scaling \
             looks worse than it is"
        }
        Warning::VirtualMachine => {
            "a virtual machine, on which others may share processors and caches unseen"
        }
        Warning::ContentionNotVisible => {
            "threads that contend for a cache line were hardly slower than threads that do not, so \
             that a contended store would look well too"
        }
        Warning::NotPinned => {
            "threads are not bound to processors, and may move between them in mid-slice"
        }
        Warning::CoresMoved => {
            "a cache line took much longer between the processors in some rounds than in others, \
             as when a hypervisor moves them, so that cells in which threads share something are \
             mixtures of both"
        }
        Warning::IncompleteMerge => "a part of the matrix is missing",
        Warning::UnevenParts => {
            "the parts were measured in very different numbers of rounds or lengths of slices"
        }
        Warning::WideSpread
        | Warning::FewRounds
        | Warning::Noisy
        | Warning::FewCores
        | Warning::SlowClock
        | Warning::RaggedStart
        | Warning::OffCpu => unreachable!("its message names a limit"),
    }
}

/// What to do about a warning; none where nothing can be done here.
fn what_to_do(warning: Warning, here: &Circumstances<'_>) -> Option<String> {
    let text = match warning {
        Warning::WideSpread | Warning::Noisy => {
            return either(Some("close other programs"), here.more_rounds());
        }
        Warning::FewRounds => {
            let is_short = here.config.is_none() || here.has_profile("smoke");
            return is_short.then(|| "take --profile quick or full".to_owned());
        }
        Warning::RaggedStart => {
            let longer = here.more_rounds().map(|_| "take longer slices with --profile full");
            return either(longer, here.fewer_threads());
        }
        Warning::OffCpu => return either(Some("close other programs"), here.fewer_threads()),
        Warning::Oversubscribed => {
            return Some(format!("give at most {} with --threads", here.cores));
        }
        Warning::NotPinned => return pinning(here),
        Warning::SlowClock => {
            let is_linux = here.machine.os == "linux";
            let look =
                "look why the kernel does not use it (dmesg | grep -i -e tsc -e clocksource)";
            return is_linux.then(|| look.to_owned());
        }
        Warning::Turbo if here.machine.hypervisor == Some(true) => {
            "only the machine's host can change that"
        }
        Warning::Turbo => {
            "write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to \
             /sys/devices/system/cpu/cpufreq/boost, whichever is there"
        }
        Warning::FewCores | Warning::AllocationsNotCounted => return None,
        Warning::DidNotKeepUp => "ask for a lower rate",
        Warning::BusyMachine => {
            "trust ratios more than throughput, and repeat when the machine is idle"
        }
        Warning::UnoptimisedBuild => "build with --release",
        Warning::StolenTime => "trust only ratios taken side by side, or repeat at another time",
        Warning::Throttled => {
            "raise the limit (docker run --cpus), or allow only as many processors (--cpuset-cpus, \
             taskset)"
        }
        Warning::PowersaveGovernor => "cpupower frequency-set -g performance",
        Warning::VirtualMachine => {
            "compare only what was measured side by side, and take small differences as unconfirmed"
        }
        Warning::ContentionNotVisible => {
            "trust what was counted rather than timed, and repeat when the machine is idle"
        }
        Warning::CoresMoved => "repeat until it does not happen",
        Warning::IncompleteMerge => "measure the partitions that are not there, and merge again",
        Warning::UnevenParts => "compare figures only within a part",
    };
    Some(text.to_owned())
}

fn pinning(here: &Circumstances<'_>) -> Option<String> {
    let is_off = here.config.is_some_and(|config| config.pinning.as_deref() == Some("off"));
    if is_off {
        return Some("take --pin on".to_owned());
    }
    let is_linux = here.machine.os == "linux";
    is_linux.then(|| "run where the system lets this process set its affinity".to_owned())
}

/// One thing to do, or another, or both to choose from.
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

    /// Advice on a machine with so many cores, after measuring with this profile on these threads.
    fn after(warning: Warning, cores: usize, profile: &str, threads: &[usize]) -> String {
        let machine = Machine { cores, ..quiet().0 };
        let (profile, threads) = (profile.to_owned(), threads.to_vec());
        let pinning = Some("on".to_owned());
        let config = Config { profile, threads, pinning, ..Config::default() };
        advice(warning, &Circumstances { cores, machine: &machine, config: Some(&config) })
    }

    /// Those of a machine on which nothing was measured yet.
    const fn of_machine(machine: &Machine) -> Circumstances<'_> {
        Circumstances { cores: machine.cores, machine, config: None }
    }

    #[test]
    fn each_warning_has_advice_of_its_own() {
        let machine = quiet().0;
        let here = of_machine(&machine);
        let all: BTreeSet<String> =
            Warning::ALL.iter().map(|warning| advice(*warning, &here)).collect();
        assert_eq!(all.len(), Warning::ALL.len());
    }

    #[test]
    fn a_limit_is_in_the_words() {
        let of = |warning| after(warning, 8, "quick", &[1, 2]);
        assert!(of(Warning::WideSpread).contains("wider than 25 % of the median"));
        assert!(of(Warning::FewRounds).contains("fewer than 6 rounds"));
        assert!(of(Warning::OffCpu).contains("less than 95 % of the time"));
    }

    #[test]
    fn nothing_is_advised_that_was_done_already() {
        for warning in Warning::ALL {
            let full = after(*warning, 8, "full", &[1, 2]);
            assert!(!full.contains("--profile"), "{warning:?}: {full}");
            let alone = after(*warning, 8, "full", &[1]);
            assert!(!alone.contains("fewer threads"), "{warning:?}: {alone}");
            assert!(!after(*warning, 8, "smoke", &[1]).contains("--pin on"), "{warning:?}");
        }
        assert!(after(Warning::Noisy, 8, "quick", &[1]).contains("--profile full"));
        assert!(after(Warning::FewRounds, 8, "smoke", &[1]).contains("--profile quick"));
    }

    #[test]
    fn nothing_is_advised_that_this_machine_cannot_do() {
        let crowded = after(Warning::Oversubscribed, 2, "quick", &[1, 2, 4]);
        assert!(crowded.contains("give at most 2 with --threads"), "{crowded}");
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
    fn who_switched_pinning_off_is_told_to_switch_it_on() {
        let (machine, pinning) = (quiet().0, Some("off".to_owned()));
        let config = Config { pinning, ..Config::default() };
        let here = Circumstances { cores: 8, machine: &machine, config: Some(&config) };
        assert!(advice(Warning::NotPinned, &here).ends_with("take --pin on"));
    }
}

//! What a machine and its certificate warn of.

use shardproof_evidence::{Certificate, Machine, Warning};

use crate::scaling;

/// Runnable threads per core above which the machine is busy: with more than one for every two
/// cores, some worker is likely to meet one of them.
pub const LOAD_PER_CORE_MAX: f64 = 0.5;
/// Part of the time in which some thread waits for a processor, above which the machine is busy: an
/// interval leaves out one slice in twenty, so what happens more often than that can move it.
pub const PRESSURE_SHARE_MAX: f64 = 0.05;
/// Part of the processors' time above which its theft matters: below, it changes a throughput by
/// less than the hundredth that figures are given to.
pub const STOLEN_SHARE_MAX: f64 = 0.01;
/// How many times as fast padded counters must at least be. Two threads that merely take turns on a
/// line are half as fast as two that do not, and more threads are slower yet, before the line's
/// way between them costs anything: where less than this is seen, threads hardly met.
pub const COUNTER_RATIO_MIN: f64 = 2.0;
/// The widest noise floor with which differences of a few percent, the smallest that a change is
/// judged by, can be told from nothing.
pub const NOISE_FLOOR_MAX: f64 = 0.03;
/// The fewest cores for a law of scaling: it has three parameters, and the fourth point is the
/// first that can speak against it.
pub const CORES_MIN: usize = scaling::THREAD_COUNTS_MIN;
/// The longest that one reading of the clock may take: a put takes about as long.
pub const CLOCK_COST_NS_MAX: f64 = 50.0;
/// How many times as long a cache line may take between two processors in one round of ten as in another:
/// within a group of cores it varies by a few percent, and between groups it takes two to four times as
/// long.
pub const CORE_TO_CORE_RATIO_MAX: f64 = 1.5;

/// Clock sources that are a counter of the processor itself, on x86 and on ARM.
const COUNTERS: [&str; 2] = ["tsc", "arch_sys_counter"];

/// What may spoil every measurement on this machine as it is now, in the order of [`Warning`].
/// What is unknown warns of nothing.
#[must_use]
pub fn warnings(machine: &Machine, certificate: &Certificate) -> Vec<Warning> {
    let Certificate { cpu_quota, turbo, stolen_share, counters, same_twice, .. } = certificate;
    let cpus = certificate.cpus.as_ref().map(Vec::len);
    let is_throttled = cpu_quota.zip(cpus).is_some_and(|(quota, cpus)| quota < cpus as f64);
    let mut governors = certificate.governor.iter().flat_map(|names| names.split(','));
    let has_other_clock =
        certificate.clock_source.as_deref().is_some_and(|source| !COUNTERS.contains(&source));
    let hides_contention = |ratio: f64| ratio < COUNTER_RATIO_MIN;
    those_that_hold([
        (Warning::BusyMachine, is_busy(machine, certificate)),
        (Warning::StolenTime, stolen_share.is_some_and(|share| share > STOLEN_SHARE_MAX)),
        (Warning::Throttled, is_throttled),
        (Warning::PowersaveGovernor, governors.any(|name| name == "powersave")),
        (Warning::Turbo, *turbo == Some(true)),
        (Warning::VirtualMachine, machine.hypervisor == Some(true)),
        (
            Warning::ContentionNotVisible,
            // The low end: contention has to be seen for sure.
            counters.is_some_and(|counters| hides_contention(counters.ratio.low)),
        ),
        (
            Warning::Noisy,
            same_twice.as_ref().is_some_and(|same| same.noise_floor > NOISE_FLOOR_MAX),
        ),
        (Warning::NotPinned, certificate.pinned_to.is_none()),
        (Warning::CoresMoved, has_moved(&certificate.core_to_core_rounds_ns)),
        (Warning::FewCores, machine.cores < CORES_MIN),
        (Warning::SlowClock, has_other_clock || machine.clock_cost_ns > CLOCK_COST_NS_MAX),
    ])
}

/// Whether rounds are too far apart, when a tenth of them is left out at each end, and one at least: a single
/// round may have met a disturbance.
fn has_moved(rounds_ns: &[f64]) -> bool {
    let mut sorted = rounds_ns.to_vec();
    sorted.sort_by(f64::total_cmp);
    let left_out = rounds_ns.len().div_ceil(10);
    let kept = sorted.get(left_out..sorted.len().saturating_sub(left_out)).unwrap_or_default();
    let ends = kept.first().zip(kept.last());
    ends.is_some_and(|(low, high)| *high > CORE_TO_CORE_RATIO_MAX * low)
}

fn is_busy(machine: &Machine, certificate: &Certificate) -> bool {
    let load_max = LOAD_PER_CORE_MAX * machine.cores as f64;
    machine.load_average_before.is_some_and(|load| load > load_max)
        || certificate.pressure_share.is_some_and(|share| share > PRESSURE_SHARE_MAX)
}

pub(super) fn those_that_hold<const N: usize>(warnings: [(Warning, bool); N]) -> Vec<Warning> {
    warnings.into_iter().filter(|(_, holds)| *holds).map(|(warning, _)| warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::quiet;

    /// What a quiet machine warns of once this has been changed.
    fn after(change: impl FnOnce(&mut Machine, &mut Certificate)) -> Vec<Warning> {
        let (mut machine, mut certificate) = quiet();
        change(&mut machine, &mut certificate);
        warnings(&machine, &certificate)
    }

    #[test]
    fn a_quiet_machine_warns_of_nothing() {
        assert_eq!(after(|_, _| {}), []);
    }

    #[test]
    fn what_is_unknown_warns_of_nothing() {
        let unknown = after(|machine, certificate| {
            (machine.hypervisor, machine.load_average_before) = (None, None);
            *certificate = Certificate {
                cpus: None,
                siblings: None,
                pinned_to: Some(vec![0]),
                cpu_quota: Some(0.5),
                governor: None,
                turbo: None,
                virtualisation: None,
                clock_source: None,
                clock_resolution_ns: 1.0,
                core_to_core_rounds_ns: Vec::new(),
                core_to_core: Vec::new(),
                counters: None,
                stolen_share: None,
                pressure_share: None,
                same_twice: None,
            };
        });
        assert_eq!(unknown, []);
    }

    #[test]
    fn a_machine_is_busy_by_its_load_or_by_the_threads_that_wait() {
        let by_load = |load| after(|machine, _| machine.load_average_before = Some(load));
        assert_eq!((by_load(4.0), by_load(4.1)), (vec![], vec![Warning::BusyMachine]));
        let by_pressure = |share| after(|_, certificate| certificate.pressure_share = Some(share));
        assert_eq!((by_pressure(0.05), by_pressure(0.06)), (vec![], vec![Warning::BusyMachine]));
    }

    #[test]
    fn stolen_time_counts_from_one_percent() {
        let stolen = |share| after(|_, certificate| certificate.stolen_share = Some(share));
        assert_eq!((stolen(0.01), stolen(0.011)), (vec![], vec![Warning::StolenTime]));
    }

    #[test]
    fn a_quota_below_the_processors_throttles() {
        let quota = |quota| after(|_, certificate| certificate.cpu_quota = Some(quota));
        assert_eq!((quota(8.0), quota(7.5)), (vec![], vec![Warning::Throttled]));
    }

    #[test]
    fn one_processor_that_saves_power_is_enough() {
        let governor =
            |names: &str| after(|_, certificate| certificate.governor = Some(names.to_owned()));
        assert_eq!(governor("schedutil"), []);
        assert_eq!(governor("powersave"), [Warning::PowersaveGovernor]);
        assert_eq!(governor("performance,powersave"), [Warning::PowersaveGovernor]);
    }

    #[test]
    fn turbo_is_warned_of_where_it_is_on() {
        assert_eq!(after(|_, certificate| certificate.turbo = Some(true)), [Warning::Turbo]);
    }

    #[test]
    fn a_virtual_machine_is_warned_of_and_a_container_is_not() {
        let container = after(|_, certificate| certificate.virtualisation = Some("docker".into()));
        assert_eq!(container, []);
        let virtual_one = after(|machine, _| machine.hypervisor = Some(true));
        assert_eq!(virtual_one, [Warning::VirtualMachine]);
    }

    #[test]
    fn contention_has_to_be_seen_for_sure() {
        let low =
            |low| after(|_, certificate| certificate.counters.as_mut().unwrap().ratio.low = low);
        assert_eq!((low(2.0), low(1.9)), (vec![], vec![Warning::ContentionNotVisible]));
    }

    #[test]
    fn noise_counts_from_three_percent() {
        let floor = |floor| {
            after(|_, certificate| certificate.same_twice.as_mut().unwrap().noise_floor = floor)
        };
        assert_eq!((floor(0.03), floor(0.031)), (vec![], vec![Warning::Noisy]));
    }

    #[test]
    fn threads_that_cannot_be_pinned_are_warned_of() {
        assert_eq!(after(|_, certificate| certificate.pinned_to = None), [Warning::NotPinned]);
    }

    #[test]
    fn processors_have_moved_where_more_than_a_tenth_of_the_rounds_says_so() {
        let rounds = |far: usize| {
            after(|_, certificate| {
                let rounds_ns = [vec![50.0; 20 - far], vec![130.0; far]].concat();
                certificate.core_to_core_rounds_ns = rounds_ns;
            })
        };
        assert_eq!((rounds(2), rounds(3)), (vec![], vec![Warning::CoresMoved]));
        assert_eq!((rounds(17), rounds(18)), (vec![Warning::CoresMoved], vec![]));
        let few = |rounds_ns: &[f64]| {
            after(|_, certificate| certificate.core_to_core_rounds_ns = rounds_ns.to_vec())
        };
        assert_eq!(few(&[50.0, 50.0, 130.0]), [], "one of few may be a disturbance");
        assert_eq!(few(&[50.0, 50.0, 50.0, 130.0, 130.0]), [Warning::CoresMoved]);
        assert_eq!((few(&[]), few(&[50.0]), few(&[50.0, 130.0])), (vec![], vec![], vec![]));
    }

    #[test]
    fn three_cores_are_few() {
        let cores = |cores| after(|machine, _| machine.cores = cores);
        assert_eq!((cores(4), cores(3)), (vec![], vec![Warning::FewCores]));
    }

    #[test]
    fn a_clock_is_slow_by_its_source_or_by_its_cost() {
        let source =
            |name: &str| after(|_, certificate| certificate.clock_source = Some(name.to_owned()));
        assert_eq!(
            (source("arch_sys_counter"), source("hpet")),
            (vec![], vec![Warning::SlowClock])
        );
        let cost = |cost_ns| after(|machine, _| machine.clock_cost_ns = cost_ns);
        assert_eq!((cost(50.0), cost(51.0)), (vec![], vec![Warning::SlowClock]));
    }

    #[test]
    fn several_warnings_come_in_their_order() {
        let mut all = after(|machine, certificate| {
            machine.cores = 2;
            machine.hypervisor = Some(true);
            certificate.turbo = Some(true);
            certificate.pinned_to = None;
            certificate.pressure_share = Some(1.0);
        });
        assert_eq!(all.len(), 5);
        assert!(all.is_sorted());
        all.dedup();
        assert_eq!(all.len(), 5);
    }
}

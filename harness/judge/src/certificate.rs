//! Warnings about a machine, from its certificate.

use shardproof_evidence::{Certificate, Machine, Warning};

use crate::scaling;

/// Load per core above which the machine is busy: with more than one runnable thread for every two
/// cores, some worker is likely to share its core.
pub const LOAD_PER_CORE_MAX: f64 = 0.5;
/// Share of time in which some thread waits for a processor, above which the machine is busy: a 95
/// % interval excludes one slice in twenty, so more frequent disturbances can shift it.
pub const PRESSURE_SHARE_MAX: f64 = 0.05;
/// Share of stolen processor time that matters: less changes throughput by under 1 %, the precision
/// of results.
pub const STOLEN_SHARE_MAX: f64 = 0.01;
/// Minimum ratio of padded to packed counters. Two threads that merely alternate on a line run at
/// half speed, and more threads are slower still, even if transfers were free: a lower ratio means
/// that the threads hardly overlapped.
pub const COUNTER_RATIO_MIN: f64 = 2.0;
/// Maximum noise floor: above it, differences of a few percent, the smallest that count as a
/// change, are indistinguishable from noise.
pub const NOISE_FLOOR_MAX: f64 = 0.03;
/// Minimum cores for a scaling law: it has three parameters, so the fourth point is the first that
/// can contradict it.
pub const CORES_MIN: usize = scaling::THREAD_COUNTS_MIN;
/// Maximum cost of reading the clock: a put takes about as long.
pub const CLOCK_COST_NS_MAX: f64 = 50.0;
/// Maximum ratio of cache-line transfer times between rounds: within a group of cores the time
/// varies by a few percent; between groups it is two to four times as long.
pub const CORE_TO_CORE_RATIO_MAX: f64 = 1.5;

/// Clock sources that read the processor's own counter, on x86 and on ARM.
const COUNTERS: [&str; 2] = ["tsc", "arch_sys_counter"];

/// Warnings that apply to every measurement on this machine in its present state, in the order of
/// [`Warning`]. Unknown facts raise no warning.
#[must_use]
pub fn warnings(machine: &Machine, certificate: &Certificate) -> Vec<Warning> {
    let Certificate { cpu_quota, turbo, stolen_share, counters, same_twice, .. } = certificate;
    let cpus = certificate.cpus.as_ref().map(Vec::len);
    let is_throttled = cpu_quota.zip(cpus).is_some_and(|(quota, cpus)| quota < cpus as f64);
    let mut governors = certificate.governor.iter().flat_map(|names| names.split(','));
    let has_other_clock =
        certificate.clock_source.as_deref().is_some_and(|source| !COUNTERS.contains(&source));
    let hides_contention = |ratio: f64| ratio < COUNTER_RATIO_MIN;
    raised([
        (Warning::BusyMachine, is_busy(machine, certificate)),
        (Warning::StolenTime, stolen_share.is_some_and(|share| share > STOLEN_SHARE_MAX)),
        (Warning::Throttled, is_throttled),
        (Warning::PowersaveGovernor, governors.any(|name| name == "powersave")),
        (Warning::Turbo, *turbo == Some(true)),
        (Warning::VirtualMachine, machine.hypervisor == Some(true)),
        (
            Warning::ContentionNotVisible,
            // The low end, so that contention is visible with certainty.
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

/// Whether times differ too much between rounds, after trimming a tenth at each end, at least one:
/// a single round may have been disturbed.
fn has_moved(rounds_ns: &[f64]) -> bool {
    let mut sorted = rounds_ns.to_vec();
    sorted.sort_by(f64::total_cmp);
    let trimmed = rounds_ns.len().div_ceil(10);
    let rest = sorted.get(trimmed..sorted.len().saturating_sub(trimmed)).unwrap_or_default();
    let ends = rest.first().zip(rest.last());
    ends.is_some_and(|(low, high)| *high > CORE_TO_CORE_RATIO_MAX * low)
}

fn is_busy(machine: &Machine, certificate: &Certificate) -> bool {
    let load_max = LOAD_PER_CORE_MAX * machine.cores as f64;
    machine.load_average_before.is_some_and(|load| load > load_max)
        || certificate.pressure_share.is_some_and(|share| share > PRESSURE_SHARE_MAX)
}

pub(super) fn raised<const N: usize>(warnings: [(Warning, bool); N]) -> Vec<Warning> {
    warnings.into_iter().filter(|(_, holds)| *holds).map(|(warning, _)| warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::quiet;

    /// The warnings of a quiet machine after this change.
    fn after(change: impl FnOnce(&mut Machine, &mut Certificate)) -> Vec<Warning> {
        let (mut machine, mut certificate) = quiet();
        change(&mut machine, &mut certificate);
        warnings(&machine, &certificate)
    }

    #[test]
    fn a_quiet_machine_has_no_warnings() {
        assert_eq!(after(|_, _| {}), []);
    }

    #[test]
    fn unknown_facts_raise_no_warning() {
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
    fn high_load_or_waiting_threads_make_a_machine_busy() {
        let by_load = |load| after(|machine, _| machine.load_average_before = Some(load));
        assert_eq!((by_load(4.0), by_load(4.1)), (vec![], vec![Warning::BusyMachine]));
        let by_pressure = |share| after(|_, certificate| certificate.pressure_share = Some(share));
        assert_eq!((by_pressure(0.05), by_pressure(0.06)), (vec![], vec![Warning::BusyMachine]));
    }

    #[test]
    fn stolen_time_above_one_percent_is_reported() {
        let stolen = |share| after(|_, certificate| certificate.stolen_share = Some(share));
        assert_eq!((stolen(0.01), stolen(0.011)), (vec![], vec![Warning::StolenTime]));
    }

    #[test]
    fn a_quota_below_the_number_of_processors_is_reported() {
        let quota = |quota| after(|_, certificate| certificate.cpu_quota = Some(quota));
        assert_eq!((quota(8.0), quota(7.5)), (vec![], vec![Warning::Throttled]));
    }

    #[test]
    fn one_processor_in_powersave_mode_is_reported() {
        let governor =
            |names: &str| after(|_, certificate| certificate.governor = Some(names.to_owned()));
        assert_eq!(governor("schedutil"), []);
        assert_eq!(governor("powersave"), [Warning::PowersaveGovernor]);
        assert_eq!(governor("performance,powersave"), [Warning::PowersaveGovernor]);
    }

    #[test]
    fn turbo_is_reported_if_it_is_on() {
        assert_eq!(after(|_, certificate| certificate.turbo = Some(true)), [Warning::Turbo]);
    }

    #[test]
    fn a_virtual_machine_is_reported_and_a_container_is_not() {
        let container = after(|_, certificate| certificate.virtualisation = Some("docker".into()));
        assert_eq!(container, []);
        let virtual_one = after(|machine, _| machine.hypervisor = Some(true));
        assert_eq!(virtual_one, [Warning::VirtualMachine]);
    }

    #[test]
    fn contention_must_be_visible_at_the_low_end_of_the_interval() {
        let low =
            |low| after(|_, certificate| certificate.counters.as_mut().unwrap().ratio.low = low);
        assert_eq!((low(2.0), low(1.9)), (vec![], vec![Warning::ContentionNotVisible]));
    }

    #[test]
    fn a_noise_floor_above_three_percent_is_reported() {
        let floor = |floor| {
            after(|_, certificate| certificate.same_twice.as_mut().unwrap().noise_floor = floor)
        };
        assert_eq!((floor(0.03), floor(0.031)), (vec![], vec![Warning::Noisy]));
    }

    #[test]
    fn missing_pinning_is_reported() {
        assert_eq!(after(|_, certificate| certificate.pinned_to = None), [Warning::NotPinned]);
    }

    #[test]
    fn moved_processors_are_reported_if_more_than_a_tenth_of_the_rounds_shows_it() {
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
    fn fewer_than_four_cores_are_reported() {
        let cores = |cores| after(|machine, _| machine.cores = cores);
        assert_eq!((cores(4), cores(3)), (vec![], vec![Warning::FewCores]));
    }

    #[test]
    fn a_clock_is_slow_because_of_its_source_or_its_cost() {
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
    fn several_warnings_are_sorted_and_distinct() {
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

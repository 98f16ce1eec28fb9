//! The machine's certificate: measured before a measurement, so that readers know how much its
//! figures are worth. It contains no judgement.

use std::thread;
use std::time::Duration;

use shardproof_evidence::Certificate;

use crate as machine;
use crate::clock::Clock;
use crate::cpus::{self, Cpus};
use crate::files::Files;
use crate::interleaved::Schedule;
use crate::steal_time::{StealTime, pressure_share};
use crate::workers::Workers;
use crate::{aa_test, core_to_core, counters, os_settings, virtualisation};

/// How thoroughly to examine the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// About 1.5 seconds, for use before a measurement.
    Brief,
    /// About six seconds, for use on its own.
    Thorough,
}

impl Depth {
    fn budget(self) -> Budget {
        let schedule = |pairs, slice_ms| Schedule { pairs, slice: Duration::from_millis(slice_ms) };
        match self {
            Self::Brief => Budget {
                core_to_core: Duration::from_millis(200),
                counters: schedule(20, 8),
                same_twice: schedule(30, 11),
            },
            Self::Thorough => Budget {
                core_to_core: Duration::from_millis(600),
                counters: schedule(40, 12),
                same_twice: schedule(80, 25),
            },
        }
    }
}

/// The time budget of each part.
struct Budget {
    /// For all pairs of processors together.
    core_to_core: Duration,
    /// For counters on one cache line, and on one each.
    counters: Schedule,
    /// For the A/A test.
    same_twice: Schedule,
}

/// Certifies the machine. Call it from a thread that is not pinned.
#[must_use]
pub fn certify(clock: &Clock, depth: Depth) -> Certificate {
    certify_with_progress(clock, depth, |_| {})
}

/// Like [`certify`], and calls `on_stage` before each of the [`STAGES`].
#[must_use]
pub fn certify_with_progress(
    clock: &Clock,
    depth: Depth,
    mut on_stage: impl FnMut(&'static str),
) -> Certificate {
    let Budget {
        core_to_core: core_to_core_budget,
        counters: counter_schedule,
        same_twice: aa_schedule,
    } = depth.budget();
    // Read before starting threads that might themselves wait for a processor.
    let pressure_share = pressure_share();
    let steal_time = StealTime::begin();
    let cpus = Cpus::detect();
    let pinned_to = can_pin(cpus.order());
    let order = pinned_to.as_deref().unwrap_or_default();
    let workers = Workers::new(machine::cores(), order);

    on_stage(STAGES[0]);
    let core_to_core = core_to_core::measure(order, core_to_core_budget);
    on_stage(STAGES[1]);
    let counters = counters::measure(workers, counter_schedule);
    on_stage(STAGES[2]);
    let same_twice = aa_test::measure(workers, aa_schedule);

    let files = Files::system();
    Certificate {
        governor: os_settings::governor(&files, cpus.allowed().unwrap_or_default()),
        turbo: os_settings::turbo(&files),
        virtualisation: virtualisation::detect(&files, machine::hypervisor(&files)),
        clock_source: os_settings::clock_source(&files),
        clock_resolution_ns: clock.resolution_ns(),
        cpus: cpus.allowed().map(<[usize]>::to_vec),
        siblings: cpus.siblings(),
        cpu_quota: cpus.quota(),
        pinned_to,
        core_to_core,
        core_to_core_rounds_ns: Vec::new(),
        counters,
        stolen_share: steal_time.share(),
        pressure_share,
        same_twice,
    }
}

/// The stages that take time, in order.
pub const STAGES: [&str; 3] =
    ["core-to-core latency", "counters on one cache line and on one each", "A/A test"];

/// Returns the order if a thread can be pinned to every processor in it.
fn can_pin(order: Vec<usize>) -> Option<Vec<usize>> {
    let tries = || !order.is_empty() && order.iter().all(|cpu| cpus::pin(*cpu));
    // On a separate thread, so that the caller's affinity does not change.
    let can = thread::scope(|scope| scope.spawn(tries).join().expect("pinning does not panic"));
    can.then_some(order)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_certificate_of_this_machine_is_consistent() {
        let clock = Clock::new();
        let mut stages = Vec::new();
        let certificate = certify_with_progress(&clock, Depth::Brief, |stage| stages.push(stage));
        assert_eq!(stages, STAGES);

        let shares = [certificate.stolen_share, certificate.pressure_share];
        assert!(shares.into_iter().flatten().all(|share| (0.0..=1.0).contains(&share)));
        assert!(certificate.clock_resolution_ns > 0.0);
        assert!(certificate.cpu_quota.is_none_or(|quota| quota > 0.0));

        let same_twice = certificate.same_twice.expect("there is at least one processor");
        assert!(same_twice.noise_floor >= 0.0 && same_twice.ratio.low > 0.0);
        if let Some(counters) = certificate.counters {
            assert!((2..=8).contains(&counters.threads));
            assert!(counters.padded_ops_s > 0.0 && counters.packed_ops_s > 0.0);
        }
        let (Some(cpus), Some(pinned_to)) = (certificate.cpus, certificate.pinned_to) else {
            assert_eq!(certificate.core_to_core, [], "threads cannot be pinned");
            return;
        };
        let count = cpus.len();
        let set = |cpus: &[usize]| cpus.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!((set(&cpus), pinned_to.len()), (set(&pinned_to), count));
        if let Some(siblings) = certificate.siblings {
            let on_cores: Vec<usize> = siblings.concat();
            assert_eq!(set(&on_cores).len(), on_cores.len(), "no processor is on two cores");
            assert!(set(&on_cores).is_superset(&set(&cpus)));
        }
        if count <= core_to_core::CPUS_FOR_ALL_PAIRS {
            assert_eq!(certificate.core_to_core.len(), count * (count - 1) / 2);
        }
        for each in &certificate.core_to_core {
            assert!(each.from != each.to && each.ns > 0.0, "{each:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_order_with_a_missing_processor_is_refused() {
        let before = cpus::allowed();
        let order = Cpus::detect().order();
        assert_eq!(can_pin(order.clone()), Some(order.clone()));
        assert_eq!(can_pin([order, vec![usize::MAX]].concat()), None);
        assert_eq!(can_pin(Vec::new()), None);
        assert_eq!(cpus::allowed(), before, "the calling thread stays unpinned");
    }
}

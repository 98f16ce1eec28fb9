//! What the machine can show now: measured before a measurement, so that its figures can be read
//! for what they are worth. Nothing is judged here.

use std::thread;
use std::time::Duration;

use shardproof_evidence::Certificate;

use crate as machine;
use crate::clock::Clock;
use crate::cpus::{self, Cpus};
use crate::files::Files;
use crate::stolen::{StolenTime, pressure_share};
use crate::turns::Turns;
use crate::workers::Workers;
use crate::{core_to_core, counters, same_twice, setting, virtualisation};

/// How much time to spend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// About one and a half seconds: before a measurement.
    Brief,
    /// About six seconds: on its own.
    Thorough,
}

impl Effort {
    fn budget(self) -> Budget {
        let turns = |pairs, slice_ms| Turns { pairs, slice: Duration::from_millis(slice_ms) };
        match self {
            Self::Brief => Budget {
                core_to_core: Duration::from_millis(200),
                counters: turns(20, 8),
                same_twice: turns(30, 11),
            },
            Self::Thorough => Budget {
                core_to_core: Duration::from_millis(600),
                counters: turns(40, 12),
                same_twice: turns(80, 25),
            },
        }
    }
}

/// What each part may take.
struct Budget {
    /// All pairs of processors.
    core_to_core: Duration,
    /// Counters, on one cache line and on many.
    counters: Turns,
    /// The same thing twice.
    same_twice: Turns,
}

/// Measures what the machine can show now. Call it from a thread that is not pinned.
#[must_use]
pub fn certify(clock: &Clock, effort: Effort) -> Certificate {
    certify_telling(clock, effort, |_| {})
}

/// [`certify`], telling what is being done before each of the [`STAGES`].
#[must_use]
pub fn certify_telling(
    clock: &Clock,
    effort: Effort,
    mut tell: impl FnMut(&'static str),
) -> Certificate {
    let Budget {
        core_to_core: core_to_core_budget,
        counters: counter_turns,
        same_twice: same_turns,
    } = effort.budget();
    // Before there are threads of ours that might wait for a processor.
    let pressure_share = pressure_share();
    let stolen = StolenTime::begin();
    let cpus = Cpus::detect();
    let pinned_to = can_pin(cpus.order());
    let order = pinned_to.as_deref().unwrap_or_default();
    let workers = Workers::new(machine::cores(), order);

    tell(STAGES[0]);
    let core_to_core = core_to_core::measure(order, core_to_core_budget);
    tell(STAGES[1]);
    let counters = counters::measure(workers, counter_turns);
    tell(STAGES[2]);
    let same_twice = same_twice::measure(workers, same_turns);

    let files = Files::system();
    Certificate {
        governor: setting::governor(&files, cpus.allowed().unwrap_or_default()),
        turbo: setting::turbo(&files),
        virtualisation: virtualisation::detect(&files, machine::hypervisor(&files)),
        clock_source: setting::clock_source(&files),
        clock_resolution_ns: clock.resolution_ns(),
        cpus: cpus.allowed().map(<[usize]>::to_vec),
        siblings: cpus.siblings(),
        cpu_quota: cpus.quota(),
        pinned_to,
        core_to_core,
        core_to_core_rounds_ns: Vec::new(),
        counters,
        stolen_share: stolen.share(),
        pressure_share,
        same_twice,
    }
}

/// What takes time, in its order.
pub const STAGES: [&str; 3] =
    ["from core to core", "counters on one cache line and on many", "the same thing twice"];

/// The order, if a thread can be pinned to each processor in it.
fn can_pin(order: Vec<usize>) -> Option<Vec<usize>> {
    let tries = || !order.is_empty() && order.iter().all(|cpu| cpus::pin(*cpu));
    // On a thread of its own, which takes its mask with it.
    let can = thread::scope(|scope| scope.spawn(tries).join().expect("pinning does not panic"));
    can.then_some(order)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_certificate_of_this_machine_agrees_with_itself() {
        let clock = Clock::new();
        let mut told = Vec::new();
        let certificate = certify_telling(&clock, Effort::Brief, |stage| told.push(stage));
        assert_eq!(told, STAGES);

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
    fn an_order_with_a_processor_that_is_not_there_is_no_order() {
        let before = cpus::allowed();
        let order = Cpus::detect().order();
        assert_eq!(can_pin(order.clone()), Some(order.clone()));
        assert_eq!(can_pin([order, vec![usize::MAX]].concat()), None);
        assert_eq!(can_pin(Vec::new()), None);
        assert_eq!(cpus::allowed(), before, "who asked stays free");
    }
}

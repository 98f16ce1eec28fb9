//! The processors available to this process, and the order to pin workers in.

mod affinity;
pub mod list;
pub mod quota;

pub use affinity::{AffinityGuard, allowed, pin, pin_until_dropped, save_affinity};

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::files::Files;

/// The processors available to this process.
#[derive(Clone, PartialEq, Debug)]
pub struct Cpus {
    /// The system's numbers of the allowed processors, ascending; `None` if the system does not
    /// report them.
    allowed: Option<Vec<usize>>,
    /// The location of each allowed processor, in the same order.
    locations: Vec<CpuLocation>,
    /// The control group's limit on processor time, in processors.
    quota: Option<f64>,
}

/// The location of a processor in the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
struct CpuLocation {
    /// The system's number.
    cpu: usize,
    /// All processors of its core, itself included; `None` if the system does not report them.
    siblings: Option<Vec<usize>>,
    /// The number of its package; `None` if the system does not report it.
    package: Option<usize>,
}

impl Cpus {
    /// The processors of this process. Call it from a thread that is not pinned, because it reads
    /// that thread's affinity.
    #[must_use]
    pub fn detect() -> Self {
        Self::of(&Files::system(), affinity::allowed())
    }

    /// The processors of a system with these files, where threads may run on `allowed`.
    #[must_use]
    pub fn of(files: &Files, allowed: Option<Vec<usize>>) -> Self {
        let locations = allowed.iter().flatten().map(|cpu| CpuLocation::of(files, *cpu)).collect();
        Self { allowed, locations, quota: quota::of_this_process(files) }
    }

    /// The allowed processors, by the system's numbers, ascending, after cpusets and `taskset`.
    /// `None` if the system does not report them.
    #[must_use]
    pub fn allowed(&self) -> Option<&[usize]> {
        self.allowed.as_deref()
    }

    /// The control group's limit on processor time, in processors; `None` without a limit.
    #[must_use]
    pub const fn quota(&self) -> Option<f64> {
        self.quota
    }

    /// The cores that the process may run on, each as the list of its processors. The list includes
    /// processors that the process may not use, because work there slows the core down too. `None`
    /// if the system does not report it.
    #[must_use]
    pub fn siblings(&self) -> Option<Vec<Vec<usize>>> {
        self.allowed.as_ref()?;
        let groups: Option<Vec<_>> =
            self.locations.iter().map(|location| location.siblings.clone()).collect();
        let mut groups = groups?;
        groups.sort();
        groups.dedup();
        Some(groups)
    }

    /// The order to pin workers in: first one processor of each core, then the second of each core,
    /// and so on. Within each round, processors are grouped by package, and the package with the
    /// most available cores comes first. So a few workers share neither a core nor the link between
    /// packages. Empty if the system does not report it.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let mut of_core: BTreeMap<usize, usize> = BTreeMap::new();
        let mut of_package: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        let mut ranked = Vec::with_capacity(self.locations.len());
        for location in &self.locations {
            // The processors of a core have the same first sibling.
            let core = location.siblings.iter().flatten().next().copied().unwrap_or(location.cpu);
            let earlier_on_core = of_core.entry(core).or_default();
            ranked.push((*earlier_on_core, location));
            if *earlier_on_core == 0 {
                *of_package.entry(location.package).or_default() += 1;
            }
            *earlier_on_core += 1;
        }
        ranked.sort_by_key(|(earlier_on_core, location)| {
            let cores = of_package.get(&location.package).copied().unwrap_or(0);
            (*earlier_on_core, Reverse(cores), location.package, location.cpu)
        });
        ranked.into_iter().map(|(_, location)| location.cpu).collect()
    }
}

impl CpuLocation {
    fn of(files: &Files, cpu: usize) -> Self {
        let topology = |name: &str| {
            files.one_line(format!("/sys/devices/system/cpu/cpu{cpu}/topology/{name}"))
        };
        let siblings = topology("thread_siblings_list").and_then(|text| list::parse(&text));
        Self {
            cpu,
            // A list without the processor itself is malformed.
            siblings: siblings.filter(|siblings| siblings.contains(&cpu)),
            // -1 means unknown, and does not parse.
            package: topology("physical_package_id").and_then(|text| text.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fake::FakeSystem;

    /// A machine with these cores, each a package and a list of processors.
    fn machine(cores: &[(usize, &str)]) -> FakeSystem {
        let system = FakeSystem::new(&[]);
        for (package, siblings) in cores {
            for cpu in list::parse(siblings).unwrap() {
                let topology = format!("/sys/devices/system/cpu/cpu{cpu}/topology");
                system.write(&format!("{topology}/thread_siblings_list"), siblings);
                system.write(&format!("{topology}/physical_package_id"), &package.to_string());
            }
        }
        system
    }

    fn cpus(cores: &[(usize, &str)], allowed: &str) -> Cpus {
        Cpus::of(&machine(cores).files(), list::parse(allowed))
    }

    const TWO_PACKAGES: [(usize, &str); 4] = [(0, "0,4"), (1, "1,5"), (0, "2,6"), (1, "3,7")];

    #[test]
    fn every_core_gets_a_worker_before_any_gets_two() {
        let smt = [(0, "0-1"), (0, "2-3"), (0, "4-5")];
        assert_eq!(cpus(&smt, "0-5").order(), [0, 2, 4, 1, 3, 5]);
        let far_siblings = [(0, "0,2"), (0, "1,3")];
        assert_eq!(cpus(&far_siblings, "0-3").order(), [0, 1, 2, 3]);
        let three_on_a_core = [(0, "0-2"), (0, "3-5")];
        assert_eq!(cpus(&three_on_a_core, "0-5").order(), [0, 3, 1, 4, 2, 5]);
    }

    #[test]
    fn a_package_is_filled_before_the_next_one() {
        assert_eq!(cpus(&TWO_PACKAGES, "0-7").order(), [0, 2, 1, 3, 4, 6, 5, 7]);
    }

    #[test]
    fn the_package_with_more_available_cores_comes_first() {
        assert_eq!(cpus(&TWO_PACKAGES, "0-1,3,7").order(), [1, 3, 0, 7]);
    }

    #[test]
    fn a_gap_in_the_cpuset_promotes_the_other_sibling() {
        let allowed = cpus(&TWO_PACKAGES, "1-2,4");
        assert_eq!(allowed.order(), [2, 4, 1]);
        assert_eq!(allowed.siblings().unwrap(), [vec![0, 4], vec![1, 5], vec![2, 6]]);
        assert_eq!(allowed.allowed(), Some(&[1, 2, 4][..]));
    }

    #[test]
    fn without_a_topology_every_processor_counts_as_a_core() {
        let without_topology = cpus(&[], "0-2");
        assert_eq!((without_topology.order(), without_topology.siblings()), (vec![0, 1, 2], None));
    }

    #[test]
    fn what_the_system_does_not_report_is_not_guessed() {
        let unknown = Cpus::of(&machine(&TWO_PACKAGES).files(), None);
        assert_eq!((unknown.allowed(), unknown.siblings()), (None, None));
        assert_eq!(unknown.order(), [0; 0]);
    }

    #[test]
    fn the_order_of_this_machine_contains_every_allowed_processor_once() {
        let cpus = Cpus::detect();
        let mut order = cpus.order();
        order.sort_unstable();
        assert_eq!(order, cpus.allowed().unwrap_or_default());
    }
}

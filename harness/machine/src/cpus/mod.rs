//! The processors that this process may use, and the order in which workers are pinned to them.

pub mod list;
mod mask;
pub mod quota;

pub use mask::{KeptMask, allowed, keep_mask, pin, pin_until_dropped};

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::files::Files;

/// The processors that this process may use.
#[derive(Clone, PartialEq, Debug)]
pub struct Cpus {
    /// Those that it may run on, by the system's numbers, ascending; none where the system does not
    /// tell.
    allowed: Option<Vec<usize>>,
    /// What is known of each of them, in the same order.
    places: Vec<Place>,
    /// The limit of a control group on processor time, in processors.
    quota: Option<f64>,
}

/// Where a processor is in the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Place {
    /// The system's number.
    cpu: usize,
    /// The processors of the same core, itself included; none where the system does not tell.
    siblings: Option<Vec<usize>>,
    /// The number of the package; none where the system does not tell.
    package: Option<usize>,
}

impl Cpus {
    /// Those of this process. It has to be asked from a thread that is not pinned: what that thread
    /// may run on is taken for what all may.
    #[must_use]
    pub fn detect() -> Self {
        Self::of(&Files::system(), mask::allowed())
    }

    /// Those of a system with these files, where a thread may run on `allowed`.
    #[must_use]
    pub fn of(files: &Files, allowed: Option<Vec<usize>>) -> Self {
        let places = allowed.iter().flatten().map(|cpu| Place::of(files, *cpu)).collect();
        Self { allowed, places, quota: quota::of_this_process(files) }
    }

    /// Those that the process may run on, by the system's numbers, ascending: what cpusets and
    /// `taskset` leave. `None` where the system does not tell.
    #[must_use]
    pub fn allowed(&self) -> Option<&[usize]> {
        self.allowed.as_deref()
    }

    /// The limit of a control group on processor time, in processors; `None` where there is none.
    #[must_use]
    pub const fn quota(&self) -> Option<f64> {
        self.quota
    }

    /// The cores that the process may run on, each with all its processors, also those that the
    /// process may not run on: what others do there slows the core down. `None` where the system
    /// does not tell.
    #[must_use]
    pub fn siblings(&self) -> Option<Vec<Vec<usize>>> {
        self.allowed.as_ref()?;
        let groups: Option<Vec<_>> =
            self.places.iter().map(|place| place.siblings.clone()).collect();
        let mut groups = groups?;
        groups.sort();
        groups.dedup();
        Some(groups)
    }

    /// The order in which workers are to be pinned: first one processor of each core, then the
    /// others of each core in turn; among those, package by package, the one first that has most
    /// to give. So that few workers share neither a core nor the way between packages. Empty where
    /// the system does not tell.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let mut of_core: BTreeMap<usize, usize> = BTreeMap::new();
        let mut of_package: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        let mut ranked = Vec::with_capacity(self.places.len());
        for place in &self.places {
            // Processors of one core have the same first sibling.
            let core = place.siblings.iter().flatten().next().copied().unwrap_or(place.cpu);
            let earlier_on_core = of_core.entry(core).or_default();
            ranked.push((*earlier_on_core, place));
            if *earlier_on_core == 0 {
                *of_package.entry(place.package).or_default() += 1;
            }
            *earlier_on_core += 1;
        }
        ranked.sort_by_key(|(earlier_on_core, place)| {
            let cores = of_package.get(&place.package).copied().unwrap_or(0);
            (*earlier_on_core, Reverse(cores), place.package, place.cpu)
        });
        ranked.into_iter().map(|(_, place)| place.cpu).collect()
    }
}

impl Place {
    fn of(files: &Files, cpu: usize) -> Self {
        let topology = |name: &str| {
            files.one_line(format!("/sys/devices/system/cpu/cpu{cpu}/topology/{name}"))
        };
        let siblings = topology("thread_siblings_list").and_then(|text| list::parse(&text));
        Self {
            cpu,
            // A core without the processor itself is a broken file.
            siblings: siblings.filter(|siblings| siblings.contains(&cpu)),
            // -1 where it is unknown.
            package: topology("physical_package_id").and_then(|text| text.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::made_up::MadeUp;

    /// A machine of these cores: the package, and the list of processors.
    fn machine(cores: &[(usize, &str)]) -> MadeUp {
        let made_up = MadeUp::new(&[]);
        for (package, siblings) in cores {
            for cpu in list::parse(siblings).unwrap() {
                let topology = format!("/sys/devices/system/cpu/cpu{cpu}/topology");
                made_up.write(&format!("{topology}/thread_siblings_list"), siblings);
                made_up.write(&format!("{topology}/physical_package_id"), &package.to_string());
            }
        }
        made_up
    }

    fn cpus(cores: &[(usize, &str)], allowed: &str) -> Cpus {
        Cpus::of(&machine(cores).files(), list::parse(allowed))
    }

    const TWO_PACKAGES: [(usize, &str); 4] = [(0, "0,4"), (1, "1,5"), (0, "2,6"), (1, "3,7")];

    #[test]
    fn each_core_gets_a_worker_before_one_gets_two() {
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
    fn the_package_with_more_cores_to_give_comes_first() {
        assert_eq!(cpus(&TWO_PACKAGES, "0-1,3,7").order(), [1, 3, 0, 7]);
    }

    #[test]
    fn a_hole_in_the_cpuset_makes_the_other_sibling_the_first() {
        let allowed = cpus(&TWO_PACKAGES, "1-2,4");
        assert_eq!(allowed.order(), [2, 4, 1]);
        assert_eq!(allowed.siblings().unwrap(), [vec![0, 4], vec![1, 5], vec![2, 6]]);
        assert_eq!(allowed.allowed(), Some(&[1, 2, 4][..]));
    }

    #[test]
    fn without_a_topology_every_processor_counts_as_a_core() {
        let blind = cpus(&[], "0-2");
        assert_eq!((blind.order(), blind.siblings()), (vec![0, 1, 2], None));
    }

    #[test]
    fn where_the_system_does_not_tell_nothing_is_guessed() {
        let unknown = Cpus::of(&machine(&TWO_PACKAGES).files(), None);
        assert_eq!((unknown.allowed(), unknown.siblings()), (None, None));
        assert_eq!(unknown.order(), [0; 0]);
    }

    #[test]
    fn the_order_of_this_machine_holds_every_allowed_processor_once() {
        let cpus = Cpus::detect();
        let mut order = cpus.order();
        order.sort_unstable();
        assert_eq!(order, cpus.allowed().unwrap_or_default());
    }
}

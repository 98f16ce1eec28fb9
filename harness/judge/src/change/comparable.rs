//! Whether two measurements were made under the same conditions.

use shardproof_evidence::{Build, Config, Evidence, Machine, Workload};

use crate::change::Incomparable;

/// Whether two descriptions are of the same machine: by their identities or, if one is missing, by
/// all lasting facts. Load and kernel may differ.
#[must_use]
pub fn is_same_machine(one: &Machine, other: &Machine) -> bool {
    let facts = |machine: &Machine| {
        let Machine { cores, cpu, architecture, os, hypervisor, .. } = machine.clone();
        (cores, cpu, architecture, os, hypervisor)
    };
    let are_same_facts = facts(one) == facts(other);
    are_same_facts
        && match (&one.identity, &other.identity) {
            (Some(one), Some(other)) => one == other,
            _ => one.memory_bytes == other.memory_bytes,
        }
}

/// Checks that everything a result of this workload depends on is the same in both.
pub(super) fn setting_difference(
    before: (&Evidence, usize),
    after: (&Evidence, usize),
    workload: &str,
) -> Result<(), Incomparable> {
    let (Some(then), Some(now)) = (before.0.part(before.1), after.0.part(after.1)) else {
        return Err(Incomparable::NoResult);
    };
    let optimised =
        |build: &Build| (build.profile.clone(), build.opt_level.clone(), build.target.clone());
    if !is_same_machine(then.machine, now.machine) {
        return Err(Incomparable::OtherMachine);
    }
    if optimised(&before.0.build) != optimised(&after.0.build) {
        return Err(Incomparable::OtherBuild);
    }
    if workload_of(then.config, workload) != workload_of(now.config, workload) {
        return Err(Incomparable::OtherWorkload);
    }
    let Some((then, now)) = then.config.zip(now.config) else { return Ok(()) };
    let pinning = then.pinning.as_ref().zip(now.pinning.as_ref());
    if then.profile != now.profile {
        Err(Incomparable::OtherSetting("profile"))
    } else if pinning.is_some_and(|(then, now)| then != now) {
        Err(Incomparable::OtherSetting("pinning"))
    } else {
        Ok(())
    }
}

fn workload_of<'a>(config: Option<&'a Config>, name: &str) -> Option<&'a Workload> {
    config?.workloads.iter().find(|each| each.name == name)
}

//! Operating system settings: frequency governor, turbo, and clock source.

use std::collections::BTreeSet;

use crate::files::Files;

/// The frequency governor of these processors: `performance`, `powersave`, ...; comma-separated if
/// they differ. `None` if the system does not report it.
#[must_use]
pub fn governor(files: &Files, cpus: &[usize]) -> Option<String> {
    let of_cpu = |cpu: &usize| {
        files.one_line(format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"))
    };
    let names: BTreeSet<String> = cpus.iter().filter_map(of_cpu).collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(","))
}

/// Whether processors may exceed their rated frequency; `None` if the system does not report it.
#[must_use]
pub fn turbo(files: &Files) -> Option<bool> {
    // The first file is from Intel's driver, the second from all others.
    match files.one_line("/sys/devices/system/cpu/intel_pstate/no_turbo").as_deref() {
        Some("0") => return Some(true),
        Some("1") => return Some(false),
        _ => {}
    }
    match files.one_line("/sys/devices/system/cpu/cpufreq/boost").as_deref() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => None,
    }
}

/// The system's clock source: `tsc`, `hpet`, ...; `None` if the system does not report it.
#[must_use]
pub fn clock_source(files: &Files) -> Option<String> {
    files.one_line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fake::FakeSystem;

    #[test]
    fn governors_are_listed_only_if_they_differ() {
        let of = |cpu| format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor");
        let system = FakeSystem::new(&[]);
        assert_eq!(governor(&system.files(), &[0, 1]), None);
        system.write(&of(0), "schedutil\n");
        system.write(&of(1), "schedutil\n");
        system.write(&of(2), "performance\n");
        assert_eq!(governor(&system.files(), &[0, 1]).as_deref(), Some("schedutil"));
        let all = governor(&system.files(), &[0, 1, 2, 3]);
        assert_eq!(all.as_deref(), Some("performance,schedutil"));
    }

    #[test]
    fn turbo_is_read_from_either_driver() {
        let system = FakeSystem::new(&[]);
        assert_eq!(turbo(&system.files()), None);
        for (text, expected) in [("1", Some(true)), ("0", Some(false)), ("?", None)] {
            system.write("/sys/devices/system/cpu/cpufreq/boost", text);
            assert_eq!(turbo(&system.files()), expected, "boost {text}");
        }
        for (text, expected) in [("0", Some(true)), ("1", Some(false))] {
            system.write("/sys/devices/system/cpu/intel_pstate/no_turbo", text);
            assert_eq!(turbo(&system.files()), expected, "no_turbo {text}");
        }
    }

    #[test]
    fn the_clock_source_is_read_by_name() {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        let system = FakeSystem::new(&[(path, "kvm-clock\n")]);
        assert_eq!(clock_source(&system.files()).as_deref(), Some("kvm-clock"));
    }
}

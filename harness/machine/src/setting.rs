//! How the system is set: what decides the processors' frequency, and what its clock is read from.

use std::collections::BTreeSet;

use crate::files::Files;

/// What decides the frequency of these processors: `performance`, `powersave`, ...; all of them by
/// comma where they differ. `None` where the system does not tell.
#[must_use]
pub fn governor(files: &Files, cpus: &[usize]) -> Option<String> {
    let of_cpu = |cpu: &usize| {
        files.one_line(format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"))
    };
    let names: BTreeSet<String> = cpus.iter().filter_map(of_cpu).collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(","))
}

/// Whether processors may run faster than their rated frequency; `None` where the system does not
/// tell.
#[must_use]
pub fn turbo(files: &Files) -> Option<bool> {
    // The first is Intel's own driver, the second all others.
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

/// What the system's clock is read from: `tsc`, `hpet`, ...; `None` where the system does not tell.
#[must_use]
pub fn clock_source(files: &Files) -> Option<String> {
    files.one_line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::made_up::MadeUp;

    #[test]
    fn a_governor_is_told_once_unless_processors_differ() {
        let of = |cpu| format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor");
        let system = MadeUp::new(&[]);
        assert_eq!(governor(&system.files(), &[0, 1]), None);
        system.write(&of(0), "schedutil\n");
        system.write(&of(1), "schedutil\n");
        system.write(&of(2), "performance\n");
        assert_eq!(governor(&system.files(), &[0, 1]).as_deref(), Some("schedutil"));
        let all = governor(&system.files(), &[0, 1, 2, 3]);
        assert_eq!(all.as_deref(), Some("performance,schedutil"));
    }

    #[test]
    fn turbo_is_told_by_either_driver() {
        let system = MadeUp::new(&[]);
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
    fn the_clock_source_is_told_by_its_name() {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        let system = MadeUp::new(&[(path, "kvm-clock\n")]);
        assert_eq!(clock_source(&system.files()).as_deref(), Some("kvm-clock"));
    }
}

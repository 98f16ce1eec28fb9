//! Where and from what a measurement was taken, what its clock costs, and what the machine can show.
//!
//! What the system does not tell is `None`, never a guess.

pub mod barrier;
pub mod certificate;
pub mod clock;
pub mod core_to_core;
pub mod counters;
pub mod cpu_time;
pub mod cpus;
pub mod files;
pub mod same_twice;
pub mod setting;
pub mod stolen;
pub mod turns;
pub mod virtualisation;
pub mod workers;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::thread;

use shardproof_evidence::Machine;

use crate::clock::Clock;
use crate::files::Files;

/// Cores that this process may run on; 1 where the system does not tell.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The mean number of runnable threads over the last minute.
#[must_use]
pub fn load_average() -> Option<f64> {
    Files::system().text("/proc/loadavg")?.split_whitespace().next()?.parse().ok()
}

/// What the processor calls itself.
#[must_use]
pub fn cpu_name() -> Option<String> {
    cpu_fields(&Files::system()).remove("model name")
}

/// Describes this machine as it is now.
#[must_use]
pub fn describe(clock: &Clock) -> Machine {
    let files = Files::system();
    let cpu = cpu_fields(&files);
    Machine {
        cores: cores(),
        cpu: cpu.get("model name").cloned(),
        architecture: std::env::consts::ARCH.to_owned(),
        os: std::env::consts::OS.to_owned(),
        kernel: files.one_line("/proc/sys/kernel/osrelease"),
        hypervisor: hypervisor(&files),
        memory_bytes: memory_bytes(&files),
        load_average_before: load_average(),
        load_average_after: None,
        clock_cost_ns: clock.cost_ns(),
        instant_cost_ns: clock::instant_cost_ns(),
    }
}

/// Whether there is a hypervisor below, as far as the processor or the firmware tells.
#[must_use]
pub(crate) fn hypervisor(files: &Files) -> Option<bool> {
    let cpu = cpu_fields(files);
    let flags = cpu.get("flags");
    let by_flag = flags.map(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    // Other architectures have no such flag, and firmware that names no hypervisor proves nothing.
    by_flag.or_else(|| virtualisation::vm(files).map(|_| true))
}

/// The first processor's fields in `/proc/cpuinfo`.
fn cpu_fields(files: &Files) -> BTreeMap<String, String> {
    let text = files.text("/proc/cpuinfo").unwrap_or_default();
    text.lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn memory_bytes(files: &Files) -> Option<u64> {
    let text = files.text("/proc/meminfo")?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::made_up::MadeUp;

    #[test]
    fn a_machine_is_virtual_if_its_processor_or_its_firmware_says_so() {
        let of = |path: &str, text: &str| hypervisor(&MadeUp::new(&[(path, text)]).files());
        let flags =
            |flags: &str| of("/proc/cpuinfo", &format!("flags\t: {flags}\n\nflags\t: other"));
        assert_eq!((flags("fpu hypervisor sse"), flags("fpu sse")), (Some(true), Some(false)));
        assert_eq!(of("/sys/class/dmi/id/product_name", "KVM"), Some(true));
        assert_eq!(of("/sys/class/dmi/id/product_name", "A desk"), None);
    }

    #[test]
    fn memory_is_told_in_bytes() {
        let of = |text: &str| memory_bytes(&MadeUp::new(&[("/proc/meminfo", text)]).files());
        assert_eq!(of("MemFree: 1 kB\nMemTotal:       2048 kB\n"), Some(2_097_152));
        assert_eq!(of("MemTotal: much"), None);
    }
}

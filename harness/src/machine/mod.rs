//! Where and from what a measurement was taken, what its clock costs, and what the machine can show.
//!
//! What the system does not tell is `None`, never a guess.

pub mod barrier;
pub mod build;
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
use std::fs;
use std::num::NonZeroUsize;
use std::thread;

use crate::evidence::Machine;
use crate::machine::clock::Clock;
use crate::machine::files::Files;

/// Cores that this process may run on; 1 where the system does not tell.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The mean number of runnable threads over the last minute.
#[must_use]
pub fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// What the processor calls itself.
#[must_use]
pub fn cpu_name() -> Option<String> {
    cpu_fields().get("model name").cloned()
}

/// Describes this machine as it is now.
#[must_use]
pub fn describe(clock: &Clock) -> Machine {
    let cpu = cpu_fields();
    Machine {
        cores: cores(),
        cpu: cpu.get("model name").cloned(),
        architecture: std::env::consts::ARCH.to_owned(),
        os: std::env::consts::OS.to_owned(),
        kernel: one_line("/proc/sys/kernel/osrelease"),
        hypervisor: is_virtual(&cpu),
        memory_bytes: memory_bytes(),
        load_average_before: load_average(),
        load_average_after: None,
        clock_cost_ns: clock.cost_ns(),
        instant_cost_ns: clock::instant_cost_ns(),
    }
}

/// Whether there is a hypervisor below, as far as the processor or the firmware tells.
#[must_use]
pub(crate) fn hypervisor() -> Option<bool> {
    is_virtual(&cpu_fields())
}

fn is_virtual(cpu: &BTreeMap<String, String>) -> Option<bool> {
    let flags = cpu.get("flags");
    let by_flag = flags.map(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    // Other architectures have no such flag, and firmware that names no hypervisor proves nothing.
    by_flag.or_else(|| virtualisation::vm(&Files::system()).map(|_| true))
}

/// The first processor's fields in `/proc/cpuinfo`.
fn cpu_fields() -> BTreeMap<String, String> {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn memory_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn one_line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

//! What tells this machine apart from others.
//!
//! Two virtual machines may have the same number of cores and the same processor, and differ in
//! everything else. The system's machine id tells them apart, but is confidential (machine-id(5)):
//! only a salted digest of it, together with hardware facts, leaves this module.

use shardproof_base::digest;

use crate::files::Files;
use crate::{cpu_fields, memory, virtualisation};

/// What the digest is for.
const SALT: &str = "shardproof machine identity 1";
/// What identifies a processor in `/proc/cpuinfo`, on x86 and on ARM.
const CPU_FIELDS: [&str; 10] = [
    "vendor_id",
    "cpu family",
    "model",
    "model name",
    "stepping",
    "CPU implementer",
    "CPU architecture",
    "CPU variant",
    "CPU part",
    "CPU revision",
];
/// A kernel keeps some memory for itself, and another kernel more: in this unit both see the same.
const MEMORY_UNIT_BYTES: u64 = 256 << 20;
/// More caches than a processor has.
const CACHES_MAX: usize = 16;

/// A digest of the machine id and of the hardware: processor, caches, memory, hypervisor. It stays
/// the same over a reboot and a new kernel.
///
/// Containers and small images have no machine id. The digest is then of the hardware, the
/// processor's flags and the kernel: machines that differ in one of them differ, but a new kernel
/// looks like another machine. `None` where not even the processor is known.
#[must_use]
pub fn detect(files: &Files) -> Option<String> {
    let hardware = hardware(files)?;
    // An uninitialised id is a word, and an empty file no id.
    let machine_id = files.one_line("/etc/machine-id").filter(|id| id != "uninitialized");
    let rest = match machine_id {
        Some(id) => vec![format!("machine-id {id}")],
        None => without_machine_id(files),
    };
    Some(digest::short(SALT, hardware.into_iter().chain(rest)))
}

/// Facts that stay the same for as long as the machine does; `None` without a processor.
fn hardware(files: &Files) -> Option<Vec<String>> {
    let cpu = cpu_fields(files);
    let of_cpu = CPU_FIELDS.iter().filter_map(|name| Some(format!("{name} {}", cpu.get(*name)?)));
    let mut facts: Vec<String> = of_cpu.collect();
    if facts.is_empty() {
        return None;
    }
    let memory = memory::meminfo_bytes(files, "MemTotal");
    facts.extend(memory.map(|bytes| format!("memory {}", bytes.div_ceil(MEMORY_UNIT_BYTES))));
    let possible = files.one_line("/sys/devices/system/cpu/possible");
    facts.extend(possible.map(|cpus| format!("cpus {cpus}")));
    facts.extend(virtualisation::vm(files).map(|vm| format!("hypervisor {vm}")));
    for index in 0..CACHES_MAX {
        let folder = format!("/sys/devices/system/cpu/cpu0/cache/index{index}");
        let of_cache = ["level", "type", "size"]
            .map(|name| files.one_line(format!("{folder}/{name}")).unwrap_or_default());
        if of_cache.iter().any(|text| !text.is_empty()) {
            facts.push(format!("cache {}", of_cache.join(" ")));
        }
    }
    Some(facts)
}

/// What else there is to go by.
fn without_machine_id(files: &Files) -> Vec<String> {
    let cpu = cpu_fields(files);
    let flags = cpu.get("flags").or_else(|| cpu.get("Features"));
    let kernel = files.one_line("/proc/sys/kernel/osrelease");
    let flags = flags.map(|flags| format!("flags {flags}"));
    flags.into_iter().chain(kernel.map(|kernel| format!("kernel {kernel}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fake::FakeSystem;

    const CPU: (&str, &str) =
        ("/proc/cpuinfo", "model name\t: A processor\nstepping\t: 3\nflags\t: fpu sse\n");
    const ID: (&str, &str) = ("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    const MEMORY: (&str, &str) = ("/proc/meminfo", "MemTotal:  8000000 kB\n");
    const KERNEL: (&str, &str) = ("/proc/sys/kernel/osrelease", "6.1\n");

    fn identity(files: &[(&str, &str)]) -> Option<String> {
        detect(&FakeSystem::new(files).files())
    }

    #[test]
    fn two_machines_with_the_same_processor_differ_by_their_machine_id() {
        let other = ("/etc/machine-id", "fedcba9876543210fedcba9876543210\n");
        let one = identity(&[CPU, MEMORY, ID]).unwrap();
        assert_ne!(Some(&one), identity(&[CPU, MEMORY, other]).as_ref());
        assert_eq!(Some(&one), identity(&[CPU, MEMORY, ID]).as_ref());
        assert!(one.len() == 16 && !ID.1.contains(&one), "{one}");
    }

    #[test]
    fn clones_of_one_image_differ_by_their_hardware() {
        let original = identity(&[CPU, MEMORY, ID]);
        let less_memory = ("/proc/meminfo", "MemTotal:  4000000 kB\n");
        let stepping = ("/proc/cpuinfo", "model name\t: A processor\nstepping\t: 4\n");
        let cache = ("/sys/devices/system/cpu/cpu0/cache/index0/size", "32K\n");
        let vm = ("/sys/class/dmi/id/product_name", "KVM\n");
        for files in [
            &[CPU, less_memory, ID][..],
            &[stepping, MEMORY, ID],
            &[CPU, MEMORY, ID, cache],
            &[CPU, MEMORY, ID, vm],
        ] {
            assert_ne!(identity(files), original, "{files:?}");
        }
    }

    #[test]
    fn a_new_kernel_is_no_other_machine_where_there_is_a_machine_id() {
        let newer = ("/proc/sys/kernel/osrelease", "6.2\n");
        let slightly_less = ("/proc/meminfo", "MemTotal:  7990000 kB\n");
        let known = identity(&[CPU, MEMORY, ID, KERNEL]);
        assert_eq!(known, identity(&[CPU, slightly_less, ID, newer]));
        let unknown = identity(&[CPU, MEMORY, KERNEL]);
        assert!(unknown.is_some() && unknown != known);
        assert_ne!(unknown, identity(&[CPU, MEMORY, newer]));
        let no_id = ("/etc/machine-id", "uninitialized\n");
        assert_eq!(unknown, identity(&[CPU, MEMORY, KERNEL, no_id]));
    }

    #[test]
    fn without_a_processor_nothing_is_made_up() {
        assert_eq!(identity(&[ID, MEMORY]), None);
    }
}

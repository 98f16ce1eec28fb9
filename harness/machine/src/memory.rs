//! Memory that this process may still use.

use std::path::Path;

use crate::cgroups::{self, Group, Hierarchy};
use crate::files::Files;

/// Bytes that this process can still allocate without swapping or being killed: what the system
/// calls available, or what a control group leaves if that is less. `None` where the system does
/// not tell.
#[must_use]
pub fn available_bytes(files: &Files) -> Option<u64> {
    let of_system = meminfo_bytes(files, "MemAvailable");
    let groups = cgroups::of_this_process(files, "memory");
    let of_groups = groups.iter().filter_map(|group| left_bytes(files, group)).min();
    of_system.into_iter().chain(of_groups).min()
}

/// A field of `/proc/meminfo`, in bytes.
pub(crate) fn meminfo_bytes(files: &Files, field: &str) -> Option<u64> {
    let text = files.text("/proc/meminfo")?;
    let value = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    let kib: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// What the limit of a group leaves; `None` where it has none.
fn left_bytes(files: &Files, Group { hierarchy, folder }: &Group) -> Option<u64> {
    let (limit, usage, reclaimable) = match hierarchy {
        Hierarchy::V1 => ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        Hierarchy::V2 => ("memory.max", "memory.current", "inactive_file"),
    };
    let number = |file: &str| files.one_line(folder.join(file))?.parse::<u64>().ok();
    // `max`, the word for no limit, is no number.
    let limit = number(limit)?;
    // The kernel drops cached files before it kills anybody: they are as good as free.
    let reclaimable = stat_bytes(files, folder, reclaimable).unwrap_or(0);
    let used = number(usage).unwrap_or(0).saturating_sub(reclaimable);
    Some(limit.saturating_sub(used))
}

/// A field of a group's `memory.stat`.
fn stat_bytes(files: &Files, folder: &Path, field: &str) -> Option<u64> {
    let text = files.text(folder.join("memory.stat"))?;
    let fields = text.lines().filter_map(|line| line.split_once(' '));
    fields.into_iter().find(|(name, _)| *name == field)?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fake::FakeSystem;

    const MEMINFO: (&str, &str) = ("/proc/meminfo", "MemTotal:  4096 kB\nMemAvailable:  2048 kB\n");
    const MIB: u64 = 1 << 20;

    fn available(files: &[(&str, &str)]) -> Option<u64> {
        available_bytes(&FakeSystem::new(files).files())
    }

    #[test]
    fn without_a_limit_it_is_what_the_system_calls_available() {
        assert_eq!(available(&[]), None);
        assert_eq!(available(&[MEMINFO]), Some(2 * MIB));
    }

    #[test]
    fn a_group_of_either_version_leaves_its_limit_without_what_is_used_and_cannot_be_dropped() {
        let v2 = [
            MEMINFO,
            ("/proc/self/cgroup", "0::/job\n"),
            ("/proc/self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"),
            ("/sys/fs/cgroup/job/memory.max", "1048576\n"),
            ("/sys/fs/cgroup/job/memory.current", "524288\n"),
            ("/sys/fs/cgroup/job/memory.stat", "anon 1\ninactive_file 262144\n"),
        ];
        assert_eq!(available(&v2), Some(MIB - 524_288 + 262_144));
        let v1 = [
            MEMINFO,
            ("/proc/self/cgroup", "4:memory:/job\n3:cpu:/other\n"),
            ("/proc/self/mounts", "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"),
            ("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1048576\n"),
            ("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "1048576\n"),
            // Of another controller's tree: not to be looked at.
            ("/sys/fs/cgroup/memory/other/memory.limit_in_bytes", "1\n"),
        ];
        assert_eq!(available(&v1), Some(0));
    }

    #[test]
    fn a_group_around_limits_too_and_no_limit_is_a_word() {
        let files = [
            MEMINFO,
            ("/proc/self/cgroup", "0::/outer/inner\n"),
            ("/proc/self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"),
            ("/sys/fs/cgroup/outer/inner/memory.max", "max\n"),
            ("/sys/fs/cgroup/outer/memory.max", "1000\n"),
        ];
        assert_eq!(available(&files), Some(1_000));
        assert_eq!(available(&files[..4]), Some(2 * MIB));
    }
}

//! Control group limits on processor time.

use std::path::Path;

use crate::cgroups::{self, Hierarchy};
use crate::files::Files;

/// The narrowest limit on this process, in processors; `None` where there is none, or the system
/// does not tell.
#[must_use]
pub fn of_this_process(files: &Files) -> Option<f64> {
    let groups = cgroups::of_this_process(files, "cpu");
    let limits = groups.iter().filter_map(|group| limit(files, group.hierarchy, &group.folder));
    limits.min_by(f64::total_cmp)
}

fn limit(files: &Files, hierarchy: Hierarchy, folder: &Path) -> Option<f64> {
    match hierarchy {
        Hierarchy::V1 => v1(
            &files.one_line(folder.join("cpu.cfs_quota_us"))?,
            &files.one_line(folder.join("cpu.cfs_period_us"))?,
        ),
        Hierarchy::V2 => v2(&files.one_line(folder.join("cpu.max"))?),
    }
}

/// Parses `cpu.cfs_quota_us` and `cpu.cfs_period_us`; a quota of -1 means no limit.
fn v1(quota: &str, period: &str) -> Option<f64> {
    in_processors(quota.trim().parse().ok()?, period.trim().parse().ok()?)
}

/// Parses `cpu.max`: a quota, or `max`, and a period.
fn v2(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    in_processors(words.next()?.parse().ok()?, words.next()?.parse().ok()?)
}

fn in_processors(quota_us: f64, period_us: f64) -> Option<f64> {
    let processors = quota_us / period_us;
    (processors.is_finite() && processors > 0.0).then_some(processors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fake::FakeSystem;

    const V2_MOUNT: &str = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
    const V1_MOUNT: &str = "\
        cgroup /sys/fs/cgroup/cpuacct cgroup rw,cpuacct 0 0\n\
        cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n";

    fn quota(files: &[(&str, &str)]) -> Option<f64> {
        of_this_process(&FakeSystem::new(files).files())
    }

    #[test]
    fn a_quota_is_read_in_processors() {
        assert_eq!(v2("150000 100000"), Some(1.5));
        assert_eq!(v2("max 100000"), None);
        assert_eq!(v2(""), None);
        assert_eq!(v1("200000", "50000"), Some(4.0));
        assert_eq!(v1("-1", "100000"), None);
        assert_eq!(v1("100000", "0"), None);
    }

    #[test]
    fn the_tightest_limit_of_all_parent_groups_applies() {
        let files = [
            ("/proc/self/cgroup", "0::/jobs/mine\n"),
            ("/proc/self/mounts", V2_MOUNT),
            ("/sys/fs/cgroup/jobs/mine/cpu.max", "400000 100000\n"),
            ("/sys/fs/cgroup/jobs/cpu.max", "250000 100000\n"),
        ];
        assert_eq!(quota(&files), Some(2.5));
        assert_eq!(quota(&files[..3]), Some(4.0));
        assert_eq!(quota(&files[..2]), None);
    }

    #[test]
    fn in_a_container_the_mount_is_its_own_group() {
        let of_host = "0::/system.slice/docker-1234.scope\n";
        let files = [
            ("/proc/self/cgroup", of_host),
            ("/proc/self/mounts", V2_MOUNT),
            ("/sys/fs/cgroup/cpu.max", "50000 100000"),
        ];
        assert_eq!(quota(&files), Some(0.5));
    }

    #[test]
    fn version_1_has_its_own_hierarchy() {
        let files = [
            ("/proc/self/cgroup", "5:cpuacct:/other\n4:cpu:/docker/12\n0::/\n"),
            ("/proc/self/mounts", V1_MOUNT),
            ("/sys/fs/cgroup/cpu/docker/12/cpu.cfs_quota_us", "300000\n"),
            ("/sys/fs/cgroup/cpu/docker/12/cpu.cfs_period_us", "100000\n"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            // Of another group, and therefore ignored.
            ("/sys/fs/cgroup/cpu/other/cpu.cfs_quota_us", "1000\n"),
            ("/sys/fs/cgroup/cpu/other/cpu.cfs_period_us", "100000\n"),
        ];
        assert_eq!(quota(&files), Some(3.0));
    }
}

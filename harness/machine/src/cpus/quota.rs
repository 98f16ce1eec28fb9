//! The limits that control groups set on processor time.

use std::path::{Path, PathBuf};

use crate::files::Files;

/// The narrowest limit on this process, in processors; `None` where there is none, or the system
/// does not tell.
///
/// Limits of the groups around the process's own hold too. In a container the names of those may
/// lead nowhere; what is mounted is then the container's own group, which is looked at as well.
#[must_use]
pub fn of_this_process(files: &Files) -> Option<f64> {
    let memberships = files.text("/proc/self/cgroup")?;
    let mounts = files.text("/proc/self/mounts")?;
    let limits = mounts.lines().filter_map(mount).flat_map(|(kind, folder)| {
        let group = memberships.lines().find_map(|line| group_of(kind, line));
        folders(&folder, group).into_iter().filter_map(move |folder| limit(files, kind, &folder))
    });
    limits.min_by(f64::total_cmp)
}

/// The two ways in which a kernel may keep control groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// One tree for each controller.
    V1,
    /// One tree for all.
    V2,
}

/// Reads a line of `/proc/self/mounts`: where groups that limit processor time are mounted.
fn mount(line: &str) -> Option<(Kind, PathBuf)> {
    let mut words = line.split(' ');
    let (folder, kind, options) = (words.nth(1)?, words.next()?, words.next()?);
    let kind = match kind {
        "cgroup2" => Kind::V2,
        "cgroup" if options.split(',').any(|option| option == "cpu") => Kind::V1,
        _ => return None,
    };
    Some((kind, PathBuf::from(folder)))
}

/// Reads a line of `/proc/self/cgroup`, as `4:cpu,cpuacct:/user` or `0::/user`: the process's
/// group, if the line is of this kind.
fn group_of(kind: Kind, line: &str) -> Option<&str> {
    let mut fields = line.splitn(3, ':');
    let (number, controllers, group) = (fields.next()?, fields.next()?, fields.next()?);
    let is_meant = match kind {
        Kind::V1 => controllers.split(',').any(|controller| controller == "cpu"),
        Kind::V2 => number == "0" && controllers.is_empty(),
    };
    is_meant.then_some(group)
}

/// The folders of a group and of all around it.
fn folders(mount: &Path, group: Option<&str>) -> Vec<PathBuf> {
    let group = Path::new(group.unwrap_or("/").trim_start_matches('/'));
    // The last ancestor is the empty path: the mount itself.
    group.ancestors().map(|ancestor| mount.join(ancestor)).collect()
}

fn limit(files: &Files, kind: Kind, folder: &Path) -> Option<f64> {
    match kind {
        Kind::V1 => v1(
            &files.one_line(folder.join("cpu.cfs_quota_us"))?,
            &files.one_line(folder.join("cpu.cfs_period_us"))?,
        ),
        Kind::V2 => v2(&files.one_line(folder.join("cpu.max"))?),
    }
}

/// Reads `cpu.cfs_quota_us` and `cpu.cfs_period_us`; a quota of -1 is no limit.
fn v1(quota: &str, period: &str) -> Option<f64> {
    in_processors(quota.trim().parse().ok()?, period.trim().parse().ok()?)
}

/// Reads `cpu.max`: a quota, or `max`, and a period.
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
    use crate::files::made_up::MadeUp;

    const V2_MOUNT: &str = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
    const V1_MOUNT: &str = "\
        cgroup /sys/fs/cgroup/cpuacct cgroup rw,cpuacct 0 0\n\
        cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n";

    fn quota(files: &[(&str, &str)]) -> Option<f64> {
        of_this_process(&MadeUp::new(files).files())
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
    fn the_narrowest_limit_of_the_groups_around_holds() {
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
    fn in_a_container_the_group_that_is_mounted_is_its_own() {
        let of_host = "0::/system.slice/docker-1234.scope\n";
        let files = [
            ("/proc/self/cgroup", of_host),
            ("/proc/self/mounts", V2_MOUNT),
            ("/sys/fs/cgroup/cpu.max", "50000 100000"),
        ];
        assert_eq!(quota(&files), Some(0.5));
    }

    #[test]
    fn the_first_version_has_a_tree_of_its_own() {
        let files = [
            ("/proc/self/cgroup", "5:cpuacct:/other\n4:cpu:/docker/12\n0::/\n"),
            ("/proc/self/mounts", V1_MOUNT),
            ("/sys/fs/cgroup/cpu/docker/12/cpu.cfs_quota_us", "300000\n"),
            ("/sys/fs/cgroup/cpu/docker/12/cpu.cfs_period_us", "100000\n"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"),
            ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            // Of another group: not to be looked at.
            ("/sys/fs/cgroup/cpu/other/cpu.cfs_quota_us", "1000\n"),
            ("/sys/fs/cgroup/cpu/other/cpu.cfs_period_us", "100000\n"),
        ];
        assert_eq!(quota(&files), Some(3.0));
    }
}

//! The control groups that this process is in, of either version.

use std::path::{Path, PathBuf};

use crate::files::Files;

/// The two ways in which a kernel may keep control groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hierarchy {
    /// One tree for each controller.
    V1,
    /// One tree for all.
    V2,
}

/// One control group that limits this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Which version's files it has.
    pub hierarchy: Hierarchy,
    /// Its folder.
    pub folder: PathBuf,
}

/// The groups of this process that `controller` (`cpu`, `memory`) may limit: its own and all around
/// it, whose limits hold too. Empty where the system does not tell.
///
/// In a container the names of the groups may lead nowhere; what is mounted is then the container's
/// own group, which is listed as well.
#[must_use]
pub fn of_this_process(files: &Files, controller: &str) -> Vec<Group> {
    let memberships = files.text("/proc/self/cgroup").unwrap_or_default();
    let mounts = files.text("/proc/self/mounts").unwrap_or_default();
    if memberships.is_empty() {
        return Vec::new();
    }
    let mounts = mounts.lines().filter_map(|line| mount(controller, line));
    mounts
        .flat_map(|(hierarchy, mount)| {
            let mut lines = memberships.lines();
            let group = lines.find_map(|line| group_of(hierarchy, controller, line));
            folders(&mount, group).into_iter().map(move |folder| Group { hierarchy, folder })
        })
        .collect()
}

/// Reads a line of `/proc/self/mounts`: where groups of a controller are mounted.
fn mount(controller: &str, line: &str) -> Option<(Hierarchy, PathBuf)> {
    let mut words = line.split(' ');
    let (folder, kind, options) = (words.nth(1)?, words.next()?, words.next()?);
    let hierarchy = match kind {
        "cgroup2" => Hierarchy::V2,
        "cgroup" if options.split(',').any(|option| option == controller) => Hierarchy::V1,
        _ => return None,
    };
    Some((hierarchy, PathBuf::from(folder)))
}

/// Reads a line of `/proc/self/cgroup`, as `4:cpu,cpuacct:/user` or `0::/user`: the process's
/// group, if the line is of this hierarchy and controller.
fn group_of<'a>(hierarchy: Hierarchy, controller: &str, line: &'a str) -> Option<&'a str> {
    let mut fields = line.splitn(3, ':');
    let (number, controllers, group) = (fields.next()?, fields.next()?, fields.next()?);
    let is_meant = match hierarchy {
        Hierarchy::V1 => controllers.split(',').any(|each| each == controller),
        Hierarchy::V2 => number == "0" && controllers.is_empty(),
    };
    is_meant.then_some(group)
}

/// The folders of a group and of all around it.
fn folders(mount: &Path, group: Option<&str>) -> Vec<PathBuf> {
    let group = Path::new(group.unwrap_or("/").trim_start_matches('/'));
    // The last ancestor is the empty path: the mount itself.
    group.ancestors().map(|ancestor| mount.join(ancestor)).collect()
}

//! What this machine runs in: containers and hypervisors, by the names that systemd gives them.

use crate::files::Files;

/// The name where it can be told that there is neither.
const NONE: &str = "none";

/// What the process runs in: `docker`, `kvm`, `docker on kvm`, ...; `none` where it can be told
/// that it is nothing of the kind. `None` where the system does not tell.
///
/// `hypervisor` is what the processor says of itself.
#[must_use]
pub fn detect(files: &Files, hypervisor: Option<bool>) -> Option<String> {
    let container = container(files);
    let vm = match hypervisor {
        Some(false) => None,
        _ => processor_vendor(hypervisor).or_else(|| vm(files)),
    };
    named(container, vm, hypervisor)
}

/// The hypervisor that firmware or kernel name; `None` where they name none.
#[must_use]
pub fn vm(files: &Files) -> Option<&'static str> {
    if files.one_line("/sys/hypervisor/type").as_deref() == Some("xen") {
        return Some("xen");
    }
    let of_firmware = |name: &str| files.one_line(format!("/sys/class/dmi/id/{name}"));
    let product = of_firmware("product_name").unwrap_or_default();
    let vendor = of_firmware("sys_vendor").unwrap_or_default();
    let by_firmware = FIRMWARE
        .iter()
        .find(|(words, _)| [&product, &vendor].into_iter().any(|text| text.starts_with(words)));
    match by_firmware {
        Some((_, "amazon")) if product.ends_with(".metal") => None,
        Some((_, name)) => Some(name),
        None if product == "Virtual Machine" && vendor == "Microsoft Corporation" => {
            Some("microsoft")
        }
        None => None,
    }
}

/// How the names of machines begin that a hypervisor makes up.
const FIRMWARE: &[(&str, &str)] = &[
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("KubeVirt", "kvm"),
    ("Amazon EC2", "amazon"),
    ("QEMU", "qemu"),
    ("VMware", "vmware"),
    ("VMW", "vmware"),
    ("innotek GmbH", "oracle"),
    ("VirtualBox", "oracle"),
    ("Xen", "xen"),
    ("Bochs", "bochs"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
    ("Hyper-V", "microsoft"),
    ("Apple Virtualization", "apple"),
    ("Google Compute Engine", "google"),
];

/// How hypervisors sign where the processor tells who they are.
const SIGNATURES: &[(&str, &str)] = &[
    ("KVMKVMKVM", "kvm"),
    ("Linux KVM Hv", "kvm"),
    ("TCGTCGTCGTCG", "qemu"),
    ("VMwareVMware", "vmware"),
    ("Microsoft Hv", "microsoft"),
    ("XenVMMXenVMM", "xen"),
    ("bhyve bhyve ", "bhyve"),
    ("QNXQVMBSQG", "qnx"),
    ("ACRNACRNACRN", "acrn"),
    ("SRESRESRESRE", "sre"),
];

/// Who the hypervisor says it is; asked only where the processor says that there is one, as the
/// answer means nothing otherwise.
#[cfg(target_arch = "x86_64")]
fn processor_vendor(hypervisor: Option<bool>) -> Option<&'static str> {
    /// Where hypervisors sign.
    const LEAF: u32 = 0x4000_0000;
    if hypervisor != Some(true) {
        return None;
    }
    let leaf = std::arch::x86_64::__cpuid(LEAF);
    let bytes: Vec<u8> =
        [leaf.ebx, leaf.ecx, leaf.edx].into_iter().flat_map(u32::to_le_bytes).collect();
    by_signature(&bytes)
}

#[cfg(not(target_arch = "x86_64"))]
fn processor_vendor(_hypervisor: Option<bool>) -> Option<&'static str> {
    by_signature(&[])
}

fn by_signature(bytes: &[u8]) -> Option<&'static str> {
    let signature = String::from_utf8_lossy(bytes);
    let signature = signature.trim_end_matches('\0');
    SIGNATURES.iter().find(|(known, _)| *known == signature).map(|(_, name)| *name)
}

/// The container; `None` where there is no sign of one.
fn container(files: &Files) -> Option<String> {
    if let Some(name) = files.one_line("/run/systemd/container") {
        return Some(name);
    }
    if files.exists("/run/.containerenv") {
        return Some("podman".to_owned());
    }
    if files.exists("/.dockerenv") {
        return Some("docker".to_owned());
    }
    let groups = files.text("/proc/1/cgroup").unwrap_or_default();
    let found = GROUPS.iter().find(|(word, _)| groups.contains(word));
    found.map(|(_, name)| (*name).to_owned())
}

/// What the control group of a container's first process is called, the narrower name first.
const GROUPS: &[(&str, &str)] = &[
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("/lxc", "lxc"),
    ("containerd", "containerd"),
];

fn named(container: Option<String>, vm: Option<&str>, hypervisor: Option<bool>) -> Option<String> {
    let vm = vm.or(match hypervisor {
        Some(true) => Some("unknown hypervisor"),
        _ => None,
    });
    match (container, vm) {
        (Some(container), Some(vm)) => Some(format!("{container} on {vm}")),
        (Some(container), None) => Some(container),
        (None, Some(vm)) => Some(vm.to_owned()),
        (None, None) => (hypervisor == Some(false)).then(|| NONE.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::made_up::MadeUp;

    fn firmware(vendor: &str, product: &str) -> Option<&'static str> {
        let system = MadeUp::new(&[
            ("/sys/class/dmi/id/sys_vendor", vendor),
            ("/sys/class/dmi/id/product_name", product),
        ]);
        vm(&system.files())
    }

    #[test]
    fn firmware_names_the_hypervisor() {
        assert_eq!(firmware("QEMU\n", "Standard PC (Q35 + ICH9, 2009)\n"), Some("qemu"));
        assert_eq!(firmware("Amazon EC2", "m7i.large"), Some("amazon"));
        assert_eq!(firmware("Amazon EC2", "m7i.metal"), None);
        assert_eq!(firmware("Microsoft Corporation", "Virtual Machine"), Some("microsoft"));
        assert_eq!(firmware("Microsoft Corporation", "Surface Pro"), None);
        assert_eq!(firmware("Google", "Google Compute Engine"), Some("google"));
        assert_eq!(firmware("Dell Inc.", "PowerEdge R750"), None);
    }

    #[test]
    fn hypervisors_are_known_by_their_signatures() {
        assert_eq!(by_signature(b"KVMKVMKVM\0\0\0"), Some("kvm"));
        assert_eq!(by_signature(b"Microsoft Hv"), Some("microsoft"));
        assert_eq!(by_signature(b"\0\0\0\0\0\0\0\0\0\0\0\0"), None);
    }

    #[test]
    fn containers_are_known_by_what_they_leave() {
        let of = |path, text| container(&MadeUp::new(&[(path, text)]).files());
        assert_eq!(of("/run/systemd/container", "lxc\n").as_deref(), Some("lxc"));
        assert_eq!(of("/.dockerenv", "").as_deref(), Some("docker"));
        assert_eq!(of("/run/.containerenv", "").as_deref(), Some("podman"));
        let kubernetes = "1:cpu:/kubepods/pod1/docker-2\n";
        assert_eq!(of("/proc/1/cgroup", kubernetes).as_deref(), Some("kubernetes"));
        assert_eq!(of("/proc/1/cgroup", "0::/init.scope\n"), None);
    }

    #[test]
    fn a_container_on_a_hypervisor_is_both() {
        let docker = || Some("docker".to_owned());
        let name = |container, vm, hypervisor| named(container, vm, hypervisor).unwrap();
        assert_eq!(name(docker(), Some("kvm"), Some(true)), "docker on kvm");
        assert_eq!(name(docker(), None, Some(false)), "docker");
        assert_eq!(name(None, Some("kvm"), None), "kvm");
        assert_eq!(name(None, None, Some(true)), "unknown hypervisor");
        assert_eq!(name(None, None, Some(false)), "none");
        assert_eq!(named(None, None, None), None, "no sign of anything is no sign of nothing");
    }

    #[test]
    fn a_processor_that_says_it_is_real_outweighs_firmware() {
        let system = MadeUp::new(&[("/sys/class/dmi/id/product_name", "KVM")]);
        assert_eq!(detect(&system.files(), Some(false)).as_deref(), Some("none"));
        assert_eq!(detect(&system.files(), None).as_deref(), Some("kvm"));
    }
}

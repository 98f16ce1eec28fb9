//! Records in the environment, for evidence, the compiler settings of the timed code and the
//! versions of the libraries it uses.
//!
//! A version that is not in the lock file is `unknown`; it never fails the build.

use std::process::Command;

/// The libraries used by subjects: the suffix of the environment variable for the version, the
/// library's name, and the start of its version, since a build may contain two versions of a
/// library.
const LIBRARIES: [(&str, &str, &str); 15] = [
    ("CROSSBEAM_SKIPLIST", "crossbeam-skiplist", "0.1."),
    ("DASHMAP", "dashmap", "6."),
    ("DASHMAP_OF_SEED", "dashmap", "5."),
    ("FJALL", "fjall", "3."),
    ("HASHBROWN", "hashbrown", "0.17."),
    ("MOKA", "moka", "0.12."),
    ("PAPAYA", "papaya", "0.2."),
    ("PARKING_LOT", "parking_lot", "0.12."),
    ("REDB", "redb", "4."),
    ("RUSTC_HASH", "rustc-hash", "2."),
    ("RUSTC_HASH_OF_SEED", "rustc-hash", "1."),
    ("SCC", "scc", "3."),
    ("SKIPDB", "skipdb", "0.2."),
    ("SURREALMX", "surrealmx", "1."),
    ("STORE", "sharded-store", "0."),
];
/// The versions that cargo has resolved.
const LOCK: &str = "../../Cargo.lock";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::path::Path::new(LOCK).exists() {
        println!("cargo::rerun-if-changed={LOCK}");
    }
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = output(&rustc, &["--version"]).unwrap_or_else(|| "unknown".to_owned());
    for (name, value) in [
        ("RUSTC", version.as_str()),
        ("PROFILE", &variable("PROFILE")),
        ("OPT_LEVEL", &variable("OPT_LEVEL")),
        ("TARGET", &variable("TARGET")),
    ] {
        println!("cargo::rustc-env=SHARDPROOF_BUILD_{name}={value}");
    }
    let lock = std::fs::read_to_string(LOCK).unwrap_or_default();
    for (variable, library, start) in LIBRARIES {
        let version = locked_version(&lock, library, start).unwrap_or("unknown");
        println!("cargo::rustc-env=SHARDPROOF_VERSION_{variable}={version}");
    }
}

/// The version of a library that starts with `start`. It is on the line after the name.
fn locked_version<'a>(lock: &'a str, library: &str, start: &str) -> Option<&'a str> {
    let name = format!("name = \"{library}\"");
    let mut lines = lock.lines();
    while lines.by_ref().any(|line| line == name) {
        let version =
            lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
        if version.is_some_and(|version| version.starts_with(start)) {
            return version;
        }
    }
    None
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| "unknown".to_owned())
}

/// The output of a program; `None` if it is missing or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    if !output.status.success() {
        return None;
    }
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

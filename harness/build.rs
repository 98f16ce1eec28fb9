//! Records what was built, of which libraries, and from which commit, for the evidence to name.
//!
//! Without a repository or without git the commit is `unknown`, and so is a version that no lock file names: the
//! build never fails for it.

use std::path::PathBuf;
use std::process::Command;

/// Without optional locks: refreshing the index would make the next build run this script again.
const DIRTY: [&str; 4] = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"];

/// Libraries that a subject is made of: what the variable of their version is called, their name, and how the
/// version starts, since two versions of one library can be in a build.
const LIBRARIES: [(&str, &str, &str); 14] = [
    ("CROSSBEAM_SKIPLIST", "crossbeam-skiplist", "0.1."),
    ("DASHMAP", "dashmap", "6."),
    ("DASHMAP_OF_SEED", "dashmap", "5."),
    ("FJALL", "fjall", "3."),
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
/// What cargo has decided on.
const LOCK: &str = "../Cargo.lock";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let commit = output("git", &["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let dirty = match output("git", &DIRTY) {
        Some(changes) if changes.is_empty() => "false",
        Some(_) => "true",
        None => "unknown",
    };
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = output(&rustc, &["--version"]).unwrap_or_else(|| "unknown".to_owned());
    for (name, value) in [
        ("SHARDPROOF_BUILD_COMMIT", commit.as_str()),
        ("SHARDPROOF_BUILD_DIRTY", dirty),
        ("SHARDPROOF_BUILD_RUSTC", version.as_str()),
        ("SHARDPROOF_BUILD_PROFILE", &variable("PROFILE")),
        ("SHARDPROOF_BUILD_OPT_LEVEL", &variable("OPT_LEVEL")),
        ("SHARDPROOF_BUILD_TARGET", &variable("TARGET")),
    ] {
        println!("cargo::rustc-env={name}={value}");
    }
    let lock = std::fs::read_to_string(LOCK).unwrap_or_default();
    for (variable, library, start) in LIBRARIES {
        let version = locked_version(&lock, library, start).unwrap_or("unknown");
        println!("cargo::rustc-env=SHARDPROOF_VERSION_{variable}={version}");
    }
    for path in watched() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// What changes the commit or the dirty flag. Only paths that exist: cargo would otherwise rerun
/// this script, and rebuild the crate, each time.
fn watched() -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("src"), PathBuf::from("../store/src"), PathBuf::from(LOCK)];
    let branch = output("git", &["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "index", "packed-refs"].into_iter().chain(branch.as_deref()) {
        paths.extend(output("git", &["rev-parse", "--git-path", name]).map(PathBuf::from));
    }
    paths.retain(|path| path.exists());
    paths
}

/// The version of a library that starts with `start`: in the line behind the one with its name.
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

/// What a program prints, or none where it is missing or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    if !output.status.success() {
        return None;
    }
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

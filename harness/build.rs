//! Records from which commit the program was built, for the evidence to name.
//!
//! Without a repository or without git the commit is `unknown`: the build never fails for it.

use std::path::PathBuf;
use std::process::Command;

/// Without optional locks: refreshing the index would make the next build run this script again.
const DIRTY: [&str; 4] = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let commit = output("git", &["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let dirty = match output("git", &DIRTY) {
        Some(changes) if changes.is_empty() => "false",
        Some(_) => "true",
        None => "unknown",
    };
    println!("cargo::rustc-env=SHARDPROOF_BUILD_COMMIT={commit}");
    println!("cargo::rustc-env=SHARDPROOF_BUILD_DIRTY={dirty}");
    println!("cargo::rustc-env=SHARDPROOF_BUILD_FEATURES={}", features());
    for path in watched() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// The features that this package is built with, or `none`.
fn features() -> String {
    let set = |name: &&str| std::env::var_os(format!("CARGO_FEATURE_{name}")).is_some();
    let names: Vec<String> = ["FAULTS", "LOOM", "SHUTTLE", "PEERS"]
        .iter()
        .filter(|it| set(it))
        .map(|it| it.to_lowercase())
        .collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What changes the commit or the dirty flag. Only paths that exist: cargo would otherwise rerun
/// this script, and rebuild the crate, each time.
fn watched() -> Vec<PathBuf> {
    let mut paths =
        vec![PathBuf::from("."), PathBuf::from("../store"), PathBuf::from("../Cargo.lock")];
    let branch = output("git", &["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "index", "packed-refs"].into_iter().chain(branch.as_deref()) {
        paths.extend(output("git", &["rev-parse", "--git-path", name]).map(PathBuf::from));
    }
    paths.retain(|path| path.exists());
    paths
}

/// What a program prints, or none where it is missing or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    if !output.status.success() {
        return None;
    }
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

//! Tells the build scripts of packages that depend on this one where its sources are: the variants
//! for verification compile a copy of them.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo::metadata=src={folder}/src");
}

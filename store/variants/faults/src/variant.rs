//! A variant's sources, made by its build script.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::apply::{Sources, apply};
use crate::{FAULTS, Fault, Kind};

/// The variable with the folder of the store's sources, from the build script of the store.
const STORE: &str = "DEP_SHARDED_STORE_SRC";
/// The folder of what is added to them.
const ADDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/code");

/// Copies the store's sources to `store/src` in the build script's output folder, with all faults
/// in them. The variant includes `lib.rs` of the copy.
///
/// A problem is reported to cargo, which then stops the build.
#[must_use]
pub fn build_variant() -> ExitCode {
    let folder = |name| std::env::var_os(name).map(PathBuf::from);
    let store = folder(STORE).expect("a variant depends on sharded-store");
    for folder in [store.as_path(), Path::new(ADDED)] {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let out = folder("OUT_DIR").expect("cargo sets OUT_DIR");
    let result = make_sources(&store, Path::new(ADDED))
        .and_then(|sources| write(&sources, &out.join("store/src")).map_err(|error| vec![error]));
    let Err(problems) = result else { return ExitCode::SUCCESS };
    for problem in problems {
        println!("cargo::error={problem}");
    }
    ExitCode::FAILURE
}

/// The sources of a variant, or everything that is wrong with them.
fn make_sources(store: &Path, added: &Path) -> Result<Sources, Vec<String>> {
    let read = |root| read(root).map_err(|error| vec![error]);
    let faults: Vec<Fault> = FAULTS.iter().copied().flatten().copied().collect();
    let mut sources = apply(&read(store)?, &faults)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let root =
        sources.get_mut("lib.rs").ok_or_else(|| vec!["store/src has no lib.rs".to_owned()])?;
    *root = included_root(root);
    for (path, text) in read(added)? {
        if let Some(parent) = path.strip_suffix("/faulty.rs") {
            let parent = format!("{parent}.rs");
            let parent = sources.get_mut(&parent).ok_or_else(|| {
                vec![format!("{ADDED}/{path} is for store/src/{parent}, which is not there")]
            })?;
            parent.push_str("\nmod faulty;\n");
        }
        sources.insert(path, text);
    }
    let switch = sources.get_mut("fault.rs");
    switch.ok_or_else(|| vec![format!("{ADDED} has no fault.rs")])?.push_str(&catalogue(&faults));
    Ok(sources)
}

/// `lib.rs` as it can be included in another file: without documentation of its own, and with the
/// module of the switch, whose macro all others use.
fn included_root(root: &str) -> String {
    let lines: Vec<&str> = root.lines().filter(|line| !line.starts_with("//!")).collect();
    format!("#[macro_use]\npub mod fault;\n{}\n", lines.join("\n"))
}

/// The faults as the switch takes them.
fn catalogue(faults: &[Fault]) -> String {
    let row = |fault: &Fault| {
        let kind = match fault.kind {
            Kind::Real => "real",
            Kind::Equivalent => "equivalent",
        };
        format!("    {kind} {} {:?};\n", fault.id, fault.summary)
    };
    format!("\ncatalogue! {{\n{}}}\n", faults.iter().map(row).collect::<String>())
}

/// All Rust files under a folder.
fn read(root: &Path) -> Result<Sources, String> {
    let mut sources = Sources::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error: io::Error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                let name = path.strip_prefix(root).expect("the folder is under the root");
                let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
                sources.insert(name.join("/"), text);
            }
        }
    }
    Ok(sources)
}

/// Writes a variant's sources, in place of those of an earlier build.
fn write(sources: &Sources, root: &Path) -> Result<(), String> {
    if root.exists() {
        fs::remove_dir_all(root).map_err(|error| format!("{}: {error}", root.display()))?;
    }
    for (name, text) in sources {
        let path = root.join(name);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The store's sources, from this package.
    const SOURCES: &str = "../../src";

    /// Where the build script of a variant would find them, from the folder of this package.
    fn sources() -> Sources {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        make_sources(&here.join(SOURCES), Path::new(ADDED)).unwrap()
    }

    #[test]
    fn the_faults_fit_the_store() {
        let sources = sources();
        let switches: usize = sources.values().map(|text| text.matches("fault!(").count()).sum();
        assert!(switches >= FAULTS.iter().map(|area| area.len()).sum::<usize>(), "{switches}");
    }

    #[test]
    fn the_store_itself_has_no_faults() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (path, text) in read(&here.join(SOURCES)).unwrap() {
            assert!(!text.contains("fault!") && !text.contains("faulty"), "{path}");
        }
    }

    #[test]
    fn the_root_can_be_included() {
        let root = included_root("//! A crate.\n//!\n//! More.\n\nmod a;\n");
        assert_eq!(root, "#[macro_use]\npub mod fault;\n\nmod a;\n");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = make_sources(Path::new("no/such/folder"), Path::new(ADDED)).unwrap_err();
        assert!(error[0].starts_with("no/such/folder: "), "{error:?}");
    }
}

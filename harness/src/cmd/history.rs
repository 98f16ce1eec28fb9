//! `shardproof report --history DIR`: the history of results over several evidence files.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::base::atomic_file;
use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::message::say;
use crate::cmd::output::Output;
use crate::evidence::Evidence;
use crate::render::export::JSON_FILE;
use crate::render::history::{HistoryFile, SkippedFile, page};

/// File name of the page.
const FILE_NAME: &str = "history.html";

/// Reads all evidence files in `dir` and below, and writes OUT/history.html. Other `.json` files
/// are reported and skipped.
///
/// # Errors
/// If the folder cannot be read, contains no evidence, or the page cannot be written.
pub(crate) fn run(dir: &Path, out: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    let (files, skipped) = read(dir)?;
    for SkippedFile { path, reason } in &skipped {
        say(format_args!("skipped: {path}: {reason}"));
    }
    if files.is_empty() {
        bail!(
            "no evidence in {}: --history needs a folder with files written by `shardproof \
             measure`",
            dir.display()
        );
    }
    let count = files.len();
    let _lock = FolderLock::take(out, "report")?;
    let path = out.join(FILE_NAME);
    atomic_file::save(&path, &page(files, skipped)?).with_context(|| {
        format!("cannot write {}: choose another folder with --out", path.display())
    })?;
    output.print(&format!("{count} evidence files\nwritten to {}\n", path.display()));
    Ok(Exit::Pass)
}

/// The evidence files in a folder and below, and the skipped files.
fn read(dir: &Path) -> anyhow::Result<(Vec<HistoryFile>, Vec<SkippedFile>)> {
    let (mut files, mut skipped) = (Vec::new(), Vec::new());
    for path in json_files(dir)? {
        let name = name(path.strip_prefix(dir).unwrap_or(&path));
        match Evidence::read(&path) {
            Ok(evidence) => files.push(HistoryFile { path: name, evidence }),
            Err(error) => {
                // The path within the folder is already given.
                let reason = error.to_string().replace(&format!("{}: ", path.display()), "");
                skipped.push(SkippedFile { path: name, reason });
            }
        }
    }
    Ok((files, skipped))
}

/// The `.json` and `.json.gz` files in a folder and below that may be evidence. Links to folders
/// are not followed, because they may form cycles.
fn json_files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("cannot read the folder {}", dir.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(context)? {
        let entry = entry.with_context(context)?;
        let path = entry.path();
        if entry.file_type().with_context(context)?.is_dir() {
            found.extend(json_files(&path)?);
        } else if may_be_evidence(&path) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file name is that of JSON, compressed or not, but not of an exported report.
fn may_be_evidence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name != JSON_FILE && (name.ends_with(".json") || name.ends_with(".json.gz"))
}

/// A path with the same separator on every system.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Minimal evidence.
    const MINIMAL: &str = r#"{
        "schema": "shardproof.evidence/2",
        "machine": {
            "cores": 2, "architecture": "x86_64", "os": "linux", "clock_cost_ns": 1.0,
            "instant_cost_ns": 1.0
        },
        "build": {
            "commit": "abc", "rustc": "rustc 1", "profile": "release", "opt_level": "3",
            "target": "x86_64-unknown-linux-gnu", "version": "0.1.0"
        }
    }"#;

    #[test]
    fn evidence_is_found_in_subfolders_and_other_json_is_skipped() {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let run = |out: &Path| run(folder.path(), out, &mut Output::default());
        assert!(run(&out).unwrap_err().to_string().contains("no evidence in"));
        assert!(!out.exists());

        for name in ["a", "b/c"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("evidence.json"), MINIMAL).unwrap();
        }
        std::fs::write(folder.path().join("b/program.json"), r#"{"schema": "other/1"}"#).unwrap();
        std::fs::write(folder.path().join("b/broken.json"), "{").unwrap();
        std::fs::write(folder.path().join("b/readme.txt"), "not looked at").unwrap();
        let (files, skipped) = read(folder.path()).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(names, ["a/evidence.json", "b/c/evidence.json"]);
        let [broken, other] = &skipped[..] else { panic!("{skipped:?}") };
        assert_eq!((&broken.path[..], &other.path[..]), ("b/broken.json", "b/program.json"));
        assert!(other.reason.contains("`schema` is `other/1`"), "{}", other.reason);
        assert!(!other.reason.contains("program.json"), "{}", other.reason);

        assert_eq!(run(&out).unwrap(), Exit::Pass);
        let page = std::fs::read_to_string(out.join("history.html")).unwrap();
        assert!(page.contains("b/c/evidence.json") && page.contains("b/program.json"));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let out = (Path::new("out"), &mut Output::default());
        let error = run(Path::new("no/such/folder"), out.0, out.1).unwrap_err().to_string();
        assert!(error.contains("no/such/folder"), "{error}");
    }
}

//! `shardproof merge`: joins evidence from several machines, each for a partition of one matrix.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::message::say;
use crate::cmd::output::Output;
use crate::evidence::file::FILE_NAME;
use crate::evidence::merge::{MergeError, merge, missing_partitions};
use crate::evidence::{Evidence, EvidenceError, Warning};
use crate::judge::{AdviceContext, advice};

/// Joins evidence that several machines measured with --partition k/n into one file.
///
/// Each result keeps the number of its part, and each part its machine, so that ratios are never
/// taken across machines. Parts must agree in everything that comparisons depend on: build,
/// profile, seed, matrix, sections, pinning, workloads, and the settings for latency. Cells that
/// were measured twice are rejected too. If a partition is missing, or parts differ greatly in
/// rounds or slices, the merged evidence has a warning.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The evidence.json of each machine, in any order; merged files are allowed.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Folder for the merged evidence.json; created if it does not exist.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  shardproof measure --partition 1/2 --threads 1,2 --out reports/a     (on one machine)
  shardproof measure --partition 2/2 --threads 1,2 --out reports/b     (on another)
  shardproof merge reports/a/evidence.json reports/b/evidence.json --out reports/both";

/// Merges, writes and prints.
///
/// # Errors
/// If a file cannot be read or written, the inputs do not belong together, or DIR contains evidence
/// that could not be merged again.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let Arguments { files, out } = arguments;
    let all: Vec<Evidence> =
        files.iter().map(|file| Evidence::read(file)).collect::<Result<_, EvidenceError>>()?;
    let mut merged = merge(all).map_err(|error| {
        let names = names(&error, files);
        anyhow::Error::new(error).context(names)
    })?;
    if merged.warnings.contains(&Warning::IncompleteMerge) {
        let missing: Vec<String> =
            missing_partitions(&merged).iter().map(ToString::to_string).collect();
        let advice = advice(Warning::IncompleteMerge, &AdviceContext::of(&merged));
        say(format_args!("warning: partition {} is missing: {advice}", missing.join(", ")));
    }
    if merged.warnings.contains(&Warning::UnevenParts) {
        let advice = advice(Warning::UnevenParts, &AdviceContext::of(&merged));
        say(format_args!("warning: {advice}"));
    }
    let _lock = FolderLock::take(out, "merge")?;
    let path = out.join(FILE_NAME);
    protect_inputs(&path, files)?;
    protect_results(&path, &merged)?;
    let written = merged.write_merged(out);
    output.print(&format!(
        "{} parts, {} cells, {} latencies\n",
        merged.parts.len() + 1,
        merged.cells.len(),
        merged.latencies.len(),
    ));
    output.print(&format!("written to {}\n", written?.display()));
    Ok(Exit::Pass)
}

/// Refuses to replace one of the input files.
fn protect_inputs(path: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let real = |path: &Path| path.canonicalize().ok();
    let target = real(path);
    if target.is_some() && files.iter().any(|file| real(file) == target) {
        bail!(
            "{} is one of the files to merge and would be replaced: choose another folder with \
             --out",
            path.display()
        );
    }
    Ok(())
}

/// Refuses to replace measurements, which take time, with a merge, which can be repeated.
fn protect_results(path: &Path, merged: &Evidence) -> anyhow::Result<()> {
    let exists = path.try_exists().with_context(|| format!("cannot access {}", path.display()))?;
    if !exists {
        return Ok(());
    }
    let older = Evidence::read(path).ok().filter(|older| !older.parts.is_empty());
    let Some(older) = older else {
        bail!(
            "{} exists and is not merged evidence: choose another folder with --out to keep that \
             measurement",
            path.display()
        );
    };
    let loses = |ours: bool, theirs: bool, is_same: bool| ours && theirs && !is_same;
    let verified = (merged.verification.is_some(), older.verification.is_some());
    let hunted = (merged.fault_hunt.is_some(), older.fault_hunt.is_some());
    if loses(verified.0, verified.1, merged.verifications == older.verifications)
        || loses(hunted.0, hunted.1, merged.faults == older.faults)
    {
        bail!(
            "{} contains a different verification than the files to merge: choose another folder \
             with --out",
            path.display()
        );
    }
    Ok(())
}

/// The files that the numbers in an error refer to.
fn names(error: &MergeError, files: &[PathBuf]) -> String {
    let name = |which: usize| {
        let file = files.get(which - 1)?;
        Some(format!("evidence {which} is {}", file.display()))
    };
    let names: Vec<String> = error.inputs().into_iter().filter_map(name).collect();
    if names.is_empty() { "cannot merge".to_owned() } else { names.join(", ") }
}

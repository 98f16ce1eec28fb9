//! `shardproof merge`: joins what several machines measured, each a part of one matrix.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use shardproof::evidence::file::FILE_NAME;
use shardproof::evidence::merge::{MergeError, merge, missing};
use shardproof::evidence::{Evidence, EvidenceError, Warning};
use shardproof::judge::{Circumstances, advice};

use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::message::say;
use crate::cmd::output::Output;

/// Joins evidence measured as --partition k/n on several machines into one file.
///
/// What was measured keeps the number of its part, and each part its machine, so that ratios are never
/// taken across machines. Parts must agree in everything that a comparison rests on: the build, the
/// profile, the seed, the matrix, the sections, pinning, workloads, and how latency was measured. What
/// was measured twice is refused too. Where a part is missing, or parts had very different rounds or
/// slices, the merged evidence says so among its warnings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The evidence.json of each machine, in any order; merged ones may be among them.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    /// The folder for the merged evidence.json; created if it does not exist.
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
/// When a file cannot be read or written, when the evidence does not belong together, or when DIR holds
/// evidence that could not be merged again.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let Arguments { files, out } = arguments;
    let all: Vec<Evidence> =
        files.iter().map(|file| Evidence::read(file)).collect::<Result<_, EvidenceError>>()?;
    let mut merged = merge(all).map_err(|error| {
        let names = names(&error, files);
        anyhow::Error::new(error).context(names)
    })?;
    if merged.warnings.contains(&Warning::IncompleteMerge) {
        let missing: Vec<String> = missing(&merged).iter().map(ToString::to_string).collect();
        let advice = advice(Warning::IncompleteMerge, &Circumstances::of(&merged));
        say(format_args!("warning: partition {} not given: {advice}", missing.join(", ")));
    }
    if merged.warnings.contains(&Warning::UnevenParts) {
        let advice = advice(Warning::UnevenParts, &Circumstances::of(&merged));
        say(format_args!("warning: {advice}"));
    }
    let _lock = FolderLock::take(out, "merge")?;
    let path = out.join(FILE_NAME);
    keep_inputs(&path, files)?;
    keep_results(&path, &merged)?;
    let written = merged.write_with_rest(out);
    output.print(&format!(
        "{} parts, {} cells, {} latencies\n",
        merged.parts.len() + 1,
        merged.cells.len(),
        merged.latencies.len(),
    ));
    output.print(&format!("written to {}\n", written?.display()));
    Ok(Exit::Pass)
}

/// Refuses to replace one of the files that are merged.
fn keep_inputs(path: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let real = |path: &Path| path.canonicalize().ok();
    let target = real(path);
    if target.is_some() && files.iter().any(|file| real(file) == target) {
        bail!(
            "{} is one of the files to merge and would be replaced: give another folder with --out",
            path.display()
        );
    }
    Ok(())
}

/// Refuses to replace what took a machine's time by what can be merged again at once.
fn keep_results(path: &Path, merged: &Evidence) -> anyhow::Result<()> {
    let exists = path.try_exists().with_context(|| format!("cannot look at {}", path.display()))?;
    if !exists {
        return Ok(());
    }
    let older = Evidence::read(path).ok().filter(|older| !older.parts.is_empty());
    let Some(older) = older else {
        bail!(
            "{} is there and was not merged: give another folder with --out, so that no \
             measurement is lost",
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
            "{} holds another verification than the files to merge: give another folder with --out",
            path.display()
        );
    }
    Ok(())
}

/// Which file each number in an error stands for.
fn names(error: &MergeError, files: &[PathBuf]) -> String {
    let name = |which: usize| {
        let file = files.get(which - 1)?;
        Some(format!("evidence {which} is {}", file.display()))
    };
    let names: Vec<String> = error.about().into_iter().filter_map(name).collect();
    if names.is_empty() { "cannot merge".to_owned() } else { names.join(", ") }
}

//! `shardproof merge`: joins what several machines measured, each a part of one matrix.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use shardproof::evidence::file::FILE_NAME;
use shardproof::evidence::merge::{MergeError, merge, missing};
use shardproof::evidence::{Evidence, EvidenceError, Warning};
use shardproof::judge::{Circumstances, advice};

use crate::cmd::exit::Exit;

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
    /// The folder for the merged evidence.json; created if need be.
    #[arg(long, env = "SHARDPROOF_OUT", value_name = "DIR")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  shardproof measure --partition 1/2 --threads 1,2 --out reports/a     (on one machine)
  shardproof measure --partition 2/2 --threads 1,2 --out reports/b     (on another)
  shardproof merge reports/a/evidence.json reports/b/evidence.json --out reports/both";

/// Merges and writes.
///
/// # Errors
/// When a file cannot be read or written, when the evidence does not belong together, or when DIR holds
/// evidence that was measured.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments { files, out } = arguments;
    keep_measured(out)?;
    let all: Vec<Evidence> =
        files.iter().map(|file| Evidence::read(file)).collect::<Result<_, EvidenceError>>()?;
    let merged = merge(all).map_err(|error| {
        let names = names(&error, files);
        anyhow::Error::new(error).context(names)
    })?;
    if merged.warnings.contains(&Warning::IncompleteMerge) {
        let missing: Vec<String> = missing(&merged).iter().map(ToString::to_string).collect();
        let advice = advice(Warning::IncompleteMerge, &Circumstances::of(&merged));
        eprintln!("warning: partition {} not given: {advice}", missing.join(", "));
    }
    if merged.warnings.contains(&Warning::UnevenParts) {
        eprintln!("warning: {}", advice(Warning::UnevenParts, &Circumstances::of(&merged)));
    }
    let path = merged.write(out)?;
    // A reader that has seen enough is no error: the evidence is on disk.
    let _ = writeln!(
        io::stdout(),
        "{} parts, {} cells, {} latencies\nwritten to {}",
        merged.parts.len() + 1,
        merged.cells.len(),
        merged.latencies.len(),
        path.display()
    );
    Ok(Exit::Pass)
}

/// Refuses to replace what took a machine's time by what can be merged again at once.
fn keep_measured(out: &Path) -> anyhow::Result<()> {
    let path = out.join(FILE_NAME);
    let exists = path.try_exists().with_context(|| format!("cannot look at {}", path.display()))?;
    let is_merged = || Evidence::read(&path).is_ok_and(|evidence| !evidence.parts.is_empty());
    if exists && !is_merged() {
        bail!(
            "{} is there and was not merged: give another folder with --out, so that no \
             measurement is lost",
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

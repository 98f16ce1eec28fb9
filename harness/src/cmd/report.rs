//! `shardproof report`: turns evidence into a page that needs no network.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use shardproof::atomic_file;
use shardproof::evidence::Evidence;
use shardproof::evidence::file::{self, EvidenceError};
use shardproof::render::report::{self, ScalingLaw};

use crate::cmd::exit::Exit;

/// Renders DIR/evidence.json as one page, index.html, that can be read anywhere and without a network.
///
/// The same evidence gives the same bytes. Nothing is measured and nothing is judged that the evidence does not hold.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder with evidence.json.
    #[arg(long, env = "SHARDPROOF_FROM", default_value = "reports/latest", value_name = "DIR")]
    from: PathBuf,
    /// The folder for index.html; created if need be.
    #[arg(long, env = "SHARDPROOF_OUT", default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  shardproof report
  shardproof report --from reports/try --out reports/try";

/// Reads, renders and writes.
///
/// # Errors
/// When the evidence cannot be read, or the page not written; an older page is then as it was.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let evidence = Evidence::read(&arguments.from.join(file::FILE_NAME))?;
    let page = report::report(&evidence, &laws(&evidence))?;
    let path = arguments.out.join(report::FILE_NAME);
    atomic_file::save(&path, &page)
        .map_err(|source| EvidenceError::Write { path: path.clone(), source })
        .context("the page is not written")?;
    // A reader that has seen enough is no error: the page is on disk.
    let _ = writeln!(io::stdout(), "written to {} ({} kB)", path.display(), page.len() / 1000);
    Ok(Exit::Pass)
}

/// The scaling laws for the page. The one place where fits become rows.
fn laws(_evidence: &Evidence) -> Vec<ScalingLaw> {
    Vec::new()
}

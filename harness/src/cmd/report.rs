//! `shardproof report`: renders evidence as a self-contained page.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::base::atomic_file;
use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::history;
use crate::cmd::message::say;
use crate::cmd::output::Output;
use crate::document::{Document, counted};
use crate::evidence::Evidence;
use crate::evidence::file;
use crate::render::export::{self, Format};
use crate::render::report;

/// Renders DIR/evidence.json as a self-contained page, index.html.
///
/// Also writes the report as Markdown (report.md), JSON (report.json) and tables (csv/), latencies
/// for HdrHistogram's tools (hdr/), and the headline figures as SVG files for a README (figures/).
/// With --history, renders the history of results over several files instead. The output depends
/// only on the evidence. Nothing is measured.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Folder with evidence.json.
    #[arg(long, default_value = "reports/latest", value_name = "DIR")]
    from: PathBuf,
    /// Folder for index.html; created if it does not exist [default: the folder of --from or
    /// --history].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Base subject of ratios [default: seed, or else the first subject].
    #[arg(long, value_name = "NAME")]
    base: Option<String>,
    /// Instead, render the history of all evidence files in this folder and below as history.html.
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    history: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  shardproof report
  shardproof report --from reports/try --base sharded
  shardproof report --from reports/record/x86_64 --out /tmp/page
  shardproof report --history reports/record --out reports/history";

/// Reads, renders and writes; prints the path.
///
/// # Errors
/// If the evidence cannot be read or the page cannot be written; an existing page is then
/// unchanged.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let Arguments { from, out, base, history } = arguments;
    if let Some(dir) = history {
        return history::run(dir, out.as_deref().unwrap_or(dir), output);
    }
    let evidence = Evidence::read(&file::path_in(from))?;
    let document = Document::report(&evidence, base.as_deref())?;
    let page = report::report(&document, &evidence)?;
    let out: &Path = out.as_deref().unwrap_or(from);
    let _lock = FolderLock::take(out, "report")?;
    let path = out.join(report::FILE_NAME);
    // The other files are written even if writing the page fails.
    let saved = atomic_file::save(&path, &page).with_context(|| {
        format!("cannot write {}: choose another folder with --out", path.display())
    });
    let pictures = report::pictures(&document, &evidence)?;
    let drawn = pictures.iter().try_for_each(|picture| {
        let path = out.join(report::PICTURES_DIR).join(&picture.name);
        atomic_file::save(&path, &picture.svg)
            .with_context(|| format!("cannot write {}", path.display()))
    });
    let exported = export::write(&document, &evidence, &Format::ALL, out);
    saved?;
    drawn?;
    output.print(&format!("written to {} ({} kB)", path.display(), page.len() / 1000));
    let beside = exported.as_ref().map_or_else(
        |_| "\n".to_owned(),
        |files| {
            let count = files.len() + pictures.len();
            format!(
                ", with {count} files beside it: report.md, report.json, csv/, hdr/, figures/\n"
            )
        },
    );
    output.print(&beside);
    say_left_over(&export::left_over(out, &exported?));
    Ok(Exit::Pass)
}

/// Names the files of an earlier report that remain: a reader would take them for part of this one.
fn say_left_over(files: &[PathBuf]) {
    let Some(first) = files.first() else { return };
    say(format_args!(
        "warning: {} of an earlier report left in place, the first {}: remove them, or choose another \
         folder with --out",
        counted(files.len(), "file"),
        first.display()
    ));
}

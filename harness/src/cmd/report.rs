//! `shardproof report`: turns evidence into a page that needs no network.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use shardproof::base::atomic_file;
use shardproof::document::Document;
use shardproof::evidence::Evidence;
use shardproof::evidence::file;
use shardproof::render::export::{self, Format};
use shardproof::render::report;

use crate::cmd::exit::Exit;
use crate::cmd::history;

/// Renders DIR/evidence.json as one page, index.html, that can be read anywhere and without a network.
///
/// Beside it the same as Markdown (report.md), as JSON (report.json), as tables (csv/), latencies as files that HdrHistogram's
/// tools read (hdr/), and the first pictures of the page as SVG files for a README (figures/). With --history, one page of how
/// figures went from file to file instead. The same evidence
/// gives the same bytes. Nothing is measured.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder with evidence.json.
    #[arg(long, env = "SHARDPROOF_FROM", default_value = "reports/latest", value_name = "DIR")]
    from: PathBuf,
    /// The folder for index.html; created if need be.
    #[arg(long, env = "SHARDPROOF_OUT", default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// The subject that ratios are taken to [default: seed].
    #[arg(long, env = "SHARDPROOF_BASE", value_name = "NAME")]
    base: Option<String>,
    /// Instead, any number of files of evidence, in this folder and below, as history.html.
    #[arg(long, env = "SHARDPROOF_HISTORY", value_name = "DIR", conflicts_with = "from")]
    history: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  shardproof report
  shardproof report --from reports/try --out reports/try
  shardproof report --base sharded
  shardproof report --history reports/record --out reports/history";

/// Reads, renders and writes.
///
/// # Errors
/// When the evidence cannot be read, or the page not written; an older page is then as it was.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if let Some(dir) = &arguments.history {
        return history::run(dir, &arguments.out);
    }
    let evidence = Evidence::read(&arguments.from.join(file::FILE_NAME))?;
    let document = Document::report(&evidence, arguments.base.as_deref())?;
    let page = report::report(&document, &evidence)?;
    let path = arguments.out.join(report::FILE_NAME);
    atomic_file::save(&path, &page).with_context(|| {
        format!("cannot write {}: give another folder with --out", path.display())
    })?;
    let pictures = report::pictures(&evidence)?;
    for picture in &pictures {
        let path = arguments.out.join(report::PICTURES_DIR).join(&picture.name);
        atomic_file::save(&path, &picture.svg)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let exported = export::write(&document, &evidence, &Format::ALL, &arguments.out)?;
    // A reader that has seen enough is no error: everything is on disk.
    let _ = writeln!(
        io::stdout(),
        "written to {} ({} kB), with {} files beside it: report.md, report.json, csv/, hdr/, figures/",
        path.display(),
        page.len() / 1000,
        exported.len() + pictures.len()
    );
    Ok(Exit::Pass)
}

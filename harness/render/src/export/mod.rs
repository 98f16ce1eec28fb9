//! Exports a document to files: Markdown, CSV, JSON, and the two formats of HdrHistogram.

mod csv;
mod hgrm;
mod histogram;
mod hlog;
mod json;
mod names;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shardproof_base::atomic_file;
use shardproof_document::Document;
use shardproof_evidence::Evidence;

use crate::markdown;

/// The folder for HdrHistogram's formats, within the report's folder.
pub const HDR_FOLDER: &str = "hdr";
/// The folder for the tables, within the report's folder.
pub const CSV_FOLDER: &str = "csv";

/// The document as JSON, within the report's folder.
pub const JSON_FILE: &str = "report.json";

/// An export format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// The whole report: `report.md`.
    Markdown,
    /// One flat table per kind of record: `csv/*.csv`.
    Csv,
    /// The sections with their tables: `report.json`.
    Json,
    /// HdrHistogram's percentile distribution, one file per latency record: `hdr/*.hgrm`.
    Hgrm,
    /// HdrHistogram's interval log, one tagged line per latency record: `hdr/latencies.hlog`.
    Hlog,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Markdown, Self::Csv, Self::Json, Self::Hgrm, Self::Hlog];
}

/// A file to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportedFile {
    /// Its path within the report's folder.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why evidence could not be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A histogram in the evidence cannot be read.
    #[error(
        "field `latencies[{index}].histogram`: {reason}: expected a V2 histogram of HdrHistogram, \
         deflated, in Base64; measure again"
    )]
    Histogram {
        /// Which latency record, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be written; an existing one is unchanged.
    #[error("cannot write {}: choose another folder with --out, or make this one writable",
            path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Renders a document to files of one format; HdrHistogram's formats are made from the evidence
/// itself. The output depends only on the evidence.
///
/// # Errors
/// [`ExportError::Histogram`], only for HdrHistogram's formats.
pub fn export(
    document: &Document<'_>,
    evidence: &Evidence,
    format: Format,
) -> Result<Vec<ExportedFile>, ExportError> {
    let one = |name: &str, bytes| Ok(vec![ExportedFile { path: PathBuf::from(name), bytes }]);
    match format {
        Format::Markdown => one("report.md", markdown::render(document).into_bytes()),
        Format::Csv => Ok(csv::files(document)),
        Format::Json => one(JSON_FILE, json::render(document)),
        Format::Hgrm => hgrm::files(evidence),
        Format::Hlog => hlog::files(evidence),
    }
}

/// Writes a document in these formats to `folder`, which is created if needed, and returns the
/// files' paths. Nothing is written unless all formats can be rendered.
///
/// # Errors
/// [`ExportError`].
pub fn write(
    document: &Document<'_>,
    evidence: &Evidence,
    formats: &[Format],
    folder: &Path,
) -> Result<Vec<PathBuf>, ExportError> {
    let export = |format: &Format| export(document, evidence, *format);
    let files: Vec<Vec<ExportedFile>> = formats.iter().map(export).collect::<Result<_, _>>()?;
    let save = |file: ExportedFile| {
        let path = folder.join(file.path);
        match atomic_file::write(&path, |writer| writer.write_all(&file.bytes)) {
            Ok(()) => Ok(path),
            Err(source) => Err(ExportError::Write { path, source }),
        }
    };
    files.into_iter().flatten().map(save).collect()
}

/// Files of an earlier report in `folder` that [`write()`] did not replace: tables and latencies that
/// this evidence does not have. They are left as they are.
#[must_use]
pub fn left_over(folder: &Path, written: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (name, extension) in [(CSV_FOLDER, "csv"), (HDR_FOLDER, "hgrm")] {
        let entries = std::fs::read_dir(folder.join(name)).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        found.extend(paths.filter(|path| {
            path.extension().is_some_and(|it| it == extension) && !written.contains(path)
        }));
    }
    found.sort();
    found
}

//! A document as files for people and for other programs: Markdown, tables, and HdrHistogram's two
//! formats.

mod csv;
mod hgrm;
mod histogram;
mod hlog;
mod json;
mod names;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use shardproof_base::atomic_file;
use shardproof_base::names::UnknownName;
use shardproof_document::Document;
use shardproof_evidence::Evidence;

use crate::markdown;

/// The folder of HdrHistogram's formats, within that of the report.
pub const HDR_FOLDER: &str = "hdr";
/// The folder of the tables, within that of the report.
pub const CSV_FOLDER: &str = "csv";

/// The file of the document as JSON, within the folder of the report.
pub const JSON_FILE: &str = "report.json";

/// What evidence can be exported as.
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
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Markdown, Self::Csv, Self::Json, Self::Hgrm, Self::Hlog];

    /// Its name, as on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Hgrm => "hgrm",
            Self::Hlog => "hlog",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| UnknownName {
            kind: "export format",
            given: text.to_owned(),
            valid: Self::ALL.iter().map(|format| format.as_str()).collect(),
        })
    }
}

/// A file to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportedFile {
    /// Its path within the folder of the report.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why evidence could not be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A histogram in the evidence cannot be read.
    #[error(
        "field `latencies[{index}].histogram`: {reason}: it should be V2 of HdrHistogram's \
             format, deflated, in Base64; measure again"
    )]
    Histogram {
        /// Which latency record, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be written; an older one is as it was.
    #[error("cannot write {}: give another folder with --out, or make this one writable",
            path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What a document is as files of one format; those of HdrHistogram are made from the evidence
/// itself. The same evidence gives the same bytes.
///
/// # Errors
/// [`ExportError::Histogram`], from the two formats of HdrHistogram only.
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

/// Writes a document in these formats into `folder`, which is created if need be, and returns the
/// files' paths. Nothing is written unless all of it can be made.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_name_only() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err().to_string();
        assert!(
            error.contains("`xml`") && error.contains("markdown, csv, json, hgrm, hlog"),
            "{error}"
        );
    }
}

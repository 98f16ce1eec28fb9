//! The report: one page that says all that a document says, and needs no network to be read.

mod figures;
pub(crate) mod html;

use askama::Template;
use shardproof_document::{Document, Term};
use shardproof_evidence::Evidence;
use shardproof_judge::compare::{BASE_SUBJECT, compare};

use crate::chrome::styles;
pub use crate::figures::PictureFile;
use crate::figures::headline;
use crate::figures::page::Page;
use crate::plot::PlotError;
use figures::Source;
use html::Part;

/// The name of the page in its folder.
pub const FILE_NAME: &str = "index.html";

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A picture could not be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// A template could not be filled.
    #[error("a template could not be filled, which is a bug in shardproof: {0}")]
    Template(#[from] askama::Error),
}

/// The page of a document, with pictures of the evidence that it was made from. The same evidence
/// gives the same bytes.
///
/// # Errors
/// [`ReportError`], which only a bug can cause: what evidence lacks, the page says.
pub fn report(document: &Document<'_>, evidence: &Evidence) -> Result<String, ReportError> {
    let parts = html::parts(document, &Source::of(Page::new(evidence)))?;
    let (summary, sections) = parts.split_at(parts.len().min(1));
    let whole = Whole {
        version: &evidence.build.version,
        document,
        summary,
        sections,
        terms: document.glossary(),
        styles: styles(include_str!("style.css")),
        script: include_str!("script.js"),
    };
    Ok(whole.render()?)
}

/// The folder of pictures beside the page.
pub const PICTURES_DIR: &str = "figures";

/// The pictures that are files of their own, for a README: throughput beside the ceiling, and what
/// threads cost each other. Each has the colours for light and for dark in it. Without cells there
/// are none.
///
/// # Errors
/// [`ReportError`], which only a bug can cause.
pub fn pictures(evidence: &Evidence) -> Result<Vec<PictureFile>, ReportError> {
    Ok(headline::files(&Page::new(evidence), &compare(evidence, BASE_SUBJECT))?)
}

/// All of it.
#[derive(Template)]
#[template(path = "report/page.html")]
struct Whole<'b, 'a> {
    /// The version of the program that measured.
    version: &'b str,
    /// The document.
    document: &'b Document<'a>,
    /// The summary, which is what is seen first.
    summary: &'b [Part<'b, 'a>],
    /// All but the summary and the definitions.
    sections: &'b [Part<'b, 'a>],
    /// What is defined.
    terms: Vec<&'static Term>,
    /// The style sheet.
    styles: String,
    /// What makes the page handier where scripts run.
    script: &'b str,
}

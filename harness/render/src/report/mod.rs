//! The report: one page that says all that a document says, and needs no network to be read.

mod contention;
mod cost;
mod family;
mod figures;
mod held;
pub(crate) mod html;
mod over_time;
mod page;
mod percentiles;
mod rates;
mod snapshots;
mod throughput;

use askama::Template;
use shardproof_document::{Document, Term};
use shardproof_evidence::Evidence;

use crate::chrome::styles;
use crate::plot::PlotError;
use html::Part;
use page::Page;

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
    let parts = html::parts(document, &Page::new(evidence))?;
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

//! The report: a document as one self-contained HTML page.

mod figures;
pub(crate) mod html;

use askama::Template;
use shardproof_document::{Document, Term};
use shardproof_evidence::Evidence;
use shardproof_judge::compare::compare;

use crate::chrome::styles;
pub use crate::figures::PictureFile;
use crate::figures::headline;
use crate::figures::page::Page;
use crate::plot::PlotError;
use figures::FigureSource;
use html::SectionView;

/// The file name of the page.
pub const FILE_NAME: &str = "index.html";

/// Why a page could not be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A picture could not be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// A template could not be rendered.
    #[error("a template could not be rendered, which is a bug in shardproof: {0}")]
    Template(#[from] askama::Error),
}

/// Renders the page of a document, with figures of its evidence. The output depends only on the
/// evidence.
///
/// # Errors
/// [`ReportError`], which only a bug can cause; missing evidence is not an error.
pub fn report(document: &Document<'_>, evidence: &Evidence) -> Result<String, ReportError> {
    let parts = html::parts(document, &FigureSource::of(Page::new(evidence, document.base)))?;
    let (summary, sections) = parts.split_at(parts.len().min(1));
    let page = PageTemplate {
        version: &evidence.build.version,
        document,
        summary,
        sections,
        terms: document.glossary(),
        styles: styles(include_str!("style.css")),
        script: include_str!("script.js"),
    };
    Ok(page.render()?)
}

/// The folder for separate pictures, beside the page.
pub const PICTURES_DIR: &str = "figures";

/// The headline pictures as separate files, for a README: throughput and scaling efficiency, with
/// colours for light and dark pages. Empty without cells.
///
/// # Errors
/// [`ReportError`], which only a bug can cause.
pub fn pictures(
    document: &Document<'_>,
    evidence: &Evidence,
) -> Result<Vec<PictureFile>, ReportError> {
    let base = document.base;
    Ok(headline::files(&Page::new(evidence, base), &compare(evidence, base))?)
}

/// The template of the page.
#[derive(Template)]
#[template(path = "report/page.html")]
struct PageTemplate<'b, 'a> {
    /// The version of the program that measured.
    version: &'b str,
    /// The document.
    document: &'b Document<'a>,
    /// The summary, which comes first.
    summary: &'b [SectionView<'b, 'a>],
    /// The other sections.
    sections: &'b [SectionView<'b, 'a>],
    /// The terms to define.
    terms: Vec<&'static Term>,
    /// The style sheet.
    styles: String,
    /// A script for optional conveniences.
    script: &'b str,
}

//! The report: one page that says all that evidence says, and needs no network to be read.

mod certificate;
mod contention;
mod cost;
mod glossary;
mod head;
mod held;
mod html;
mod latency_table;
mod numbers;
mod over_time;
mod page;
mod percentiles;
mod rates;
mod rest;
mod scaling_law;
mod setup;
mod snapshots;
mod throughput;
mod verification;
mod warnings;

use askama::Template;
use shardproof_evidence::Evidence;
use shardproof_judge::scaling::fit_all;

use crate::chrome::styles;
use crate::plot::PlotError;
use glossary::Term;
use html::Section;
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

/// The page of `evidence`. The same evidence gives the same
/// bytes.
///
/// # Errors
/// [`ReportError`], which only a bug can cause: what evidence lacks, the page says.
pub fn report(evidence: &Evidence) -> Result<String, ReportError> {
    let page = Page::new(evidence);
    let sections = [
        certificate::section(&page)?,
        warnings::section(&page)?,
        verification::section(&page)?,
        contention::section(&page)?,
        throughput::section(&page)?,
        scaling_law::section(&page, &fit_all(evidence))?,
        percentiles::section(&page)?,
        over_time::section(&page)?,
        rates::section(&page)?,
        snapshots::section(&page)?,
        cost::section(&page)?,
        rest::operations(&page)?,
        rest::skipped(&page)?,
        setup::section(&page)?,
    ];
    let whole = Whole {
        version: &evidence.build.version,
        commit: head::commit(evidence),
        facts: head::facts(evidence),
        sections: &sections,
        terms: Term::ALL,
        styles: styles(include_str!("style.css")),
        script: include_str!("script.js"),
    };
    Ok(whole.render()?)
}

/// All of it.
#[derive(Template)]
#[template(path = "report/page.html")]
struct Whole<'a> {
    /// The version of the program that measured.
    version: &'a str,
    /// The commit.
    commit: String,
    /// What it is all about, without a verdict.
    facts: Vec<String>,
    /// All but the definitions.
    sections: &'a [Section],
    /// What is defined.
    terms: &'a [Term],
    /// The style sheet.
    styles: String,
    /// What makes the page handier where scripts run.
    script: &'a str,
}

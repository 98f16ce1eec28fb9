//! A page on the history of results over several evidence files.

mod change;
mod compare;
mod opening;
mod page;
mod plot;
mod series;

use shardproof_evidence::Evidence;

/// One evidence file.
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryFile {
    /// Its path relative to the given folder, with `/` as separator.
    pub path: String,
    /// Its content.
    pub evidence: Evidence,
}

/// A file that is not evidence, or cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkippedFile {
    /// Its path, as in [`HistoryFile`].
    pub path: String,
    /// Why it is skipped.
    pub reason: String,
}

/// Why no page could be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A picture could not be drawn.
    #[error("cannot draw `{what}`: {reason}")]
    Draw {
        /// Its title.
        what: String,
        /// The cause.
        reason: String,
    },
    /// The template could not be rendered.
    #[error("cannot render the page")]
    Page(#[from] askama::Error),
}

/// Renders a self-contained HTML page. Files are sorted by time of measurement; those without a
/// time come first, in natural order of their paths (`run2` before `run10`). The output does not
/// depend on the order in which files are given.
///
/// # Errors
/// [`HistoryError`].
pub fn page(
    mut files: Vec<HistoryFile>,
    mut skipped: Vec<SkippedFile>,
) -> Result<String, HistoryError> {
    files.sort_by(|one, other| {
        let times = begun_at(&one.evidence).cmp(&begun_at(&other.evidence));
        times.then_with(|| compare::natural(&one.path, &other.path))
    });
    skipped.sort_by(|one, other| compare::natural(&one.path, &other.path));
    page::render(&files, &skipped)
}

/// When evidence was measured, in UTC in the format of RFC 3339, which sorts by time.
fn begun_at(evidence: &Evidence) -> Option<&str> {
    evidence.config.as_ref()?.begun_at.as_deref()
}

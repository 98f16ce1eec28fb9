//! Many files of evidence as one page: how each figure went from file to file.

mod change;
mod compare;
mod page;
mod plot;
mod series;

use shardproof_evidence::Evidence;

/// One file of evidence.
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryFile {
    /// Where it is, from the folder that was given, with `/` between folders.
    pub path: String,
    /// What it says.
    pub evidence: Evidence,
}

/// A file that is no evidence, or cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkippedFile {
    /// Where it is, as in [`HistoryFile`].
    pub path: String,
    /// Why it is left out.
    pub reason: String,
}

/// Why no page could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A picture could not be drawn.
    #[error("cannot draw `{what}`: {reason}")]
    Draw {
        /// What it shows.
        what: String,
        /// Why not.
        reason: String,
    },
    /// The page could not be put together.
    #[error("cannot put the page together")]
    Page(#[from] askama::Error),
}

/// A page of HTML that needs nothing else. Files come in the natural order of their paths, in which
/// `run2` is before `run10`, since evidence does not say when it was gathered. The same files give
/// the same bytes, whatever their order.
///
/// # Errors
/// [`HistoryError`].
pub fn page(
    mut files: Vec<HistoryFile>,
    mut skipped: Vec<SkippedFile>,
) -> Result<String, HistoryError> {
    files.sort_by(|one, other| compare::natural(&one.path, &other.path));
    skipped.sort_by(|one, other| compare::natural(&one.path, &other.path));
    page::render(&files, &skipped)
}

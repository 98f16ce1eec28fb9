//! Evidence, comparisons and histories in; text and pictures out.

mod answers;
mod plot;
pub mod report;
mod sections;
pub mod terminal;
pub mod timeline;
pub mod verification;

//! Evidence, comparisons and histories in; text and pictures out.

mod answers;
pub mod export;
mod sections;
pub mod terminal;
pub mod timeline;
pub mod verification;

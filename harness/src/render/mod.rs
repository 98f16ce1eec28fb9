//! Evidence, comparisons and histories in; text and pictures out.

mod answers;
pub mod export;
pub mod history;
mod sections;
pub mod terminal;
pub mod timeline;
pub mod verification;

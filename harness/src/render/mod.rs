//! Evidence, comparisons and histories in; text and pictures out.

mod answers;
mod scaling;
mod sections;
pub mod terminal;
pub mod timeline;
pub mod verification;

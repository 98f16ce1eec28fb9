//! Evidence, comparisons and histories in; text and pictures out.

mod answers;
pub mod certificate;
mod chrome;
pub mod export;
pub mod history;
mod plot;
pub mod report;
mod scaling;
mod sections;
pub mod terminal;
pub mod verification;

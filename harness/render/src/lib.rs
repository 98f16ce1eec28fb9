//! Evidence and comparisons in; text and pictures out.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod answers;
pub mod certificate;
mod chrome;
pub mod export;
mod figures;
pub mod history;
mod plot;
pub mod report;
mod scaling;
mod sections;
pub mod terminal;
pub mod timeline;
pub mod verification;

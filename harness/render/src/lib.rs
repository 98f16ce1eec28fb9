//! Writes documents as text: the writers know tables and values, but no record types. Also draws
//! histories, figures and timelines.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod chrome;
pub mod export;
mod figures;
pub mod history;
mod markdown;
mod plot;
pub mod report;
pub mod terminal;
pub mod timeline;

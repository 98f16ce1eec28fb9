//! Documents in, text out: writers that know tables and values, and no record. Histories and
//! pictures too.

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

//! Shows that a store's answers are right, and that wrong ones would have been noticed.
//!
//! An executor runs a [`program::Program`] and records a [`history::History`]; one checker judges
//! all histories by the axioms of the store's contract.

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod budget;
pub mod campaign;
pub mod check;
pub mod edn;
pub mod execute;
pub mod explain;
#[cfg(feature = "faults")]
pub mod faults;
mod foreign;
pub(crate) mod format;
pub mod generate;
pub mod history;
pub mod key_table;
pub mod litmus;
mod observations;
mod operands;
pub mod program;
pub(crate) mod relevant_events;
#[cfg(test)]
pub(crate) mod samples;
pub mod search;
pub mod shrink;
pub mod timeline;

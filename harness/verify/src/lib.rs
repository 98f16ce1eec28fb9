//! Shows that a store's answers are right, and that wrong ones would have been noticed.
//!
//! A [`program::Program`] is run by an executor, which records a [`history::History`]; one checker
//! judges all histories by the axioms of the store's contract.

pub mod alphabet;
pub mod check;
pub(crate) mod concern;
pub mod edn;
pub mod execute;
pub mod explain;
#[cfg(feature = "faults")]
pub mod faults;
pub mod generate;
pub mod history;
pub mod litmus;
mod observe;
mod operands;
pub mod plan;
pub mod profile;
pub mod program;
#[cfg(test)]
pub(crate) mod samples;
pub mod search;
pub mod shrink;
pub mod timeline;
pub(crate) mod words;

//! Shows that a store's answers are right, and that wrong ones would have been noticed.
//!
//! A [`program::Program`] is run by an executor, which records a [`history::History`]; one checker
//! judges all histories by the axioms of the store's contract.

pub mod alphabet;
pub mod check;
pub mod history;
pub mod litmus;
pub mod program;

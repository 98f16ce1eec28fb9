//! Judges evidence: comparisons, scaling laws, verdicts, warnings and advice. Reads no clock, and
//! starts no threads except rayon's, whose number does not affect any result.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod advice;
pub mod certificate;
pub mod change;
pub mod compare;
#[cfg(any(test, feature = "samples"))]
mod samples;
pub mod scaling;
pub mod verification;
pub mod warnings;

pub use advice::{AdviceContext, advice};

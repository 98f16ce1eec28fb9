//! Evidence in, comparisons out: reads no clock, and starts no thread but those of rayon, whose
//! number changes no result.

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

pub use advice::{Circumstances, advice};

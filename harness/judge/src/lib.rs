//! Evidence in, comparisons out: reads no clock, and starts no thread but those of rayon, whose
//! number changes no result.

mod advice;
pub mod certificate;
pub mod compare;
#[cfg(any(test, feature = "samples"))]
mod samples;
pub mod scaling;
pub mod verification;
pub mod warnings;

pub use advice::advice;

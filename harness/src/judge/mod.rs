//! Evidence in, comparisons out: reads no clock, and starts no thread but those of rayon, whose
//! number changes no result.

pub mod certificate;
pub mod compare;
pub mod scaling;
pub mod verification;

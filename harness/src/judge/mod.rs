//! Evidence in, comparisons out: starts no thread and reads no clock.

pub mod certificate;
pub mod compare;
pub mod verification;

//! Evidence in, comparisons out: starts no thread and reads no clock.

pub mod compare;
pub mod verification;

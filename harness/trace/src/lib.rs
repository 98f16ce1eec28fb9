//! Counts what operations do, exactly, whatever the machine's mood.

pub mod allocations;

//! Exact counts of what operations do, unaffected by noise on the machine.

pub mod allocations;

//! Exact counts of what operations do, unaffected by noise on the machine.

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod allocations;

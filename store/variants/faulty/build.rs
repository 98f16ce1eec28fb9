//! Copies the store's sources and puts the seeded faults into the copy.

use std::process::ExitCode;

fn main() -> ExitCode {
    sharded_store_faults::build_variant()
}

//! `shardproof`: evidence that a concurrent, versioned store keeps its promises.

use std::process::ExitCode;

use shardproof::{CountingAllocator, Subjects};

/// Counts allocations, so that evidence can say how many an operation makes.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    shardproof::main(&Subjects::new())
}

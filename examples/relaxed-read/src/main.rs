//! One store for real threads, loom and shuttle: `cargo run --release -p relaxed-read -- verify`.
//!
//! `relaxed-read` has a mistake that its threads have not shown on an x86 processor, which keeps the
//! order that the store forgot to ask for. loom finds it, on any processor.

use std::process::ExitCode;

use shardproof::Subjects;

shardproof::variants!("store.rs");

fn main() -> ExitCode {
    shardproof::main(&Subjects::new().with_variants("relaxed-read", real::Store::new, |store| {
        store.with_loom(loom::Store::new).with_shuttle(shuttle::Store::new)
    }))
}

//! `shardproof`: evidence that a concurrent, versioned store keeps its promises.

mod cmd;

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use shardproof::trace::allocations::CountingAllocator;

use crate::cmd::exit::Exit;
use crate::cmd::{doctor, measure, merge, report, verify};

/// Counts allocations, so that evidence can say how many an operation makes.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Evidence that a concurrent, versioned store keeps its promises.
///
/// Without arguments: `shardproof measure` with its defaults.
#[derive(Debug, Parser)]
#[command(version, about, long_about, after_help = cmd::exit::HELP)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// One verb, one file, one `run`.
#[derive(Debug, Subcommand)]
enum Verb {
    Doctor(doctor::Arguments),
    Measure(measure::Arguments),
    Merge(merge::Arguments),
    Verify(verify::Arguments),
    Report(report::Arguments),
}

fn main() -> ExitCode {
    let Cli { verb } = Cli::parse_from(arguments());
    // The hook has already printed the panic: what is left is to say that it was one.
    let outcome = panic::catch_unwind(|| match verb {
        Verb::Doctor(arguments) => doctor::run(&arguments),
        Verb::Measure(arguments) => measure::run(&arguments),
        Verb::Merge(arguments) => merge::run(&arguments),
        Verb::Verify(arguments) => verify::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
    });
    match outcome {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => {
            eprintln!("error: {}", told(&error));
            Exit::Error.into()
        }
        Err(_) => Exit::Bug.into(),
    }
}

/// An error with its causes, each once: some messages quote their cause in the middle.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// The command line, with the main job where it names none.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.len() < 2 {
        arguments.push("measure".into());
    }
    arguments
}

//! `shardproof doctor`: what this machine can show, and what may spoil a measurement on it.

use anyhow::Context;
use clap::Args;
use shardproof::document::Document;
use shardproof::evidence::Evidence;
use shardproof::judge::warnings::warned;
use shardproof::machine::certificate::{Depth, STAGES, certify_with_progress};
use shardproof::machine::clock::Clock;
use shardproof::machine::describe;
use shardproof::render::terminal::render;

use crate::cmd::exit::Exit;
use crate::cmd::output::Output;
use crate::cmd::progress::Steps;
use crate::cmd::terminal;

/// Measures what this machine can show now, in about six seconds, and says what may spoil a
/// measurement on it.
///
/// It looks at the processors and how they are set, at what others take of them, at the clock, at
/// how long a cache line takes between processors, whether contention shows, and how much the same
/// thing measured twice differs. Each warning comes with advice. Results go to stdout, progress to
/// stderr. The exit code is 0 even if there are warnings. Nothing is written to disk.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Prints evidence as JSON, with nothing in it but the machine, the build, the certificate and
    /// the warnings.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  shardproof doctor
  shardproof doctor --json | jq .certificate.same_twice.noise_floor
  taskset -c 0-3 shardproof doctor";

/// Measures and prints.
///
/// # Errors
/// When the certificate cannot be written as JSON.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let evidence = examine();
    let text = if arguments.json {
        let json = serde_json::to_string_pretty(&evidence);
        json.context("the certificate cannot be written as JSON")? + "\n"
    } else {
        render(&Document::machine(&evidence), terminal::style())
    };
    output.print(&text);
    Ok(Exit::Pass)
}

/// Evidence with nothing in it but the certificate and what it warns of.
fn examine() -> Evidence {
    let mut steps = Steps::new(STAGES.len());
    let clock = Clock::new();
    let machine = describe(&clock);
    let certificate = certify_with_progress(&clock, Depth::Thorough, |stage| steps.at(stage, 0.0));
    steps.finish();
    let evidence = Evidence::new(machine, shardproof::build::describe());
    warned(Evidence { certificate: Some(certificate), ..evidence })
}

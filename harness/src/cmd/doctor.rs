//! `shardproof doctor`: how well this machine can measure.

use anyhow::Context;
use clap::Args;

use crate::cmd::exit::Exit;
use crate::cmd::output::Output;
use crate::cmd::progress::Steps;
use crate::cmd::terminal;
use crate::document::Document;
use crate::evidence::Evidence;
use crate::judge::warnings::with_warnings;
use crate::machine::certificate::{Depth, STAGES, certify_with_progress};
use crate::machine::clock::Clock;
use crate::machine::describe;
use crate::render::terminal::render;

/// Examines how well this machine can measure, in about six seconds.
///
/// It examines the processors and their configuration, load from other processes, the clock,
/// cache-line transfer times between processors, whether contention is visible, and the noise
/// floor. Each warning comes with advice. Results go to stdout, progress to stderr. The exit code
/// is 0 even if there are warnings. Nothing is written to disk.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Print the result as evidence in JSON: machine, build, certificate and warnings.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  shardproof doctor
  shardproof doctor --json | jq .certificate.same_twice.noise_floor
  taskset -c 0-3 shardproof doctor";

/// Examines the machine and prints the result.
///
/// # Errors
/// If the certificate cannot be written as JSON.
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

/// Evidence with only a certificate and its warnings.
fn examine() -> Evidence {
    let mut steps = Steps::new(STAGES.len());
    let clock = Clock::new();
    let machine = describe(&clock);
    let certificate = certify_with_progress(&clock, Depth::Thorough, |stage| steps.at(stage, 0.0));
    steps.finish();
    let evidence = Evidence::new(machine, crate::build::describe());
    with_warnings(Evidence { certificate: Some(certificate), ..evidence })
}

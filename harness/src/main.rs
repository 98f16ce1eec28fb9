//! `shardproof`: evidence that a concurrent, versioned store keeps its promises.

// stdout and stderr have one writer each, in `cmd::output` and `cmd::message`, which handle
// failures.
#![deny(clippy::print_stderr, clippy::print_stdout)]

mod cmd;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use shardproof::trace::allocations::CountingAllocator;

use crate::cmd::command_line::{self, Verb};
use crate::cmd::exit::Exit;
use crate::cmd::interrupt;
use crate::cmd::message::say;
use crate::cmd::output::Output;

/// Counts allocations, so that evidence can say how many an operation makes.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    let mut output = Output::default();
    let exit = match command_line::parse(std::env::args_os(), &mut output) {
        Ok(verb) => run(&verb, &mut output),
        Err(exit) => exit,
    };
    output.end(exit).into()
}

/// Runs a verb and reports errors.
fn run(verb: &Verb, output: &mut Output) -> Exit {
    if let Err(error) = interrupt::listen() {
        say(format_args!("warning: interrupts will not be handled: {error}"));
    }
    // The panic hook has already printed the message; only the exit code is left.
    match panic::catch_unwind(AssertUnwindSafe(|| verb.run(output))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            output.report(&error);
            Exit::Error
        }
        Err(_) => Exit::Bug,
    }
}

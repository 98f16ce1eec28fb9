//! The program: parses the command line, runs a verb, and reports how it ended.

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::process::{self, ExitCode};

use shardproof_registry::Subjects;

use crate::cmd::cargo_target::{self, Request};
use crate::cmd::command_line::{self, Verb};
use crate::cmd::exit::Exit;
use crate::cmd::interrupt;
use crate::cmd::message::say;
use crate::cmd::output::Output;

/// Runs the command line of this process: `measure`, `verify`, `report`, `doctor` and `merge`, on
/// the given subjects. Returns the exit code; `--help` lists what each means.
///
/// It is the whole `main` of a program, or of a benchmark target with `harness = false`, which
/// cargo and nextest can list and run as they do others:
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use shardproof::Subjects;
/// use shardproof::store::UnifiedStore; // In its place, your own store.
///
/// fn main() -> ExitCode {
///     shardproof::main(&Subjects::new().with("mine", UnifiedStore::new))
/// }
/// ```
///
/// With own subjects, `measure` and `verify` without `--subjects` use those.
#[must_use]
pub fn main(subjects: &Subjects) -> ExitCode {
    let mut output = Output::default();
    let exit = match cargo_target::request(std::env::args_os()) {
        Request::Run(arguments) => command(arguments, subjects, &mut output),
        Request::List(names) => {
            output.print(names);
            Exit::Pass
        }
        Request::Test => command(test(), subjects, &mut output),
    };
    output.end(exit).into()
}

/// The command line of the one test: verifies in a folder of its own, which stays for the findings.
fn test() -> Vec<OsString> {
    let folder = std::env::temp_dir().join(format!("shardproof-test-{}", process::id()));
    let words = ["shardproof", "verify", "--profile", "smoke", "--out"].map(OsString::from);
    words.into_iter().chain([folder.into_os_string()]).collect()
}

fn command(arguments: Vec<OsString>, subjects: &Subjects, output: &mut Output) -> Exit {
    match command_line::parse(arguments, subjects, output) {
        Ok(verb) => run(&verb, subjects, output),
        Err(exit) => exit,
    }
}

/// Runs a verb and reports errors.
fn run(verb: &Verb, subjects: &Subjects, output: &mut Output) -> Exit {
    if let Err(error) = interrupt::listen() {
        say(format_args!("warning: interrupts will not be handled: {error}"));
    }
    // The panic hook has already printed the message; only the exit code is left.
    match panic::catch_unwind(AssertUnwindSafe(|| verb.run(subjects, output))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            output.report(&error);
            Exit::Error
        }
        Err(_) => Exit::Bug,
    }
}

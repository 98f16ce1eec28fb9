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
/// ```
/// # use std::process::ExitCode;
/// # use shardproof::store::Storage;
/// use shardproof::Subjects;
///
/// # fn example<MyStore: Storage<Snapshot: 'static> + 'static>(new: fn() -> MyStore) -> ExitCode {
/// shardproof::main(&Subjects::new().with("mine", new))
/// # }
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
        Request::Test => test(subjects, &mut output),
        Request::Nothing => Exit::Pass,
    };
    output.end(exit).into()
}

/// The one test: verifies in a folder of its own, which stays if it fails, for the findings.
fn test(subjects: &Subjects, output: &mut Output) -> Exit {
    let folder = std::env::temp_dir().join(format!("shardproof-test-{}", process::id()));
    let words = ["shardproof", "verify", "--profile", "smoke", "--out"].map(OsString::from);
    let words = words.into_iter().chain([folder.clone().into_os_string()]);
    let exit = command(words.collect(), subjects, output);
    if exit == Exit::Pass {
        // What cannot be removed is only in the way.
        let _ = std::fs::remove_dir_all(folder);
    }
    exit
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

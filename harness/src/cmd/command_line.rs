//! The command line: verbs, help and usage errors.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use shardproof_registry::Subjects;

use crate::base::excerpt::{excerpt, message};
use crate::build;
use crate::cmd::exit::{self, Exit};
use crate::cmd::message::say;
use crate::cmd::output::Output;
use crate::cmd::{doctor, environment, measure, merge, report, terminal, verify};
use crate::render::terminal::ColourMode;

/// Evidence that a concurrent, versioned store keeps its promises.
///
/// Without arguments: `shardproof measure` with its defaults. Every flag has a matching environment
/// variable, such as SHARDPROOF_PROFILE for --profile; an empty one counts as unset.
#[derive(Debug, Parser)]
#[command(name = "shardproof", version = build::VERSION, about, long_about, after_help = exit::HELP)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

/// One verb, one file, one `run`.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Doctor(doctor::Arguments),
    Measure(measure::Arguments),
    Merge(merge::Arguments),
    Verify(verify::Arguments),
    Report(report::Arguments),
}

impl Verb {
    /// Runs the verb.
    pub(crate) fn run(&self, subjects: &Subjects, output: &mut Output) -> anyhow::Result<Exit> {
        match self {
            Self::Doctor(arguments) => doctor::run(arguments, output),
            Self::Measure(arguments) => measure::run(arguments, subjects, output),
            Self::Merge(arguments) => merge::run(arguments, output),
            Self::Verify(arguments) => verify::run(arguments, subjects, output),
            Self::Report(arguments) => report::run(arguments, output),
        }
    }
}

/// The complete clap command, which accepts the names of these subjects.
pub(crate) fn command(subjects: &Subjects) -> clap::Command {
    let command = CommandLine::command()
        .mut_subcommand("measure", |verb| measure::with_subjects(verb, subjects))
        .mut_subcommand("verify", |verb| verify::with_subjects(verb, subjects));
    environment::add_variables(command)
}

/// Parses the arguments into a verb. The error is the exit code, after help was printed or an error
/// was reported.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    subjects: &Subjects,
    output: &mut Output,
) -> Result<Verb, Exit> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.len() < 2 {
        // The default verb.
        arguments.push("measure".into());
    }
    let matches = command(subjects).try_get_matches_from(arguments);
    let parsed = matches.and_then(|matches| CommandLine::from_arg_matches(&matches));
    parsed.map(|CommandLine { verb }| verb).map_err(|error| explain(error, output))
}

/// Prints help, or reports a usage error.
fn explain(error: clap::Error, output: &mut Output) -> Exit {
    if error.use_stderr() {
        say(message(&bounded(error).render().to_string()));
        return Exit::Usage;
    }
    let text = error.render();
    let is_coloured = terminal::style().colour_mode == ColourMode::Colour;
    output.print(&if is_coloured { text.ansi().to_string() } else { text.to_string() });
    Exit::Pass
}

/// An error that quotes only bounded excerpts of the arguments.
fn bounded(mut error: clap::Error) -> clap::Error {
    let quoted = [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
        ContextKind::TrailingArg,
    ];
    let excerpts: Vec<(ContextKind, String)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) if quoted.contains(&kind) => {
                Some((kind, excerpt(text).to_string()))
            }
            _ => None,
        })
        .collect();
    for (kind, text) in excerpts {
        error.insert(kind, ContextValue::String(text));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_passes_the_checks_of_clap() {
        command(&Subjects::new()).debug_assert();
    }
}

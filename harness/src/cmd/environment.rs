//! Environment variables for flags: `SHARDPROOF_THREADS` for `--threads`, and likewise for every
//! flag of every verb.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::BoolishValueParser;
use clap::{Arg, ArgAction, Command};

/// Prefix of all variables.
const PREFIX: &str = "SHARDPROOF_";

/// The variable of a flag.
fn variable(flag: &str) -> String {
    format!("{PREFIX}{}", flag.to_uppercase().replace('-', "_"))
}

/// The variables that are set and not empty, sorted by name.
pub(crate) fn set_variables() -> impl Iterator<Item = (String, OsString)> {
    let ours = |(name, value): (OsString, OsString)| {
        let name = name.into_string().ok()?;
        (name.starts_with(PREFIX) && !value.is_empty()).then_some((name, value))
    };
    let mut all: Vec<_> = env::vars_os().filter_map(ours).collect();
    all.sort();
    all.into_iter()
}

/// Adds the variable to every flag of every verb.
pub(crate) fn add_variables(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |verb| verb.mut_args(|flag| with_variable(flag, env::var_os)))
    })
}

/// Adds its variable to a flag; `value` reads variables. An empty variable counts as unset, and so
/// does a false one for a switch.
fn with_variable(flag: Arg, value: impl Fn(String) -> Option<OsString>) -> Arg {
    let takes_value = flag.get_action().takes_values();
    let is_switch = matches!(flag.get_action(), ArgAction::SetTrue);
    let Some(name) = flag.get_long().map(variable).filter(|_| takes_value || is_switch) else {
        return flag;
    };
    let flag = if is_switch { flag.value_parser(BoolishValueParser::new()) } else { flag };
    let counts_as_unset =
        value(name.clone()).is_some_and(|it| it.is_empty() || (is_switch && is_no(&it)));
    if !counts_as_unset {
        return flag.env(name);
    }
    // clap would accept an empty value, and set a switch for any value.
    let mention = format!("[env: {name}=]");
    let short = flag.get_help().map_or_else(|| mention.clone(), |it| format!("{it} {mention}"));
    let long = flag.get_long_help().map(|it| format!("{it}\n\n{mention}"));
    match long {
        Some(long) => flag.help(short).long_help(long),
        None => flag.help(short),
    }
}

/// Whether a variable is false, as clap understands it.
fn is_no(value: &OsStr) -> bool {
    let value = value.to_str().unwrap_or_default().to_lowercase();
    ["n", "no", "f", "false", "off", "0"].contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Subjects;
    use crate::cmd::command_line;

    #[test]
    fn every_flag_of_every_verb_has_a_variable_and_the_help_shows_it() {
        let mut flags = 0;
        for verb in command_line::command(&Subjects::new()).get_subcommands_mut() {
            let help = verb.render_long_help().to_string();
            for flag in verb.get_arguments().filter(|it| it.get_long().is_some()) {
                let long = flag.get_long().unwrap();
                if matches!(long, "help" | "version") {
                    continue;
                }
                let expected = format!("SHARDPROOF_{}", long.to_uppercase().replace('-', "_"));
                let shown = format!("[env: {expected}=");
                assert!(help.contains(&shown), "{} --{long}: {help}", verb.get_name());
                flags += 1;
            }
        }
        assert!(flags > 20, "only {flags} flags were checked");
    }

    fn parse(flag: Arg, name: &'static str, text: &'static str) -> clap::ArgMatches {
        let set = |requested: String| (requested == name).then(|| text.into());
        Command::new("x").arg(with_variable(flag, set)).get_matches_from(["x"])
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let flag = Arg::new("threads").long("threads").help("Numbers.").default_value("7");
        let matches = parse(flag, "SHARDPROOF_THREADS", "");
        assert_eq!(matches.get_one::<String>("threads").unwrap(), "7");
    }

    #[test]
    fn a_false_variable_leaves_a_switch_unset() {
        for no in ["", "0", "no", "False", "off"] {
            let flag = Arg::new("json").long("json").action(ArgAction::SetTrue);
            let matches = parse(flag, "SHARDPROOF_JSON", no);
            assert!(!matches.get_flag("json"), "{no}");
        }
    }
}

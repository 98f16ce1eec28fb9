//! Exit codes.

use std::process::ExitCode;

/// The exit codes for the help text: only those that are returned.
pub(crate) const HELP: &str = "\
Exit codes:
  0    pass
  1    error: the message gives the cause and a fix
  2    usage: the command line is not valid
  4    correctness violation; takes precedence over an error
  5    inconclusive (only with --strict)
  70   a bug in shardproof
  130  interrupted by SIGINT
  143  interrupted by SIGTERM";

/// The outcome of a run, by increasing severity. A correctness violation takes precedence over
/// errors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Exit {
    /// Success.
    Pass,
    /// The evidence is inconclusive, and `--strict` was given.
    Inconclusive,
    /// The command line is not valid.
    Usage,
    /// The command failed, or its result could not be saved or printed.
    Error,
    /// A store gave a wrong answer.
    CorrectnessViolation,
    /// A bug in the program.
    Bug,
}

impl Exit {
    /// The exit code of the process.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Error => 1,
            Self::Usage => 2,
            Self::CorrectnessViolation => 4,
            Self::Inconclusive => 5,
            Self::Bug => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_outranks_an_error_and_both_outrank_inconclusive() {
        assert_eq!(Exit::CorrectnessViolation.max(Exit::Error), Exit::CorrectnessViolation);
        assert_eq!(Exit::Error.max(Exit::Inconclusive), Exit::Error);
        assert_eq!(Exit::Pass.max(Exit::Inconclusive), Exit::Inconclusive);
    }

    #[test]
    fn the_help_lists_exactly_the_codes_that_are_returned() {
        use Exit::{Bug, CorrectnessViolation, Error, Inconclusive, Pass, Usage};
        let mut codes = [Pass, Error, Usage, CorrectnessViolation, Inconclusive, Bug]
            .map(|exit| i32::from(exit.code()))
            .to_vec();
        codes.extend(crate::cmd::interrupt::EXIT_CODES);
        let listed: Vec<i32> =
            HELP.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
        assert_eq!(listed, codes);
    }
}

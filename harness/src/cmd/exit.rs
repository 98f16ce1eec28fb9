//! What the program's exit code says.

use std::process::ExitCode;

/// The exit codes, for the end of the help text. Only those that are returned.
pub(crate) const HELP: &str = "\
Exit codes:
  0    pass
  1    error: it could not be done; the message says why and what would help
  2    usage: the command line was not understood
  4    correctness violation; this outranks an error
  5    inconclusive (only where that is asked to count)
  70   a bug in shardproof
  130  interrupted by SIGINT
  143  interrupted by SIGTERM";

/// The outcome of a run, from the least to the gravest. Correctness outranks whatever else went
/// wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Exit {
    /// Done, and nothing is wrong.
    Pass,
    /// The evidence settles nothing, and that was asked to count.
    Inconclusive,
    /// The command line was not understood.
    Usage,
    /// It could not be done, or what was done could not be kept or printed.
    Error,
    /// A store gave a wrong answer.
    CorrectnessViolation,
    /// The program is wrong.
    Bug,
}

impl Exit {
    /// The code that a shell sees.
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
    fn correctness_outranks_an_error_and_both_outrank_what_is_inconclusive() {
        assert_eq!(Exit::CorrectnessViolation.max(Exit::Error), Exit::CorrectnessViolation);
        assert_eq!(Exit::Error.max(Exit::Inconclusive), Exit::Error);
        assert_eq!(Exit::Pass.max(Exit::Inconclusive), Exit::Inconclusive);
    }

    #[test]
    fn the_help_lists_the_codes_that_are_returned_and_no_others() {
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

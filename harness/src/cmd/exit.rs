//! What the program's exit code says.

use std::process::ExitCode;

/// The exit codes, for the end of the help text.
pub(crate) const HELP: &str = "\
Exit codes:
  0   pass
  1   error: it could not be done; the message says why and what would help
  2   usage: the command line was not understood
  3   performance regression
  4   correctness violation
  5   inconclusive (only where that is asked to count)
  6   the baseline is missing or cannot be compared
  7   invalid run
  70  a bug in shardproof";

/// The outcome of a run. Correctness outranks performance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[expect(dead_code, reason = "the codes are fixed before the verbs that return them")]
pub(crate) enum Exit {
    /// Done, and nothing is wrong.
    Pass = 0,
    /// It could not be done.
    Error = 1,
    /// The command line was not understood.
    Usage = 2,
    /// A change made something slower.
    PerformanceRegression = 3,
    /// A store gave a wrong answer.
    CorrectnessViolation = 4,
    /// The evidence settles nothing, and that was asked to count.
    Inconclusive = 5,
    /// There is nothing to compare with.
    BaselineMissing = 6,
    /// What was observed cannot be trusted.
    InvalidRun = 7,
    /// The program is wrong.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

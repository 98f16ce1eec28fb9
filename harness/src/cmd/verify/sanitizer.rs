//! Runs the store's threaded tests under ThreadSanitizer, with the script in `ci/` that CI uses.
//!
//! The result is about the sources that this program was built from, as they are now. Without them,
//! or without the tools, it is inconclusive.

use std::path::Path;
use std::process::Command;

use crate::cmd::message::say;
use crate::evidence::verification::{Verdict, Verification};

/// The one subject whose tests the script runs.
pub(super) const SUBJECT: &str = "sharded";
/// The name in the executor's column.
pub(super) const EXECUTOR: &str = "thread-sanitizer";
/// The property that is verified.
const PROPERTY: &str = "no-data-race";
/// The script, within the workspace.
const SCRIPT: &str = "ci/tsan.sh";
/// The beginning of the script's last line if it could not run.
const INCONCLUSIVE: &str = "inconclusive: ";
/// The beginning of the script's last line if there was no race.
const NO_RACE: &str = "no race: ";

/// The result of the script.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome {
    /// This many tests passed without a race.
    NoRace(u64),
    /// A race, or a test that failed.
    Failed(String),
    /// It could not run.
    NotRun(String),
}

/// Runs the script; its output goes to stderr.
pub(super) fn verify(subject: &str) -> Verification {
    say(format_args!("{subject} {EXECUTOR}: {SCRIPT}, a minute or two"));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    row(subject, run(manifest.parent().unwrap_or(manifest), "bash"))
}

fn run(workspace: &Path, shell: &str) -> Outcome {
    let script = workspace.join(SCRIPT);
    if !script.is_file() {
        let why = format!("{} does not exist: run this where it was built", script.display());
        return Outcome::NotRun(why);
    }
    match Command::new(shell).arg(&script).current_dir(workspace).output() {
        Err(error) => Outcome::NotRun(format!("`{shell}` cannot be started: {error}")),
        Ok(output) => {
            let (stdout, stderr) = (lossy(&output.stdout), lossy(&output.stderr));
            say(format_args!("{stdout}{stderr}").to_string().trim_end());
            outcome(output.status.success(), &stdout)
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The result from the script's exit status and its last line.
fn outcome(success: bool, printed: &str) -> Outcome {
    let last = printed.lines().last().unwrap_or_default();
    let tests = last.strip_prefix(NO_RACE).and_then(|rest| rest.split(' ').next()?.parse().ok());
    match (success, tests, last.strip_prefix(INCONCLUSIVE)) {
        (true, Some(tests @ 1..), _) => Outcome::NoRace(tests),
        (true, _, Some(reason)) => Outcome::NotRun(reason.to_owned()),
        (true, ..) => Outcome::NotRun(format!("{SCRIPT} reports no result: {last}")),
        (false, ..) => Outcome::Failed(last.to_owned()),
    }
}

fn row(subject: &str, outcome: Outcome) -> Verification {
    let (verdict, how_ended, tests, reason) = match outcome {
        Outcome::NoRace(tests) => {
            (Verdict::Pass, format!("bounded({tests} executions)"), tests, None)
        }
        Outcome::Failed(printed) => (Verdict::Fail, "found".to_owned(), 0, Some(printed)),
        Outcome::NotRun(why) => (Verdict::Inconclusive, "not run".to_owned(), 0, Some(why)),
    };
    Verification {
        subject: subject.to_owned(),
        property: PROPERTY.to_owned(),
        executor: EXECUTOR.to_owned(),
        verdict,
        how_ended,
        checked: tests,
        // The script first checks that a planted race is detected.
        could_have_failed: tests,
        reason,
        replay: SCRIPT.to_owned(),
        found: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(outcome: Outcome) -> (Verdict, String) {
        let row = row(SUBJECT, outcome);
        (row.verdict, row.reason.unwrap_or_default())
    }

    #[test]
    fn without_the_sources_the_result_is_inconclusive_and_names_the_script() {
        let folder = tempfile::tempdir().unwrap();
        let (verdict, reason) = verdict(run(folder.path(), "bash"));
        assert_eq!(verdict, Verdict::Inconclusive);
        assert!(reason.contains("ci/tsan.sh does not exist: run this where"), "{reason}");
    }

    #[test]
    fn without_a_shell_the_result_is_inconclusive() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ci")).unwrap();
        std::fs::write(folder.path().join(SCRIPT), "").unwrap();
        let (verdict, reason) = verdict(run(folder.path(), "no-such-shell"));
        assert_eq!(verdict, Verdict::Inconclusive);
        assert!(reason.contains("`no-such-shell` cannot be started"), "{reason}");
    }

    #[test]
    fn the_exit_status_and_the_last_line_decide() {
        let printed = "a planted race is seen: SUMMARY\nno race: 3 tests passed under it\n";
        assert_eq!(outcome(true, printed), Outcome::NoRace(3));
        let absent = outcome(true, "inconclusive: cargo is not installed\n");
        assert_eq!(absent, Outcome::NotRun("cargo is not installed".to_owned()));
        let race = outcome(false, "a race: SUMMARY: ThreadSanitizer: data race x.rs\n");
        assert_eq!(verdict(race).0, Verdict::Fail);
    }

    #[test]
    fn a_script_that_reports_nothing_or_ran_no_test_does_not_pass() {
        for printed in ["", "no race: 0 tests passed", "no race: all of them"] {
            assert_eq!(verdict(outcome(true, printed)).0, Verdict::Inconclusive, "{printed}");
        }
    }
}

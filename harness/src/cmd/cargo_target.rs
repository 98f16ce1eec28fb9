//! What cargo and nextest expect of a benchmark target with `harness = false`.
//!
//! `cargo bench` adds `--bench` to the arguments, and the rest is a command line. Without it, cargo
//! and nextest run the target as they run tests: it is then a program of one test, and understands
//! the arguments of libtest that decide whether that test runs.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use crate::cmd::shell;

/// The name of the one test: a short verification of the caller's own stores.
const TEST: &str = "verify_smoke";
/// Arguments of libtest that take a value.
const WITH_VALUE: [&str; 6] =
    ["--skip", "--test-threads", "--format", "--color", "--logfile", "--shuffle-seed"];

/// What this process is asked to do.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// To run the command line, without the arguments that cargo added.
    Run(Vec<OsString>),
    /// To print the names of its tests that are selected.
    List(&'static str),
    /// To run its test.
    Test,
    /// To run no test, because none is selected.
    Nothing,
}

/// Interprets the arguments of a process, its path first.
pub(crate) fn request(arguments: impl IntoIterator<Item = OsString>) -> Request {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let is_target = arguments.first().is_some_and(|path| name(Path::new(path)).is_some());
    let given = |flag: &str| arguments.iter().skip(1).any(|argument| argument == flag);
    // `--test` is criterion's word for running everything once.
    if !is_target || given("--bench") && !given("--test") {
        arguments.retain(|argument| argument != "--bench");
        return Request::Run(arguments);
    }
    let words: Vec<&str> =
        arguments.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
    match (words.contains(&"--list"), is_selected(&words)) {
        (true, true) => Request::List("verify_smoke: test\n"),
        (true, false) => Request::List(""),
        (false, true) => Request::Test,
        (false, false) => Request::Nothing,
    }
}

/// Whether the arguments of a test runner select the one test.
fn is_selected(words: &[&str]) -> bool {
    let is_exact = words.contains(&"--exact");
    let is_name = |filter: &str| if is_exact { TEST == filter } else { TEST.contains(filter) };
    let (mut filters, mut skipped) = (Vec::new(), false);
    let mut rest = words.iter().copied();
    while let Some(word) = rest.next() {
        if WITH_VALUE.contains(&word) {
            let value = rest.next();
            skipped |= word == "--skip" && value.is_some_and(is_name);
        } else if let Some(value) = word.strip_prefix("--skip=") {
            skipped |= is_name(value);
        } else if !word.starts_with('-') {
            filters.push(word);
        }
    }
    let only_ignored = words.contains(&"--ignored");
    !skipped && !only_ignored && (filters.is_empty() || filters.into_iter().any(is_name))
}

/// The words that start this program in a shell: `shardproof`, `cargo bench --bench NAME --`, or the
/// path of a user's own program.
pub(crate) fn command() -> String {
    command_of(Path::new(&env::args_os().next().unwrap_or_default()))
}

fn command_of(path: &Path) -> String {
    match name(path) {
        Some(target) => format!("cargo bench --bench {target} --"),
        None if path.file_stem().is_none_or(|stem| stem == "shardproof") => "shardproof".to_owned(),
        None => shell::quoted(path),
    }
}

/// The name of the target, if a path is that of one: cargo builds `benches/NAME.rs` as
/// `deps/NAME-HASH`.
fn name(path: &Path) -> Option<&str> {
    let is_built_by_cargo = path.parent()?.file_name()? == "deps";
    let (name, hash) = path.file_stem()?.to_str()?.rsplit_once('-')?;
    let is_hash = hash.len() == 16 && hash.chars().all(|letter| letter.is_ascii_hexdigit());
    (is_built_by_cargo && is_hash).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "/x/target/release/deps/shardproof-0123456789abcdef";

    fn of(arguments: &[&str]) -> Request {
        request(arguments.iter().map(OsString::from))
    }

    fn run(arguments: &[&str]) -> Request {
        Request::Run(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn cargo_bench_adds_its_flag_and_the_rest_is_the_command_line() {
        assert_eq!(of(&[TARGET, "--bench"]), run(&[TARGET]));
        let given = [TARGET, "measure", "--subjects", "mine", "--bench"];
        assert_eq!(of(&given), run(&given[..4]));
        let resumed = [TARGET, "measure", "--bench", "--resume"];
        assert_eq!(of(&resumed), run(&[TARGET, "measure", "--resume"]));
    }

    #[test]
    fn commands_that_are_printed_start_the_same_program() {
        for (path, command) in [
            (TARGET, "cargo bench --bench shardproof --"),
            ("target/release/shardproof", "shardproof"),
            ("target/release/my-store", "target/release/my-store"),
            ("my store", "'my store'"),
            ("", "shardproof"),
        ] {
            assert_eq!(command_of(Path::new(path)), command);
        }
    }

    #[test]
    fn without_it_a_target_is_a_test_of_one_name() {
        for selecting in [
            &[][..],
            &["--test"],
            &["--bench", "--test"],
            &["verify_smoke", "--exact", "--nocapture"],
            &["smoke"],
            &["verify"],
            &["--test-threads", "1"],
            &["--test-threads=1", "--color=always", "-q"],
            &["--include-ignored"],
            &["--skip", "other"],
        ] {
            let words: Vec<&str> = [TARGET].iter().chain(selecting).copied().collect();
            assert_eq!(of(&words), Request::Test, "{selecting:?}");
            let list: Vec<&str> = words.iter().chain(&["--list"]).copied().collect();
            assert_eq!(of(&list), Request::List("verify_smoke: test\n"), "{selecting:?}");
        }
        for excluding in [
            &["--ignored"][..],
            &["measure"],
            &["verify", "--exact"],
            &["--skip", "smoke"],
            &["--skip=verify"],
        ] {
            let words: Vec<&str> = [TARGET].iter().chain(excluding).copied().collect();
            assert_eq!(of(&words), Request::Nothing, "{excluding:?}");
        }
        let list = [TARGET, "--list", "--format", "terse", "--ignored"];
        assert_eq!(of(&list), Request::List(""));
    }

    #[test]
    fn a_program_has_only_its_command_line() {
        for program in ["shardproof", "/usr/bin/shardproof", "target/release/shardproof"] {
            assert_eq!(of(&[program]), run(&[program]));
            assert_eq!(of(&[program, "measure", "--list"]), run(&[program, "measure", "--list"]));
            assert_eq!(name(Path::new(program)), None);
        }
        assert_eq!(name(Path::new(TARGET)), Some("shardproof"));
        assert_eq!(
            name(Path::new("target/debug/deps/my-store-0123456789abcdef")),
            Some("my-store")
        );
    }
}

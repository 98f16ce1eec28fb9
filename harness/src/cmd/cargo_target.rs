//! What cargo and nextest expect of a benchmark target with `harness = false`.
//!
//! `cargo bench` adds `--bench` to the arguments. `cargo test --benches` and nextest run the same
//! target as a test, without `--bench`; nextest first asks for its tests with `--list`.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use crate::cmd::shell;

/// The name of the one test: a short verification of the caller's own stores.
const TEST: &str = "verify_smoke";

/// What this process is asked to do.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// To run the command line, without the arguments that cargo added.
    Run(Vec<OsString>),
    /// To print the names of its tests, if it has any of the kind.
    List(&'static str),
    /// To run its test.
    Test,
}

/// Interprets the arguments of a process, its path first.
pub(crate) fn request(arguments: impl IntoIterator<Item = OsString>) -> Request {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let is_target = arguments.first().is_some_and(|path| name(Path::new(path)).is_some());
    let given = |flag: &str| arguments.iter().skip(1).any(|argument| argument == flag);
    if !is_target || given("--bench") {
        arguments.retain(|argument| argument != "--bench");
        return Request::Run(arguments);
    }
    let format = arguments.windows(2).find(|pair| pair[0] == "--format");
    if given("--list") && format.is_some_and(|pair| pair[1] == "terse") {
        return Request::List(if given("--ignored") { "" } else { "verify_smoke: test\n" });
    }
    // Arguments that are not of a test runner are a command line.
    let is_of_runner = |argument: &OsString| {
        let runner = ["--exact", "--nocapture", "--test", "--quiet", "-q", TEST];
        runner.iter().any(|it| argument == it)
    };
    if arguments.iter().skip(1).all(is_of_runner) { Request::Test } else { Request::Run(arguments) }
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
        // Started by hand.
        assert_eq!(of(&given[..4]), run(&given[..4]));
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
        assert_eq!(of(&[TARGET]), Request::Test);
        assert_eq!(of(&[TARGET, "--test"]), Request::Test);
        assert_eq!(of(&[TARGET, "verify_smoke", "--exact", "--nocapture"]), Request::Test);
        let list = [TARGET, "--list", "--format", "terse", "--ignored"];
        assert_eq!(of(&list[..4]), Request::List("verify_smoke: test\n"));
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

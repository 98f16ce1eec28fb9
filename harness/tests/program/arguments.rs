//! Flags, their environment variables, and excerpts in errors.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

use crate::support::program::shardproof;

#[test]
fn an_empty_environment_variable_counts_as_unset() {
    let names = [
        "PROFILE",
        "MATRIX",
        "SUBJECTS",
        "WORKLOADS",
        "PLACEMENTS",
        "THREADS",
        "FILTER",
        "SECTIONS",
        "PARTITION",
        "PIN",
        "SEED",
        "OUT",
        "RESUME",
    ];
    let mut command = shardproof();
    command.args(["measure", "--list"]);
    for name in names {
        command.env(format!("SHARDPROOF_{name}"), "");
    }
    let plain = shardproof().args(["measure", "--list"]).output().unwrap().stdout;
    assert_eq!(command.assert().success().get_output().stdout, plain);
}

#[test]
fn a_variable_switches_a_flag_on_or_off() {
    for yes in ["1", "true", "yes", "on"] {
        let mut command = shardproof();
        command.args(["measure", "--profile", "smoke"]).env("SHARDPROOF_LIST", yes);
        command.assert().success().stdout(contains("Throughput: "));
    }
    // A flag that is off conflicts with no other.
    let folder = TempDir::new().unwrap();
    let mut command = shardproof();
    command.args(["verify", "--program", "nowhere.json"]).env("SHARDPROOF_FAULTS", "0");
    command.current_dir(folder.path());
    command.assert().code(1).stderr(contains("cannot read nowhere.json"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is made for an error");
    let mut command = shardproof();
    command.arg("measure").env("SHARDPROOF_LIST", "perhaps");
    command.assert().code(2).stderr(contains("perhaps"));
}

#[test]
fn an_empty_variable_is_still_in_the_help() {
    let mut command = shardproof();
    command.args(["measure", "--help"]).env("SHARDPROOF_THREADS", "");
    command.assert().success().stdout(contains("[env: SHARDPROOF_THREADS=]"));
}

#[test]
fn an_error_quotes_a_bounded_excerpt_without_control_characters() {
    let folder = TempDir::new().unwrap();
    let long = format!("\u{1b}[31m{}", "x".repeat(50_000));
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let text = format!("\"{}\"", "x".repeat(50_000));
    let evidence = file("evidence.json", format!("{{\"schema\": {text}}}"));
    let program = file("program.json", format!("{{\"threads\": {text}, \"setup\": []}}"));
    let history = file("history.shp", format!("{{\"schema\": {text}}}\n"));
    let matrix = file("matrix.toml", format!("subjects = [{text}]\n"));
    let named = file(
        "named.toml",
        format!(
            "subjects = [\"seed\"]\n[[cells]]\nworkloads = [{text}]\nplacements = [\"shared\"]\n"
        ),
    );
    let partition = format!("{}/2", "1".repeat(50_000));
    let out = folder.path().to_str().unwrap();
    let cases: &[&[&str]] = &[
        &["measure", "--subjects", &long],
        &["measure", "--workloads", &long],
        &["measure", "--workloads", &format!("get100+{long}=1")],
        &["measure", "--workloads", &format!("get100+keys_per_run={long}")],
        &["measure", "--workloads", &format!("get100+keys={long}")],
        &["measure", "--placements", &long],
        &["measure", "--threads", &long],
        &["measure", "--filter", &format!("({long}")],
        &["measure", "--filter", &long],
        &["measure", "--sections", &long],
        &["measure", "--partition", &partition],
        &["measure", "--profile", &long],
        &["measure", "--pin", &long],
        &["measure", "--seed", &long],
        &["measure", "--matrix", &matrix],
        &["measure", "--matrix", &named],
        &["measure", &long],
        &["measure", &format!("--{long}")],
        &[&long],
        &["verify", "--out", out, "--subjects", &long],
        &["verify", "--out", out, "--executors", &long],
        &["verify", "--out", out, "--faults", "--fault", &long],
        &["verify", "--out", out, "--program", &program],
        &["verify", "--out", out, "--history", &history],
        &["merge", &evidence, "--out", out],
        &["report", "--from", out],
    ];
    for arguments in cases {
        let output = shardproof().args(*arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let name: Vec<String> = arguments.iter().map(|it| it.chars().take(30).collect()).collect();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{name:?}: {stderr}");
        assert!(stderr.len() < 2_500, "{name:?}: {} bytes", stderr.len());
        assert!(!stderr.contains('\u{1b}'), "{name:?}: {stderr}");
    }
}

#[test]
fn wrong_answers_of_the_control_count_only_if_it_is_named() {
    let folder = TempDir::new().unwrap();
    let matrix = folder.path().join("mine.toml");
    fs::write(
        &matrix,
        "subjects = [\"seed\"]\nthreads = [1]\n[[cells]]\nworkloads = [\"get100\"]\n\
         placements = [\"disjoint\"]\n",
    )
    .unwrap();
    let measure = || {
        let mut command = shardproof();
        command.args(["measure", "--profile", "smoke", "--sections", "snapshots", "--matrix"]);
        command.arg(&matrix).arg("--out").arg(folder.path().join("out"));
        command
    };
    let line = "seed: wrong answers through a held snapshot, by design";
    measure().assert().success().stdout(contains(line));
    measure().args(["--subjects", "seed"]).assert().code(4).stdout(contains(line).not());
}

#[test]
fn the_help_lists_only_exit_codes_that_are_returned() {
    let help = shardproof().arg("--help").output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    for code in ["  0  ", "  1  ", "  2  ", "  4  ", "  5  ", "  70 ", "  130  ", "  143  "] {
        assert!(help.contains(code), "{code}: {help}");
    }
    for code in ["  3  ", "  6  ", "  7  "] {
        assert!(!help.contains(code), "{code}: {help}");
    }
}

//! Results survive a full, closed or missing stdout, stderr or disk, and signals.
#![cfg(all(target_os = "linux", feature = "faults", feature = "loom", feature = "shuttle"))]

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use shardproof::evidence::Evidence;
use tempfile::TempDir;

use crate::support::program::shardproof;
use crate::support::short_commands::{MEASURE, SEED};

/// The program with these arguments and a clean environment.
fn program(arguments: &[&str], out: &Path) -> Command {
    let mut command = Command::new(shardproof().get_program());
    command.env_clear().args(arguments).arg("--out").arg(out);
    command
}

/// A shell with a clean environment, except for the search path.
fn shell(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The same with a limit on file size, which simulates a full disk.
fn without_room(arguments: &[&str], out: &Path) -> Command {
    let mut command = shell("bash");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
    command.arg(shardproof().get_program()).args(arguments).arg("--out").arg(out);
    command
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

/// The write end of a pipe without a reader.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("it was killed: {output:?}"))
}

fn streams(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_full_disk_does_not_hide_a_violation() {
    let folder = TempDir::new().unwrap();
    let output = without_room(SEED, folder.path()).output().unwrap();
    let (stdout, stderr) = streams(&output);
    assert_eq!(code(&output), 4, "{stderr}");
    assert!(stdout.contains("subject `seed` breaks `"), "{stdout}");
    assert!(stdout.contains("fail") && !stdout.contains("written to"), "{stdout}");
    assert!(!stdout.contains("Again:"), "there is no such program: {stdout}");
    let evidence = format!("cannot write {}", folder.path().join("evidence.json").display());
    assert_eq!(stderr.matches(&evidence).count(), 1, "{stderr}");
}

#[test]
fn a_full_disk_does_not_hide_a_seeded_fault() {
    let folder = TempDir::new().unwrap();
    let hunt = ["verify", "--faults", "--fault", "R1", "--executors", "sequential"];
    let output = without_room(&hunt, folder.path()).output().unwrap();
    let (stdout, stderr) = streams(&output);
    assert_eq!(code(&output), 1, "{stderr}");
    assert!(stdout.contains("R1") && stdout.contains("killed"), "{stdout}");
    assert!(stderr.contains("evidence.json"), "{stderr}");
}

#[test]
fn results_that_cannot_be_written_are_printed_and_kept_in_the_journal() {
    let folder = TempDir::new().unwrap();
    // A file cannot be renamed to a non-empty folder.
    fs::create_dir_all(folder.path().join("evidence.json/in the way")).unwrap();
    let output = program(MEASURE, folder.path()).output().unwrap();
    let (stdout, stderr) = streams(&output);
    assert_eq!(code(&output), 1, "{stderr}");
    assert!(stdout.contains("ceiling") && stdout.contains("Mops/s"), "{stdout}");
    assert!(!stdout.contains("written to"), "{stdout}");
    assert!(stderr.contains("error: cannot write") && stderr.contains("--resume"), "{stderr}");

    fs::remove_dir_all(folder.path().join("evidence.json")).unwrap();
    let output = program(MEASURE, folder.path()).arg("--resume").output().unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(folder.path().join("evidence.json").is_file());
}

#[test]
fn a_folder_that_vanishes_is_created_again() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let mut child = program(MEASURE, &out).stdout(Stdio::piped()).spawn().unwrap();
    wait_for(&mut child, || out.join("measure.journal").exists());
    fs::remove_dir_all(&out).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(streams(&output).0.contains("Mops/s"));
    assert!(out.join("evidence.json").exists());
}

#[test]
fn stderr_never_matters() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    for stderr in [|| Stdio::from(full()), closed_pipe] {
        let output = program(MEASURE, &out).stderr(stderr()).output().unwrap();
        assert_eq!(code(&output), 0);
        assert!(streams(&output).0.contains("Mops/s"));
        let output = program(SEED, &out).stderr(stderr()).output().unwrap();
        assert_eq!(code(&output), 4);
        for (arguments, expected) in [
            (&["measure", "--filter", "nothing/at/all"][..], 1),
            (&["measure", "--threads", "none"], 2),
            (&["merge", "nowhere.json"], 1),
            (&["report", "--from", "nowhere"], 1),
            (&["report", "--history", "nowhere"], 1),
            (&["verify", "--program", "nowhere.json"], 1),
            (&["verify", "--history", "nowhere.shp"], 1),
        ] {
            let output = program(arguments, &out).stderr(stderr()).output().unwrap();
            assert_eq!(code(&output), expected, "{arguments:?}");
        }
    }
}

#[test]
fn an_incomplete_stdout_is_an_error_after_everything_is_written() {
    let folder = TempDir::new().unwrap();
    let out = folder.path();
    let failed = |arguments: &[&str], expected: i32| {
        let mut command = Command::new(shardproof().get_program());
        let output = command.env_clear().args(arguments).stdout(full()).output().unwrap();
        let (_, stderr) = streams(&output);
        assert_eq!(code(&output), expected, "{arguments:?}: {stderr}");
        assert!(stderr.contains("error: cannot write to stdout"), "{arguments:?}: {stderr}");
    };
    let path = out.to_str().unwrap();
    failed(&[MEASURE, &["--out", path]].concat(), 1);
    failed(&[SEED, &["--out", path]].concat(), 4);
    assert!(out.join("evidence.json").exists() && !out.join("measure.journal").exists());
    failed(&["report", "--from", path], 1);
    failed(&["report", "--history", path], 1);
    let history = out.join("findings/seed-sequential-no-lost-update/history.shp");
    failed(&["verify", "--history", history.to_str().unwrap()], 4);
    failed(&["measure", "--list"], 1);
    failed(&["doctor", "--json"], 1);
    failed(&["--help"], 1);
    failed(&["--version"], 1);
}

#[test]
fn a_reader_that_closes_the_pipe_is_not_an_error() {
    let folder = TempDir::new().unwrap();
    for (arguments, expected) in [(MEASURE, 0), (SEED, 4)] {
        let output = program(arguments, folder.path()).stdout(closed_pipe()).output().unwrap();
        let (_, stderr) = streams(&output);
        assert_eq!(code(&output), expected, "{stderr}");
        assert!(!stderr.contains("error") && !stderr.contains("panicked"), "{stderr}");
    }
    assert!(folder.path().join("evidence.json").exists());
}

/// Waits until `is_so`, which must come before the process ends.
fn wait_for(child: &mut Child, is_so: impl Fn() -> bool) {
    while !is_so() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Interrupts a process; returns its exit code and stderr.
fn interrupt(mut child: Child, signal: &str) -> (i32, String) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let text: Vec<String> = stderr.lines().map(Result::unwrap).collect();
    (child.wait().unwrap().code().expect("it ends by itself"), text.join("\n"))
}

/// The printed command, for a shell.
fn printed_command(text: &str) -> Command {
    let line = text.lines().find_map(|line| line.strip_prefix("to continue: "));
    let mut command = shell("sh");
    command.args(["-c", line.unwrap_or_else(|| panic!("no command: {text}"))]);
    command
}

#[test]
fn an_interrupted_measurement_resumes_with_the_printed_command() {
    for (signal, expected) in [("-INT", 130), ("-TERM", 143)] {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("it's here");
        let matrix =
            ["measure", "--profile", "smoke", "--sections", "throughput", "--workloads", "put100"];
        let mut command = program(&matrix, &out);
        command.env("SHARDPROOF_THREADS", "1,2");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let journal = out.join("measure.journal");
        let lines = || fs::read_to_string(&journal).unwrap_or_default().lines().count();
        wait_for(&mut child, || lines() > 10);
        let (code, text) = interrupt(child, signal);
        assert_eq!(code, expected, "{text}");
        assert!(text.contains("measure.journal"), "{text}");
        // No partial line, no temporary file, no lock.
        assert!(fs::read_to_string(&journal).unwrap().ends_with("}\n"));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
        let output = printed_command(&text).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(streams(&output).1.contains("continuing after"), "{output:?}");
        assert!(out.join("evidence.json").exists());
    }
}

#[test]
fn an_interrupted_verification_reports_what_was_saved_and_resumes() {
    let folder = TempDir::new().unwrap();
    let executors = "sequential,shuttle,pct,stress";
    let arguments =
        ["verify", "--profile", "smoke", "--subjects", "seed,sharded", "--executors", executors];
    let mut command = program(&arguments, folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let searches = || {
        let evidence = Evidence::read(&folder.path().join("evidence.json")).ok();
        evidence.and_then(|it| it.verification).map_or(0, |it| it.searches.len())
    };
    wait_for(&mut child, || searches() >= 2);
    let (code, text) = interrupt(child, "-INT");
    assert_eq!(code, 130, "{text}");
    assert!(text.contains("are in") && text.contains("evidence.json"), "{text}");
    assert!(text.contains("violation: ") && text.contains("seed-sequential"), "{text}");
    let output = printed_command(&text).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}

//! What becomes of results when stdout, stderr or the disk is full, closed or gone, and when a signal
//! comes.
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

/// The program with these arguments and nothing of the environment.
fn program(arguments: &[&str], out: &Path) -> Command {
    let mut command = Command::new(shardproof().get_program());
    command.env_clear().args(arguments).arg("--out").arg(out);
    command
}

/// A shell, with nothing of the environment but where programs are.
fn shell(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The same under a limit on the length of files, which stands for a full disk.
fn without_room(arguments: &[&str], out: &Path) -> Command {
    let mut command = shell("bash");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
    command.arg(shardproof().get_program()).args(arguments).arg("--out").arg(out);
    command
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

/// The end of a pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("it was killed: {output:?}"))
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_full_disk_hides_no_broken_promise() {
    let folder = TempDir::new().unwrap();
    let output = without_room(SEED, folder.path()).output().unwrap();
    let (stdout, stderr) = said(&output);
    assert_eq!(code(&output), 4, "{stderr}");
    assert!(stdout.contains("subject `seed` breaks `"), "{stdout}");
    assert!(stdout.contains("fail") && !stdout.contains("written to"), "{stdout}");
    assert!(!stdout.contains("Again:"), "there is no such program: {stdout}");
    let evidence = format!("cannot write {}", folder.path().join("evidence.json").display());
    assert_eq!(stderr.matches(&evidence).count(), 1, "{stderr}");
}

#[test]
fn a_full_disk_hides_no_seeded_fault() {
    let folder = TempDir::new().unwrap();
    let hunt = ["verify", "--faults", "--fault", "R1", "--executors", "sequential"];
    let output = without_room(&hunt, folder.path()).output().unwrap();
    let (stdout, stderr) = said(&output);
    assert_eq!(code(&output), 1, "{stderr}");
    assert!(stdout.contains("R1") && stdout.contains("killed"), "{stdout}");
    assert!(stderr.contains("evidence.json"), "{stderr}");
}

#[test]
fn figures_that_cannot_be_written_are_printed_and_the_journal_keeps_them() {
    let folder = TempDir::new().unwrap();
    // Nothing can be renamed to a folder that is not empty.
    fs::create_dir_all(folder.path().join("evidence.json/in the way")).unwrap();
    let output = program(MEASURE, folder.path()).output().unwrap();
    let (stdout, stderr) = said(&output);
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
fn a_folder_that_vanishes_is_made_again() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let mut child = program(MEASURE, &out).stdout(Stdio::piped()).spawn().unwrap();
    wait_for(&mut child, || out.join("measure.journal").exists());
    fs::remove_dir_all(&out).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(said(&output).0.contains("Mops/s"));
    assert!(out.join("evidence.json").exists());
}

#[test]
fn stderr_never_matters() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    for stderr in [|| Stdio::from(full()), closed_pipe] {
        let output = program(MEASURE, &out).stderr(stderr()).output().unwrap();
        assert_eq!(code(&output), 0);
        assert!(said(&output).0.contains("Mops/s"));
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
        let (_, stderr) = said(&output);
        assert_eq!(code(&output), expected, "{arguments:?}: {stderr}");
        assert!(stderr.contains("error: cannot write to stdout"), "{arguments:?}: {stderr}");
    };
    let path = out.to_str().unwrap();
    failed(&[MEASURE, &["--out", path]].concat(), 1);
    failed(&[SEED, &["--out", path]].concat(), 4);
    assert!(out.join("evidence.json").exists() && !out.join("measure.journal").exists());
    failed(&["report", "--from", path], 1);
    failed(&["report", "--history", path], 1);
    let history = out.join("findings/seed-sequential/history.shp");
    failed(&["verify", "--history", history.to_str().unwrap()], 4);
    failed(&["measure", "--list"], 1);
    failed(&["doctor", "--json"], 1);
    failed(&["--help"], 1);
    failed(&["--version"], 1);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = TempDir::new().unwrap();
    for (arguments, expected) in [(MEASURE, 0), (SEED, 4)] {
        let output = program(arguments, folder.path()).stdout(closed_pipe()).output().unwrap();
        let (_, stderr) = said(&output);
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

/// Interrupts a process, and returns the exit code and what it said on stderr.
fn interrupt(mut child: Child, signal: &str) -> (i32, String) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let text: Vec<String> = stderr.lines().map(Result::unwrap).collect();
    (child.wait().unwrap().code().expect("it ends by itself"), text.join("\n"))
}

/// The command that is printed, as a shell takes it.
fn printed_command(text: &str) -> Command {
    let line = text.lines().find_map(|line| line.strip_prefix("to go on: "));
    let mut command = shell("sh");
    command.args(["-c", line.unwrap_or_else(|| panic!("no command: {text}"))]);
    command
}

#[test]
fn an_interrupted_measurement_goes_on_with_the_command_that_it_prints() {
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
        // No half line, no temporary file, no lock.
        assert!(fs::read_to_string(&journal).unwrap().ends_with("}\n"));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
        let output = printed_command(&text).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(said(&output).1.contains("going on after"), "{output:?}");
        assert!(out.join("evidence.json").exists());
    }
}

#[test]
fn an_interrupted_verification_says_what_is_kept_and_goes_on() {
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
    assert!(text.contains("a broken promise: ") && text.contains("seed-sequential"), "{text}");
    let output = printed_command(&text).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}

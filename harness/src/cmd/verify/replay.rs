//! Replays a saved program, or checks a saved history again.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use shardproof::verify::budget::replay_budget;
use shardproof::verify::check::check;
use shardproof::verify::check::report::{Axioms, Report};
use shardproof::verify::edn;
use shardproof::verify::execute::VerifySubject;
use shardproof::verify::explain::{explain, name};
use shardproof::verify::history::History;
use shardproof::verify::program::Program;
use shardproof::verify::search::{SearchTask, search};

use crate::cmd::exit::Exit;
use crate::cmd::verify::{Arguments, findings};

/// Checks a saved history.
pub(super) fn history(path: &Path, edn_path: Option<&Path>) -> anyhow::Result<Exit> {
    let history = History::read(path)?;
    let start = Instant::now();
    let report = check(&history, &Axioms::all());
    let elapsed = start.elapsed();
    let mut stdout = io::stdout().lock();
    for anomaly in &report.anomalies {
        let _ = writeln!(stdout, "{}", explain(&history, anomaly));
    }
    let _ = write!(stdout, "{}", summary(&history, &report, elapsed));
    if let Some(path) = edn_path {
        let exported = edn::export(&history, path)?;
        let _ = writeln!(stdout, "{}: {exported:?}", path.display());
    }
    Ok(exit(&report))
}

/// Runs a saved program on each subject with each executor.
pub(super) fn program(path: &Path, arguments: &Arguments) -> anyhow::Result<Exit> {
    let program = Program::read(path)?;
    let mut exit = Exit::Pass;
    for subject in subjects(arguments)? {
        for executor in arguments.executors() {
            let budget = replay_budget(arguments.profile, executor);
            let catalogue = [program.clone()];
            let axioms = Axioms::all();
            let seed = arguments.seed;
            let task = SearchTask {
                subject: &subject,
                executor,
                catalogue: &catalogue,
                seed,
                axioms: &axioms,
            };
            let search = search(&task, &budget, &mut |_, _| ());
            let found = findings::write(&arguments.out, subject.name(), &search, seed)?;
            let mut stdout = io::stdout().lock();
            if let Some(found) = &found {
                let _ = writeln!(stdout, "{}", found.text);
                exit = Exit::CorrectnessViolation;
            }
            let reason = search.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            let _ = writeln!(
                stdout,
                "{} under {executor}: {}{reason}, {} executions, {:.2} s",
                subject.name(),
                search.how_ended(),
                search.executions,
                search.seconds,
            );
        }
    }
    Ok(exit)
}

#[cfg(feature = "faults")]
fn subjects(arguments: &Arguments) -> anyhow::Result<Vec<VerifySubject>> {
    if arguments.fault.is_empty() {
        return arguments.subjects();
    }
    let seeded =
        |id: &String| VerifySubject::seeded(Some(id)).ok_or_else(|| super::faults::unknown(id));
    arguments.fault.iter().map(seeded).collect()
}

#[cfg(not(feature = "faults"))]
fn subjects(arguments: &Arguments) -> anyhow::Result<Vec<VerifySubject>> {
    arguments.subjects()
}

fn summary(history: &History, report: &Report, elapsed: Duration) -> String {
    let mut text = format!(
        "history of `{}` under {}: {} events, {} reads, checked in {:.2} s\n",
        history.header.subject,
        history.header.executor,
        report.events,
        report.reads,
        elapsed.as_secs_f64(),
    );
    for (axiom, count) in &report.counts {
        let (checked, could) = (count.checked, count.could_have_failed);
        text +=
            &format!("  {:20} {checked:>12} checked, {could:>12} could have failed\n", name(axiom));
    }
    for (axiom, reason) in &report.unchecked {
        text += &format!("  {:20} not checked: {reason}\n", name(axiom));
    }
    for (kind, total) in &report.anomalies_total {
        text += &format!("  {:20} {total:>12} times\n", name(kind));
    }
    text
}

fn exit(report: &Report) -> Exit {
    if report.anomalies_total.is_empty() { Exit::Pass } else { Exit::CorrectnessViolation }
}

//! Replays a saved program, or checks a saved history again.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::base::excerpt::printable;
use crate::cmd::exit::Exit;
use crate::cmd::output::Output;
use crate::cmd::verify::{Arguments, claim, findings};
use crate::registry::{self, Subjects};
use crate::verify::budget::replay_budget;
use crate::verify::check::check;
use crate::verify::check::report::Report;
use crate::verify::edn;
use crate::verify::execute::VerifySubject;
use crate::verify::explain::{explain, name};
use crate::verify::history::History;
use crate::verify::program::Program;
use crate::verify::search::{SearchTask, search};

/// The start of every exported history.
const EDN_START: &[u8; 7] = b"{:index";

/// Checks a saved history.
pub(super) fn history(
    path: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let edn_path = arguments.edn.as_deref();
    if let Some(edn_path) = edn_path {
        protect_other_files(edn_path)?;
    }
    let history = History::read(path)?;
    let start = Instant::now();
    let report = check(&history, &arguments.axioms());
    let elapsed = start.elapsed();
    for anomaly in &report.anomalies {
        output.print(&printable(&format!("{}\n", explain(&history, anomaly))));
    }
    output.print(&printable(&summary(&history, &report, elapsed)));
    if let Some(path) = edn_path
        && let Some(exported) = output.ok_or_report(edn::export(&history, path).map_err(Into::into))
    {
        output.print(&format!("{}: {exported:?}\n", path.display()));
    }
    Ok(exit(&report, arguments.strict))
}

/// Refuses to replace anything but an older export.
fn protect_other_files(path: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = path.metadata() else { return Ok(()) };
    let mut start = [0; EDN_START.len()];
    let is_export = metadata.is_file()
        && (metadata.len() == 0
            || File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
                && start == *EDN_START);
    if !is_export {
        bail!(
            "--edn: {} exists and is not an exported history: choose another file to keep it",
            path.display()
        );
    }
    Ok(())
}

/// Runs a saved program on each subject with each executor.
pub(super) fn program(
    path: &Path,
    arguments: &Arguments,
    known: &Subjects,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let program = Program::read(path)?;
    let _lock = claim(&arguments.out, output)?;
    let mut exit = Exit::Pass;
    for subject in subjects(arguments, known)? {
        for executor in arguments.executors() {
            let budget = replay_budget(arguments.profile, executor);
            let catalogue = [program.clone()];
            let axioms = arguments.axioms();
            let seed = arguments.seed;
            let task = SearchTask {
                subject: &subject,
                executor,
                catalogue: &catalogue,
                seed,
                axioms: &axioms,
            };
            let search = search(&task, &budget, &mut |_, _| ());
            let (out, name) = (&arguments.out, subject.name());
            for finding in &search.findings {
                let folder = findings::replay_name(out, name, executor, finding, path);
                let text = findings::write(&out.join(folder), name, executor, finding, output);
                output.print(&format!("{text}\n"));
                exit = Exit::CorrectnessViolation;
            }
            let inconclusive = search.inconclusive();
            if inconclusive.is_some() && arguments.strict {
                exit = exit.max(Exit::Inconclusive);
            }
            let reason = inconclusive.map_or_else(String::new, |why| format!(": {why}"));
            output.print(&format!(
                "{} under {executor}: {}{reason}, {} executions, {:.2} s\n",
                subject.name(),
                search.how_ended(),
                search.executions,
                search.seconds,
            ));
        }
    }
    Ok(exit)
}

#[cfg(feature = "faults")]
fn subjects(arguments: &Arguments, known: &Subjects) -> anyhow::Result<Vec<VerifySubject>> {
    if arguments.fault.is_empty() {
        return Ok(arguments.subjects(known)?.into_iter().cloned().collect());
    }
    let seeded =
        |id: &String| registry::faulty::with_fault(id).ok_or_else(|| super::faults::unknown(id));
    arguments.fault.iter().map(seeded).collect()
}

#[cfg(not(feature = "faults"))]
fn subjects(arguments: &Arguments, known: &Subjects) -> anyhow::Result<Vec<VerifySubject>> {
    Ok(arguments.subjects(known)?.into_iter().cloned().collect())
}

fn summary(history: &History, report: &Report, elapsed: Duration) -> String {
    let nothing = if report.counts.is_empty() { "; nothing was judged" } else { "" };
    let mut text = format!(
        "history of `{}` under {}: {} events, {} reads, checked in {:.2} s{nothing}\n",
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
    for (kind, reads) in &report.unjudged {
        text += &format!("  {:20} {reads:>12} not judged, or only in part\n", name(kind));
    }
    for (kind, total) in &report.anomalies_total {
        text += &format!("  {:20} {total:>12} times\n", name(kind));
    }
    text
}

fn exit(report: &Report, strict: bool) -> Exit {
    if !report.anomalies_total.is_empty() {
        Exit::CorrectnessViolation
    } else if strict && report.counts.is_empty() {
        Exit::Inconclusive
    } else {
        Exit::Pass
    }
}

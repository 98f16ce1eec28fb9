//! Saves failures to files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cmd::cargo_target;
use crate::cmd::output::Output;
use crate::cmd::shell::quoted;
use crate::evidence::verification::{SearchSummary, Verification};
use crate::render;
use crate::verify::execute::Executor;
use crate::verify::explain::explain;
use crate::verify::search::{Counterexample, SearchOutcome};
use crate::verify::timeline::timeline;

/// The folder for a finding, relative to the evidence.
pub(super) fn name(subject: &str, executor: Executor, finding: &Counterexample) -> PathBuf {
    Path::new("findings").join(base_name(subject, executor, finding))
}

fn base_name(subject: &str, executor: Executor, finding: &Counterexample) -> String {
    format!("{}-{executor}-{}", subject.replace(' ', "-"), finding.axiom)
}

/// The same for a replay: neither the folder of the original finding nor the one with the program.
pub(super) fn replay_name(
    out: &Path,
    subject: &str,
    executor: Executor,
    finding: &Counterexample,
    program: &Path,
) -> PathBuf {
    let name = format!("replay-{}", base_name(subject, executor, finding));
    let [first, second] =
        [name.clone(), format!("{name}.2")].map(|it| Path::new("findings").join(it));
    let parent = |path: &Path| path.canonicalize().ok()?.parent().map(Path::to_owned);
    let folder = out.join(&first).canonicalize().ok();
    if folder.is_some() && folder == parent(program) { second } else { first }
}

/// Writes a finding to `folder`: program, history, explanation and timeline. Returns the
/// explanation. Files that cannot be written are reported; the explanation is returned all the same.
pub(super) fn write(
    folder: &Path,
    subject: &str,
    by: Executor,
    found: &Counterexample,
    output: &mut Output,
) -> String {
    let (program, history) = (folder.join("program.json"), folder.join("history.shp"));
    let failure = &found.failure;
    let mut text = String::new();
    for anomaly in failure.report.anomalies.iter().take(1) {
        text += &explain(&failure.history, anomaly);
        if !failure.history.logs.is_empty() {
            let picture = render::timeline::render(&timeline(&failure.history, anomaly));
            save(&folder.join("timeline.svg"), &picture, output);
        }
    }
    let (axiom, seed) = (found.axiom, found.seed);
    let _ = writeln!(
        text,
        "\nFound by {by} after {} executions of {} programs, {:.2} s; minimized from {} to {} \
         operations in {:.2} s.",
        found.executions,
        found.programs,
        found.seconds,
        found.operations_before,
        found.program.operations(),
        found.shrinking_seconds,
    );
    // Only give a command if its file was written.
    if output.ok_or_report(found.program.write(&program).map_err(Into::into)).is_some() {
        let _ = writeln!(
            text,
            "To reproduce: {} verify --program {} {} --executors {by} --seed {seed} \
             --properties {axiom}",
            cargo_target::command(),
            quoted(&program),
            selector(subject),
        );
    }
    if !failure.history.logs.is_empty()
        && output.ok_or_report(failure.history.write(&history).map_err(Into::into)).is_some()
    {
        let _ = writeln!(
            text,
            "To check the history again: {} verify --history {}",
            cargo_target::command(),
            quoted(&history)
        );
    }
    save(&folder.join("explanation.txt"), &text, output);
    text.push('\n');
    text
}

/// The flags that select a subject.
fn selector(subject: &str) -> String {
    match subject.strip_prefix("fault ") {
        Some(id) => format!("--fault {id}"),
        None => format!("--subjects {subject}"),
    }
}

/// The folders of the findings of a search, relative to the evidence, by property.
pub(super) fn folders(subject: &str, search: &SearchOutcome) -> BTreeMap<&'static str, String> {
    let folder = |finding: &Counterexample| {
        let folder = name(subject, search.executor, finding).display().to_string();
        (finding.axiom.as_str(), folder)
    };
    search.findings.iter().map(folder).collect()
}

/// A result with the folder of its finding, if there is one.
pub(super) fn with_folder(
    row: Verification,
    folders: &BTreeMap<&'static str, String>,
) -> Verification {
    Verification { found: folders.get(&*row.property).cloned(), ..row }
}

/// Summarises a search for the evidence.
pub(super) fn summary(subject: &str, search: &SearchOutcome) -> SearchSummary {
    let worst = search.worst();
    SearchSummary {
        subject: subject.to_owned(),
        executor: search.executor.to_string(),
        programs: search.programs,
        executions: search.executions,
        events: search.report.events,
        reads: search.report.reads,
        unjudged_reads: search.report.unjudged.values().sum(),
        snapshots: search.report.snapshots.opened,
        snapshots_beside_commits: search.report.snapshots.beside_commits,
        how_ended: search.how_ended(),
        seconds: search.seconds,
        found: worst.map(|found| name(subject, search.executor, found).display().to_string()),
    }
}

fn save(path: &Path, text: &str, output: &mut Output) {
    let saved = crate::base::atomic_file::save(path, text).with_context(|| {
        format!("cannot write {}: choose another folder with --out", path.display())
    });
    output.ok_or_report(saved);
}

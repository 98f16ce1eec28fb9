//! What was found, in files.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use shardproof::evidence::verification::SearchSummary;
use shardproof::verify::explain::explain;
use shardproof::verify::search::Search;
use shardproof::verify::timeline::timeline;

use crate::cmd::verify::shell::quoted;

/// What was found, as it is told and where it was written.
pub(super) struct Finding {
    /// The explanation.
    pub(super) text: String,
    /// The folder, within that of the evidence.
    folder: PathBuf,
}

/// Writes what a search found into a folder of its own: the program, the history, the explanation and a
/// picture of it. `None` if it found nothing.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(
    out: &Path,
    subject: &str,
    search: &Search,
    seed: u64,
) -> anyhow::Result<Option<Finding>> {
    let Some(found) = &search.found else { return Ok(None) };
    let name = format!("{}-{}", subject.replace(' ', "-"), search.executor);
    let folder = Path::new("findings").join(name);
    let place = out.join(&folder);
    let (program, history) = (place.join("program.json"), place.join("history.shp"));
    found.program.write(&program)?;
    let failure = &found.failure;
    let mut text = String::new();
    for anomaly in failure.report.anomalies.iter().take(1) {
        text += &explain(&failure.history, anomaly);
        if !failure.history.logs.is_empty() {
            save(&place.join("timeline.svg"), &timeline(&failure.history, anomaly))?;
        }
    }
    let by = search.executor;
    let _ = writeln!(
        text,
        "\nFound by {by} after {} executions of {} programs, {:.2} s; made short from {} to {} \
         operations in {:.2} s.\nAgain: shardproof verify --program {} {} --executors {by} \
         --seed {seed}",
        search.executions,
        search.programs,
        search.seconds,
        found.operations_before,
        found.program.operations(),
        found.shrinking_seconds,
        quoted(&program),
        selector(subject),
    );
    if !failure.history.logs.is_empty() {
        failure.history.write(&history)?;
        let _ = writeln!(text, "Check it again: shardproof verify --history {}", quoted(&history));
    }
    save(&place.join("explanation.txt"), &text)?;
    text.push('\n');
    Ok(Some(Finding { text, folder }))
}

/// The flags that choose a subject.
fn selector(subject: &str) -> String {
    match subject.strip_prefix("fault ") {
        Some(id) => format!("--fault {id}"),
        None => format!("--subjects {subject}"),
    }
}

/// What a search did, for the evidence.
pub(super) fn summary(subject: &str, search: &Search, found: Option<&Finding>) -> SearchSummary {
    SearchSummary {
        subject: subject.to_owned(),
        executor: search.executor.to_string(),
        programs: search.programs,
        executions: search.executions,
        events: search.report.events,
        reads: search.report.reads,
        how_ended: search.how_ended(),
        seconds: search.seconds,
        found: found.map(|found| found.folder.display().to_string()),
    }
}

fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    shardproof::base::atomic_file::save(path, text)
        .with_context(|| format!("cannot write {}: give another folder with --out", path.display()))
}

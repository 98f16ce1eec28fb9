//! What came of checking the subjects' answers.

use std::collections::BTreeSet;

use shardproof_evidence::{Cell, Checks, Evidence};

use crate::sections::thousands;
use crate::terminal::{INVALID, line, wrapped};

/// How many answers were checked, whose were not, and what is wrong with the wrong ones.
pub(crate) fn answers(text: &mut String, evidence: &Evidence, width: usize) {
    let cells = &evidence.cells;
    let checks = || cells.iter().filter_map(|cell| Some((cell, cell.checks.as_ref()?)));
    let checked: u64 = checks().map(|(_, checks)| checks.checked).sum();
    let invalid: Vec<_> = checks().filter(|(cell, _)| cell.is_invalid()).collect();
    if checked > 0 {
        let outcome = match invalid.len() {
            0 => "all of them right".to_owned(),
            count => format!("wrong ones in {count} of {} cells", cells.len()),
        };
        line(text, format_args!("\nAnswers checked: {}, {outcome}", thousands(checked)));
    }
    let exempt = |(cell, checks): (&Cell, &Checks)| {
        let exemption = checks.exemption.as_deref()?;
        Some(format!("{}: not checked, because it is {exemption}", cell.subject))
    };
    for exemption in checks().filter_map(exempt).collect::<BTreeSet<String>>() {
        wrapped(text, &exemption, width);
    }
    for (cell, checks) in invalid {
        wrapped(text, &reason(cell, checks), width);
    }
    if let Some(checks) = evidence.latency_checks.as_ref().filter(|checks| checks.checked > 0) {
        under_the_clock(text, checks, width);
    }
}

/// The same for the pass that times every operation. It has one count for all subjects.
fn under_the_clock(text: &mut String, checks: &Checks, width: usize) {
    let checked = thousands(checks.checked);
    if !checks.has_failed() {
        line(text, format_args!("Answers checked under the clock: {checked}, all of them right"));
        return;
    }
    let failed = thousands(checks.failed);
    line(text, format_args!("Answers checked under the clock: {checked}, {failed} of them wrong"));
    let first = checks.first_failure.as_deref().unwrap_or("not told");
    wrapped(text, &format!("{INVALID}: the latencies they belong to; the first: {first}"), width);
}

fn reason(cell: &Cell, checks: &Checks) -> String {
    let Cell { subject, placement, workload, threads, .. } = cell;
    let (failed, checked) = (thousands(checks.failed), thousands(checks.checked));
    let plural = if *threads == 1 { "" } else { "s" };
    let first = checks.first_failure.as_deref().unwrap_or("not told");
    format!(
        "{INVALID}: {subject} in {placement} {workload} on {threads} thread{plural}: {failed} of \
         {checked} answers were wrong; the first: {first}"
    )
}

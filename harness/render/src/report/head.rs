//! What the page is about, before any figure.

use shardproof_evidence::{Cell, Evidence};

use crate::report::numbers::{counted, three, whole};

/// Letters of a commit that are shown.
const COMMIT_LETTERS: usize = 12;

/// The commit, shortened.
pub(crate) fn commit(evidence: &Evidence) -> String {
    let commit: String = evidence.build.commit.chars().take(COMMIT_LETTERS).collect();
    match evidence.build.dirty {
        Some(true) => format!("{commit} with changes"),
        _ => commit,
    }
}

/// How much was measured and verified, where and from what. No verdict.
pub(crate) fn facts(evidence: &Evidence) -> Vec<String> {
    let Evidence { machine, build, .. } = evidence;
    let cpu = machine.cpu.as_deref().unwrap_or("an unknown processor");
    let virtual_one = if machine.hypervisor == Some(true) { ", virtual" } else { "" };
    let mut facts = vec![
        format!(
            "{} of {cpu}{virtual_one}, {} {}",
            counted(machine.cores, "core", "cores"),
            machine.os,
            machine.architecture
        ),
        format!("{}, {} build for {}", build.rustc, build.profile, build.target),
    ];
    if !evidence.parts.is_empty() {
        facts.push(format!("merged from {} parts", evidence.parts.len() + 1));
    }
    facts.extend(measured(evidence));
    facts.extend(verified(evidence));
    facts
}

fn measured(evidence: &Evidence) -> Option<String> {
    let config = evidence.config.as_ref()?;
    let invalid = evidence.cells.iter().filter(|cell| Cell::is_invalid(cell)).count();
    Some(format!(
        "{} measured, {} of them invalid: {}, {} of {} ms, profile {}, seed {}, in {} s",
        counted(evidence.cells.len(), "cell", "cells"),
        if invalid == 0 { "none".to_owned() } else { whole(invalid as u64) },
        counted(config.subjects.len(), "subject", "subjects"),
        counted(config.rounds, "round", "rounds"),
        three(config.slice_ms),
        config.profile,
        config.seed,
        three(config.elapsed_s),
    ))
}

fn verified(evidence: &Evidence) -> Option<String> {
    let run = evidence.verification.as_ref()?;
    let executions: u64 = run.searches.iter().map(|search| search.executions).sum();
    Some(format!(
        "{} verified in {} executions, profile {}, seed {}",
        counted(run.config.subjects.len(), "subject", "subjects"),
        whole(executions),
        run.config.profile,
        run.config.seed,
    ))
}

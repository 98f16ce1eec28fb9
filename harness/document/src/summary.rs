//! The summary: verification results, headline throughput and the quality of the machine, worst
//! first.

use std::collections::{BTreeMap, HashMap};

use indexmap::{IndexMap, IndexSet};
use shardproof_evidence::verification::Verdict;
use shardproof_evidence::{Cell, Checks, Evidence};
use shardproof_judge::compare::{FLOOR, SCALING_CONTROL};

use crate::document::{Context, Section};
use crate::machine::certificate_summary;
use crate::snapshots::wrong_subjects;
use crate::table::{Table, TableBuilder};
use crate::terms as t;
use crate::throughput::wrong_answers;
use crate::value::{Quantity, Tone, Value, WithheldReason, count, counted, text};
use crate::verification::{by_subject, counterexample, is_bad, killed};

/// Maximum number of subjects in the headline table.
const SUBJECTS_MAX: usize = 6;

/// A row of the summary.
struct Finding<'a> {
    /// How good or bad the result is.
    tone: Tone,
    /// What was examined.
    about: String,
    /// The section with more detail.
    section: &'static str,
    /// The result, in one or two words.
    result: &'static str,
    /// The result in a sentence.
    details: String,
    /// A link to the counterexample.
    counterexample: Value<'a>,
}

/// The summary section.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let evidence = context.evidence;
    let mut findings = verified(evidence);
    findings.extend(measured(evidence));
    findings.extend(conditions(evidence));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.tone));
    let table = Table::builder("summary", "Results, worst first", findings)
        .name("about", &t::RESULT, |row| {
            Value::Link(format!("#{}", row.section).into(), row.about.clone().into())
        })
        .heading("item")
        .note("result", &t::RESULT, |row| Value::Judged(row.tone, row.result.into()))
        .note("details", &t::RESULT, |row| text(row.details.clone()))
        .heading("details")
        .note("finding", &t::RESULT, |row| row.counterexample.clone())
        .heading("counterexample")
        .priority(2);
    let section = Section::new("summary", "Summary").table(table);
    let (subjects, headlines) = headlines(context);
    if headlines.is_empty() {
        section
    } else {
        section.table(headline_table(subjects, headlines, context.parts))
    }
}

fn finding<'a>(
    tone: Tone,
    about: &str,
    section: &'static str,
    result: &'static str,
    details: String,
) -> Finding<'a> {
    let counterexample = text("");
    Finding { tone, about: about.to_owned(), section, result, details, counterexample }
}

fn verified(evidence: &Evidence) -> Vec<Finding<'_>> {
    let searches = evidence.verification.iter().flat_map(|run| &run.searches);
    let searches = searches.map(|search| (&*search.subject, search.found.as_deref()));
    // The worst comes last, so that it is kept.
    let rows = evidence.verifications.iter().rev();
    let rows = rows.map(|row| (&*row.subject, row.found.as_deref()));
    let found: HashMap<&str, &str> =
        searches.chain(rows).filter_map(|(subject, found)| Some((subject, found?))).collect();
    let mut all = Vec::new();
    if evidence.verifications.is_empty() {
        let details = "no property was verified: run shardproof verify".to_owned();
        all.push(finding(Tone::Open, "contract", "verification", "not verified", details));
    }
    for (subject, properties) in by_subject(&evidence.verifications) {
        let of = |verdict| {
            let names =
                properties.iter().filter(|(_, each)| *each == verdict).map(|(name, _)| *name);
            names.collect::<Vec<_>>()
        };
        let (passed, failed, total) = (of(Verdict::Pass), of(Verdict::Fail), properties.len());
        let (tone, result, rest) = if !failed.is_empty() {
            (Tone::Bad, "violated", format!("; violated: {}", failed.join(", ")))
        } else if passed.len() == total {
            (Tone::Good, "verified", String::new())
        } else {
            let open = [of(Verdict::Inconclusive), of(Verdict::Vacuous)].concat();
            (Tone::Open, "inconclusive", format!("; inconclusive: {}", open.join(", ")))
        };
        let details = format!("{} of {total} properties pass{rest}", passed.len());
        let about = format!("contract of {subject}");
        let folder = found.get(subject).copied().filter(|_| tone == Tone::Bad);
        let counterexample = counterexample(folder);
        all.push(Finding {
            counterexample,
            ..finding(tone, &about, "verification", result, details)
        });
    }
    if !evidence.faults.is_empty() {
        let is_bad = evidence.faults.iter().any(is_bad);
        let (tone, result) = if is_bad { (Tone::Bad, "missed") } else { (Tone::Good, "found") };
        all.push(finding(tone, "seeded faults", "verification", result, killed(&evidence.faults)));
    }
    all
}

fn measured<'a>(evidence: &Evidence) -> Vec<Finding<'a>> {
    let mut all = Vec::new();
    let cells = &evidence.cells;
    let invalid: Vec<&Cell> = cells.iter().filter(|cell| cell.is_invalid()).collect();
    if !cells.is_empty() {
        let measured = counted(cells.len(), "cell");
        all.push(match invalid.first().and_then(|cell| Some((cell, cell.checks.as_ref()?))) {
            None => finding(
                Tone::Good,
                "cells",
                "throughput",
                "valid",
                format!("{measured}, none invalid"),
            ),
            Some((cell, checks)) => {
                let details = format!(
                    "{} of {measured} invalid, first {} in {} {}: {}",
                    invalid.len(),
                    cell.subject,
                    cell.placement,
                    cell.workload,
                    wrong_answers(checks)
                );
                finding(Tone::Bad, "cells", "throughput", "invalid", details)
            }
        });
    }
    if let Some(checks) =
        evidence.latency_checks.as_ref().filter(|checks| Checks::has_failed(checks))
    {
        let about = "answers in the latency pass";
        all.push(finding(Tone::Bad, about, "throughput", "wrong answers", wrong_answers(checks)));
    }
    let wrong = wrong_subjects(evidence);
    if !wrong.is_empty() {
        let details = format!("reads through held snapshots of {} were wrong", wrong.join(", "));
        all.push(finding(Tone::Bad, "held snapshots", "snapshots", "wrong answers", details));
    }
    all
}

fn conditions<'a>(evidence: &Evidence) -> Vec<Finding<'a>> {
    let mut all = Vec::new();
    let of_parts = evidence.all_parts().flat_map(|part| part.warnings);
    let names: IndexSet<&str> = of_parts.map(|warning| warning.as_str()).collect();
    if let Some(certificate) = &evidence.certificate {
        let (tone, result) =
            if names.is_empty() { (Tone::Good, "good") } else { (Tone::Open, "with warnings") };
        let names: Vec<&str> = names.into_iter().collect();
        let warnings =
            if names.is_empty() { String::new() } else { format!("; {}", names.join(", ")) };
        let details = format!("{}{warnings}", certificate_summary(certificate));
        all.push(finding(tone, "machine", "certificate", result, details));
    }
    let marked = evidence.cells.iter().filter(|cell| !cell.warnings.is_empty()).count();
    if marked > 0 {
        let details = format!("{marked} of {} cells have warnings", evidence.cells.len());
        all.push(finding(Tone::Open, "cells with warnings", "warnings", "use with care", details));
    }
    all
}

/// A workload and placement at the highest number of threads with a core each.
struct Headline<'a> {
    /// The part.
    part: usize,
    /// The workload.
    workload: &'a str,
    /// The placement.
    placement: &'a str,
    /// Threads at work.
    threads: usize,
    /// The cell of each subject.
    cells: BTreeMap<&'a str, &'a Cell>,
}

/// The subjects, and the headline cells: those of the first workload, and of the last one among the
/// workloads with the most cells.
fn headlines<'a>(context: &Context<'a>) -> (Vec<&'a str>, Vec<Headline<'a>>) {
    let cells = &context.evidence.cells;
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for cell in cells {
        *counts.entry(&cell.workload).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    let first = counts.keys().next().copied();
    let last = counts.iter().rfind(|(_, count)| **count == most).map(|(name, _)| *name);
    let is_chosen = |workload| [first, last].contains(&Some(workload));
    let chosen: Vec<&Cell> = cells.iter().filter(|cell| is_chosen(&*cell.workload)).collect();
    let mut headlines: IndexMap<(usize, &str, &str), Headline<'a>> = IndexMap::new();
    for cell in &chosen {
        let Cell { part, workload, placement, threads, .. } = cell;
        let headline = headlines.entry((*part, workload, placement)).or_insert_with(|| Headline {
            part: *part,
            workload,
            placement,
            threads: *threads,
            cells: BTreeMap::new(),
        });
        if !context.evidence.is_oversubscribed(*part, *threads, &cell.warnings) {
            headline.threads = headline.threads.max(*threads);
        }
    }
    let is_shown = |cell: &&Cell| cell.subject != FLOOR && cell.subject != SCALING_CONTROL;
    let shown = chosen.into_iter().filter(is_shown);
    let mut subjects: IndexSet<&str> = IndexSet::new();
    for cell in shown {
        if let Some(headline) = headlines.get_mut(&(cell.part, &*cell.workload, &*cell.placement))
            && headline.threads == cell.threads
        {
            subjects.insert(&cell.subject);
            headline.cells.insert(&cell.subject, cell);
        }
    }
    let headlines = headlines.into_values().filter(|headline| !headline.cells.is_empty()).collect();
    (subjects.into_iter().take(SUBJECTS_MAX).collect(), headlines)
}

fn headline_table<'a>(
    subjects: Vec<&'a str>,
    headlines: Vec<Headline<'a>>,
    parts: usize,
) -> TableBuilder<'a, Headline<'a>> {
    let workloads: IndexSet<&str> = headlines.iter().map(|each| each.workload).collect();
    let workloads: Vec<&str> = workloads.into_iter().collect();
    let caption = format!("Headline throughput: {}", workloads.join(" and "));
    let table = Table::builder("headlines", caption, headlines)
        .part(parts, |each| each.part)
        .name("workload", &t::WORKLOAD, |each| text(each.workload))
        .name("placement", &t::PLACEMENT, |each| text(each.placement))
        .name("threads", &t::THREADS, |each| count(each.threads));
    subjects.into_iter().fold(table, |table, subject| {
        let cell = move |each: &Headline<'a>| each.cells.get(subject).copied();
        table
            .withheld(move |each| {
                cell(each)?.valid_throughput().is_none().then_some(WithheldReason::Invalid)
            })
            .spread(
                (&format!("{subject}_throughput"), "ops_s"),
                &t::THROUGHPUT,
                Quantity::Rate,
                move |each| Some(cell(each)?.valid_throughput()?.spread()),
            )
            .spread_heading(subject, [1, 3])
    })
}

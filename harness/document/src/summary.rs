//! The summary: what was verified and what failed, headline figures, and how good the machine was.
//! Worst news first.

use std::collections::{BTreeMap, HashMap};

use indexmap::{IndexMap, IndexSet};
use shardproof_evidence::verification::Verdict;
use shardproof_evidence::{Cell, Checks, Evidence};
use shardproof_judge::compare::SCALING_CONTROL;

use crate::document::{Context, Section};
use crate::machine::in_short;
use crate::snapshots::wrong_subjects;
use crate::table::{Builder, Table};
use crate::terms as t;
use crate::throughput::wrong_ones;
use crate::value::{Quantity, Reason, Tone, Value, count, counted, text};
use crate::verification::{by_subject, finding, is_bad, killed};

/// The control that does nothing.
const FLOOR: &str = "floor";
/// Subjects that stand side by side in the headline figures.
const SUBJECTS_MAX: usize = 6;

/// A line of the summary.
struct News<'a> {
    /// How good or bad it is.
    tone: Tone,
    /// What it is about.
    about: String,
    /// The section that says more.
    section: &'static str,
    /// What came of it, in a word or two.
    result: &'static str,
    /// In more words.
    details: String,
    /// Where it is described.
    finding: Value<'a>,
}

/// All of it.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let evidence = context.evidence;
    let mut news = verified(evidence);
    news.extend(measured(evidence));
    news.extend(conditions(evidence));
    news.sort_by_key(|news| std::cmp::Reverse(news.tone));
    let table = Table::of("summary", "What came of it, worst news first", news)
        .name("about", &t::RESULT, |news| {
            Value::Link(format!("#{}", news.section).into(), news.about.clone().into())
        })
        .called("what")
        .note("result", &t::RESULT, |news| Value::Judged(news.tone, news.result.into()))
        .note("details", &t::RESULT, |news| text(news.details.clone()))
        .called("details")
        .note("finding", &t::RESULT, |news| news.finding.clone())
        .called("finding")
        .priority(2);
    let section = Section::new("summary", "Summary").table(table);
    let (subjects, headlines) = headlines(context);
    if headlines.is_empty() {
        section
    } else {
        section.table(figures(subjects, headlines, context.parts))
    }
}

fn news<'a>(
    tone: Tone,
    about: &str,
    section: &'static str,
    result: &'static str,
    details: String,
) -> News<'a> {
    let finding = text("");
    News { tone, about: about.to_owned(), section, result, details, finding }
}

fn verified(evidence: &Evidence) -> Vec<News<'_>> {
    let searches = evidence.verification.iter().flat_map(|run| &run.searches);
    let found: HashMap<&str, &str> =
        searches.filter_map(|search| Some((&*search.subject, search.found.as_deref()?))).collect();
    let mut all = Vec::new();
    if evidence.verifications.is_empty() {
        let details = "no property was verified: run shardproof verify".to_owned();
        all.push(news(Tone::Open, "promises", "verification", "not verified", details));
    }
    for (subject, properties) in by_subject(&evidence.verifications) {
        let of = |verdict| {
            let names =
                properties.iter().filter(|(_, each)| *each == verdict).map(|(name, _)| *name);
            names.collect::<Vec<_>>()
        };
        let (passed, failed, total) = (of(Verdict::Pass), of(Verdict::Fail), properties.len());
        let (tone, result, rest) = if !failed.is_empty() {
            (Tone::Bad, "broken", format!("; broken: {}", failed.join(", ")))
        } else if passed.len() == total {
            (Tone::Good, "kept", String::new())
        } else {
            let open = [of(Verdict::Inconclusive), of(Verdict::Vacuous)].concat();
            (Tone::Open, "not settled", format!("; not settled: {}", open.join(", ")))
        };
        let details = format!("{} of {total} properties pass{rest}", passed.len());
        let about = format!("promises of {subject}");
        let finding = finding(found.get(subject).copied().filter(|_| tone == Tone::Bad));
        all.push(News { finding, ..news(tone, &about, "verification", result, details) });
    }
    if !evidence.faults.is_empty() {
        let is_bad = evidence.faults.iter().any(is_bad);
        let (tone, result) = if is_bad { (Tone::Bad, "missed") } else { (Tone::Good, "found") };
        all.push(news(tone, "seeded faults", "verification", result, killed(&evidence.faults)));
    }
    all
}

fn measured<'a>(evidence: &Evidence) -> Vec<News<'a>> {
    let mut all = Vec::new();
    let cells = &evidence.cells;
    let invalid: Vec<&Cell> = cells.iter().filter(|cell| cell.is_invalid()).collect();
    if !cells.is_empty() {
        let measured = counted(cells.len(), "cell");
        all.push(match invalid.first().and_then(|cell| Some((cell, cell.checks.as_ref()?))) {
            None => news(
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
                    wrong_ones(checks)
                );
                news(Tone::Bad, "cells", "throughput", "invalid", details)
            }
        });
    }
    if let Some(checks) =
        evidence.latency_checks.as_ref().filter(|checks| Checks::has_failed(checks))
    {
        let about = "answers under the clock";
        all.push(news(Tone::Bad, about, "throughput", "wrong answers", wrong_ones(checks)));
    }
    let wrong = wrong_subjects(evidence);
    if !wrong.is_empty() {
        let details = format!("reads through held snapshots of {} were wrong", wrong.join(", "));
        all.push(news(Tone::Bad, "held snapshots", "snapshots", "wrong answers", details));
    }
    all
}

fn conditions<'a>(evidence: &Evidence) -> Vec<News<'a>> {
    let mut all = Vec::new();
    let of_parts = evidence.all_parts().flat_map(|part| part.warnings);
    let names: IndexSet<&str> = of_parts.map(|warning| warning.as_str()).collect();
    if let Some(certificate) = &evidence.certificate {
        let (tone, result) =
            if names.is_empty() { (Tone::Good, "good") } else { (Tone::Open, "with warnings") };
        let names: Vec<&str> = names.into_iter().collect();
        let warnings =
            if names.is_empty() { String::new() } else { format!("; {}", names.join(", ")) };
        let details = format!("{}{warnings}", in_short(certificate));
        all.push(news(tone, "machine", "certificate", result, details));
    }
    let marked = evidence.cells.iter().filter(|cell| !cell.warnings.is_empty()).count();
    if marked > 0 {
        let details = format!("{marked} of {} cells have warnings", evidence.cells.len());
        all.push(news(Tone::Open, "cells with warnings", "warnings", "with care", details));
    }
    all
}

/// A place of the matrix, on the most threads that have a core each.
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

/// The subjects, and the places of the workloads that stand for the others: of those with the most
/// cells, the first and the last.
fn headlines<'a>(context: &Context<'a>) -> (Vec<&'a str>, Vec<Headline<'a>>) {
    let cells = &context.evidence.cells;
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for cell in cells {
        *counts.entry(&cell.workload).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    let full: Vec<&str> =
        counts.into_iter().filter(|(_, count)| *count == most).map(|(name, _)| name).collect();
    let chosen = [full.first(), full.last()];
    let chosen: Vec<&Cell> =
        cells.iter().filter(|cell| chosen.contains(&Some(&&*cell.workload))).collect();
    let mut places: IndexMap<(usize, &str, &str), Headline<'a>> = IndexMap::new();
    for cell in &chosen {
        let Cell { part, workload, placement, threads, .. } = cell;
        let place = places.entry((*part, workload, placement)).or_insert_with(|| Headline {
            part: *part,
            workload,
            placement,
            threads: *threads,
            cells: BTreeMap::new(),
        });
        if !context.is_oversubscribed(*part, *threads, &cell.warnings) {
            place.threads = place.threads.max(*threads);
        }
    }
    let is_shown = |cell: &&Cell| cell.subject != FLOOR && cell.subject != SCALING_CONTROL;
    let shown = chosen.into_iter().filter(is_shown);
    let mut subjects: IndexSet<&str> = IndexSet::new();
    for cell in shown {
        if let Some(place) = places.get_mut(&(cell.part, &*cell.workload, &*cell.placement))
            && place.threads == cell.threads
        {
            subjects.insert(&cell.subject);
            place.cells.insert(&cell.subject, cell);
        }
    }
    let headlines = places.into_values().filter(|place| !place.cells.is_empty()).collect();
    (subjects.into_iter().take(SUBJECTS_MAX).collect(), headlines)
}

fn figures<'a>(
    subjects: Vec<&'a str>,
    headlines: Vec<Headline<'a>>,
    parts: usize,
) -> Builder<'a, Headline<'a>> {
    let table = Table::of(
        "headlines",
        "Throughput of the first and the last workload, with intervals",
        headlines,
    )
    .part(parts, |each| each.part)
    .name("workload", &t::WORKLOAD, |each| text(each.workload))
    .name("placement", &t::PLACEMENT, |each| text(each.placement))
    .name("threads", &t::THREADS, |each| count(each.threads));
    subjects.into_iter().fold(table, |table, subject| {
        let cell = move |each: &Headline<'a>| each.cells.get(subject).copied();
        table
            .withheld(move |each| {
                cell(each)?.valid_throughput().is_none().then_some(Reason::Invalid)
            })
            .spread(
                (&format!("{subject}_throughput"), "ops_s"),
                &t::THROUGHPUT,
                Quantity::Rate,
                move |each| Some(cell(each)?.valid_throughput()?.spread()),
            )
            .spread_called(subject, [1, 3])
    })
}

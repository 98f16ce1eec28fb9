//! The section on warnings and advice.

use std::collections::BTreeMap;

use shardproof_evidence::Warning;
use shardproof_judge::{AdviceContext, advice};

use crate::document::{Context, Section};
use crate::table::Table;
use crate::terms as t;
use crate::value::{Value, counted, text};

/// Maximum number of cells named for each warning.
const NAMED_MAX: usize = 6;

/// Where a warning applies.
#[derive(Default)]
struct Occurrences {
    /// Parts of the evidence to which it applies as a whole.
    whole: Vec<String>,
    /// Cells: the names of the first ones, and their number.
    cells: (Vec<String>, usize),
    /// Number of latencies.
    latencies: usize,
}

/// Each warning with its occurrences and advice.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("warnings", "Warnings");
    let occurrences = occurrences(context);
    if occurrences.is_empty() {
        return section.paragraph("None.");
    }
    let advice_context = AdviceContext::of(context.evidence);
    let table = Table::builder("warnings", "Warnings and advice", occurrences)
        .name("warning", &t::WARNINGS, |(warning, _)| Value::Advised(*warning))
        .heading("warning")
        .note("where", &t::WARNINGS, |(_, occurrences)| text(occurrences.clone()))
        .heading("where")
        .note("advice", &t::ADVICE, move |(warning, _)| text(advice(*warning, &advice_context)));
    section.table(table)
}

fn occurrences(context: &Context<'_>) -> Vec<(Warning, String)> {
    let mut by_warning: BTreeMap<Warning, Occurrences> = BTreeMap::new();
    let evidence = context.evidence;
    for (part, data) in evidence.all_parts().enumerate() {
        for warning in data.warnings {
            let whole = format!("the measurement as a whole{}", context.part_name(part));
            by_warning.entry(*warning).or_default().whole.push(whole);
        }
    }
    for cell in &evidence.cells {
        for warning in &cell.warnings {
            let (names, count) = &mut by_warning.entry(*warning).or_default().cells;
            *count += 1;
            if names.len() < NAMED_MAX {
                let threads = counted(cell.threads, "thread");
                let part = context.part_name(cell.part);
                names.push(format!(
                    "{} {} {} on {threads}{part}",
                    cell.subject, cell.workload, cell.placement
                ));
            }
        }
    }
    for warning in evidence.latencies.iter().flat_map(|latency| &latency.warnings) {
        by_warning.entry(*warning).or_default().latencies += 1;
    }
    let describe = |(warning, occurrences): (Warning, Occurrences)| {
        let Occurrences { mut whole, cells: (names, count), latencies } = occurrences;
        if count > 0 {
            let more = if count > names.len() { ", ..." } else { "" };
            let (all, names) = (evidence.cells.len(), names.join(", "));
            whole.push(format!("{count} of {all} cells ({names}{more})"));
        }
        if latencies > 0 {
            whole.push(format!("{latencies} of {} latencies", evidence.latencies.len()));
        }
        (warning, whole.join("; "))
    };
    by_warning.into_iter().map(describe).collect()
}

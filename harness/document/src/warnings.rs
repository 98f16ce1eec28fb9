//! What may have spoiled figures, and what to do about it.

use std::collections::BTreeMap;

use shardproof_evidence::Warning;
use shardproof_judge::{Circumstances, advice};

use crate::document::{Context, Section};
use crate::table::Table;
use crate::terms as t;
use crate::value::{Value, counted, text};

/// Places that are named for each warning.
const NAMED_MAX: usize = 6;

/// Where a warning holds.
#[derive(Default)]
struct Places {
    /// Of the measurement as a whole.
    whole: Vec<String>,
    /// Cells: the first ones by name, and how many there are.
    cells: (Vec<String>, usize),
    /// Latencies.
    latencies: usize,
}

/// Each warning with its places and its advice.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("warnings", "Warnings");
    let found = found(context);
    if found.is_empty() {
        return section.say("Nothing is known here that would spoil a measurement.");
    }
    let here = Circumstances::of(context.evidence);
    let table = Table::of("warnings", "What may spoil figures, and what to do about it", found)
        .name("warning", &t::WARNINGS, |(warning, _)| Value::Advised(*warning))
        .called("warning")
        .note("where", &t::WARNINGS, |(_, places)| text(places.clone()))
        .called("where")
        .note("advice", &t::ADVICE, move |(warning, _)| text(advice(*warning, &here)));
    section.table(table)
}

fn found(context: &Context<'_>) -> Vec<(Warning, String)> {
    let mut found: BTreeMap<Warning, Places> = BTreeMap::new();
    let evidence = context.evidence;
    for (part, of_part) in evidence.all_parts().enumerate() {
        for warning in of_part.warnings {
            let whole = format!("the measurement as a whole{}", context.part_name(part));
            found.entry(*warning).or_default().whole.push(whole);
        }
    }
    for cell in &evidence.cells {
        for warning in &cell.warnings {
            let (names, count) = &mut found.entry(*warning).or_default().cells;
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
        found.entry(*warning).or_default().latencies += 1;
    }
    let told = |(warning, places): (Warning, Places)| {
        let Places { mut whole, cells: (names, count), latencies } = places;
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
    found.into_iter().map(told).collect()
}

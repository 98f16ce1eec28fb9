//! What may have spoiled the figures, before they are seen.

use std::collections::BTreeMap;

use shardproof_evidence::Warning;
use shardproof_judge::advice;

use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Section, Table, Words};
use crate::report::numbers::{counted, whole};
use crate::report::page::{Page, distinct};

/// How many cells are named for each warning.
const NAMED_MAX: usize = 6;

/// Each warning with its advice and its cells.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("warnings", "Warnings");
    let found = found(page);
    if found.is_empty() {
        section.say(&Words::new("None.", &[Term::Warnings]))?;
        return Ok(section);
    }
    let caption =
        Words::new("What may have spoiled figures, and what to do about it.", &[Term::Warnings]);
    let heads = vec![
        Head::of(Term::Warnings),
        Head::named(Term::Warnings, "advice", ""),
        Head::named(Term::Cell, "where", ""),
    ];
    let mut table = Table::new(caption, 1, heads);
    for (warning, places) in found {
        table.row([
            Entry::advised(warning),
            Entry::marked(advice(warning), "w long"),
            Entry::marked(told(&places), "w long"),
        ]);
    }
    section.add(&table)?;
    Ok(section)
}

/// Each warning with the places that have it.
fn found(page: &Page<'_>) -> BTreeMap<Warning, Vec<String>> {
    let mut found: BTreeMap<Warning, Vec<String>> = BTreeMap::new();
    let mut note = |warnings: &[Warning], place: String| {
        for warning in warnings {
            found.entry(*warning).or_default().push(place.clone());
        }
    };
    let evidence = page.evidence;
    note(&evidence.warnings, format!("the whole measurement{}", page.part_name(0)));
    for (part, of_part) in evidence.parts.iter().enumerate() {
        note(&of_part.warnings, format!("the whole measurement{}", page.part_name(part + 1)));
    }
    for cell in &evidence.cells {
        let place = format!(
            "{} {} {} on {}{}",
            cell.subject,
            cell.workload,
            cell.placement,
            counted(cell.threads, "thread", "threads"),
            page.part_name(cell.part),
        );
        note(&cell.warnings, place);
    }
    for each in &evidence.latencies {
        let place = format!(
            "latency of {} {} {} on {}{}",
            each.subject,
            each.workload,
            each.placement,
            counted(each.threads, "thread", "threads"),
            page.part_name(each.part),
        );
        note(&each.warnings, place);
    }
    found.into_iter().map(|(warning, places)| (warning, distinct(places))).collect()
}

fn told(places: &[String]) -> String {
    if places.len() <= NAMED_MAX {
        return places.join("; ");
    }
    format!(
        "{} places: {}; and {} more, which the tables of figures mark",
        whole(places.len() as u64),
        places[..NAMED_MAX].join("; "),
        whole((places.len() - NAMED_MAX) as u64)
    )
}

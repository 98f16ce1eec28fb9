//! Memory, and what operations cost beside time.

use shardproof_judge::compare::SCALING_CONTROL;

use crate::figures::cost::{memory, processor_time};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::numbers::{three_of, whole};
use crate::report::page::{Page, Place};

/// Memory of entries, and the cost of operations.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("cost", "Memory and cost");
    if page.evidence.memory.is_empty() {
        section = section.missing("No memory was counted.", "shardproof measure")?;
    } else {
        let terms = &[Term::PerEntry, Term::PerVersion, Term::PerRun];
        add(&mut section, Figure::of(memory(page), terms, vec![memory_table(page)])?)?;
    }
    if page.evidence.cells.is_empty() {
        return section.missing("No operation's cost was counted.", "shardproof measure");
    }
    let terms = &[Term::CpuTime, Term::OnCpu, Term::Floor];
    add(&mut section, Figure::of(processor_time(page), terms, vec![operations(page)])?)?;
    Ok(section)
}

/// A figure, or its tables alone where there is nothing to draw.
fn add(section: &mut Section, figure: Figure) -> Result<(), ReportError> {
    if !figure.pictures.is_empty() {
        return section.add(&figure);
    }
    figure.tables.iter().try_for_each(|table| section.add_table(table, &figure.title))
}

fn memory_table(page: &Page<'_>) -> Table {
    let caption = Words::new(
        "Memory of a filled store, all told.",
        &[Term::PerEntry, Term::PerVersion, Term::PerRun, Term::Ceiling],
    );
    let heads = vec![
        Head::of(Term::Subject),
        Head::named(Term::Keys, "entries", ""),
        Head::unit(Term::PerEntry, "B"),
        Head::named(Term::PerEntry, format!("of {SCALING_CONTROL}"), ""),
        Head::unit(Term::PerVersion, "B"),
        Head::unit(Term::PerRun, "B"),
    ];
    let mut table = Table::new(caption, 1, heads);
    let memory = &page.evidence.memory;
    for each in memory {
        let control = memory
            .iter()
            .find(|other| other.part == each.part && other.subject == SCALING_CONTROL)
            .and_then(|control| control.bytes_per_entry);
        let ratio = each.bytes_per_entry.zip(control).map(|(bytes, control)| bytes / control);
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            three_of(each.bytes_per_entry).into(),
            three_of(ratio).into(),
            three_of(each.bytes_per_version).into(),
            Entry::from(three_of(each.bytes_per_run)),
        ]);
    }
    table
}

fn operations(page: &Page<'_>) -> Table {
    let caption = Words::new(
        "What an operation costs in every cell, and how far the cell can be trusted.",
        &[Term::Allocations, Term::CpuTime, Term::OnCpu, Term::StartSkew, Term::Checks],
    );
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Threads),
        Head::unit(Term::Allocations, "per op"),
        Head::unit(Term::CpuTime, "ns per op"),
        Head::unit(Term::OnCpu, "%"),
        Head::unit(Term::StartSkew, "ns"),
        Head::unit(Term::Conflicts, "per op"),
        Head::of(Term::Checks),
    ];
    let mut table = Table::new(caption, 2, heads);
    for cell in &page.evidence.cells {
        let place = page.name(Place::of_cell(cell));
        let names = [Entry::from(cell.subject.as_str()), cell.threads.to_string().into()];
        if cell.valid_throughput().is_none() {
            let why = Entry::instead("invalid: see the cells without figures", 6);
            table.row_of(&place, names.into_iter().chain([why]));
            continue;
        }
        let checks = cell.checks.as_ref().map_or_else(
            || "not checked".to_owned(),
            |checks| checks.exemption.clone().unwrap_or_else(|| whole(checks.checked)),
        );
        table.row_of(
            &place,
            names.into_iter().chain([
                three_of(cell.allocations_per_op).into(),
                three_of(cell.cpu_ns_per_op).into(),
                three_of(cell.on_cpu_share.map(|share| share * 100.0)).into(),
                three_of(cell.start_skew_ns).into(),
                three_of(cell.conflicts_per_op).into(),
                Entry::from(checks),
            ]),
        );
    }
    table
}

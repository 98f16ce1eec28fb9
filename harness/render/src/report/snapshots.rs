//! What snapshots cost: to take, alone and beside others.

use crate::figures::snapshots::{by_size, by_threads};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::held;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::numbers::{NONE, interval, percent, three, three_of, whole};
use crate::report::page::Page;

/// Taking, holding, giving back.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("snapshots", "Snapshots");
    let evidence = page.evidence;
    if evidence.snapshots.is_empty() {
        section = section.missing("No snapshot was timed.", "shardproof measure")?;
    } else {
        let terms = &[Term::Acquire, Term::Writers];
        section.add(&Figure::of(by_size(page), terms, vec![size_table(page)])?)?;
    }
    if evidence.snapshot_threads.is_empty() {
        section = section
            .missing("No snapshot was taken beside other snapshots.", "shardproof measure")?;
    } else {
        let terms = &[Term::Acquire, Term::Interval, Term::Oversubscribed, Term::OnCpu];
        section.add(&Figure::of(by_threads(page), terms, vec![threads_table(page)])?)?;
    }
    if evidence.held_snapshots.is_empty() {
        return section.missing("No snapshot was held.", "shardproof measure");
    }
    held::add(&mut section, page)?;
    Ok(section)
}

fn size_table(page: &Page<'_>) -> Table {
    let caption = Words::new("Snapshots, taken and dropped.", &[Term::Acquire, Term::Allocations]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::of(Term::Writers),
        Head::named(Term::Acquire, "p50", "ns"),
        Head::named(Term::Acquire, "p99", "ns"),
        Head::named(Term::Acquire, "p50 one by one", "ns"),
        Head::named(Term::Count, "samples", ""),
        Head::named(Term::Acquire, "batch", ""),
        Head::named(Term::ClockCost, "clock", "ns"),
        Head::of(Term::Allocations),
        Head::named(Term::Keys, "limit", ""),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.snapshots {
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            each.writers.to_string().into(),
            three(each.acquire_ns.p50).into(),
            three(each.acquire_ns.p99).into(),
            three(each.single_p50_ns).into(),
            whole(each.samples).into(),
            each.acquire_ns.batch.to_string().into(),
            three(each.clock_cost_ns).into(),
            three_of(each.allocations_per_op).into(),
            Entry::marked(each.limit.as_deref().unwrap_or_default(), "w long"),
        ]);
    }
    table
}

fn threads_table(page: &Page<'_>) -> Table {
    let caption = Words::new("Taking and dropping, as the thread sees it.", &[Term::Acquire]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::of(Term::Threads),
        Head::unit(Term::Acquire, "ns"),
        Head::unit(Term::Interval, "ns"),
        Head::of(Term::OnCpu),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.snapshot_threads {
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            each.threads.to_string().into(),
            three(each.acquire_ns.median).into(),
            interval(&each.acquire_ns, 1.0).into(),
            each.on_cpu_share.map_or_else(|| NONE.to_owned(), percent).into(),
        ]);
    }
    table
}

//! Memory, and what operations cost beside time.

use shardproof_evidence::{Cell, Memory};
use shardproof_judge::compare::SCALING_CONTROL;

use crate::plot::Alternative;
use crate::plot::bars::{Bar, Bars};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::numbers::{NONE, counted, three, three_of, whole};
use crate::report::page::{Page, Place, distinct};

/// Memory of entries, and the cost of operations.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("cost", "Memory and cost");
    if page.evidence.memory.is_empty() {
        section = section.missing("No memory was counted.", "shardproof measure")?;
    } else {
        add(&mut section, memory(page)?)?;
    }
    if page.evidence.cells.is_empty() {
        return section.missing("No operation's cost was counted.", "shardproof measure");
    }
    add(&mut section, processor_time(page)?)?;
    Ok(section)
}

/// A figure, or its tables alone where there is nothing to draw.
fn add(section: &mut Section, figure: Figure) -> Result<(), ReportError> {
    if !figure.pictures.is_empty() {
        return section.add(&figure);
    }
    figure.tables.iter().try_for_each(|table| section.add_table(table, &figure.title))
}

/// What is drawn of a subject's memory.
struct Weight {
    /// What it is, with its unit.
    title: &'static str,
    /// It, if it was counted.
    bytes: fn(&Memory) -> Option<f64>,
}

const WEIGHTS: [Weight; 3] = [
    Weight { title: "bytes per entry", bytes: |memory| memory.bytes_per_entry },
    Weight { title: "bytes per version", bytes: |memory| memory.bytes_per_version },
    Weight { title: "bytes per run", bytes: |memory| memory.bytes_per_run },
];

fn memory(page: &Page<'_>) -> Result<Figure, ReportError> {
    let all = &page.evidence.memory;
    let mut pictures = Vec::new();
    for (group, (part, keys)) in
        distinct(all.iter().map(|each| (each.part, each.keys))).into_iter().enumerate()
    {
        let here = || all.iter().filter(|each| (each.part, each.keys) == (part, keys));
        for (number, weight) in WEIGHTS.iter().enumerate() {
            let figures: Vec<_> =
                here().map(|each| (each.subject.as_str(), (weight.bytes)(each))).collect();
            let title =
                format!("{}, {} entries{}", weight.title, whole(keys as u64), page.part_name(part));
            pictures.extend(picture(page, format!("memory-{group}-{number}"), title, &figures)?);
        }
    }
    Ok(Figure {
        title: "What entries, versions and runs weigh".to_owned(),
        width: Width::Column,
        caption: Words::new(
            "Bytes requested and not freed; shorter is better. A subject whose versions weigh 0 \
             keeps none. –: it has no such thing.",
            &[Term::PerEntry, Term::PerVersion, Term::PerRun],
        ),
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
        tables: vec![memory_table(page)],
    })
}

/// Bars of what is known; none where nothing is.
fn picture(
    page: &Page<'_>,
    name: String,
    title: String,
    figures: &[(&str, Option<f64>)],
) -> Result<Option<Picture>, ReportError> {
    if figures.iter().all(|(_, figure)| figure.is_none()) {
        return Ok(None);
    }
    let bar = |(subject, length): &(&str, Option<f64>)| Bar {
        name: (*subject).to_owned(),
        colour: page.styles.style(subject).colour,
        length: *length,
        number: length.map_or_else(|| NONE.to_owned(), three),
    };
    let bars = Bars {
        alternative: Alternative {
            name,
            title: title.clone(),
            description: "Bars with their numbers; the same are in the table below.".to_owned(),
        },
        bars: figures.iter().map(bar).collect(),
    };
    Ok(Some(Picture { title, svg: Markup::drawn(bars.draw()?) }))
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

/// Pictures of cost that are shown at once.
const SHOWN_MAX: usize = 6;

/// Processor time of an operation in every place, on as many threads as there are cores for.
fn processor_time(page: &Page<'_>) -> Result<Figure, ReportError> {
    let mut pictures = Vec::new();
    for (number, place) in page.places().into_iter().enumerate() {
        let here: Vec<&Cell> = page
            .evidence
            .cells
            .iter()
            .filter(|cell| Place::of_cell(cell) == place)
            .filter(|cell| !page.is_oversubscribed(cell.part, cell.threads, &cell.warnings))
            .collect();
        let Some(threads) = here.iter().map(|cell| cell.threads).max() else { continue };
        let cells = here.iter().filter(|cell| cell.threads == threads);
        let figures: Vec<_> = cells
            .map(|cell| {
                let valid = cell.valid_throughput().and(cell.cpu_ns_per_op);
                (cell.subject.as_str(), valid)
            })
            .collect();
        let title = format!("{}, {}, ns", page.name(place), counted(threads, "thread", "threads"));
        pictures.extend(picture(page, format!("cost-{number}"), title, &figures)?);
    }
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    Ok(Figure {
        title: "Processor time of an operation".to_owned(),
        width: Width::Column,
        caption: Words::new(
            "On the most threads that there are cores for; shorter is better. What waits asleep \
             takes no processor time, what waits awake does. –: no figure.",
            &[Term::CpuTime, Term::OnCpu, Term::Floor],
        ),
        legend: Vec::new(),
        pictures,
        folded,
        tables: vec![operations(page)],
    })
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

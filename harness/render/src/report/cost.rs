//! Memory, and what operations cost beside time.

use shardproof_document::{NONE, counted, significant, whole};
use shardproof_evidence::{Cell, Memory};

use crate::plot::Alternative;
use crate::plot::bars::{Bar, Bars};
use crate::report::ReportError;
use crate::report::html::{Drawn, Markup, Picture};
use crate::report::page::{DRAWN_MAX, Page, distinct};

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

/// What entries, versions and runs weigh.
pub(crate) fn memory(page: &Page<'_>) -> Result<Drawn, ReportError> {
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
    Ok(Drawn::of(pictures))
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
        number: length.map_or_else(|| NONE.to_owned(), significant),
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

/// Processor time of an operation in every place, on as many threads as there are cores for.
pub(crate) fn processor_time(page: &Page<'_>) -> Result<Drawn, ReportError> {
    let places = page.places();
    let left = places.len().saturating_sub(DRAWN_MAX);
    let mut pictures = Vec::new();
    for (number, (place, cells)) in places.iter().take(DRAWN_MAX).enumerate() {
        let cells = cells.iter().map(|each| each.cell);
        let fair = |cell: &&Cell| !page.is_oversubscribed(cell.part, cell.threads, &cell.warnings);
        let here: Vec<&Cell> = cells.filter(fair).collect();
        let Some(threads) = here.iter().map(|cell| cell.threads).max() else { continue };
        let cells = here.iter().filter(|cell| cell.threads == threads);
        let figures: Vec<_> = cells
            .map(|cell| {
                let valid = cell.valid_throughput().and(cell.cpu_ns_per_op);
                (cell.subject.as_str(), valid)
            })
            .collect();
        let title = format!("{}, {}, ns", page.name(*place), counted(threads, "thread"));
        pictures.extend(picture(page, format!("cost-{number}"), title, &figures)?);
    }
    Ok(Drawn::of(pictures).left_out(left))
}

//! Memory, and what operations cost beside time.

use shardproof_document::{NONE, significant, whole};
use shardproof_evidence::Memory;

use crate::figures::by_workload::{self, Estimate, Mark, Quantity, Unit, axis};
use crate::figures::page::{Page, Place, distinct};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::{Body, Plot};

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

/// What entries, versions and runs weigh, in one picture for each number of entries.
pub(crate) fn memory(page: &Page<'_>) -> Figure {
    let all = &page.evidence.memory;
    let mut pictures = Vec::new();
    let sets = distinct(all.iter().map(|each| (each.part, each.keys)));
    for (number, (part, keys)) in sets.into_iter().enumerate() {
        let here: Vec<&Memory> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        let groups: Vec<DotGroup> =
            WEIGHTS.iter().filter_map(|weight| weights(page, &here, weight)).collect();
        if groups.is_empty() {
            continue;
        }
        let title = format!("{} entries{}", whole(keys as u64), page.part_name(part));
        let plot = DotPlot {
            alternative: alternative(
                format!("memory-{number}"),
                format!("Memory: {title}"),
                SAME_BELOW,
            ),
            axis: axis("bytes", Unit::Plain, &groups),
            columns: vec![String::new()],
            lanes: vec![Lane { name: String::new(), body: Body::Solid, level: 0 }],
            references: Vec::new(),
            groups,
        };
        pictures.push(Picture { title, plot: Plot::Dots(plot) });
    }
    Figure {
        title: "What entries, versions and runs weigh".to_owned(),
        caption: "Bytes requested and not freed, on a logarithmic axis; less is better. A subject \
                  whose versions weigh 0 keeps none. –: it has no such thing."
            .to_owned(),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
    }
}

/// One weight of all subjects; none where nobody has it.
fn weights(page: &Page<'_>, here: &[&Memory], weight: &Weight) -> Option<DotGroup> {
    let row = |memory: &&Memory| {
        let bytes = (weight.bytes)(memory);
        DotRow {
            name: memory.subject.clone(),
            style: page.styles.style(&memory.subject),
            cells: vec![DotCell {
                dots: bytes
                    .map(|value| Dot { lane: 0, value, interval: None })
                    .into_iter()
                    .collect(),
                number: bytes.map_or_else(|| NONE.to_owned(), significant),
            }],
        }
    };
    here.iter().any(|memory| (weight.bytes)(memory).is_some()).then(|| DotGroup {
        name: weight.title.to_owned(),
        rows: here.iter().map(row).collect(),
        references: Vec::new(),
    })
}

/// Processor time of an operation, as dot plots show it.
const CPU_TIME: Quantity = Quantity {
    name: "cost",
    title: "Processor time",
    axis: "processor time of an operation",
    unit: Unit::Time,
    references: &[],
};
/// Pictures of it that are shown at once.
const SHOWN_MAX: usize = 6;

/// Processor time of an operation in every place, on as many threads as there are cores for.
pub(crate) fn processor_time(page: &Page<'_>) -> Figure {
    let mut marks: Vec<Mark<'_>> = Vec::new();
    for place in page.places() {
        let here = || {
            let cells = page.evidence.cells.iter().filter(|cell| Place::of_cell(cell) == place);
            cells.filter(|cell| !page.is_oversubscribed(cell.part, cell.threads, &cell.warnings))
        };
        let Some(threads) = here().map(|cell| cell.threads).max() else { continue };
        marks.extend(here().filter(|cell| cell.threads == threads).map(|cell| {
            let figure = cell.valid_throughput().ok_or("invalid");
            let figure = figure.and_then(|_| cell.cpu_ns_per_op.ok_or(NONE));
            Mark {
                place,
                subject: &cell.subject,
                threads,
                is_crowded: false,
                figure: figure.map(|value| Estimate { value, interval: None }),
            }
        }));
    }
    let is_known = marks.iter().any(|mark| mark.figure.is_ok());
    let mut pictures =
        if is_known { by_workload::pictures(page, &marks, CPU_TIME) } else { Vec::new() };
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    Figure {
        title: "Processor time of an operation".to_owned(),
        caption: "On the most threads that there are cores for, on a logarithmic axis; less is \
                  better. What waits asleep takes no processor time, what waits awake does. –: no \
                  figure."
            .to_owned(),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded,
    }
}

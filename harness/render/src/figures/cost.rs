//! Memory, and processor time per operation.

use shardproof_document::{NONE, significant, whole};
use shardproof_evidence::Memory;

use crate::figures::by_workload::{self, CellMark, Estimate, NumberFormat, PlottedMetric, axis};
use crate::figures::page::{MatrixPosition, Page, distinct};
use crate::figures::{Figure, Picture, SAME_BELOW, Width, alternative};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::{Body, Plot};

/// One memory metric of a subject.
struct MemoryMetric {
    /// Its name, with its unit.
    title: &'static str,
    /// Its value, if bytes were counted.
    bytes: fn(&Memory) -> Option<f64>,
}

const MEMORY_METRICS: [MemoryMetric; 3] = [
    MemoryMetric { title: "bytes per entry", bytes: |memory| memory.bytes_per_entry },
    MemoryMetric { title: "bytes per version", bytes: |memory| memory.bytes_per_version },
    MemoryMetric { title: "bytes per run", bytes: |memory| memory.bytes_per_run },
];

/// Memory per entry, version and run: one picture for each number of entries.
pub(crate) fn memory(page: &Page<'_>) -> Figure {
    let all = &page.evidence.memory;
    let mut pictures = Vec::new();
    let sets = distinct(all.iter().map(|each| (each.part, each.keys)));
    for (number, (part, keys)) in sets.into_iter().enumerate() {
        let here: Vec<&Memory> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        let groups: Vec<DotGroup> =
            MEMORY_METRICS.iter().filter_map(|metric| metric_group(page, &here, metric)).collect();
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
            axis: axis("bytes", NumberFormat::Plain, &groups),
            columns: vec![String::new()],
            lanes: vec![Lane { name: String::new(), body: Body::Solid, level: 0 }],
            references: Vec::new(),
            groups,
        };
        pictures.push(Picture { title, plot: Plot::Dots(plot) });
    }
    Figure {
        title: "Memory per entry, version and run".to_owned(),
        caption: "Live bytes, on a logarithmic axis; less is better. A subject with 0 bytes per \
                  version retains no versions. –: not applicable."
            .to_owned(),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
    }
}

/// One metric of all subjects; none if no subject has it.
fn metric_group(page: &Page<'_>, here: &[&Memory], metric: &MemoryMetric) -> Option<DotGroup> {
    let row = |memory: &&Memory| {
        let bytes = (metric.bytes)(memory);
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
    here.iter().any(|memory| (metric.bytes)(memory).is_some()).then(|| DotGroup {
        name: metric.title.to_owned(),
        rows: here.iter().map(row).collect(),
        references: Vec::new(),
    })
}

/// Processor time per operation, for dot plots.
const CPU_TIME: PlottedMetric = PlottedMetric {
    name: "cost",
    title: "Processor time",
    axis: "processor time per operation",
    unit: NumberFormat::Time,
    references: &[],
};
/// Number of its pictures that are shown unfolded.
const SHOWN_MAX: usize = 6;

/// Processor time per operation at every position, at the largest number of threads with a core
/// each.
pub(crate) fn processor_time(page: &Page<'_>) -> Figure {
    let mut marks: Vec<CellMark<'_>> = Vec::new();
    for position in page.positions() {
        let here = || {
            let cells =
                page.evidence.cells.iter().filter(|cell| MatrixPosition::of_cell(cell) == position);
            cells.filter(|cell| {
                !page.evidence.is_oversubscribed(cell.part, cell.threads, &cell.warnings)
            })
        };
        let Some(threads) = here().map(|cell| cell.threads).max() else { continue };
        marks.extend(here().filter(|cell| cell.threads == threads).map(|cell| {
            let cpu_ns = cell.valid_throughput().ok_or("invalid");
            let cpu_ns = cpu_ns.and_then(|_| cell.cpu_ns_per_op.ok_or(NONE));
            CellMark {
                position,
                subject: &cell.subject,
                threads,
                is_oversubscribed: false,
                value: cpu_ns.map(|value| Estimate { value, interval: None }),
            }
        }));
    }
    let is_known = marks.iter().any(|mark| mark.value.is_ok());
    let mut pictures =
        if is_known { by_workload::pictures(page, &marks, CPU_TIME) } else { Vec::new() };
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    Figure {
        title: "Processor time per operation".to_owned(),
        caption: "At the largest number of threads with a core each, on a logarithmic axis; less \
                  is better. Spinning takes processor time, sleeping does not. –: not measured."
            .to_owned(),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded,
    }
}

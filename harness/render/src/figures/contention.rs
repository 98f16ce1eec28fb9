//! Scaling efficiency as heat maps.

use std::collections::HashMap;

use shardproof_document::{NONE, counted, significant};
use shardproof_evidence::Cell;
use shardproof_judge::compare::Compared;

use crate::figures::page::{Page, distinct};
use crate::figures::{Figure, LINE_COUNTS_MIN, Picture, Width, alternative};
use crate::plot::Plot;
use crate::plot::heat::{Group, HeatCell, HeatMap};

/// The end of every caption.
const READING: &str = "Number and colour show scaling efficiency: 1.00 is perfect scaling, and \
                       paler means that less is lost. The smaller number is throughput in Mops/s. \
                       Compare each row with that of the ceiling, which shares nothing. Cells with \
                       more threads than cores (*) have no colour, because their threads wait for \
                       a core.";

/// Maximum number of workloads side by side in one map.
const COLUMNS_MAX: usize = 5;

/// The scaling of each cell, by its coordinates.
pub(crate) struct Efficiencies<'a, 'b> {
    /// By part, workload, placement, subject and threads.
    by_key: HashMap<Key<'a>, &'b Compared<'a>>,
}

type Key<'a> = (usize, &'a str, &'a str, &'a str, usize);

impl<'a, 'b> Efficiencies<'a, 'b> {
    /// Indexes these cells.
    pub(crate) fn of(compared: &'b [Compared<'a>]) -> Self {
        let key = |cell: &'a Cell| {
            (cell.part, &*cell.workload, &*cell.placement, &*cell.subject, cell.threads)
        };
        Self { by_key: compared.iter().map(|each| (key(each.cell), each)).collect() }
    }

    fn cell(&self, page: &Page<'_>, key: Key<'_>) -> HeatCell {
        let one = (key.0, key.1, key.2, key.3, 1);
        let invalid = |key| {
            let compared = self.by_key.get(&key);
            compared.is_some_and(|compared| compared.cell.valid_throughput().is_none())
        };
        heat_cell(page, self.by_key.get(&key).copied(), invalid(one))
    }
}

/// One figure for a part of evidence: by workload if there are few thread counts, by threads if
/// there are many. `drawn` counts the maps of a page, to give each a unique name.
pub(crate) fn contention(
    page: &Page<'_>,
    efficiencies: &Efficiencies<'_, '_>,
    part: usize,
    drawn: &mut usize,
) -> Figure {
    let cells: Vec<&Cell> = page.evidence.cells.iter().filter(|cell| cell.part == part).collect();
    let mut threads = distinct(cells.iter().map(|cell| cell.threads));
    threads.sort_unstable();
    let is_by_threads = threads.len() >= LINE_COUNTS_MIN;
    let maps = if is_by_threads {
        by_threads(page, efficiencies, &cells, &threads)
    } else {
        threads.retain(|count| *count > 1 || is_single_threaded(&cells));
        by_workloads(page, efficiencies, &cells, &threads)
    };
    let pictures = maps.into_iter().map(|(title, mut map)| {
        map.alternative.name = format!("heat-{drawn}");
        *drawn += 1;
        Picture { title, plot: Plot::Heat(map) }
    });
    let columns = if is_by_threads { "thread counts" } else { "workloads" };
    Figure {
        title: format!("Scaling efficiency{}", page.part_name(part)),
        width: Width::Own,
        caption: format!("Rows are subjects in a placement; columns are {columns}. {READING}"),
        legend: Vec::new(),
        pictures: pictures.collect(),
        folded: Vec::new(),
    }
}

/// Whether everything was measured on one thread.
fn is_single_threaded(cells: &[&Cell]) -> bool {
    cells.iter().all(|cell| cell.threads == 1)
}

fn by_threads(
    page: &Page<'_>,
    efficiencies: &Efficiencies<'_, '_>,
    cells: &[&Cell],
    threads: &[usize],
) -> Vec<(String, HeatMap)> {
    let workloads = distinct(cells.iter().map(|cell| cell.workload.as_str()));
    let map = |workload: &str| {
        let here: Vec<&Cell> =
            cells.iter().copied().filter(|cell| cell.workload == workload).collect();
        let columns = Columns {
            heading: "threads".to_owned(),
            names: threads.iter().map(ToString::to_string).collect(),
            cells: threads.iter().map(|count| (workload, *count)).collect(),
        };
        (workload.to_owned(), map(page, efficiencies, &here, &columns, workload))
    };
    workloads.into_iter().map(map).collect()
}

/// Puts workloads with the same placements side by side.
fn by_workloads(
    page: &Page<'_>,
    efficiencies: &Efficiencies<'_, '_>,
    cells: &[&Cell],
    threads: &[usize],
) -> Vec<(String, HeatMap)> {
    let placements_of = |workload: &str| {
        let here = cells.iter().filter(|cell| cell.workload == workload);
        distinct(here.map(|cell| cell.placement.as_str()))
    };
    let mut sets: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for workload in distinct(cells.iter().map(|cell| cell.workload.as_str())) {
        let placements = placements_of(workload);
        match sets.iter_mut().find(|(other, all)| *other == placements && all.len() < COLUMNS_MAX) {
            Some((_, workloads)) => workloads.push(workload),
            None => sets.push((placements, vec![workload])),
        }
    }
    let mut maps = Vec::new();
    for count in threads {
        for (_, workloads) in &sets {
            let here: Vec<&Cell> = cells
                .iter()
                .copied()
                .filter(|cell| cell.threads == *count && workloads.contains(&&*cell.workload))
                .collect();
            if here.is_empty() {
                continue;
            }
            let columns = Columns {
                heading: "workload".to_owned(),
                names: workloads.iter().map(|workload| (*workload).to_owned()).collect(),
                cells: workloads.iter().map(|workload| (*workload, *count)).collect(),
            };
            let threads = counted(*count, "thread");
            let title = format!("{}: {threads}", workloads.join(", "));
            let map = map(page, efficiencies, &here, &columns, &title);
            maps.push((title, map));
        }
    }
    maps
}

/// The columns of a map.
pub(super) struct Columns<'a> {
    /// Their heading.
    pub heading: String,
    /// Their names.
    pub names: Vec<String>,
    /// The workload and the number of threads of each.
    pub cells: Vec<(&'a str, usize)>,
}

/// A map of these cells.
pub(super) fn map(
    page: &Page<'_>,
    efficiencies: &Efficiencies<'_, '_>,
    cells: &[&Cell],
    columns: &Columns<'_>,
    what: &str,
) -> HeatMap {
    let part = cells.first().map_or(0, |cell| cell.part);
    let placements = distinct(cells.iter().map(|cell| cell.placement.as_str()));
    let groups = placements.into_iter().map(|placement| {
        let here = cells.iter().filter(|cell| cell.placement == placement);
        let rows = distinct(here.map(|cell| cell.subject.as_str())).into_iter().map(|subject| {
            let cell = |(workload, count): &(&str, usize)| {
                efficiencies.cell(page, (part, *workload, placement, subject, *count))
            };
            (subject.to_owned(), columns.cells.iter().map(cell).collect())
        });
        Group { name: placement.to_owned(), rows: rows.collect() }
    });
    HeatMap {
        alternative: alternative(
            String::new(),
            format!("Scaling efficiency: {what}"),
            "Numbers in coloured cells, one row per subject; the table of cells has the same \
             numbers.",
        ),
        columns_heading: columns.heading.clone(),
        columns: columns.names.clone(),
        groups: groups.collect(),
    }
}

fn heat_cell(
    page: &Page<'_>,
    compared: Option<&Compared<'_>>,
    one_thread_is_invalid: bool,
) -> HeatCell {
    let without =
        |large: &str, small: String| HeatCell { efficiency: None, large: large.to_owned(), small };
    let Some(Compared { cell, scaling, .. }) = compared else {
        return without(NONE, String::new());
    };
    let Some(throughput) = cell.valid_throughput() else {
        return without("invalid", String::new());
    };
    let mops = significant(throughput.median / 1e6);
    let efficiency = match cell.threads {
        1 => Some(1.0),
        count => scaling.map(|scaling| scaling.median / count as f64),
    };
    let Some(efficiency) = efficiency else {
        return without(if one_thread_is_invalid { "invalid" } else { NONE }, mops);
    };
    if page.evidence.is_oversubscribed(cell.part, cell.threads, &cell.warnings) {
        return without(&format!("{efficiency:.2}*"), mops);
    }
    HeatCell { efficiency: Some(efficiency), large: format!("{efficiency:.2}"), small: mops }
}

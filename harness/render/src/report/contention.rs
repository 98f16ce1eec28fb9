//! What a thread loses to its neighbours: the contention heatmap.

use std::collections::HashMap;

use indexmap::IndexMap;
use shardproof_document::{NONE, significant};
use shardproof_evidence::Cell;
use shardproof_judge::compare::Compared;

use crate::plot::Alternative;
use crate::plot::heat::{Group, HeatCell, HeatMap};
use crate::report::ReportError;
use crate::report::html::{Drawn, Markup, Picture, Width};
use crate::report::page::{DRAWN_MAX, Page, distinct};

type Key<'a> = (usize, &'a str, &'a str, &'a str, usize);
type Cells<'a, 'b> = HashMap<Key<'a>, &'b Compared<'a>>;

fn key(cell: &Cell) -> Key<'_> {
    (cell.part, &cell.workload, &cell.placement, &cell.subject, cell.threads)
}

/// A map of each workload of each part.
pub(crate) fn draw(page: &Page<'_>) -> Result<Drawn, ReportError> {
    let kept: Cells<'_, '_> = page.compared.iter().map(|each| (key(each.cell), each)).collect();
    let mut by_workload: IndexMap<(usize, &str), Vec<&Cell>> = IndexMap::new();
    for cell in &page.evidence.cells {
        by_workload.entry((cell.part, &*cell.workload)).or_default().push(cell);
    }
    let left = by_workload.len().saturating_sub(DRAWN_MAX);
    let mut pictures = Vec::new();
    for (number, ((part, workload), cells)) in by_workload.iter().take(DRAWN_MAX).enumerate() {
        let title = format!("{workload}{}", page.part_name(*part));
        let svg = Markup::drawn(map(page, &kept, cells, number).draw()?);
        pictures.push(Picture { title, svg });
    }
    Ok(Drawn { width: Width::Own, ..Drawn::of(pictures) }.left_out(left))
}

/// The map of cells of one workload.
fn map(page: &Page<'_>, kept: &Cells<'_, '_>, cells: &[&Cell], number: usize) -> HeatMap {
    let (part, workload) = cells.first().map_or((0, ""), |cell| (cell.part, &*cell.workload));
    let mut threads = distinct(cells.iter().map(|cell| cell.threads));
    threads.sort_unstable();
    let placements = distinct(cells.iter().map(|cell| cell.placement.as_str()));
    let groups = placements.into_iter().map(|placement| {
        let here = cells.iter().filter(|cell| cell.placement == placement);
        let rows = distinct(here.map(|cell| cell.subject.as_str())).into_iter().map(|subject| {
            let cell = |count: &usize| {
                heat_cell(page, kept.get(&(part, workload, placement, subject, *count)).copied())
            };
            (subject.to_owned(), threads.iter().map(cell).collect())
        });
        Group { name: placement.to_owned(), rows: rows.collect() }
    });
    HeatMap {
        alternative: Alternative {
            name: format!("heat-{number}"),
            title: format!("Throughput kept per thread: {workload}"),
            description: "Numbers in coloured cells, subjects by threads; the table below has \
                          the same numbers."
                .to_owned(),
        },
        columns_are: "threads".to_owned(),
        columns: threads.iter().map(ToString::to_string).collect(),
        groups: groups.collect(),
    }
}

fn heat_cell(page: &Page<'_>, compared: Option<&Compared<'_>>) -> HeatCell {
    let without =
        |large: &str, small: String| HeatCell { part: None, large: large.to_owned(), small };
    let Some(Compared { cell, scaling, .. }) = compared else {
        return without(NONE, String::new());
    };
    let Some(throughput) = cell.valid_throughput() else {
        return without("invalid", String::new());
    };
    let mops = significant(throughput.median / 1e6);
    let kept = match cell.threads {
        1 => Some(1.0),
        count => scaling.map(|scaling| scaling.median / count as f64),
    };
    let Some(kept) = kept else {
        return without(NONE, mops);
    };
    if page.is_oversubscribed(cell.part, cell.threads, &cell.warnings) {
        return without(&format!("{kept:.2}*"), mops);
    }
    HeatCell { part: Some(kept), large: format!("{kept:.2}"), small: mops }
}

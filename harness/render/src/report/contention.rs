//! What a thread loses to its neighbours: the contention heatmap.

use std::collections::HashMap;

use shardproof_evidence::Cell;
use shardproof_judge::compare::{Compared, compare};

use crate::plot::Alternative;
use crate::plot::heat::{Group, HeatCell, HeatMap};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::numbers::{NONE, three};
use crate::report::page::{Page, distinct};

/// What the caption says of every map.
const CAPTION: &str = "Each row is a subject in a placement, each column a number of threads. \
                       The number and the colour are the throughput that is kept per thread: \
                       1.00 means that further threads cost the others nothing, and the paler \
                       the less is lost. Below it, the throughput in Mops/s. Read each row \
                       beside that of the ceiling, which shares nothing. Where there are more \
                       threads than cores (*), a core is what threads wait for, so there is no \
                       colour.";

/// One map for each workload.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("contention", "Contention");
    if page.evidence.cells.is_empty() {
        return section.missing("No cell was measured.", "shardproof measure");
    }
    let compared = compare(page.evidence);
    let kept: Cells<'_, '_> = compared.iter().map(|each| (key(each.cell), each)).collect();
    let mut drawn = 0;
    for part in distinct(page.evidence.cells.iter().map(|cell| cell.part)) {
        section.add(&figure(page, &kept, part, &mut drawn)?)?;
    }
    Ok(section)
}

type Key<'a> = (usize, &'a str, &'a str, &'a str, usize);
type Cells<'a, 'b> = HashMap<Key<'a>, &'b Compared<'a>>;

fn key(cell: &Cell) -> Key<'_> {
    (cell.part, &cell.workload, &cell.placement, &cell.subject, cell.threads)
}

fn figure(
    page: &Page<'_>,
    kept: &Cells<'_, '_>,
    part: usize,
    drawn: &mut usize,
) -> Result<Figure, ReportError> {
    let cells: Vec<&Cell> = page.evidence.cells.iter().filter(|cell| cell.part == part).collect();
    let (mut pictures, mut tables) = (Vec::new(), Vec::new());
    for workload in distinct(cells.iter().map(|cell| cell.workload.as_str())) {
        let here: Vec<&Cell> =
            cells.iter().copied().filter(|cell| cell.workload == workload).collect();
        let map = map(page, kept, &here, *drawn);
        *drawn += 1;
        tables.push(table(&map, workload));
        let svg = Markup::drawn(map.draw()?);
        pictures.push(Picture { title: workload.to_owned(), svg });
    }
    Ok(Figure {
        title: format!("Throughput kept per thread{}", page.part_name(part)),
        width: Width::Own,
        caption: Words::new(
            CAPTION,
            &[Term::Kept, Term::Throughput, Term::Ceiling, Term::Oversubscribed],
        ),
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
        tables,
    })
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
    let mops = three(throughput.median / 1e6);
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

/// The same numbers as text.
fn table(map: &HeatMap, workload: &str) -> Table {
    let caption = Words::new(
        format!(
            "Throughput kept per thread: {workload}. In brackets, throughput in Mops/s. *: more \
             threads than cores."
        ),
        &[Term::Kept],
    );
    let mut heads = vec![Head::of(Term::Subject)];
    let columns = map.columns.iter();
    heads.extend(columns.map(|count| Head::named(Term::Threads, count.as_str(), "threads")));
    let mut table = Table::new(caption, 1, heads);
    for group in &map.groups {
        for (subject, cells) in &group.rows {
            let cells = cells.iter().map(|cell| match cell.small.as_str() {
                "" => Entry::from(cell.large.as_str()),
                mops => Entry::from(format!("{} ({mops})", cell.large)),
            });
            let name = [Entry::from(subject.as_str())];
            table.row_of(&group.name, name.into_iter().chain(cells));
        }
    }
    table
}

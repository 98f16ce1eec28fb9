//! What a thread loses to its neighbours: the contention heatmap.

use shardproof_judge::compare::Compared;

use crate::figures::Picture;
use crate::figures::contention::{Kept, contention};
use crate::figures::headline::headline;
use crate::plot::Plot;
use crate::plot::heat::HeatMap;
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::page::{Page, distinct};

const TERMS: &[Term] = &[Term::Kept, Term::Throughput, Term::Ceiling, Term::Oversubscribed];

/// What to see first, and one map for each workload.
pub(crate) fn section(page: &Page<'_>, compared: &[Compared<'_>]) -> Result<Section, ReportError> {
    let mut section = Section::new("contention", "Contention");
    if page.evidence.cells.is_empty() {
        return section.missing("No cell was measured.", "shardproof measure");
    }
    if let Some(figure) = headline(page, compared) {
        let tables = tables(&figure.pictures);
        section.add(&Figure::of(figure, TERMS, tables)?)?;
    }
    let kept = Kept::of(compared);
    let mut drawn = 0;
    for part in distinct(page.evidence.cells.iter().map(|cell| cell.part)) {
        let figure = contention(page, &kept, part, &mut drawn);
        let tables = tables(&figure.pictures);
        section.add(&Figure::of(figure, TERMS, tables)?)?;
    }
    Ok(section)
}

/// What maps show, as tables.
fn tables(pictures: &[Picture]) -> Vec<Table> {
    let maps = pictures.iter().filter_map(|picture| match &picture.plot {
        Plot::Heat(map) => Some(table(map, &picture.title)),
        _ => None,
    });
    maps.collect()
}

/// The same numbers as text.
fn table(map: &HeatMap, what: &str) -> Table {
    let caption = Words::new(
        format!(
            "Throughput kept per thread: {what}. In brackets, throughput in Mops/s. *: more \
             threads than cores."
        ),
        &[Term::Kept],
    );
    let mut heads = vec![Head::of(Term::Subject)];
    let columns = map.columns.iter();
    let (term, unit) = match map.columns_are.as_str() {
        "threads" => (Term::Threads, "threads"),
        _ => (Term::Workload, ""),
    };
    heads.extend(columns.map(|name| Head::named(term, name.as_str(), unit)));
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

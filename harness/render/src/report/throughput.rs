//! Throughput and scaling, with intervals.

use shardproof_evidence::Cell;
use shardproof_judge::compare::{BASE_SUBJECT, Compared, SCALING_CONTROL};

use crate::figures::throughput::{mops, scaling, throughput};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::numbers::{interval, percent, three, whole};
use crate::report::page::{Page, Place};

/// A figure of each of the two, and the cells that are invalid.
pub(crate) fn section(page: &Page<'_>, compared: &[Compared<'_>]) -> Result<Section, ReportError> {
    let mut section = Section::new("throughput", "Throughput and scaling");
    if page.evidence.cells.is_empty() {
        return section.missing("No cell was measured.", "shardproof measure");
    }
    if let Some(table) = invalid(page) {
        section.add(&table)?;
    }
    let terms =
        &[Term::Throughput, Term::Interval, Term::Ceiling, Term::Floor, Term::Oversubscribed];
    let table = throughput_table(page, compared);
    section.add(&Figure::of(throughput(page, compared), terms, vec![table])?)?;
    if compared.iter().any(|each| each.scaling.is_some()) {
        let terms = &[Term::Scaling, Term::Interval, Term::Ceiling, Term::Oversubscribed];
        let table = scaling_table(page, compared);
        section.add(&Figure::of(scaling(page, compared), terms, vec![table])?)?;
    } else {
        section.say(&Words::new(
            "There is no scaling: no subject was measured on one thread and on more.",
            &[Term::Scaling],
        ))?;
    }
    Ok(section)
}

/// The heads of what names a cell within its place.
fn names() -> Vec<Head> {
    vec![Head::of(Term::Subject), Head::of(Term::Threads)]
}

fn named(cell: &Cell) -> [Entry; 2] {
    [cell.subject.as_str().into(), cell.threads.to_string().into()]
}

fn throughput_table(page: &Page<'_>, compared: &[Compared<'_>]) -> Table {
    let coverage = page.evidence.cells.iter().find_map(Cell::valid_throughput);
    let coverage = coverage.map_or_else(String::new, |throughput| {
        format!(" The intervals hold the true median in {} of cases.", percent(throughput.coverage))
    });
    let caption = Words::new(
        format!("Throughput of every cell.{coverage}"),
        &[Term::Cell, Term::Throughput, Term::Interval, Term::Coverage],
    );
    let mut heads = names();
    heads.extend([
        Head::unit(Term::Throughput, "Mops/s"),
        Head::unit(Term::Interval, "Mops/s"),
        Head::named(Term::Throughput, format!("times {BASE_SUBJECT}"), ""),
        Head::of(Term::Warnings),
    ]);
    let mut table = Table::new(caption, 2, heads);
    for each in compared {
        let (place, row) = (page.name(Place::of_cell(each.cell)), named(each.cell));
        let Some(spread) = mops(each) else {
            table
                .row_of(&place, row.into_iter().chain([Entry::instead(why_invalid(each.cell), 4)]));
            continue;
        };
        table.row_of(
            &place,
            row.into_iter().chain([
                three(spread.median).into(),
                interval(&spread, 1.0).into(),
                each.to_base.map_or_else(String::new, |ratio| three(ratio.median)).into(),
                Entry::warnings(&each.cell.warnings),
            ]),
        );
    }
    table
}

fn scaling_table(page: &Page<'_>, compared: &[Compared<'_>]) -> Table {
    let caption = Words::new(
        "Scaling of every cell with more than one thread.",
        &[Term::Scaling, Term::Interval, Term::ToCeiling],
    );
    let mut heads = names();
    heads.extend([
        Head::unit(Term::Scaling, "times"),
        Head::unit(Term::Interval, "times"),
        Head::named(Term::ToCeiling, format!("of {SCALING_CONTROL}"), ""),
        Head::of(Term::Interval),
        Head::of(Term::Warnings),
    ]);
    let mut table = Table::new(caption, 2, heads);
    for each in compared {
        let Some(scaling) = each.scaling else { continue };
        let control = each.scaling_to_control;
        table.row_of(
            &page.name(Place::of_cell(each.cell)),
            named(each.cell).into_iter().chain([
                three(scaling.median).into(),
                interval(&scaling, 1.0).into(),
                control.map_or_else(String::new, |ratio| three(ratio.median)).into(),
                control.map_or_else(String::new, |ratio| interval(&ratio, 1.0)).into(),
                Entry::warnings(&each.cell.warnings),
            ]),
        );
    }
    table
}

/// The cells with wrong answers; none where there are none.
fn invalid(page: &Page<'_>) -> Option<Table> {
    let cells: Vec<&Cell> =
        page.evidence.cells.iter().filter(|cell| cell.valid_throughput().is_none()).collect();
    if cells.is_empty() {
        return None;
    }
    let caption =
        Words::new("Cells without figures, and why.", &[Term::Invalid, Term::Checks, Term::Cell]);
    let mut heads = names();
    heads.push(Head::named(Term::Invalid, "why", ""));
    let mut table = Table::new(caption, 2, heads);
    for cell in cells {
        table.row_of(
            &page.name(Place::of_cell(cell)),
            named(cell).into_iter().chain([Entry::marked(why_invalid(cell), "w long bad")]),
        );
    }
    Some(table)
}

fn why_invalid(cell: &Cell) -> String {
    let Some(checks) = cell.checks.as_ref().filter(|checks| checks.failed > 0) else {
        return "invalid: no throughput was noted".to_owned();
    };
    let first = checks.first_failure.as_deref().unwrap_or("not told");
    format!(
        "invalid: {} of {} checked answers were wrong; the first: {first}",
        whole(checks.failed),
        whole(checks.checked)
    )
}

//! Other operations, and what was left out.

use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Section, Table, Words};
use crate::report::numbers::{ends, interval, three};
use crate::report::page::Page;

/// Operations that no mix holds.
pub(crate) fn operations(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("operations", "Other operations");
    if page.evidence.operations.is_empty() {
        return section.missing("No other operation was timed.", "shardproof measure");
    }
    let caption = Words::new(
        "Operations that no mix holds, each taken in turns with what it is compared to.",
        &[Term::Duration, Term::Ratio, Term::Interval],
    );
    let heads = vec![
        Head::of(Term::Operation),
        Head::of(Term::Subject),
        Head::unit(Term::Duration, "ns"),
        Head::unit(Term::Interval, "ns"),
        Head::unit(Term::Ratio, "times"),
        Head::unit(Term::Interval, "times"),
        Head::named(Term::Ratio, "compared with", ""),
    ];
    let mut table = Table::new(caption, 2, heads);
    for each in &page.evidence.operations {
        let ratio = &each.ratio_to;
        table.row([
            each.name.as_str().into(),
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            three(each.ns.median).into(),
            interval(&each.ns, 1.0).into(),
            three(ratio.median).into(),
            ends(ratio.low, ratio.high, 1.0).into(),
            Entry::words(ratio.name.as_str()),
        ]);
    }
    section.add_table(&table, "Other operations")?;
    Ok(section)
}

/// What does not go together.
pub(crate) fn skipped(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("skipped", "Skipped combinations");
    if page.evidence.skipped.is_empty() {
        section.say(&Words::new("None: every subject ran every workload.", &[Term::Skipped]))?;
        return Ok(section);
    }
    let caption = Words::new("What was not measured, and why.", &[Term::Skipped]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Workload),
        Head::named(Term::Skipped, "what the subject cannot do", ""),
    ];
    let mut table = Table::new(caption, 2, heads);
    for each in &page.evidence.skipped {
        table.row([
            each.subject.as_str().into(),
            each.workload.as_str().into(),
            Entry::marked(each.reason.as_str(), "w long"),
        ]);
    }
    section.add_table(&table, "Skipped")?;
    Ok(section)
}

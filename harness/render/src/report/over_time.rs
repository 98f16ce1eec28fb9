//! Latency over time: each round by when it began.

use crate::figures::families::{Family, Loop, families};
use crate::figures::over_time::{drawn, over_time};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::numbers::{three, whole};
use crate::report::page::{Page, distinct};

/// A figure for each kind of loop.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("over-time", "Latency over time");
    if page.evidence.latencies.iter().all(|latency| latency.rounds.is_empty()) {
        return section.missing("No round of a latency was noted.", "shardproof measure");
    }
    let mut number = 0;
    for how in distinct(page.evidence.latencies.iter().map(Loop::of)) {
        let families = families(page, how);
        let drawn = drawn(page, &families);
        let figure = over_time(page, (how, families.len()), &drawn, &mut number);
        let tables = vec![table(page, &drawn)];
        section.add(&Figure::of(figure, &[Term::OverTime, Term::Round], tables)?)?;
    }
    Ok(section)
}

fn table(page: &Page<'_>, families: &[&Family<'_>]) -> Table {
    let caption = Words::new("Every round of what is drawn.", &[Term::OverTime]);
    let heads = vec![
        Head::of(Term::Threads),
        Head::of(Term::Subject),
        Head::named(Term::Round, "began", "s"),
        Head::of(Term::Count),
        Head::named(Term::OverTime, "p50", "ns"),
        Head::named(Term::OverTime, "p99", "ns"),
        Head::named(Term::OverTime, "p99.9", "ns"),
        Head::named(Term::OverTime, "longest", "ns"),
    ];
    let mut table = Table::new(caption, 2, heads);
    for family in families {
        for latency in &family.members {
            for round in &latency.rounds {
                let row = [
                    latency.threads.to_string().into(),
                    latency.subject.as_str().into(),
                    three(round.at_s).into(),
                    whole(round.count).into(),
                    three(round.p50_ns as f64).into(),
                    three(round.p99_ns as f64).into(),
                    three(round.p999_ns as f64).into(),
                    Entry::from(three(round.max_ns as f64)),
                ];
                table.row_of(&page.name(family.place), row);
            }
        }
    }
    table
}

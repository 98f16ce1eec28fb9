//! How much load each subject bears.

use shardproof_evidence::RateSearch;

use crate::figures::rates::{highest, tried};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::numbers::{NONE, three};
use crate::report::page::Page;

/// The results, and what was tried.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("rates", "How much load each bears");
    if page.evidence.rate_searches.is_empty() {
        return section.missing("No rate was searched for.", "shardproof measure");
    }
    let terms = &[Term::RateSearch, Term::Arrivals];
    section.add(&Figure::of(highest(page), terms, vec![results(page)])?)?;
    let terms = &[Term::RateSearch, Term::OpenLoop, Term::Arrivals];
    section.add(&Figure::of(tried(page), terms, vec![steps(page)])?)?;
    Ok(section)
}

fn results(page: &Page<'_>) -> Table {
    let caption = Words::new(
        "The highest rate of arrivals at which the 99th percentile stayed under the bound.",
        &[Term::RateSearch, Term::Arrivals],
    );
    let mut heads = names();
    heads.extend([
        Head::named(Term::Arrivals, "arrivals", ""),
        Head::named(Term::RateSearch, "bound of p99", "ns"),
        Head::named(Term::RateSearch, "highest rate", "Mops/s"),
        Head::named(Term::RateSearch, "rates tried", ""),
    ]);
    let mut table = Table::new(caption, 4, heads);
    for search in &page.evidence.rate_searches {
        let rate = search.rate_ops_s.map(|rate| rate / 1e6);
        table.row(named(page, search).into_iter().chain([
            Entry::words(search.pattern.as_str()),
            three(search.p99_ns_max as f64).into(),
            rate.map_or_else(|| Entry::marked("none", "bad"), |rate| three(rate).into()),
            search.steps.len().to_string().into(),
        ]));
    }
    table
}

fn names() -> Vec<Head> {
    vec![
        Head::of(Term::Workload),
        Head::of(Term::Placement),
        Head::of(Term::Threads),
        Head::of(Term::Subject),
    ]
}

fn named(page: &Page<'_>, search: &RateSearch) -> [Entry; 4] {
    [
        search.workload.as_str().into(),
        format!("{}{}", search.placement, page.part_name(search.part)).into(),
        search.threads.to_string().into(),
        search.subject.as_str().into(),
    ]
}

fn steps(page: &Page<'_>) -> Table {
    let caption = Words::new("Every rate that was tried, in order.", &[Term::RateSearch]);
    let mut heads = names();
    heads.extend([
        Head::named(Term::Arrivals, "asked", "Mops/s"),
        Head::named(Term::Arrivals, "reached", "Mops/s"),
        Head::named(Term::Percentile, "p99", "ns"),
        Head::named(Term::RateSearch, "kept", ""),
    ]);
    let mut table = Table::new(caption, 4, heads);
    for search in &page.evidence.rate_searches {
        if search.steps.is_empty() {
            table.row(named(page, search).into_iter().chain([Entry::instead(NONE, 4)]));
        }
        for step in &search.steps {
            table.row(named(page, search).into_iter().chain([
                three(step.rate_ops_s / 1e6).into(),
                three(step.achieved_ops_s / 1e6).into(),
                three(step.p99_ns as f64).into(),
                Entry::words(if step.kept { "yes" } else { "no" }),
            ]));
        }
    }
    table
}

//! Percentiles: a mark for each quantile, and lines on which each further nine has the same room.

use crate::figures::families::Loop;
use crate::figures::percentiles::{percentiles, quantiles};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Figure, Section};
use crate::report::latency_table::table;
use crate::report::page::{Page, distinct};

/// Two figures for each kind of loop.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("percentiles", "Latency: percentiles");
    if page.evidence.latencies.is_empty() {
        return section.missing("No latency was measured.", "shardproof measure");
    }
    let (mut dots, mut lines) = (0, 0);
    for how in distinct(page.evidence.latencies.iter().map(Loop::of)) {
        let figure = quantiles(page, how, &mut dots);
        section.add(&Figure::of(figure, terms(how), vec![table(page, how)])?)?;
        let figure = percentiles(page, how, &mut lines);
        section.add(&Figure::of(figure, terms(how), Vec::new())?)?;
    }
    Ok(section)
}

const fn terms(how: Loop<'_>) -> &'static [Term] {
    match how {
        Loop::Closed => &[Term::Percentile, Term::ClosedLoop, Term::Oversubscribed],
        Loop::Open(_) => &[Term::Percentile, Term::OpenLoop, Term::Arrivals, Term::Oversubscribed],
    }
}

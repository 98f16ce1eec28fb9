//! The tables of latencies.

use shardproof_evidence::Latency;

use crate::figures::families::Loop;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Table, Words};
use crate::report::numbers::{interval, three, three_of, whole};
use crate::report::page::{Page, Place};

/// All latencies of one kind of loop in numbers.
pub(crate) fn table(page: &Page<'_>, how: Loop<'_>) -> Table {
    let caption = Words::new(
        format!("Latency in the {}, every kind of operation.", how.name()),
        &[Term::Percentile, Term::Interval, Term::Count],
    );
    let mut heads =
        vec![Head::of(Term::Threads), Head::of(Term::Subject), Head::of(Term::Operation)];
    let names = heads.len();
    if how != Loop::Closed {
        heads.push(Head::named(Term::Arrivals, "asked", "Mops/s"));
        heads.push(Head::named(Term::Achieved, "reached", "Mops/s"));
    }
    heads.push(Head::of(Term::Count));
    heads.push(Head::unit(Term::Mean, "ns"));
    for percentile in ["least", "p50", "p50 interval", "p90", "p99", "p99 interval", "p99.9"] {
        heads.push(Head::named(Term::Percentile, percentile, "ns"));
    }
    heads.push(Head::named(Term::Percentile, "p99.99", "ns"));
    heads.push(Head::named(Term::Percentile, "longest", "ns"));
    heads.push(Head::of(Term::Warnings));
    let mut table = Table::new(caption, names, heads);
    for latency in page.evidence.latencies.iter().filter(|each| Loop::of(each) == how) {
        table.row_of(&page.name(Place::of_latency(latency)), row(latency));
    }
    table
}

fn row(latency: &Latency) -> Vec<Entry> {
    let mut row: Vec<Entry> = vec![
        latency.threads.to_string().into(),
        latency.subject.as_str().into(),
        latency.operation.as_str().into(),
    ];
    if let Some(arrivals) = &latency.arrivals {
        row.push(three(arrivals.rate_ops_s / 1e6).into());
        row.push(three(arrivals.achieved_ops_s / 1e6).into());
    }
    row.push(whole(latency.count).into());
    if latency.count == 0 {
        row.push(Entry::instead("nothing was timed", 10));
    } else {
        let quantiles = &latency.quantiles_ns;
        // With fewer operations than a quantile needs, it would be the longest under another name.
        let from = |least: u64, ns: u64| three_of((latency.count >= least).then_some(ns as f64));
        row.extend([
            three(latency.mean_ns).into(),
            three(quantiles.min as f64).into(),
            three(quantiles.p50 as f64).into(),
            interval(&latency.p50_ns, 1.0).into(),
            three(quantiles.p90 as f64).into(),
            from(100, quantiles.p99).into(),
            interval(&latency.p99_ns, 1.0).into(),
            from(1_000, quantiles.p999).into(),
            from(10_000, quantiles.p9999).into(),
            three(quantiles.max as f64).into(),
        ]);
    }
    row.push(Entry::warnings(&latency.warnings));
    row
}

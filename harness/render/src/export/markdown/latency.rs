//! Latency, and the load that subjects bear.

use shardproof_evidence::{Arrivals, Evidence, Latency, Spread};

use super::table::Table;
use super::{figure, section, subject};
use crate::sections::thousands;
use crate::terminal::line;

/// Quantiles of each record.
pub(super) fn latencies(text: &mut String, evidence: &Evidence) {
    if evidence.latencies.is_empty() {
        return;
    }
    section(text, "Latency");
    line(
        text,
        "Nanoseconds, over all rounds. In a closed loop each operation begins when the one before is \
         done, and one reading of the clock is in its time; in an open one it is timed from the moment \
         at which it should have begun. *p99 of rounds* is the median over rounds, with its interval.\n",
    );
    let head = [
        "subject",
        "workload",
        "placement",
        "arrivals",
        "operation",
        "threads",
        "count",
        "mean",
        "min",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "p99.99",
        "max",
        "p99 of rounds",
    ];
    let mut table = Table::new(&head, 5..head.len());
    for each in &evidence.latencies {
        let Latency { part, workload, placement, threads, operation, count, mean_ns, .. } = each;
        let quantiles = &each.quantiles_ns;
        let words = [
            subject(evidence, *part, &each.subject),
            workload.clone(),
            placement.clone(),
            arrivals(each.arrivals.as_ref()),
            operation.clone(),
        ];
        let numbers = [threads.to_string(), thousands(*count), figure(*mean_ns)];
        let quantiles = [
            quantiles.min,
            quantiles.p50,
            quantiles.p90,
            quantiles.p99,
            quantiles.p999,
            quantiles.p9999,
            quantiles.max,
        ];
        let interval = [interval(&each.p99_ns)];
        let row = words.into_iter().chain(numbers).chain(quantiles.map(thousands)).chain(interval);
        table.row(row);
    }
    table.write(text);
}

fn arrivals(arrivals: Option<&Arrivals>) -> String {
    arrivals.map_or("closed loop".to_owned(), |Arrivals { pattern, rate_ops_s, achieved_ops_s }| {
        let per_s = |rate: f64| thousands(rate.round() as u64);
        format!("{pattern}, {} per s (achieved {})", per_s(*rate_ops_s), per_s(*achieved_ops_s))
    })
}

fn interval(Spread { median, low, high, .. }: &Spread) -> String {
    let whole = |ns: f64| thousands(ns.round() as u64);
    format!("{} ({}..{})", whole(*median), whole(*low), whole(*high))
}

/// How much load each subject bears.
pub(super) fn rate_searches(text: &mut String, evidence: &Evidence) {
    if evidence.rate_searches.is_empty() {
        return;
    }
    section(text, "Load");
    line(
        text,
        "The highest rate of arrivals, of those tried, at which the 99th percentile from the intended \
         start kept the bound.\n",
    );
    let head = [
        "subject",
        "workload",
        "placement",
        "arrivals",
        "threads",
        "bound ns",
        "rate per s",
        "rates tried",
    ];
    let mut table = Table::new(&head, 4..head.len());
    for search in &evidence.rate_searches {
        let rate = search.rate_ops_s.map(|rate| thousands(rate.round() as u64));
        table.row([
            subject(evidence, search.part, &search.subject),
            search.workload.clone(),
            search.placement.clone(),
            search.pattern.clone(),
            search.threads.to_string(),
            thousands(search.p99_ns_max),
            rate.unwrap_or("none kept it".to_owned()),
            search.steps.len().to_string(),
        ]);
    }
    table.write(text);
}

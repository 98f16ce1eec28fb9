//! Sections on latency and on sustainable load.

use std::collections::HashMap;

use shardproof_evidence::{ALL, Arrivals, Latency, LatencyRound, RateSearch, RateStep};

use crate::document::{Context, Section};
use crate::table::{Detail, Table, TableBuilder};
use crate::terms as t;
use crate::value::{Quantity, Value, count, ns, text};

/// Quantiles in the closed and the open loop.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("latency", "Latency");
    let evidence = context.evidence;
    if evidence.latencies.is_empty() {
        return section.missing("No latency was measured.", "shardproof measure");
    }
    let (open, closed): (Vec<&Latency>, Vec<_>) =
        evidence.latencies.iter().partition(|each| each.arrivals.is_some());
    section
        .paragraph(format!(
            "Closed loop: each operation starts when the previous one ends; its time includes one \
             reading of the clock ({}). Open loop: operations arrive at a given rate and are timed \
             from their intended start, so waiting counts.",
            crate::value::with_unit(Quantity::Ns, evidence.machine.clock_cost_ns)
        ))
        .figure("percentiles", &[&t::PERCENTILE, &t::LOOP, &t::ARRIVALS, &t::OVERSUBSCRIBED])
        .table(latencies("latencies", "Quantiles in the closed loop", context, closed))
        .table(latencies("open_latencies", "Quantiles in the open loop", context, open))
        .table(rounds(context))
}

/// The latency of each round over time.
pub(crate) fn over_time<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("over-time", "Latency over time").detail(Detail::Pages);
    if context.evidence.latencies.iter().all(|latency| latency.rounds.is_empty()) {
        return section.missing("No latency rounds were recorded.", "shardproof measure");
    }
    section.figure("over-time", &[&t::BEGAN, &t::ROUND, &t::LOOP])
}

/// Kinds of operation per latency cell: how many besides `all`, and whether `all` is there.
type Kinds<'a> =
    HashMap<(usize, &'a str, &'a str, &'a str, usize, Option<(&'a str, u64)>), (usize, bool)>;

/// What the records of one latency cell have in common.
fn cell_key(latency: &Latency) -> (usize, &str, &str, &str, usize, Option<(&str, u64)>) {
    let Latency { part, subject, workload, placement, threads, arrivals, .. } = latency;
    let rate = arrivals.as_ref().map(|all| (&*all.pattern, all.rate_ops_s.to_bits()));
    (*part, subject, workload, placement, *threads, rate)
}

fn latencies<'a>(
    id: &'static str,
    caption: &'static str,
    context: &Context<'a>,
    records: Vec<&'a Latency>,
) -> TableBuilder<'a, &'a Latency> {
    let is_open = records.iter().any(|each| each.arrivals.is_some());
    let mut kinds: Kinds<'_> = HashMap::new();
    for latency in &records {
        let (others, has_all) = kinds.entry(cell_key(latency)).or_default();
        if latency.operation == ALL { *has_all = true } else { *others += 1 }
    }
    let quantile = |at: f64, ns: fn(&Latency) -> u64| {
        move |each: &&'a Latency| Value::quantile(at, each.count, ns(each) as f64)
    };
    let table = operation_columns(Table::builder(id, caption, records), context.parts, |each| each);
    let table = if is_open { arrivals(table) } else { table };
    table
        .note("count", &t::COUNT, |each| Value::Count(each.count))
        .priority(3)
        .metric("p50_ns", &t::PERCENTILE, quantile(0.5, |each| each.quantiles_ns.p50))
        .heading("p50")
        .metric("p90_ns", &t::PERCENTILE, quantile(0.9, |each| each.quantiles_ns.p90))
        .heading("p90")
        .priority(4)
        .metric("p99_ns", &t::PERCENTILE, quantile(0.99, |each| each.quantiles_ns.p99))
        .heading("p99")
        .metric("p999_ns", &t::PERCENTILE, quantile(0.999, |each| each.quantiles_ns.p999))
        .heading("p99.9")
        .priority(2)
        .metric("p9999_ns", &t::PERCENTILE, quantile(0.9999, |each| each.quantiles_ns.p9999))
        .heading("p99.99")
        .priority(3)
        .metric("max_ns", &t::PERCENTILE, |each| if_timed(each, each.quantiles_ns.max as f64))
        .heading("max")
        .priority(2)
        .metric("mean_ns", &t::MEAN, |each| if_timed(each, each.mean_ns))
        .priority(5)
        .metric("min_ns", &t::PERCENTILE, |each| if_timed(each, each.quantiles_ns.min as f64))
        .heading("min")
        .priority(5)
        .spread(("p50_of_rounds", "ns"), &t::PERCENTILE_OF_ROUNDS, Quantity::Ns, |each| {
            has_enough_samples(each, 0.5).then_some(each.p50_ns)
        })
        .spread_heading("p50 of rounds", [7, 7])
        .spread(("p99_of_rounds", "ns"), &t::PERCENTILE_OF_ROUNDS, Quantity::Ns, |each| {
            has_enough_samples(each, 0.99).then_some(each.p99_ns)
        })
        .spread_heading("p99 of rounds", [7, 7])
        .note("warnings", &t::WARNINGS, |each| Value::Warnings(&each.warnings))
        .priority(4)
        // If there are several kinds of operation, a terminal shows only `all`.
        .hide_in_terminal(|each| {
            let (others, has_all) = kinds.get(&cell_key(each)).copied().unwrap_or_default();
            if each.operation == ALL { others == 1 } else { has_all && others > 1 }
        })
}

fn if_timed<'a>(latency: &Latency, figure: f64) -> Value<'a> {
    if latency.count == 0 { Value::NotObserved("nothing timed") } else { ns(figure) }
}

/// Whether the typical round has enough samples for a quantile.
#[must_use]
pub fn has_enough_samples(latency: &Latency, quantile: f64) -> bool {
    let mut counts: Vec<u64> = latency.rounds.iter().map(|round| round.count).collect();
    counts.sort_unstable();
    let typical = counts.get(counts.len() / 2).copied().unwrap_or(latency.count);
    matches!(Value::quantile(quantile, typical, 0.0), Value::Number(..))
}

/// The columns that identify the operations of a record.
fn operation_columns<'a, R: 'a>(
    table: TableBuilder<'a, R>,
    parts: usize,
    latency: impl Fn(&R) -> &'a Latency + Copy + 'a,
) -> TableBuilder<'a, R> {
    table
        .group("workload", &t::WORKLOAD, move |each| text(&latency(each).workload))
        .group("placement", &t::PLACEMENT, move |each| text(&latency(each).placement))
        .part(parts, move |each| latency(each).part)
        .name("subject", &t::SUBJECT, move |each| text(&latency(each).subject))
        .name("threads", &t::THREADS, move |each| count(latency(each).threads))
        .name("operation", &t::OPERATION, move |each| text(&latency(each).operation))
}

fn arrivals<'a>(table: TableBuilder<'a, &'a Latency>) -> TableBuilder<'a, &'a Latency> {
    let rate = |arrivals: Option<&Arrivals>, of: fn(&Arrivals) -> f64| {
        Value::known(Quantity::Rate, arrivals.map(of))
    };
    table
        .group("arrivals", &t::ARRIVALS, |each| pattern(each))
        .note("arrivals_ops_s", &t::ARRIVALS, move |each| {
            rate(each.arrivals.as_ref(), |all| all.rate_ops_s)
        })
        .heading("target")
        .note("offered_ops_s", &t::OFFERED, move |each| {
            rate(each.arrivals.as_ref(), Arrivals::offered_ops_s)
        })
        .heading("offered")
        .priority(4)
        .note("achieved_ops_s", &t::ACHIEVED, move |each| {
            rate(each.arrivals.as_ref(), |all| all.achieved_ops_s)
        })
        .heading("achieved")
        .priority(2)
        .note("slice_ms", &t::SLICE, |each| {
            let slice_ms = each.arrivals.as_ref().and_then(|all| all.slice_ms);
            Value::known(Quantity::Ms, slice_ms)
        })
        .heading("round duration")
        .priority(5)
}

fn pattern(latency: &Latency) -> Value<'_> {
    latency.arrivals.as_ref().map_or(Value::NotObserved(""), |all| text(&all.pattern))
}

fn rounds<'a>(context: &Context<'a>) -> TableBuilder<'a, (&'a Latency, usize, &'a LatencyRound)> {
    let rounds =
        context.evidence.latencies.iter().flat_map(|each| {
            (1..).zip(&each.rounds).map(move |(number, round)| (each, number, round))
        });
    let table =
        Table::builder("latency_rounds", "Every round", rounds.collect()).detail(Detail::Data);
    operation_columns(table, context.parts, |each| each.0)
        .name("arrivals", &t::ARRIVALS, |each| pattern(each.0))
        .name("arrivals_ops_s", &t::ARRIVALS, |each| {
            Value::known(Quantity::Rate, each.0.arrivals.as_ref().map(|all| all.rate_ops_s))
        })
        .name("round", &t::ROUND, |each| count(each.1))
        .note("at_s", &t::BEGAN, |each| Value::Number(Quantity::S, each.2.at_s))
        .note("count", &t::COUNT, |each| Value::Count(each.2.count))
        .metric("p50_ns", &t::PERCENTILE, |each| of_round(0.5, each.2, each.2.p50_ns))
        .metric("p99_ns", &t::PERCENTILE, |each| of_round(0.99, each.2, each.2.p99_ns))
        .metric("p999_ns", &t::PERCENTILE, |each| of_round(0.999, each.2, each.2.p999_ns))
        .metric("max_ns", &t::PERCENTILE, |each| ns(each.2.max_ns as f64))
}

fn of_round<'a>(quantile: f64, round: &LatencyRound, ns: u64) -> Value<'a> {
    Value::quantile(quantile, round.count, ns as f64)
}

/// The load that each subject sustains.
pub(crate) fn rates<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("rates", "Load");
    let searches = &context.evidence.rate_searches;
    if searches.is_empty() {
        return section.missing("No rate search was run.", "shardproof measure");
    }
    let table =
        Table::builder("rate_searches", "Highest rate within the limit", searches.iter().collect());
    let table = search_columns(table, context.parts, |each| each)
        .metric("rate_ops_s", &t::RATE_SEARCH, |each: &&RateSearch| match each.rate_ops_s {
            Some(rate) => Value::Number(Quantity::Rate, rate),
            None => Value::NotObserved("none"),
        })
        .heading("rate")
        .metric("steps", &t::RATE_SEARCH, |each| count(each.steps.len()))
        .heading("rates tried")
        .priority(3);
    let steps = searches.iter().flat_map(|search| {
        (1..).zip(&search.steps).map(move |(number, step)| (search, number, step))
    });
    let steps: Vec<(&RateSearch, usize, &RateStep)> = steps.collect();
    let steps = Table::builder("rate_steps", "Every rate tried", steps).detail(Detail::Pages);
    let steps = search_columns(steps, context.parts, |each| each.0)
        .name("step", &t::RATE_SEARCH, |each| count(each.1))
        .heading("step")
        .note("rate_ops_s", &t::ARRIVALS, |each| Value::Number(Quantity::Rate, each.2.rate_ops_s))
        .heading("target")
        .metric("achieved_ops_s", &t::ACHIEVED, |each| {
            Value::Number(Quantity::Rate, each.2.achieved_ops_s)
        })
        .heading("achieved")
        .metric("p99_ns", &t::PERCENTILE, |each| ns(each.2.p99_ns as f64))
        .heading("p99")
        .note("kept", &t::RATE_SEARCH, |each| Value::Flag(each.2.kept))
        .heading("within limit");
    section
        .paragraph(
            "The highest arrival rate tried at which the 99th percentile, timed from the intended \
             start, stayed within the limit.",
        )
        .table(table)
        .figure("rates", &[&t::RATE_SEARCH, &t::LOOP, &t::ARRIVALS])
        .table(steps)
}

/// The columns that identify the search of a record.
fn search_columns<'a, R: 'a>(
    table: TableBuilder<'a, R>,
    parts: usize,
    search: impl Fn(&R) -> &'a RateSearch + Copy + 'a,
) -> TableBuilder<'a, R> {
    table
        .group("workload", &t::WORKLOAD, move |each| text(&search(each).workload))
        .group("placement", &t::PLACEMENT, move |each| text(&search(each).placement))
        .part(parts, move |each| search(each).part)
        .group("arrivals", &t::ARRIVALS, move |each| text(&search(each).pattern))
        .name("subject", &t::SUBJECT, move |each| text(&search(each).subject))
        .name("threads", &t::THREADS, move |each| count(search(each).threads))
        .note("p99_max_ns", &t::RATE_SEARCH, move |each| ns(search(each).p99_ns_max as f64))
        .heading("p99 limit")
}

//! How long operations take, and how much load is borne.

use std::collections::HashMap;

use shardproof_evidence::{ALL, Arrivals, Latency, LatencyRound, RateSearch, RateStep};

use crate::document::{Context, Section};
use crate::table::{Builder, Detail, Table};
use crate::terms as t;
use crate::value::{Quantity, Value, count, ns, text};

/// Quantiles, in the closed loop and in the open one.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("latency", "Latency");
    let evidence = context.evidence;
    if evidence.latencies.is_empty() {
        return section.missing("No latency was measured.", "shardproof measure");
    }
    let (open, closed): (Vec<&Latency>, Vec<_>) =
        evidence.latencies.iter().partition(|each| each.arrivals.is_some());
    section
        .say(format!(
            "In a closed loop each operation begins when the one before is done; one reading of \
             the clock ({}) is in its time. In an open loop operations arrive at a rate, and each \
             is timed from the moment at which it should have begun: waiting counts.",
            crate::value::with_unit(Quantity::Ns, evidence.machine.clock_cost_ns)
        ))
        .figure("percentiles", &[&t::PERCENTILE, &t::LOOP, &t::ARRIVALS, &t::OVERSUBSCRIBED])
        .table(latencies("latencies", "Latency in the closed loop", context, closed))
        .table(latencies("open_latencies", "Latency in the open loop", context, open))
        .table(rounds(context))
}

/// Each round by when it began.
pub(crate) fn over_time<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("over-time", "Latency over time").detail(Detail::Pages);
    if context.evidence.latencies.iter().all(|latency| latency.rounds.is_empty()) {
        return section.missing("No round of a latency was noted.", "shardproof measure");
    }
    section.figure("over-time", &[&t::BEGAN, &t::ROUND, &t::LOOP])
}

/// Kinds of operation in one place: how many there are but `all`, and whether `all` is there.
type Kinds<'a> =
    HashMap<(usize, &'a str, &'a str, &'a str, usize, Option<(&'a str, u64)>), (usize, bool)>;

fn place(latency: &Latency) -> (usize, &str, &str, &str, usize, Option<(&str, u64)>) {
    let Latency { part, subject, workload, placement, threads, arrivals, .. } = latency;
    let rate = arrivals.as_ref().map(|all| (&*all.pattern, all.rate_ops_s.to_bits()));
    (*part, subject, workload, placement, *threads, rate)
}

fn latencies<'a>(
    id: &'static str,
    caption: &'static str,
    context: &Context<'a>,
    records: Vec<&'a Latency>,
) -> Builder<'a, &'a Latency> {
    let is_open = records.iter().any(|each| each.arrivals.is_some());
    let mut kinds: Kinds<'_> = HashMap::new();
    for latency in &records {
        let (others, has_all) = kinds.entry(place(latency)).or_default();
        if latency.operation == ALL { *has_all = true } else { *others += 1 }
    }
    let quantile = |at: f64, ns: fn(&Latency) -> u64| {
        move |each: &&'a Latency| Value::quantile(at, each.count, ns(each) as f64)
    };
    let table = named(Table::of(id, caption, records), context.parts, |each| each);
    let table = if is_open { arrivals(table) } else { table };
    table
        .note("count", &t::COUNT, |each| Value::Count(each.count))
        .priority(3)
        .figure("p50_ns", &t::PERCENTILE, quantile(0.5, |each| each.quantiles_ns.p50))
        .called("p50")
        .figure("p90_ns", &t::PERCENTILE, quantile(0.9, |each| each.quantiles_ns.p90))
        .called("p90")
        .priority(4)
        .figure("p99_ns", &t::PERCENTILE, quantile(0.99, |each| each.quantiles_ns.p99))
        .called("p99")
        .figure("p999_ns", &t::PERCENTILE, quantile(0.999, |each| each.quantiles_ns.p999))
        .called("p99.9")
        .priority(2)
        .figure("p9999_ns", &t::PERCENTILE, quantile(0.9999, |each| each.quantiles_ns.p9999))
        .called("p99.99")
        .priority(3)
        .figure("max_ns", &t::PERCENTILE, |each| from_any(each, each.quantiles_ns.max as f64))
        .called("max")
        .priority(2)
        .figure("mean_ns", &t::MEAN, |each| from_any(each, each.mean_ns))
        .priority(5)
        .figure("min_ns", &t::PERCENTILE, |each| from_any(each, each.quantiles_ns.min as f64))
        .called("min")
        .priority(5)
        .spread(("p50_of_rounds", "ns"), &t::PERCENTILE_OF_ROUNDS, Quantity::Ns, |each| {
            enough(each, 0.5).then_some(each.p50_ns)
        })
        .spread_called("p50 of rounds", [7, 7])
        .spread(("p99_of_rounds", "ns"), &t::PERCENTILE_OF_ROUNDS, Quantity::Ns, |each| {
            enough(each, 0.99).then_some(each.p99_ns)
        })
        .spread_called("p99 of rounds", [7, 7])
        .note("warnings", &t::WARNINGS, |each| Value::Warnings(&each.warnings))
        .priority(4)
        // Of several kinds of operation, `all` says enough.
        .long(|each| {
            let (others, has_all) = kinds.get(&place(each)).copied().unwrap_or_default();
            if each.operation == ALL { others == 1 } else { has_all && others > 1 }
        })
}

fn from_any<'a>(latency: &Latency, figure: f64) -> Value<'a> {
    if latency.count == 0 { Value::NotObserved("nothing was timed") } else { ns(figure) }
}

/// Whether a quantile of the usual round has samples enough.
#[must_use]
pub fn enough(latency: &Latency, quantile: f64) -> bool {
    let mut counts: Vec<u64> = latency.rounds.iter().map(|round| round.count).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(latency.count);
    matches!(Value::quantile(quantile, usual, 0.0), Value::Number(..))
}

/// The columns that say of which operations a record is.
fn named<'a, R: 'a>(
    table: Builder<'a, R>,
    parts: usize,
    latency: impl Fn(&R) -> &'a Latency + Copy + 'a,
) -> Builder<'a, R> {
    table
        .group("workload", &t::WORKLOAD, move |each| text(&latency(each).workload))
        .group("placement", &t::PLACEMENT, move |each| text(&latency(each).placement))
        .part(parts, move |each| latency(each).part)
        .name("subject", &t::SUBJECT, move |each| text(&latency(each).subject))
        .name("threads", &t::THREADS, move |each| count(latency(each).threads))
        .name("operation", &t::OPERATION, move |each| text(&latency(each).operation))
}

fn arrivals<'a>(table: Builder<'a, &'a Latency>) -> Builder<'a, &'a Latency> {
    let rate = |arrivals: Option<&Arrivals>, of: fn(&Arrivals) -> f64| {
        Value::known(Quantity::Rate, arrivals.map(of))
    };
    table
        .group("arrivals", &t::ARRIVALS, |each| pattern(each))
        .note("arrivals_ops_s", &t::ARRIVALS, move |each| {
            rate(each.arrivals.as_ref(), |all| all.rate_ops_s)
        })
        .called("asked")
        .note("offered_ops_s", &t::OFFERED, move |each| {
            rate(each.arrivals.as_ref(), Arrivals::offered_ops_s)
        })
        .called("offered")
        .priority(4)
        .note("achieved_ops_s", &t::ACHIEVED, move |each| {
            rate(each.arrivals.as_ref(), |all| all.achieved_ops_s)
        })
        .called("achieved")
        .priority(2)
        .note("slice_ms", &t::SLICE, |each| {
            let slice_ms = each.arrivals.as_ref().and_then(|all| all.slice_ms);
            Value::known(Quantity::Ms, slice_ms)
        })
        .called("round")
        .priority(5)
}

fn pattern(latency: &Latency) -> Value<'_> {
    latency.arrivals.as_ref().map_or(Value::NotObserved(""), |all| text(&all.pattern))
}

fn rounds<'a>(context: &Context<'a>) -> Builder<'a, (&'a Latency, usize, &'a LatencyRound)> {
    let rounds =
        context.evidence.latencies.iter().flat_map(|each| {
            (1..).zip(&each.rounds).map(move |(number, round)| (each, number, round))
        });
    let table = Table::of("latency_rounds", "Every round", rounds.collect()).detail(Detail::Data);
    named(table, context.parts, |each| each.0)
        .name("arrivals", &t::ARRIVALS, |each| pattern(each.0))
        .name("arrivals_ops_s", &t::ARRIVALS, |each| {
            Value::known(Quantity::Rate, each.0.arrivals.as_ref().map(|all| all.rate_ops_s))
        })
        .name("round", &t::ROUND, |each| count(each.1))
        .note("at_s", &t::BEGAN, |each| Value::Number(Quantity::S, each.2.at_s))
        .note("count", &t::COUNT, |each| Value::Count(each.2.count))
        .figure("p50_ns", &t::PERCENTILE, |each| of_round(0.5, each.2, each.2.p50_ns))
        .figure("p99_ns", &t::PERCENTILE, |each| of_round(0.99, each.2, each.2.p99_ns))
        .figure("p999_ns", &t::PERCENTILE, |each| of_round(0.999, each.2, each.2.p999_ns))
        .figure("max_ns", &t::PERCENTILE, |each| ns(each.2.max_ns as f64))
}

fn of_round<'a>(quantile: f64, round: &LatencyRound, ns: u64) -> Value<'a> {
    Value::quantile(quantile, round.count, ns as f64)
}

/// How much load each subject bears.
pub(crate) fn rates<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("rates", "Load");
    let searches = &context.evidence.rate_searches;
    if searches.is_empty() {
        return section.missing("No rate was searched for.", "shardproof measure");
    }
    let table = Table::of("rate_searches", "The highest rate", searches.iter().collect());
    let table = search(table, context.parts, |each| each)
        .figure("rate_ops_s", &t::RATE_SEARCH, |each: &&RateSearch| match each.rate_ops_s {
            Some(rate) => Value::Number(Quantity::Rate, rate),
            None => Value::NotObserved("none kept it"),
        })
        .called("rate")
        .figure("steps", &t::RATE_SEARCH, |each| count(each.steps.len()))
        .called("rates tried")
        .priority(3);
    let steps = searches.iter().flat_map(|search| {
        (1..).zip(&search.steps).map(move |(number, step)| (search, number, step))
    });
    let steps: Vec<(&RateSearch, usize, &RateStep)> = steps.collect();
    let steps = Table::of("rate_steps", "Every rate that was tried", steps).detail(Detail::Pages);
    let steps = search(steps, context.parts, |each| each.0)
        .name("step", &t::RATE_SEARCH, |each| count(each.1))
        .called("step")
        .note("rate_ops_s", &t::ARRIVALS, |each| Value::Number(Quantity::Rate, each.2.rate_ops_s))
        .called("asked")
        .figure("achieved_ops_s", &t::ACHIEVED, |each| {
            Value::Number(Quantity::Rate, each.2.achieved_ops_s)
        })
        .called("reached")
        .figure("p99_ns", &t::PERCENTILE, |each| ns(each.2.p99_ns as f64))
        .called("p99")
        .note("kept", &t::RATE_SEARCH, |each| Value::Flag(each.2.kept))
        .called("kept");
    section
        .say(
            "The highest rate of arrivals, of those tried, at which the 99th percentile from the \
             intended start kept the bound.",
        )
        .table(table)
        .figure("rates", &[&t::RATE_SEARCH, &t::LOOP, &t::ARRIVALS])
        .table(steps)
}

/// The columns that say which search a record is of.
fn search<'a, R: 'a>(
    table: Builder<'a, R>,
    parts: usize,
    search: impl Fn(&R) -> &'a RateSearch + Copy + 'a,
) -> Builder<'a, R> {
    table
        .group("workload", &t::WORKLOAD, move |each| text(&search(each).workload))
        .group("placement", &t::PLACEMENT, move |each| text(&search(each).placement))
        .part(parts, move |each| search(each).part)
        .group("arrivals", &t::ARRIVALS, move |each| text(&search(each).pattern))
        .name("subject", &t::SUBJECT, move |each| text(&search(each).subject))
        .name("threads", &t::THREADS, move |each| count(search(each).threads))
        .note("p99_max_ns", &t::RATE_SEARCH, move |each| ns(search(each).p99_ns_max as f64))
        .called("bound of p99")
}

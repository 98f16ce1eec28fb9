//! How long single operations take, and how much load is borne, in tables.

use comfy_table::{Cell as TableCell, Table};
use shardproof_evidence::{Arrivals, Evidence, Latency, RateSearch};

use crate::sections::{thousands, thousands_of};
use crate::terminal::{Style, line, significant};

/// The kind of operation that stands for all of them together.
const ALL: &str = "all";

/// How long operations take, one after the other and as they arrive, and the rates that are borne.
pub(crate) fn latency(text: &mut String, evidence: &Evidence, style: Style) {
    closed(text, evidence, style);
    open(text, evidence, style);
    rate_searches(text, evidence, style);
}

/// Each operation begins when the one before is done.
fn closed(text: &mut String, evidence: &Evidence, style: Style) {
    let shown = shown(evidence, |latency| latency.arrivals.is_none());
    let Some((first, _)) = shown.split_first() else {
        return;
    };
    line(
        text,
        format_args!(
            "\nLatency in ns, each operation begun when the one before is done. In a time is one\n\
             reading of the clock ({:.0} ns). p50 with an interval that holds it in {:.1} % of\n\
             cases. k: thousand, M: million. Of several kinds only `{ALL}` is shown.",
            evidence.machine.clock_cost_ns,
            100.0 * first.p50_ns.coverage,
        ),
    );
    let head =
        ["subject", "threads", "operation", "count", "p50", "interval", "p99", "p99.9", "max"];
    let mut table = style.table(&head, 1);
    style.align_left(&mut table, 2);
    grouped(&mut table, style, &shown, |latency| {
        let kind = [latency.operation.clone(), short(latency.count)];
        kind.into_iter().chain(times(latency)).collect()
    });
    line(text, table);
}

/// Operations arrive whether or not the one before is done.
fn open(text: &mut String, evidence: &Evidence, style: Style) {
    let shown = shown(evidence, |latency| latency.arrivals.is_some());
    if shown.is_empty() {
        return;
    }
    line(
        text,
        "\nLatency in ns of operations that arrive at a fixed rate, from the moment at which each\n\
         should have begun: waiting for those before it counts. done: how much of the rate was\n\
         reached; with less than all of it times grow for as long as it is measured.",
    );
    let head = [
        "subject",
        "threads",
        "operation",
        "count",
        "done",
        "p50",
        "interval",
        "p99",
        "p99.9",
        "max",
    ];
    let mut table = style.table(&head, 1);
    style.align_left(&mut table, 2);
    grouped(&mut table, style, &shown, |latency| {
        let kind = [latency.operation.clone(), short(latency.count)];
        let done = latency.arrivals.as_ref().map_or(String::new(), done);
        kind.into_iter().chain([done]).chain(times(latency)).collect()
    });
    line(text, table);
}

/// How much load each subject bears.
fn rate_searches(text: &mut String, evidence: &Evidence, style: Style) {
    if evidence.rate_searches.is_empty() {
        return;
    }
    line(
        text,
        "\nThe highest rate of arrivals per second, of those tried, at which p99, from the moment\n\
         at which each operation should have begun, kept the bound.",
    );
    let mut table = style.table(&["subject", "threads", "rate", "bound ns", "steps tried"], 1);
    let mut before = None;
    for each in &evidence.rate_searches {
        let RateSearch { placement, workload, pattern, .. } = each;
        let group = format!("{placement} {workload}, {pattern}");
        if before.as_ref() != Some(&group) {
            table.add_row([style.bold(&group)]);
        }
        before = Some(group);
        table.add_row([
            format!("  {}", each.subject),
            each.threads.to_string(),
            each.rate_ops_s.map_or("none".to_owned(), thousands_of),
            thousands(each.p99_ns_max),
            each.steps.len().to_string(),
        ]);
    }
    line(text, table);
}

/// What is shown of one kind of loop: `all` of what has several kinds of operations, and the one
/// kind of what has one.
fn shown(evidence: &Evidence, is_meant: impl Fn(&Latency) -> bool) -> Vec<&Latency> {
    let meant: Vec<&Latency> = evidence.latencies.iter().filter(|each| is_meant(each)).collect();
    let is_shown = |latency: &&Latency| {
        let of_same = || meant.iter().filter(|each| is_same_place(each, latency));
        let has_all = of_same().any(|each| each.operation == ALL);
        let kinds = of_same().filter(|each| each.operation != ALL).count();
        match latency.operation.as_str() {
            ALL => kinds != 1,
            _ => !has_all || kinds == 1,
        }
    };
    meant.iter().copied().filter(is_shown).collect()
}

fn is_same_place(one: &Latency, other: &Latency) -> bool {
    let place = |it: &Latency| (it.part, it.threads);
    place(one) == place(other) && one.subject == other.subject && group(one) == group(other)
}

/// Adds a row for each, under a head for each workload, placement and rate.
fn grouped(
    table: &mut Table,
    style: Style,
    shown: &[&Latency],
    figures: impl Fn(&Latency) -> Vec<String>,
) {
    narrow(table);
    let mut groups: Vec<[String; 2]> = Vec::new();
    for name in shown.iter().map(|latency| group(latency)) {
        if !groups.contains(&name) {
            groups.push(name);
        }
    }
    for name in groups {
        // A line each: they stand in the column of the subjects.
        name.iter().filter(|part| !part.is_empty()).for_each(|part| {
            table.add_row([style.bold(part)]);
        });
        let mut before = "";
        for latency in shown.iter().filter(|latency| group(latency) == name) {
            let subject = if before == latency.subject { "" } else { &latency.subject };
            before = &latency.subject;
            let place = [format!("  {subject}"), latency.threads.to_string()];
            table.add_row(place.into_iter().chain(figures(latency)).map(TableCell::new));
        }
    }
}

/// The workload in its placement, and the rate; without one, nothing.
fn group(Latency { placement, workload, arrivals, .. }: &Latency) -> [String; 2] {
    let arrivals =
        arrivals.as_ref().map_or(String::new(), |Arrivals { pattern, rate_ops_s, .. }| {
            format!("{pattern} {}/s", short(rate_ops_s.round() as u64))
        });
    [format!("{placement} {workload}"), arrivals]
}

/// Takes a space away from every column: times may have many digits.
fn narrow(table: &mut Table) {
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
}

fn times(Latency { quantiles_ns, p50_ns, .. }: &Latency) -> [String; 5] {
    let whole = |ns: f64| short(ns.round() as u64);
    [
        short(quantiles_ns.p50),
        format!("{}..{}", whole(p50_ns.low), whole(p50_ns.high)),
        short(quantiles_ns.p99),
        short(quantiles_ns.p999),
        short(quantiles_ns.max),
    ]
}

/// How much of a rate was reached.
fn done(Arrivals { rate_ops_s, achieved_ops_s, .. }: &Arrivals) -> String {
    format!("{:.0} %", 100.0 * achieved_ops_s / rate_ops_s)
}

/// Large numbers in short: nobody needs their last digits, and there is no room for them.
fn short(number: u64) -> String {
    let thousands_of_it = number as f64 / 1e3;
    match number {
        ..10_000 => thousands(number),
        10_000..1_000_000 => format!("{}k", significant(thousands_of_it)),
        _ => format!("{}M", significant(thousands_of_it / 1e3)),
    }
}

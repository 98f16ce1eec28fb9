//! A verification, and the kill matrix, in a terminal.

use std::collections::BTreeMap;

use comfy_table::{Cell as TableCell, Color};
use shardproof_evidence::verification::{
    Fault, FaultVerdict, Hunt, SearchSummary, Verdict, Verification, VerificationRun,
};
use shardproof_judge::verification::overall;

use crate::sections::thousands;
use crate::terminal::{Style, line};

/// A verification as text.
#[must_use]
pub fn render(run: &VerificationRun, rows: &[Verification], style: Style) -> String {
    let mut text = String::new();
    searches(&mut text, run, style);
    properties(&mut text, rows, style);
    reasons(&mut text, rows);
    text
}

fn searches(text: &mut String, run: &VerificationRun, style: Style) {
    line(text, format_args!("profile {}, seed {}", run.config.profile, run.config.seed));
    line(text, "\nSearches: programs tried, executions of them, and reads that were checked.");
    let head = ["subject", "executor", "programs", "executions", "reads", "seconds", "ended"];
    let mut table = style.table(&head, 2);
    let mut before = "";
    for search in &run.searches {
        let subject = if before == search.subject { "" } else { &search.subject };
        table.add_row(row(search, subject));
        before = &search.subject;
    }
    style.align_left(&mut table, head.len() - 1);
    line(text, table);
}

fn row(search: &SearchSummary, subject: &str) -> Vec<TableCell> {
    vec![
        TableCell::new(subject),
        TableCell::new(&search.executor),
        TableCell::new(thousands(search.programs)),
        TableCell::new(thousands(search.executions)),
        TableCell::new(thousands(search.reads)),
        TableCell::new(format!("{:.1}", search.seconds)),
        TableCell::new(&search.how_ended),
    ]
}

fn properties(text: &mut String, rows: &[Verification], style: Style) {
    line(
        text,
        "\nProperties: how often each was checked, and how often of that a faulty store could have \
         failed.\nA property that could never have failed is vacuous, and no pass.",
    );
    let head = ["subject", "property", "checked", "could have failed", "verdict"];
    let mut table = style.table(&head, 2);
    let mut before = "";
    for ((subject, property), rows) in by_property(rows) {
        let sum = |of: fn(&Verification) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
        let verdict = overall(rows.iter().copied()).unwrap_or(Verdict::Inconclusive);
        table.add_row(vec![
            TableCell::new(if before == subject { "" } else { subject }),
            TableCell::new(property),
            TableCell::new(thousands(sum(|row| row.checked))),
            TableCell::new(thousands(sum(|row| row.could_have_failed))),
            style.coloured(word(verdict).to_owned(), colour(verdict)),
        ]);
        before = subject;
    }
    style.align_left(&mut table, head.len() - 1);
    line(text, table);
}

/// The rows of each subject and property, without those of executors that were not run.
#[must_use]
pub fn by_property(rows: &[Verification]) -> BTreeMap<(&str, &str), Vec<&Verification>> {
    let mut by_property: BTreeMap<_, Vec<&Verification>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.property != "any") {
        by_property.entry((&*row.subject, &*row.property)).or_default().push(row);
    }
    by_property
}

fn reasons(text: &mut String, rows: &[Verification]) {
    let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.verdict == Verdict::Inconclusive) {
        if let Some(reason) = &row.reason {
            let property = if row.property == "any" { &row.executor } else { &row.property };
            let properties = reasons.entry((&row.subject, reason)).or_default();
            if !properties.contains(&&**property) {
                properties.push(property);
            }
        }
    }
    if !reasons.is_empty() {
        line(text, "\nInconclusive");
    }
    for ((subject, reason), properties) in reasons {
        line(text, format_args!("  {subject}: {}: {reason}", properties.join(", ")));
    }
}

/// The kill matrix as text.
#[must_use]
pub fn render_faults(faults: &[Fault], executors: &[String], style: Style) -> String {
    let mut text = String::new();
    line(
        &mut text,
        "Seeded faults: executions and seconds until each executor found one, or - if it did not.",
    );
    let columns = executors.iter().map(String::as_str);
    let head: Vec<&str> = ["fault"].into_iter().chain(columns).chain(["verdict"]).collect();
    let mut table = style.table(&head, 1);
    for fault in faults {
        let mut cells = vec![TableCell::new(&fault.id)];
        cells.extend(fault.hunts.iter().map(|hunt| TableCell::new(kill(hunt))));
        let (word, colour) = match fault.verdict {
            FaultVerdict::Killed => ("killed", Color::Green),
            FaultVerdict::Equivalent => ("equivalent", Color::Green),
            FaultVerdict::Survived => ("survived", Color::Red),
            FaultVerdict::FalseAlarm => ("false alarm", Color::Red),
        };
        cells.push(style.coloured(word.to_owned(), colour));
        table.add_row(cells);
    }
    style.align_left(&mut table, head.len() - 1);
    line(&mut text, table);
    totals(&mut text, faults);
    text
}

fn kill(hunt: &Hunt) -> String {
    match hunt.anomaly {
        Some(_) => format!("{} {:.2}s", thousands(hunt.executions), hunt.seconds),
        None => "-".to_owned(),
    }
}

fn totals(text: &mut String, faults: &[Fault]) {
    let count = |verdict| faults.iter().filter(|fault| fault.verdict == verdict).count();
    let real = faults.iter().filter(|fault| !fault.equivalent).count();
    line(
        text,
        format_args!(
            "{} of {real} real faults killed; {} of {} equivalent ones survived.",
            count(FaultVerdict::Killed),
            count(FaultVerdict::Equivalent),
            faults.len() - real,
        ),
    );
    let killed: Vec<&Hunt> = faults.iter().filter_map(first_kill).collect();
    let small = killed.iter().filter(|hunt| {
        hunt.threads.is_some_and(|threads| threads <= SMALL_THREADS)
            && hunt.operations.is_some_and(|operations| operations <= SMALL_OPERATIONS)
    });
    let soon = killed.iter().filter(|hunt| hunt.seconds + hunt.shrinking_seconds < SOON_S);
    line(
        text,
        format_args!(
            "First counterexamples: {} of {} with at most {SMALL_THREADS} threads and \
             {SMALL_OPERATIONS} operations, {} within {SOON_S} s, shrinking included.",
            small.count(),
            killed.len(),
            soon.count(),
        ),
    );
    for fault in faults {
        if matches!(fault.verdict, FaultVerdict::Survived | FaultVerdict::FalseAlarm) {
            line(text, format_args!("{}: {}", fault.id, fault.what));
        }
    }
}

/// What counts as a small counterexample.
const SMALL_THREADS: usize = 3;
/// What counts as a small counterexample.
const SMALL_OPERATIONS: usize = 6;
/// What counts as a quick one, in seconds.
const SOON_S: f64 = 10.0;

fn first_kill(fault: &Fault) -> Option<&Hunt> {
    fault.hunts.iter().find(|hunt| hunt.anomaly.is_some())
}

/// The word for a verdict.
#[must_use]
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Vacuous => "vacuous",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Fail => "FAIL",
    }
}

const fn colour(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Pass => Color::Green,
        Verdict::Vacuous | Verdict::Inconclusive => Color::Yellow,
        Verdict::Fail => Color::Red,
    }
}

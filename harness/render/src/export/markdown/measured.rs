//! Throughput, memory, and operations that no mix holds.

use std::collections::BTreeSet;

use shardproof_evidence::{Cell, Checks, Evidence, Spread};
use shardproof_judge::compare::{BASE_SUBJECT, Compared, SCALING_CONTROL, compare};

use super::table::{Table, inline};
use super::{figure, section, subject};
use crate::sections::thousands;
use crate::terminal::{INVALID, line, significant};

/// One table for each workload and placement.
pub(super) fn throughput(text: &mut String, evidence: &Evidence) {
    if evidence.cells.is_empty() {
        return;
    }
    section(text, "Throughput");
    let coverage = evidence.cells.iter().find_map(Cell::valid_throughput);
    let coverage = coverage.map_or(0.0, |throughput| throughput.coverage * 100.0);
    line(
        text,
        format_args!(
            "Million operations per second: the median over rounds, and an interval that holds it \
             in {coverage:.1} % of cases. *x {BASE_SUBJECT}* is the ratio to `{BASE_SUBJECT}` in the \
             same place, *scaling* that to one thread, and *of {SCALING_CONTROL}* that of the scaling \
             to the scaling of `{SCALING_CONTROL}`. Ratios are medians over pairs of rounds, each with \
             its interval."
        ),
    );
    let compared = compare(evidence);
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for Compared { cell, .. } in &compared {
        if !groups.contains(&group(cell)) {
            groups.push(group(cell));
        }
    }
    for place in groups {
        let (placement, workload) = place;
        line(text, format_args!("\n### {} {}\n", inline(placement), inline(workload)));
        let base = format!("x {BASE_SUBJECT}");
        let control = format!("of {SCALING_CONTROL}");
        let head = [
            "subject",
            "threads",
            "Mops/s",
            "interval",
            &base,
            "scaling",
            &control,
            "allocations per op",
            "CPU ns per op",
            "warnings",
        ];
        let mut table = Table::new(&head, 1..head.len() - 1);
        compared
            .iter()
            .filter(|each| group(each.cell) == place)
            .for_each(|each| table.row(row(evidence, each)));
        table.write(text);
    }
}

fn group(cell: &Cell) -> (&str, &str) {
    (&cell.placement, &cell.workload)
}

fn row(evidence: &Evidence, compared: &Compared<'_>) -> Vec<String> {
    let cell = compared.cell;
    let place = [subject(evidence, cell.part, &cell.subject), cell.threads.to_string()];
    let Some(throughput) = cell.valid_throughput() else {
        return place.into_iter().chain([INVALID.to_owned()]).collect();
    };
    let mops = |ops_s: f64| significant(ops_s / 1e6);
    let warnings: Vec<&str> = cell.warnings.iter().map(|each| each.as_str()).collect();
    let figures = [
        mops(throughput.median),
        format!("{}..{}", mops(throughput.low), mops(throughput.high)),
        ratio(compared.to_base),
        ratio(compared.scaling),
        ratio(compared.scaling_to_control),
        cell.allocations_per_op.map_or(String::new(), |count| format!("{count:.2}")),
        cell.cpu_ns_per_op.map_or(String::new(), figure),
        warnings.join(", "),
    ];
    place.into_iter().chain(figures).collect()
}

fn ratio(ratio: Option<Spread>) -> String {
    ratio.map_or(String::new(), |Spread { median, low, high, .. }| {
        format!("{median:.2} ({low:.2}..{high:.2})")
    })
}

/// How many answers were checked, and which were wrong.
pub(super) fn answers(text: &mut String, evidence: &Evidence) {
    let checks = || evidence.cells.iter().filter_map(|cell| Some((cell, cell.checks.as_ref()?)));
    let checked: u64 = checks().map(|(_, checks)| checks.checked).sum();
    if checked > 0 {
        let invalid = checks().filter(|(cell, _)| cell.is_invalid()).count();
        let outcome = match invalid {
            0 => "all of them right".to_owned(),
            count => format!("wrong ones in {count} of {} cells", evidence.cells.len()),
        };
        line(text, format_args!("\nAnswers checked: {}, {outcome}.", thousands(checked)));
    }
    let mut notes: Vec<String> = Vec::new();
    notes.extend(evidence.latency_checks.as_ref().map(under_the_clock));
    for (cell, checks) in checks() {
        if let Some(exemption) = &checks.exemption {
            let note = format!("{} was not checked, because it is {exemption}.", cell.subject);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        if cell.is_invalid() {
            let Cell { placement, workload, threads, .. } = cell;
            let first = checks.first_failure.as_deref().unwrap_or("not told");
            notes.push(format!(
                "{INVALID}: {} in {placement} {workload}, threads: {threads}: {} of {} answers were \
                 wrong; the first: {first}",
                cell.subject,
                thousands(checks.failed),
                thousands(checks.checked),
            ));
        }
    }
    if !notes.is_empty() {
        line(text, "");
    }
    notes.iter().for_each(|note| line(text, format_args!("- {}", inline(note))));
}

fn under_the_clock(checks: &Checks) -> String {
    let Checks { checked, failed, first_failure, .. } = checks;
    let first =
        first_failure.as_ref().map_or(String::new(), |first| format!("; the first: {first}"));
    format!(
        "Under the clock, in the pass for latency: {} of {} answers were wrong{first}",
        thousands(*failed),
        thousands(*checked)
    )
}

/// Bytes per entry and per version.
pub(super) fn memory(text: &mut String, evidence: &Evidence) {
    if evidence.memory.is_empty() {
        return;
    }
    section(text, "Memory");
    let of_control = format!("of {SCALING_CONTROL}");
    let head = ["subject", "entries", "bytes per entry", &of_control, "bytes per further version"];
    let mut table = Table::new(&head, 1..head.len());
    for each in &evidence.memory {
        // Only within a part: another machine may have another allocator.
        let mut of_part = evidence.memory.iter().filter(|other| other.part == each.part);
        let control = of_part.find(|other| other.subject == SCALING_CONTROL);
        let ratio = each.bytes_per_entry.zip(control.and_then(|control| control.bytes_per_entry));
        let bytes = |bytes: Option<f64>| {
            bytes.map_or("not counted".to_owned(), |bytes| format!("{bytes:.1}"))
        };
        table.row([
            subject(evidence, each.part, &each.subject),
            thousands(each.keys as u64),
            bytes(each.bytes_per_entry),
            ratio.map_or(String::new(), |(bytes, control)| format!("{:.2}", bytes / control)),
            bytes(each.bytes_per_version),
        ]);
    }
    table.write(text);
}

/// Operations that no mix holds.
pub(super) fn operations(text: &mut String, evidence: &Evidence) {
    if evidence.operations.is_empty() {
        return;
    }
    section(text, "Other operations");
    line(text, "Each is taken in turns with what it is compared to.\n");
    let head = ["operation", "subject", "compared to", "ns", "interval", "times", "interval"];
    let mut table = Table::new(&head, 3..head.len());
    for each in &evidence.operations {
        let (ns, ratio) = (&each.ns, &each.ratio_to);
        table.row([
            each.name.clone(),
            subject(evidence, each.part, &each.subject),
            ratio.name.clone(),
            figure(ns.median),
            format!("{}..{}", figure(ns.low), figure(ns.high)),
            significant(ratio.median),
            format!("{}..{}", significant(ratio.low), significant(ratio.high)),
        ]);
    }
    table.write(text);
}

/// What was left out of the matrix.
pub(super) fn skipped(text: &mut String, evidence: &Evidence) {
    if evidence.skipped.is_empty() {
        return;
    }
    section(text, "Left out");
    let told: BTreeSet<String> = evidence
        .skipped
        .iter()
        .map(|each| format!("{} under {}: {}", each.subject, each.workload, each.reason))
        .collect();
    told.iter().for_each(|each| line(text, format_args!("- {}", inline(each))));
}

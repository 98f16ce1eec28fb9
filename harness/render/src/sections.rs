//! All but the matrix: conditions, latency, snapshots, memory, operations.

mod conditions;
mod latency;
mod snapshots;

pub(crate) use conditions::{certificate, same_twice, skipped};
pub(crate) use latency::latency;
pub(crate) use snapshots::snapshots;

use shardproof_evidence::{Evidence, Memory};
use shardproof_judge::compare::SCALING_CONTROL;

use crate::terminal::{Style, line, significant};

/// Bytes per entry, per older version and per run.
pub(crate) fn memory(text: &mut String, evidence: &Evidence, style: Style) {
    if evidence.memory.is_empty() {
        return;
    }
    let control = evidence.memory.iter().find(|each| each.subject == SCALING_CONTROL);
    let control = control.and_then(|each| each.bytes_per_entry);
    line(
        text,
        "\nMemory, all told, in bytes as they were requested. version: one more that a snapshot\n\
         keeps. run: one with one entry.",
    );
    let of_control = format!("of {SCALING_CONTROL}");
    let head = ["subject", "entries", "per entry", &of_control, "per version", "per run"];
    let mut table = style.table(&head, 1);
    let bytes = |bytes: Option<f64>| bytes.map_or(String::new(), |bytes| format!("{bytes:.1}"));
    for Memory { subject, keys, bytes_per_entry, bytes_per_version, bytes_per_run, .. } in
        &evidence.memory
    {
        let ratio = bytes_per_entry.zip(control).map(|(bytes, control)| bytes / control);
        table.add_row([
            subject.clone(),
            thousands(*keys as u64),
            bytes_per_entry.map_or(NOT_COUNTED.to_owned(), |bytes| format!("{bytes:.1}")),
            ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
            bytes(*bytes_per_version),
            bytes(*bytes_per_run),
        ]);
    }
    line(text, table);
}

/// What stands where the program that measured had no counting allocator.
const NOT_COUNTED: &str = "not counted";

/// Operations that no mix holds.
pub(crate) fn operations(text: &mut String, evidence: &Evidence, style: Style) {
    if evidence.operations.is_empty() {
        return;
    }
    line(text, "\nOther operations, each taken in turns with what it is compared to");
    let mut table = style.table(&["operation", "subject", "ns", "times", "interval", "of"], 2);
    style.align_left(&mut table, 5);
    for each in &evidence.operations {
        let ratio = &each.ratio_to;
        table.add_row([
            each.name.clone(),
            each.subject.clone(),
            thousands_of(each.ns.median),
            significant(ratio.median),
            format!("{}..{}", significant(ratio.low), significant(ratio.high)),
            ratio.name.clone(),
        ]);
    }
    line(text, table);
}

/// Below a hundred with one decimal, above with none and in groups of three digits.
fn thousands_of(number: f64) -> String {
    if number < 100.0 { format!("{number:.1}") } else { thousands(number.round() as u64) }
}

pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped_and_short_ones_keep_a_decimal() {
        assert_eq!(thousands(1_000_000), "1 000 000");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands_of(12.34), "12.3");
        assert_eq!(thousands_of(12_345.6), "12 346");
    }
}

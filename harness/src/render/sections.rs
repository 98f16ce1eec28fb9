//! The smaller tables: snapshots, memory, operations.

use crate::evidence::{Evidence, Memory, Snapshots};
use crate::judge::compare::SCALING_CONTROL;
use crate::render::terminal::{Style, line, significant};

/// How long snapshots take.
pub(crate) fn snapshots(text: &mut String, evidence: &Evidence, style: Style) {
    let Some(first) = evidence.snapshots.first() else {
        return;
    };
    line(
        text,
        format_args!(
            "\nSnapshots, taken and dropped: p50 over batches; p99 one by one, with one reading\n\
             of the clock ({:.0} ns) in it.",
            first.clock_cost_ns
        ),
    );
    let head = ["subject", "keys", "writers", "p50 ns", "p99 ns", "samples", "allocations"];
    let mut table = style.table(&head, 1);
    let mut before = "";
    for each in &evidence.snapshots {
        table.add_row([
            if each.subject == before { "" } else { &each.subject }.to_owned(),
            thousands(each.keys as u64),
            each.writers.to_string(),
            thousands_of(each.acquire_ns.p50),
            thousands_of(each.acquire_ns.p99),
            thousands(each.samples),
            each.allocations_per_op.map_or("not counted".to_owned(), thousands_of),
        ]);
        before = &each.subject;
    }
    line(text, table);
    for Snapshots { subject, limit, .. } in
        evidence.snapshots.iter().filter(|each| each.writers == 0)
    {
        if let Some(limit) = limit {
            line(text, format_args!("  {subject}: {limit}"));
        }
    }
}

/// Bytes per entry.
pub(crate) fn memory(text: &mut String, evidence: &Evidence, style: Style) {
    if evidence.memory.is_empty() {
        return;
    }
    let control = evidence.memory.iter().find(|each| each.subject == SCALING_CONTROL);
    let control = control.and_then(|each| each.bytes_per_entry);
    line(text, "\nMemory, all told");
    let of_control = format!("of {SCALING_CONTROL}");
    let mut table = style.table(&["subject", "entries", "bytes per entry", &of_control], 1);
    for Memory { subject, keys, bytes_per_entry, .. } in &evidence.memory {
        let ratio = bytes_per_entry.zip(control).map(|(bytes, control)| bytes / control);
        table.add_row([
            subject.clone(),
            thousands(*keys as u64),
            bytes_per_entry.map_or("not counted".to_owned(), |bytes| format!("{bytes:.1}")),
            ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
        ]);
    }
    line(text, table);
}

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

//! What snapshots cost.

use shardproof_evidence::{Evidence, HeldSnapshot, SnapshotThreads, Snapshots};

use super::table::{Table, inline};
use super::{figure, section, subject};
use crate::sections::thousands;
use crate::terminal::line;

/// How long snapshots take, alone and beside others.
pub(super) fn snapshots(text: &mut String, evidence: &Evidence) {
    if !evidence.snapshots.is_empty() {
        section(text, "Snapshots");
        line(
            text,
            "Taken and dropped, in nanoseconds: p50 over batches; the others one by one, with one \
             reading of the clock in them.\n",
        );
        let head = [
            "subject",
            "keys",
            "writers",
            "p50",
            "p50 one by one",
            "p99 one by one",
            "samples",
            "allocations",
        ];
        let mut table = Table::new(&head, 1..head.len());
        for each in &evidence.snapshots {
            let Snapshots { part, keys, writers, acquire_ns, single_p50_ns, samples, .. } = each;
            let allocations = each.allocations_per_op;
            table.row([
                subject(evidence, *part, &each.subject),
                thousands(*keys as u64),
                writers.to_string(),
                figure(acquire_ns.p50),
                figure(*single_p50_ns),
                figure(acquire_ns.p99),
                thousands(*samples),
                allocations.map_or("not counted".to_owned(), |count| format!("{count:.2}")),
            ]);
        }
        table.write(text);
        limits(text, evidence);
    }
    if !evidence.snapshot_threads.is_empty() {
        section(text, "Snapshots from several threads at once");
        let head = ["subject", "keys", "threads", "one snapshot ns", "interval"];
        let mut table = Table::new(&head, 1..head.len());
        for each in &evidence.snapshot_threads {
            let SnapshotThreads { part, keys, threads, acquire_ns, .. } = each;
            table.row([
                subject(evidence, *part, &each.subject),
                thousands(*keys as u64),
                threads.to_string(),
                figure(acquire_ns.median),
                format!("{}..{}", figure(acquire_ns.low), figure(acquire_ns.high)),
            ]);
        }
        table.write(text);
    }
}

fn limits(text: &mut String, evidence: &Evidence) {
    let mut limits: Vec<String> = Vec::new();
    for Snapshots { subject, limit, .. } in &evidence.snapshots {
        let told = limit.as_ref().map(|limit| format!("{subject}: {limit}"));
        if let Some(told) = told.filter(|told| !limits.contains(told)) {
            limits.push(told);
        }
    }
    if !limits.is_empty() {
        line(text, "");
    }
    limits.iter().for_each(|limit| line(text, format_args!("- {}", inline(limit))));
}

/// What snapshots cost that are held while others write.
pub(super) fn held(text: &mut String, evidence: &Evidence) {
    if evidence.held_snapshots.is_empty() {
        return;
    }
    section(text, "Snapshots that are held");
    let head = [
        "subject",
        "keys",
        "overwrites",
        "age ms",
        "extra bytes",
        "versions",
        "newest read ns",
        "snapshot read ns",
    ];
    let mut table = Table::new(&head, 1..head.len());
    for held in &evidence.held_snapshots {
        for age in &held.ages {
            table.row([
                subject(evidence, held.part, &held.subject),
                thousands(held.keys as u64),
                thousands(age.overwrites),
                figure(age.age_ms),
                age.extra_bytes.map_or("not counted".to_owned(), signed),
                age.versions.map_or("not told".to_owned(), |count| thousands(count as u64)),
                figure(age.newest_read_ns.median),
                figure(age.snapshot_read_ns.median),
            ]);
        }
    }
    table.write(text);
    reclaims(text, evidence);
}

fn reclaims(text: &mut String, evidence: &Evidence) {
    let head = [
        "subject",
        "keys",
        "extra bytes",
        "drop ns",
        "after the drop",
        "nine tenths back after ms",
        "overwrites until then",
        "at the end",
    ];
    let mut table = Table::new(&head, 1..head.len());
    for HeldSnapshot { part, subject: name, keys, reclaim, .. } in &evidence.held_snapshots {
        let Some(reclaim) = reclaim else { continue };
        table.row([
            subject(evidence, *part, name),
            thousands(*keys as u64),
            signed(reclaim.extra_bytes),
            figure(reclaim.drop_ns),
            signed(reclaim.after_drop_bytes),
            reclaim.reclaimed_ms.map_or("not in the time given".to_owned(), figure),
            thousands(reclaim.overwrites),
            signed(reclaim.end_bytes),
        ]);
    }
    if evidence.held_snapshots.iter().any(|held| held.reclaim.is_some()) {
        line(text, "\nWhen they are dropped:\n");
        table.write(text);
    }
}

fn signed(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", thousands(bytes.unsigned_abs()))
}

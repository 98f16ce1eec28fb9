//! What snapshots cost, in tables.

use shardproof_evidence::{Evidence, HeldSnapshot, SnapshotAge, Snapshots, Spread};

use crate::sections::{NOT_COUNTED, thousands, thousands_of};
use crate::terminal::{Style, line, wrapped};

/// How long snapshots take, alone and side by side, and what one costs that is held.
pub(crate) fn snapshots(text: &mut String, evidence: &Evidence, style: Style) {
    acquisition(text, evidence, style);
    threads(text, evidence, style);
    held(text, evidence, style);
    reclaim(text, evidence, style);
}

/// How long one takes, against the size of the store.
fn acquisition(text: &mut String, evidence: &Evidence, style: Style) {
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
            unless_repeated(&each.subject, &mut before),
            thousands(each.keys as u64),
            each.writers.to_string(),
            thousands_of(each.acquire_ns.p50),
            thousands_of(each.acquire_ns.p99),
            thousands(each.samples),
            each.allocations_per_op.map_or(NOT_COUNTED.to_owned(), thousands_of),
        ]);
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

/// How long one takes while other threads take them too.
fn threads(text: &mut String, evidence: &Evidence, style: Style) {
    let Some(first) = evidence.snapshot_threads.first() else {
        return;
    };
    line(
        text,
        format_args!(
            "\nSnapshots, taken and dropped by several threads at once, of {} keys: one, as\n\
             its thread sees it, over batches of all the threads. on a core: part of the time in\n\
             which the threads were; with much less than all of it they have hardly met.",
            thousands(first.keys as u64)
        ),
    );
    let mut table = style.table(&["subject", "threads", "ns", "interval", "on a core"], 1);
    let mut before = "";
    for each in &evidence.snapshot_threads {
        table.add_row([
            unless_repeated(&each.subject, &mut before),
            each.threads.to_string(),
            thousands_of(each.acquire_ns.median),
            interval(each.acquire_ns),
            each.on_cpu_share.map_or(String::new(), |share| format!("{:.0} %", share * 100.0)),
        ]);
    }
    line(text, table);
}

/// What one costs that is held while others write.
fn held(text: &mut String, evidence: &Evidence, style: Style) {
    let Some(first) = evidence.held_snapshots.first() else {
        return;
    };
    line(
        text,
        format_args!(
            "\nA snapshot of {} keys, held while keys drawn at random are overwritten, so many\n\
             times as there are keys. KiB: more than before it was taken. versions: that the store\n\
             holds. One read, in ns: of a newest value, and through the snapshot.",
            thousands(first.keys as u64)
        ),
    );
    let head = [
        "subject", "times", "age ms", "KiB", "versions", "newest", "interval", "through",
        "interval",
    ];
    let mut table = style.table(&head, 1);
    let mut before = "";
    for (each, age) in ages(&evidence.held_snapshots) {
        table.add_row([
            unless_repeated(&each.subject, &mut before),
            (age.overwrites / each.keys.max(1) as u64).to_string(),
            thousands_of(age.age_ms),
            age.extra_bytes.map_or(String::new(), kib),
            age.versions.map_or(String::new(), |versions| thousands(versions as u64)),
            thousands_of(age.newest_read_ns.median),
            interval(age.newest_read_ns),
            thousands_of(age.snapshot_read_ns.median),
            interval(age.snapshot_read_ns),
        ]);
    }
    line(text, table);
    for HeldSnapshot { subject, checks, .. } in &evidence.held_snapshots {
        if let Some(failure) = &checks.first_failure {
            let (failed, checked) = (thousands(checks.failed), thousands(checks.checked));
            let words = format!(
                "{subject}: {failed} of {checked} reads through the snapshot were wrong: {failure}"
            );
            wrapped(text, &words, usize::from(style.width));
        }
    }
}

/// How memory came back when it was dropped.
fn reclaim(text: &mut String, evidence: &Evidence, style: Style) {
    if evidence.held_snapshots.iter().all(|each| each.reclaim.is_none()) {
        return;
    }
    line(
        text,
        "\nThat snapshot, dropped. KiB more than before it was taken: just before the drop, just after\n\
         it (then), and after further overwrites (end). back: when nine tenths of them had come back.\n\
         collected: what was left, if they had not, when the store was told to collect.",
    );
    let head = ["subject", "KiB", "drop ns", "then", "back ms", "overwrites", "end", "collected"];
    let mut table = style.table(&head, 1);
    for HeldSnapshot { subject, reclaim, .. } in &evidence.held_snapshots {
        let Some(reclaim) = reclaim else { continue };
        table.add_row([
            subject.clone(),
            kib(reclaim.extra_bytes),
            thousands_of(reclaim.drop_ns),
            kib(reclaim.after_drop_bytes),
            reclaim.reclaimed_ms.map_or("not back".to_owned(), |ms| format!("{ms:.3}")),
            thousands(reclaim.overwrites),
            kib(reclaim.end_bytes),
            reclaim.collected_bytes.map_or(String::new(), kib),
        ]);
    }
    line(text, table);
}

fn ages(held: &[HeldSnapshot]) -> impl Iterator<Item = (&HeldSnapshot, &SnapshotAge)> {
    held.iter().flat_map(|each| each.ages.iter().map(move |age| (each, age)))
}

/// The subject's name, or nothing in the second row of a subject and those after it.
fn unless_repeated<'a>(subject: &'a str, before: &mut &'a str) -> String {
    let shown = if *before == subject { "" } else { subject };
    *before = subject;
    shown.to_owned()
}

fn interval(spread: Spread) -> String {
    format!("{}..{}", thousands_of(spread.low), thousands_of(spread.high))
}

fn kib(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", thousands_of(bytes.unsigned_abs() as f64 / 1024.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::terminal::WIDTH_DEFAULT;
    use shardproof_evidence::{Build, Checks, Machine, Reclaim, SnapshotThreads};

    fn empty() -> Evidence {
        let machine: Machine = serde_json::from_value(json!({
            "cores": 2, "cpu": null, "architecture": "x86_64", "os": "linux", "kernel": null,
            "hypervisor": null, "memory_bytes": null, "load_average_before": null,
            "load_average_after": null, "clock_cost_ns": 12.5, "instant_cost_ns": 27.0,
        }))
        .unwrap();
        let build: Build = serde_json::from_value(json!({
            "commit": "0123", "dirty": null, "rustc": "rustc 1", "profile": "release",
            "opt_level": "3", "target": "x86_64", "version": "0.1.0",
        }))
        .unwrap();
        Evidence::new(machine, build)
    }

    fn spread(median: f64) -> Spread {
        Spread { median, low: median * 0.75, high: median * 1.25, coverage: 0.95 }
    }

    /// Figures as wide as they come, from a peer with a log on disk.
    fn held(reclaimed_ms: Option<f64>) -> HeldSnapshot {
        let age = SnapshotAge {
            overwrites: 640_000,
            keys_overwritten: 10_000,
            age_ms: 12_345.7,
            extra_bytes: Some(-12_345_678),
            versions: Some(650_000),
            newest_read_ns: spread(1_234.0),
            snapshot_read_ns: spread(1_234.0),
        };
        let reclaim = Reclaim {
            extra_bytes: 12_345_678,
            drop_ns: 123_456.0,
            after_drop_bytes: 12_345_678,
            reclaimed_ms,
            overwrites: 1_234_567,
            end_bytes: 12_345_678,
            collected_bytes: reclaimed_ms.is_none().then_some(12_345_678),
        };
        let first_failure = Some("key number 7 is not what it was".to_owned());
        let checks = Checks { checked: 40_000, failed: 2, first_failure, exemption: None };
        HeldSnapshot {
            part: 0,
            subject: "surrealmx".to_owned(),
            keys: 10_000,
            ages: vec![age, SnapshotAge { extra_bytes: None, versions: None, ..age }],
            reclaim: Some(reclaim),
            checks,
        }
    }

    #[test]
    fn wide_figures_fit_on_one_line_each_and_what_went_wrong_is_told() {
        let mut evidence = empty();
        evidence.held_snapshots = vec![held(None), held(Some(1.5))];
        evidence.snapshot_threads = vec![SnapshotThreads {
            part: 0,
            subject: "unified".to_owned(),
            keys: 10_000,
            threads: 64,
            acquire_ns: spread(1_234_567.0),
            on_cpu_share: Some(0.5),
        }];
        let mut text = String::new();
        snapshots(&mut text, &evidence, Style::PLAIN);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= usize::from(WIDTH_DEFAULT), "{widest} columns:\n{text}");
        for row in [
            "surrealmx 64 12 346 -12 056 650 000 1 234 926..1 543 1 234 926..1 543",
            "surrealmx 12 056 123 456 12 056 not back 1 234 567 12 056 12 056",
            "surrealmx 12 056 123 456 12 056 1.500 1 234 567 12 056",
            "unified 64 1 234 567 925 925..1 543 209 50 %",
            "surrealmx: 2 of 40 000 reads through the snapshot were wrong: key number 7",
        ] {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_shown = text.lines().any(|line| words(line).starts_with(&words(row)));
            assert!(is_shown, "`{row}` in\n{text}");
        }
    }

    #[test]
    fn what_was_not_observed_has_no_table() {
        let mut text = String::new();
        snapshots(&mut text, &empty(), Style::PLAIN);
        assert_eq!(text, "");
        let mut evidence = empty();
        evidence.held_snapshots = vec![HeldSnapshot { reclaim: None, ..held(None) }];
        snapshots(&mut text, &evidence, Style::PLAIN);
        assert!(text.contains("held while") && !text.contains("dropped."), "{text}");
    }
}

//! What snapshots cost: to take, to hold, and when they are dropped.

use std::collections::BTreeSet;

use shardproof_evidence::{
    Evidence, HeldSnapshot, Reclaim, SnapshotAge, SnapshotThreads, Snapshots,
};

use crate::document::{Context, Note, Section};
use crate::table::{Builder, Table};
use crate::terms as t;
use crate::throughput::{checked, wrong, wrong_ones};
use crate::value::{Quantity, Reason, Tone, Value, count, ns, text};

/// Taking, holding, giving back.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("snapshots", "Snapshots");
    let evidence = context.evidence;
    let section = if evidence.snapshots.is_empty() {
        section.missing("No snapshot was timed.", "shardproof measure")
    } else {
        let limit = |each: &Snapshots| Some(format!("{}: {}", each.subject, each.limit.as_ref()?));
        let limits: BTreeSet<String> = evidence.snapshots.iter().filter_map(limit).collect();
        section
            .figure("snapshots-by-size", &[&t::ACQUIRE, &t::WRITERS])
            .table(taken(context))
            .notes(limits.into_iter().map(Note::new).collect())
    };
    let section = if evidence.snapshot_threads.is_empty() {
        section.missing("No snapshot was taken beside other snapshots.", "shardproof measure")
    } else {
        section
            .figure(
                "snapshots-by-threads",
                &[&t::ACQUIRE, &t::INTERVAL, &t::OVERSUBSCRIBED, &t::ON_CPU],
            )
            .table(by_threads(context))
    };
    if evidence.held_snapshots.is_empty() {
        return section.missing("No snapshot was held.", "shardproof measure");
    }
    held_section(section, context)
}

/// What a snapshot costs that is held.
fn held_section<'a>(section: Section<'a>, context: &Context<'a>) -> Section<'a> {
    let evidence = context.evidence;
    let is_wrong = |held: &&HeldSnapshot| held.is_wrong();
    let wrong_reads = evidence.held_snapshots.iter().filter(is_wrong).map(|held| {
        let reads = wrong_ones(&held.checks).replacen("answers", "reads through the snapshot", 1);
        Note::toned(Tone::Bad, format!("{}: {reads}", held.subject))
    });
    section
        .figure(
            "held",
            &[&t::HELD, &t::EXTRA_BYTES, &t::VERSIONS, &t::NEWEST_READ, &t::SNAPSHOT_READ],
        )
        .table(held(context))
        .notes(wrong_reads.collect())
        .table(checks(context))
        .table(reclaims(context))
}

/// The subjects with a held snapshot that did not stay as it was.
pub(crate) fn wrong_subjects(evidence: &Evidence) -> Vec<&str> {
    let wrong = evidence.held_snapshots.iter().filter(|held| held.is_wrong());
    wrong.map(|held| &*held.subject).collect::<BTreeSet<_>>().into_iter().collect()
}

fn taken<'a>(context: &Context<'a>) -> Builder<'a, &'a Snapshots> {
    let all = context.evidence.snapshots.iter().collect();
    Table::of("snapshots", "Snapshots, taken and dropped", all)
        .part(context.parts, |each: &&Snapshots| each.part)
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .name("keys", &t::KEYS, |each| count(each.keys))
        .name("writers", &t::WRITERS, |each| count(each.writers))
        .figure("acquire_p50_ns", &t::ACQUIRE, |each| ns(each.acquire_ns.p50))
        .called("p50")
        .figure("single_p50_ns", &t::ACQUIRE, |each| {
            Value::quantile(0.5, each.samples, each.single_p50_ns)
        })
        .called("p50 one by one")
        .priority(3)
        .figure("acquire_p99_ns", &t::ACQUIRE, |each| {
            Value::quantile(0.99, each.samples, each.acquire_ns.p99)
        })
        .called("p99 one by one")
        .note("samples", &t::COUNT, |each| Value::Count(each.samples))
        .called("samples")
        .priority(4)
        .figure("allocations_per_op", &t::ALLOCATIONS, |each| {
            each.allocations_per_op.map_or(Value::NotObserved("not counted"), |count| {
                Value::Number(Quantity::Ratio, count)
            })
        })
        .priority(2)
        .note("batch", &t::ACQUIRE, |each| Value::Count(each.acquire_ns.batch.into()))
        .called("batch")
        .priority(5)
        .note("clock_cost_ns", &t::CLOCK_COST, |each| ns(each.clock_cost_ns))
        .priority(5)
        .note("limit", &t::LIMIT, |each| text(each.limit.as_deref().unwrap_or_default()))
        .priority(6)
}

fn by_threads<'a>(context: &Context<'a>) -> Builder<'a, &'a SnapshotThreads> {
    let all = context.evidence.snapshot_threads.iter().collect();
    Table::of("snapshot_threads", "Snapshots, taken and dropped by several threads at once", all)
        .part(context.parts, |each: &&SnapshotThreads| each.part)
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .name("keys", &t::KEYS, |each| count(each.keys))
        .name("threads", &t::THREADS, |each| count(each.threads))
        .spread(("acquire", "ns"), &t::ACQUIRE, Quantity::Ns, |each| Some(each.acquire_ns))
        .spread_called("one snapshot", [1, 3])
        .figure("on_cpu_share", &t::ON_CPU, |each| Value::known(Quantity::Share, each.on_cpu_share))
}

/// The columns that say of which snapshot a record is, whose figures are withheld if its reads were
/// wrong.
fn snapshot<'a, R: 'a>(
    table: Builder<'a, R>,
    parts: usize,
    held: impl Fn(&R) -> &'a HeldSnapshot + Copy + 'a,
) -> Builder<'a, R> {
    table
        .part(parts, move |each| held(each).part)
        .name("subject", &t::SUBJECT, move |each| text(&held(each).subject))
        .name("keys", &t::KEYS, move |each| count(held(each).keys))
        .withheld(move |each| held(each).is_wrong().then_some(Reason::WrongAnswers))
}

fn held<'a>(context: &Context<'a>) -> Builder<'a, (&'a HeldSnapshot, &'a SnapshotAge)> {
    let all = &context.evidence.held_snapshots;
    let ages = all.iter().flat_map(|held| held.ages.iter().map(move |age| (held, age)));
    let table = Table::of("held_snapshots", "Held snapshots at each age", ages.collect());
    snapshot(table, context.parts, |each| each.0)
        .name("overwrites", &t::HELD, |each| Value::Count(each.1.overwrites))
        .called("overwrites")
        .note("age_ms", &t::HELD, |each| Value::Number(Quantity::Ms, each.1.age_ms))
        .called("age")
        .priority(3)
        .note("keys_overwritten", &t::HELD, |each| count(each.1.keys_overwritten))
        .called("keys overwritten")
        .priority(5)
        .figure("extra_bytes", &t::EXTRA_BYTES, |each| match each.1.extra_bytes {
            Some(extra) => bytes(extra),
            None => Value::NotObserved("not counted"),
        })
        .figure("versions", &t::VERSIONS, |each| {
            each.1.versions.map_or(Value::NotObserved(""), count)
        })
        .priority(2)
        .note("newest_read_median_ns", &t::NEWEST_READ, |each| ns(each.1.newest_read_ns.median))
        .note("newest_read_low_ns", &t::INTERVAL, |each| {
            let spread = each.1.newest_read_ns;
            Value::Interval(Quantity::Ns, spread.low, spread.high)
        })
        .interval("newest_read_high_ns")
        .priority(4)
        .spread(("snapshot_read", "ns"), &t::SNAPSHOT_READ, Quantity::Ns, |each| {
            Some(each.1.snapshot_read_ns)
        })
        .spread_called("read through the snapshot", [1, 4])
}

const fn bytes<'a>(bytes: i64) -> Value<'a> {
    Value::Number(Quantity::Bytes, bytes as f64)
}

/// Whether snapshots stayed as they were.
fn checks<'a>(context: &Context<'a>) -> Builder<'a, &'a HeldSnapshot> {
    let all = context.evidence.held_snapshots.iter().collect();
    let table = Table::of("held_checks", "Reads through held snapshots, checked at each age", all);
    snapshot(table, context.parts, |each| each)
        .note("answers_checked", &t::CHECKS, |each: &&HeldSnapshot| checked(Some(&each.checks)))
        .called("reads checked")
        .note("answers_wrong", &t::CHECKS, |each| wrong(Some(&each.checks)))
        .called("wrong")
        .note("first_wrong_answer", &t::CHECKS, |each| {
            let checks = &each.checks;
            let told = checks.first_failure.as_ref().or(checks.exemption.as_ref());
            text(told.map_or("", String::as_str))
        })
        .called("the first wrong one")
        .priority(3)
}

fn reclaims<'a>(context: &Context<'a>) -> Builder<'a, (&'a HeldSnapshot, &'a Reclaim)> {
    let all = context.evidence.held_snapshots.iter();
    let all = all.filter_map(|held| Some((held, held.reclaim.as_ref()?))).collect();
    let table =
        Table::of("reclaims", "What became of the memory when the snapshot was dropped", all);
    snapshot(table, context.parts, |each| each.0)
        .figure("extra_bytes", &t::EXTRA_BYTES, |each| bytes(each.1.extra_bytes))
        .called("before the drop")
        .figure("drop_ns", &t::RECLAIM, |each| ns(each.1.drop_ns))
        .called("the drop took")
        .priority(2)
        .figure("after_drop_bytes", &t::EXTRA_BYTES, |each| bytes(each.1.after_drop_bytes))
        .called("after it")
        .priority(3)
        .figure("reclaimed_ms", &t::RECLAIM, |each| {
            let back = each.1.reclaimed_ms.map(|ms| Value::Number(Quantity::Ms, ms));
            back.unwrap_or(Value::NotObserved("not back"))
        })
        .called("nine tenths back after")
        .figure("overwrites", &t::RECLAIM, |each| Value::Count(each.1.overwrites))
        .called("overwrites until then")
        .priority(3)
        .figure("end_bytes", &t::EXTRA_BYTES, |each| bytes(each.1.end_bytes))
        .called("at the end")
        .figure("collected_bytes", &t::COLLECTED, |each| {
            each.1.collected_bytes.map_or(Value::NotObserved(""), bytes)
        })
        .priority(4)
}

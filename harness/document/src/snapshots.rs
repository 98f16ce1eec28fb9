//! Cost of snapshots: taking, holding and reclaiming them.

use std::collections::BTreeSet;

use shardproof_evidence::{
    Evidence, HeldSnapshot, Reclaim, SnapshotAge, SnapshotThreads, Snapshots,
};

use crate::document::{Context, Note, Section};
use crate::table::{Table, TableBuilder};
use crate::terms as t;
use crate::throughput::{checked, wrong, wrong_answers};
use crate::value::{Quantity, Tone, Value, WithheldReason, count, ns, text};

/// The section on snapshots.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("snapshots", "Snapshots");
    let evidence = context.evidence;
    let section = if evidence.snapshots.is_empty() {
        section.missing("No snapshots were timed.", "shardproof measure")
    } else {
        let limit = |each: &Snapshots| Some(format!("{}: {}", each.subject, each.limit.as_ref()?));
        let limits: BTreeSet<String> = evidence.snapshots.iter().filter_map(limit).collect();
        section
            .figure("snapshots-by-size", &[&t::ACQUIRE, &t::WRITERS])
            .table(taken(context))
            .notes(limits.into_iter().map(Note::new).collect())
    };
    let section = if evidence.snapshot_threads.is_empty() {
        section.missing("No concurrent snapshots were timed.", "shardproof measure")
    } else {
        section
            .figure(
                "snapshots-by-threads",
                &[&t::ACQUIRE, &t::INTERVAL, &t::OVERSUBSCRIBED, &t::ON_CPU],
            )
            .table(by_threads(context))
    };
    if evidence.held_snapshots.is_empty() {
        return section.missing("No held snapshots were measured.", "shardproof measure");
    }
    held_section(section, context)
}

/// Adds the cost of held snapshots.
fn held_section<'a>(section: Section<'a>, context: &Context<'a>) -> Section<'a> {
    let evidence = context.evidence;
    let is_wrong = |held: &&HeldSnapshot| held.is_wrong();
    let wrong_reads = evidence.held_snapshots.iter().filter(is_wrong).map(|held| {
        let reads =
            wrong_answers(&held.checks).replacen("answers", "reads through the snapshot", 1);
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

/// The subjects that returned wrong values through a held snapshot.
pub(crate) fn wrong_subjects(evidence: &Evidence) -> Vec<&str> {
    let wrong = evidence.held_snapshots.iter().filter(|held| held.is_wrong());
    wrong.map(|held| &*held.subject).collect::<BTreeSet<_>>().into_iter().collect()
}

fn taken<'a>(context: &Context<'a>) -> TableBuilder<'a, &'a Snapshots> {
    let all = context.evidence.snapshots.iter().collect();
    Table::builder("snapshots", "Taking and dropping a snapshot", all)
        .part(context.parts, |each: &&Snapshots| each.part)
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .name("keys", &t::KEYS, |each| count(each.keys))
        .name("writers", &t::WRITERS, |each| count(each.writers))
        .metric("acquire_p50_ns", &t::ACQUIRE, |each| ns(each.acquire_ns.p50))
        .heading("p50")
        .metric("single_p50_ns", &t::ACQUIRE, |each| {
            Value::quantile(0.5, each.samples, each.single_p50_ns)
        })
        .heading("individual p50")
        .priority(3)
        .metric("acquire_p99_ns", &t::ACQUIRE, |each| {
            Value::quantile(0.99, each.samples, each.acquire_ns.p99)
        })
        .heading("individual p99")
        .note("samples", &t::COUNT, |each| Value::Count(each.samples))
        .heading("samples")
        .priority(4)
        .metric("allocations_per_op", &t::ALLOCATIONS, |each| {
            each.allocations_per_op.map_or(Value::NotObserved("not counted"), |count| {
                Value::Number(Quantity::Ratio, count)
            })
        })
        .priority(2)
        .note("batch", &t::ACQUIRE, |each| Value::Count(each.acquire_ns.batch.into()))
        .heading("batch")
        .priority(5)
        .note("clock_cost_ns", &t::CLOCK_COST, |each| ns(each.clock_cost_ns))
        .priority(5)
        .note("limit", &t::LIMIT, |each| text(each.limit.as_deref().unwrap_or_default()))
        .priority(6)
}

fn by_threads<'a>(context: &Context<'a>) -> TableBuilder<'a, &'a SnapshotThreads> {
    let all = context.evidence.snapshot_threads.iter().collect();
    Table::builder(
        "snapshot_threads",
        "Taking and dropping snapshots on several threads at once",
        all,
    )
    .part(context.parts, |each: &&SnapshotThreads| each.part)
    .name("subject", &t::SUBJECT, |each| text(&each.subject))
    .name("keys", &t::KEYS, |each| count(each.keys))
    .name("threads", &t::THREADS, |each| count(each.threads))
    .spread(("acquire", "ns"), &t::ACQUIRE, Quantity::Ns, |each| Some(each.acquire_ns))
    .spread_heading("per snapshot", [1, 3])
    .metric("on_cpu_share", &t::ON_CPU, |each| Value::known(Quantity::Share, each.on_cpu_share))
}

/// The columns that identify the snapshot of a record. Its values are withheld if its reads were
/// wrong.
fn snapshot_columns<'a, R: 'a>(
    table: TableBuilder<'a, R>,
    parts: usize,
    held: impl Fn(&R) -> &'a HeldSnapshot + Copy + 'a,
) -> TableBuilder<'a, R> {
    table
        .part(parts, move |each| held(each).part)
        .name("subject", &t::SUBJECT, move |each| text(&held(each).subject))
        .name("keys", &t::KEYS, move |each| count(held(each).keys))
        .withheld(move |each| held(each).is_wrong().then_some(WithheldReason::WrongAnswers))
}

fn held<'a>(context: &Context<'a>) -> TableBuilder<'a, (&'a HeldSnapshot, &'a SnapshotAge)> {
    let all = &context.evidence.held_snapshots;
    let ages = all.iter().flat_map(|held| held.ages.iter().map(move |age| (held, age)));
    let table = Table::builder("held_snapshots", "Cost of a held snapshot by age", ages.collect());
    snapshot_columns(table, context.parts, |each| each.0)
        .name("overwrites", &t::HELD, |each| Value::Count(each.1.overwrites))
        .heading("overwrites")
        .note("age_ms", &t::HELD, |each| Value::Number(Quantity::Ms, each.1.age_ms))
        .heading("age")
        .priority(3)
        .note("keys_overwritten", &t::HELD, |each| count(each.1.keys_overwritten))
        .heading("keys overwritten")
        .priority(5)
        .metric("extra_bytes", &t::EXTRA_BYTES, |each| match each.1.extra_bytes {
            Some(extra) => bytes(extra),
            None => Value::NotObserved("not counted"),
        })
        .metric("versions", &t::VERSIONS, |each| {
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
        .spread_heading("snapshot read", [1, 4])
}

const fn bytes<'a>(bytes: i64) -> Value<'a> {
    Value::Number(Quantity::Bytes, bytes as f64)
}

/// Results of checking reads through held snapshots.
fn checks<'a>(context: &Context<'a>) -> TableBuilder<'a, &'a HeldSnapshot> {
    let all = context.evidence.held_snapshots.iter().collect();
    let table = Table::builder("held_checks", "Checks of reads through held snapshots", all);
    snapshot_columns(table, context.parts, |each| each)
        .note("answers_checked", &t::CHECKS, |each: &&HeldSnapshot| checked(Some(&each.checks)))
        .heading("reads checked")
        .note("answers_wrong", &t::CHECKS, |each| wrong(Some(&each.checks)))
        .heading("wrong")
        .note("first_wrong_answer", &t::CHECKS, |each| {
            let checks = &each.checks;
            let remark = checks.first_failure.as_ref().or(checks.exemption.as_ref());
            text(remark.map_or("", String::as_str))
        })
        .heading("first wrong read")
        .priority(3)
}

fn reclaims<'a>(context: &Context<'a>) -> TableBuilder<'a, (&'a HeldSnapshot, &'a Reclaim)> {
    let all = context.evidence.held_snapshots.iter();
    let all = all.filter_map(|held| Some((held, held.reclaim.as_ref()?))).collect();
    let table =
        Table::builder("reclaims", "Memory reclaimed after a held snapshot is dropped", all);
    snapshot_columns(table, context.parts, |each| each.0)
        .metric("extra_bytes", &t::EXTRA_BYTES, |each| bytes(each.1.extra_bytes))
        .heading("before the drop")
        .metric("drop_ns", &t::RECLAIM, |each| ns(each.1.drop_ns))
        .heading("drop duration")
        .priority(2)
        .metric("after_drop_bytes", &t::EXTRA_BYTES, |each| bytes(each.1.after_drop_bytes))
        .heading("after the drop")
        .priority(3)
        .metric("reclaimed_ms", &t::RECLAIM, |each| {
            let reclaimed = each.1.reclaimed_ms.map(|ms| Value::Number(Quantity::Ms, ms));
            reclaimed.unwrap_or(Value::NotObserved("not reclaimed"))
        })
        .heading("90 % freed after")
        .metric("overwrites", &t::RECLAIM, |each| Value::Count(each.1.overwrites))
        .heading("overwrites meanwhile")
        .priority(3)
        .metric("end_bytes", &t::EXTRA_BYTES, |each| bytes(each.1.end_bytes))
        .heading("at the end")
        .metric("collected_bytes", &t::COLLECTED, |each| {
            each.1.collected_bytes.map_or(Value::NotObserved(""), bytes)
        })
        .priority(4)
}

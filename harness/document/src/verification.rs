//! What was verified, and which seeded faults were found.

use std::collections::BTreeMap;

use shardproof_evidence::Evidence;
use shardproof_evidence::verification::{
    Fault, FaultVerdict, Hunt, SearchSummary, Verdict, Verification,
};
use shardproof_judge::verification::{by_property, overall};

use crate::document::{Note, Section};
use crate::table::{Builder, Detail, Table};
use crate::terms as t;
use crate::value::{Quantity, Tone, Value, count, text};

/// What counts as a small counterexample.
const SMALL_THREADS: usize = 3;
/// What counts as a small counterexample.
const SMALL_OPERATIONS: usize = 6;
/// What counts as a quick one, in seconds.
const SOON_S: f64 = 10.0;

/// Properties, searches and faults.
pub(crate) fn section(evidence: &Evidence) -> Section<'_> {
    let mut section = properties(evidence);
    if evidence.faults.is_empty() {
        return section.missing("No seeded fault was hunted.", "shardproof verify --faults");
    }
    let hunt = evidence.fault_hunt.as_ref();
    let faults = faults(&evidence.faults, hunt.map_or(&[], |hunt| &hunt.executors));
    section.blocks.extend(faults.blocks);
    section
}

/// Properties, worst first, and the searches behind them.
pub(crate) fn properties(evidence: &Evidence) -> Section<'_> {
    let section = Section::new("verification", "Verification");
    let rows = &evidence.verifications;
    if rows.is_empty() && evidence.verification.is_none() {
        return section.missing("No property was verified.", "shardproof verify");
    }
    let mut unsettled: Vec<&Verification> = rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Fail | Verdict::Inconclusive))
        .filter(|row| row.reason.is_some())
        .collect();
    // Broken before unknown.
    unsettled.sort_by_key(|row| std::cmp::Reverse(row.verdict));
    let searches = evidence.verification.iter().flat_map(|run| &run.searches).collect();
    section
        .say(
            "Each property was checked so many times, and at so many of these a faulty store could \
             have failed. A property that could never have failed is vacuous, and no pass.",
        )
        .table(by_executor("unsettled", "What did not pass, and why", unsettled))
        .table(overalls(rows))
        .table(self::searches(searches))
        .table(
            by_executor("verifications", "Every executor", rows.iter().collect())
                .detail(Detail::Data),
        )
}

/// The word for a verdict.
pub(crate) fn judged<'a>(verdict: Verdict) -> Value<'a> {
    let (tone, word) = match verdict {
        Verdict::Pass => (Tone::Good, "pass"),
        Verdict::Vacuous => (Tone::Open, "vacuous"),
        Verdict::Inconclusive => (Tone::Open, "inconclusive"),
        Verdict::Fail => (Tone::Bad, "FAIL"),
    };
    Value::Judged(tone, word.into())
}

/// The verdict on a property over all executors.
struct Overall<'a> {
    /// The subject.
    subject: &'a str,
    /// The property.
    property: &'a str,
    /// The verdict.
    verdict: Verdict,
    /// How often it was checked, and how often of that it could have failed.
    counts: (u64, u64),
}

fn overalls(rows: &[Verification]) -> Builder<'_, Overall<'_>> {
    let overall = |((subject, property), rows): ((_, _), Vec<&Verification>)| Overall {
        subject,
        property,
        verdict: overall(rows.iter().copied()).unwrap_or(Verdict::Inconclusive),
        counts: rows.iter().fold((0, 0), |(checked, could), row| {
            (checked + row.checked, could + row.could_have_failed)
        }),
    };
    let all = by_property(rows).into_iter().map(overall).collect();
    Table::of("properties", "Properties over all executors", all)
        .name("subject", &t::SUBJECT, |each: &Overall<'_>| text(each.subject))
        .name("property", &t::PROPERTY, |each| text(each.property))
        .note("checked", &t::COULD_FAIL, |each| Value::Count(each.counts.0))
        .called("checked")
        .priority(2)
        .note("could_have_failed", &t::COULD_FAIL, |each| Value::Count(each.counts.1))
        .priority(3)
        .note("verdict", &t::VERDICT, |each| judged(each.verdict))
}

fn by_executor<'a>(
    id: &'static str,
    caption: &'static str,
    rows: Vec<&'a Verification>,
) -> Builder<'a, &'a Verification> {
    Table::of(id, caption, rows)
        .name("subject", &t::SUBJECT, |row| text(&row.subject))
        .name("property", &t::PROPERTY, |row| match &*row.property {
            // Where an executor was not run.
            "any" => text("all"),
            property => text(property),
        })
        .name("executor", &t::EXECUTOR, |row| text(&row.executor))
        .note("verdict", &t::VERDICT, |row| judged(row.verdict))
        .note("how_ended", &t::EXECUTIONS, |row| text(&row.how_ended))
        .only(Detail::Data)
        .note("checked", &t::COULD_FAIL, |row| Value::Count(row.checked))
        .only(Detail::Data)
        .note("could_have_failed", &t::COULD_FAIL, |row| Value::Count(row.could_have_failed))
        .only(Detail::Data)
        .note("reason", &t::VERDICT, |row| text(row.reason.as_deref().unwrap_or_default()))
        .called("reason")
        .priority(2)
        .note("replay", &t::REPLAY, |row| Value::Code((&*row.replay).into()))
        .only(Detail::Pages)
}

fn searches(all: Vec<&SearchSummary>) -> Builder<'_, &SearchSummary> {
    Table::of("searches", "Searches: programs tried, executions of them, reads checked", all)
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .name("executor", &t::EXECUTOR, |each| text(&each.executor))
        .note("programs", &t::EXECUTIONS, |each| Value::Count(each.programs))
        .called("programs")
        .note("executions", &t::EXECUTIONS, |each| Value::Count(each.executions))
        .note("events", &t::COULD_FAIL, |each| Value::Count(each.events))
        .called("events")
        .priority(4)
        .note("reads", &t::COULD_FAIL, |each| Value::Count(each.reads))
        .called("reads")
        .priority(2)
        .note("elapsed_s", &t::EXECUTIONS, |each| Value::Number(Quantity::S, each.seconds))
        .called("took")
        .priority(3)
        .note("how_ended", &t::VERDICT, |each| text(&each.how_ended))
        .called("ended")
        .note("found", &t::VERDICT, |each| finding(each.found.as_deref()))
        .called("finding")
        .priority(2)
}

/// A link to what was found, unless the file says something that is no folder of findings.
pub(crate) fn finding(found: Option<&str>) -> Value<'_> {
    let Some(folder) = found else { return text("") };
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-_/".contains(letter);
    match folder.starts_with("findings/") && folder.chars().all(safe) {
        true => Value::Link(format!("{folder}/explanation.txt").into(), folder.into()),
        false => text(folder),
    }
}

/// The kill matrix: which executor finds which fault.
pub(crate) fn faults<'a>(faults: &'a [Fault], executors: &'a [String]) -> Section<'a> {
    let table = Table::of("faults", "Seeded faults", faults.iter().collect())
        .name("fault", &t::FAULT, |fault: &&Fault| text(&fault.id))
        .called("fault");
    let with_executor = |table: Builder<'a, &'a Fault>, executor: &'a String| {
        table
            .note(format!("{executor}_executions"), &t::EXECUTOR, move |fault| {
                let mut hunts = fault.hunts.iter();
                let hunt = hunts.find(|hunt| hunt.executor == *executor && hunt.anomaly.is_some());
                hunt.map_or(Value::NotObserved("-"), |hunt| Value::Count(hunt.executions))
            })
            .called(executor.as_str())
    };
    let table = executors.iter().fold(table, with_executor);
    let table = table
        .note("verdict", &t::VERDICT, |fault| of_fault(fault.verdict))
        .note("found_by", &t::EXECUTOR, |fault| text(fault.by.as_deref().unwrap_or_default()))
        .called("found by")
        .priority(3)
        .note("executions", &t::EXECUTIONS, |fault| Value::Count(fault.executions))
        .only(Detail::Data)
        .note("elapsed_s", &t::EXECUTIONS, |fault| match fault.by {
            Some(_) => Value::Number(Quantity::S, fault.seconds),
            None => Value::NotObserved(""),
        })
        .called("took")
        .priority(3)
        .note("what", &t::FAULT, |fault| text(&fault.what))
        .called("what is wrong")
        .priority(4)
        .note("equivalent", &t::FAULT, |fault| Value::Flag(fault.equivalent))
        .only(Detail::Data);
    let hunts = faults.iter().flat_map(|fault| fault.hunts.iter().map(move |hunt| (fault, hunt)));
    Section::new("faults", "Seeded faults")
        .say("Executions until each executor found the fault, or - if it did not.")
        .table(table)
        .notes(totals(faults))
        .table(self::hunts(hunts.collect()))
}

fn of_fault<'a>(verdict: FaultVerdict) -> Value<'a> {
    let (tone, word) = match verdict {
        FaultVerdict::Killed => (Tone::Good, "killed"),
        FaultVerdict::Equivalent => (Tone::Good, "equivalent"),
        FaultVerdict::Survived => (Tone::Bad, "survived"),
        FaultVerdict::FalseAlarm => (Tone::Bad, "false alarm"),
    };
    Value::Judged(tone, word.into())
}

fn hunts<'a>(hunts: Vec<(&'a Fault, &'a Hunt)>) -> Builder<'a, (&'a Fault, &'a Hunt)> {
    Table::of("hunts", "Every hunt", hunts)
        .detail(Detail::Data)
        .name("fault", &t::FAULT, |(fault, _)| text(&fault.id))
        .name("executor", &t::EXECUTOR, |(_, hunt)| text(&hunt.executor))
        .note("anomaly", &t::FAULT, |(_, hunt)| text(hunt.anomaly.as_deref().unwrap_or_default()))
        .note("executions", &t::EXECUTIONS, |(_, hunt)| Value::Count(hunt.executions))
        .note("elapsed_s", &t::EXECUTIONS, |(_, hunt)| Value::Number(Quantity::S, hunt.seconds))
        .note("shrinking_s", &t::EXECUTIONS, |(_, hunt)| {
            Value::Number(Quantity::S, hunt.shrinking_seconds)
        })
        .note("threads", &t::THREADS, |(_, hunt)| {
            hunt.threads.map_or(Value::NotObserved(""), count)
        })
        .note("operations", &t::OPERATION, |(_, hunt)| {
            hunt.operations.map_or(Value::NotObserved(""), count)
        })
}

/// How many real faults were found, of how many.
pub(crate) fn killed(faults: &[Fault]) -> String {
    let count = |verdict| faults.iter().filter(|fault| fault.verdict == verdict).count();
    let real = faults.iter().filter(|fault| !fault.equivalent).count();
    format!(
        "{} of {real} real faults killed; {} of {} equivalent ones survived.",
        count(FaultVerdict::Killed),
        count(FaultVerdict::Equivalent),
        faults.len() - real,
    )
}

/// Whether a fault should have been found and was not, or the other way round.
pub(crate) const fn is_bad(fault: &Fault) -> bool {
    matches!(fault.verdict, FaultVerdict::Survived | FaultVerdict::FalseAlarm)
}

fn totals(faults: &[Fault]) -> Vec<Note> {
    let first_kill = |fault: &'_ Fault| fault.hunts.iter().position(|hunt| hunt.anomaly.is_some());
    let killed: Vec<&Hunt> =
        faults.iter().filter_map(|fault| Some(&fault.hunts[first_kill(fault)?])).collect();
    let is_small = |hunt: &&&Hunt| {
        hunt.threads.is_some_and(|threads| threads <= SMALL_THREADS)
            && hunt.operations.is_some_and(|operations| operations <= SMALL_OPERATIONS)
    };
    let is_soon = |hunt: &&&Hunt| hunt.seconds + hunt.shrinking_seconds < SOON_S;
    let mut notes = vec![
        Note::new(self::killed(faults)),
        Note::new(format!(
            "First counterexamples: {} of {} with at most {SMALL_THREADS} threads and \
             {SMALL_OPERATIONS} operations, {} within {SOON_S} s, shrinking included.",
            killed.iter().filter(is_small).count(),
            killed.len(),
            killed.iter().filter(is_soon).count(),
        )),
    ];
    let bad = faults.iter().filter(|fault| is_bad(fault));
    notes.extend(bad.map(|fault| Note::toned(Tone::Bad, format!("{}: {}", fault.id, fault.what))));
    notes
}

/// The properties of each subject that were verified, by their verdicts.
pub(crate) fn by_subject(rows: &[Verification]) -> BTreeMap<&str, Vec<(&str, Verdict)>> {
    let mut subjects: BTreeMap<&str, Vec<(&str, Verdict)>> = BTreeMap::new();
    for ((subject, property), rows) in by_property(rows) {
        let verdict = overall(rows).unwrap_or(Verdict::Inconclusive);
        subjects.entry(subject).or_default().push((property, verdict));
    }
    subjects
}

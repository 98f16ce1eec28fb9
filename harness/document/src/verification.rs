//! Sections on verification and seeded faults.

use std::collections::BTreeMap;

use shardproof_evidence::Evidence;
use shardproof_evidence::verification::{
    Fault, FaultVerdict, Hunt, SearchSummary, Verdict, Verification, VerificationRun,
};
use shardproof_judge::verification::{by_property, overall};

use crate::document::{Note, Section};
use crate::table::{Detail, Table, TableBuilder};
use crate::terms as t;
use crate::value::{Quantity, Tone, Value, count, text, whole};

/// Maximum threads of a small counterexample.
const SMALL_THREADS_MAX: usize = 3;
/// Maximum operations of a small counterexample.
const SMALL_OPERATIONS_MAX: usize = 6;
/// Maximum time of a quick hunt, in seconds.
const QUICK_S_MAX: f64 = 10.0;

/// The section on properties, searches and faults.
pub(crate) fn section(evidence: &Evidence) -> Section<'_> {
    let mut section = properties(evidence);
    if evidence.faults.is_empty() {
        return section.missing("No seeded faults were hunted.", "shardproof verify --faults");
    }
    let hunt = evidence.fault_hunt.as_ref();
    let faults = faults(&evidence.faults, hunt.map_or(&[], |hunt| &hunt.executors));
    section.blocks.extend(faults.blocks);
    section
}

/// The section on properties, worst first, and the searches behind them.
pub(crate) fn properties(evidence: &Evidence) -> Section<'_> {
    let section = Section::new("verification", "Verification");
    let rows = &evidence.verifications;
    if rows.is_empty() && evidence.verification.is_none() {
        return section.missing("No properties were verified.", "shardproof verify");
    }
    let mut unsettled: Vec<&Verification> = rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Fail | Verdict::Inconclusive))
        .filter(|row| row.reason.is_some())
        .collect();
    // Violated before inconclusive.
    unsettled.sort_by_key(|row| std::cmp::Reverse(row.verdict));
    let searches = evidence.verification.iter().flat_map(|run| &run.searches).collect();
    let section = section.paragraph(
        "For each property: how often it was checked, and at how many of these checks a faulty \
         store could have failed. A property that could not have failed is vacuous, which is not a \
         pass.",
    );
    let section = match evidence.verification.as_ref().and_then(smoke) {
        Some(how_little) => section.paragraph(how_little),
        None => section,
    };
    section
        .table(by_executor("unsettled", "Properties that did not pass", unsettled))
        .table(overalls(rows))
        .table(self::searches(searches))
        .table(
            by_executor("verifications", "Verdicts of each executor", rows.iter().collect())
                .detail(Detail::Data),
        )
}

/// How little the profile `smoke` shows; none for other profiles.
fn smoke(run: &VerificationRun) -> Option<String> {
    if run.config.profile != "smoke" {
        return None;
    }
    let real = run.searches.iter().filter(|search| search.executor == "litmus");
    let done: u64 = real.map(|search| search.executions).sum();
    let ran = match done {
        0 => "none on real threads".to_owned(),
        done => format!("{} on real threads in all", whole(done)),
    };
    Some(format!(
        "The profile smoke shows that verification works, not that the store is right: it makes few \
         executions, {ran} (litmus). Many races take 10 000 and more of one program to appear. \
         Verify with --profile quick (6 times as much), ci (18) or full (120) before relying on a \
         pass."
    ))
}

/// The value of a verdict.
pub(crate) fn verdict_value<'a>(verdict: Verdict) -> Value<'a> {
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
    /// The number of checks, and of those that could have failed.
    counts: (u64, u64),
}

fn overalls(rows: &[Verification]) -> TableBuilder<'_, Overall<'_>> {
    let overall = |((subject, property), rows): ((_, _), Vec<&Verification>)| Overall {
        subject,
        property,
        verdict: overall(rows.iter().copied()).unwrap_or(Verdict::Inconclusive),
        counts: rows.iter().fold((0, 0), |(checked, could), row| {
            (checked + row.checked, could + row.could_have_failed)
        }),
    };
    let all = by_property(rows).into_iter().map(overall).collect();
    Table::builder("properties", "Properties over all executors", all)
        .name("subject", &t::SUBJECT, |each: &Overall<'_>| text(each.subject))
        .name("property", &t::PROPERTY, |each| text(each.property))
        .note("checked", &t::COULD_FAIL, |each| Value::Count(each.counts.0))
        .heading("checked")
        .priority(2)
        .note("could_have_failed", &t::COULD_FAIL, |each| Value::Count(each.counts.1))
        .priority(3)
        .note("verdict", &t::VERDICT, |each| verdict_value(each.verdict))
}

fn by_executor<'a>(
    id: &'static str,
    caption: &'static str,
    rows: Vec<&'a Verification>,
) -> TableBuilder<'a, &'a Verification> {
    Table::builder(id, caption, rows)
        .name("subject", &t::SUBJECT, |row| text(&row.subject))
        .name("property", &t::PROPERTY, |row| match &*row.property {
            // If an executor was not run.
            "any" => text("all"),
            property => text(property),
        })
        .name("executor", &t::EXECUTOR, |row| text(&row.executor))
        .note("verdict", &t::VERDICT, |row| verdict_value(row.verdict))
        .note("how_ended", &t::EXECUTIONS, |row| text(&row.how_ended))
        .shown_in(Detail::Data)
        .note("checked", &t::COULD_FAIL, |row| Value::Count(row.checked))
        .shown_in(Detail::Data)
        .note("could_have_failed", &t::COULD_FAIL, |row| Value::Count(row.could_have_failed))
        .shown_in(Detail::Data)
        .note("reason", &t::VERDICT, |row| text(row.reason.as_deref().unwrap_or_default()))
        .heading("reason")
        .priority(2)
        .note("replay", &t::REPLAY, |row| Value::Code((&*row.replay).into()))
        .shown_in(Detail::Pages)
        .note("found", &t::VERDICT, |row| counterexample(row.found.as_deref()))
        .heading("counterexample")
        .shown_in(Detail::Pages)
}

fn searches(all: Vec<&SearchSummary>) -> TableBuilder<'_, &SearchSummary> {
    Table::builder("searches", "Searches of each executor", all)
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .name("executor", &t::EXECUTOR, |each| text(&each.executor))
        .note("programs", &t::EXECUTIONS, |each| Value::Count(each.programs))
        .heading("programs")
        .note("executions", &t::EXECUTIONS, |each| Value::Count(each.executions))
        .note("events", &t::COULD_FAIL, |each| Value::Count(each.events))
        .heading("events")
        .priority(4)
        .note("reads", &t::COULD_FAIL, |each| Value::Count(each.reads))
        .heading("reads")
        .priority(2)
        .note("unjudged_reads", &t::UNJUDGED, |each| Value::Count(each.unjudged_reads))
        .heading("not judged")
        .priority(4)
        .note("snapshots", &t::BESIDE_COMMITS, |each| Value::Count(each.snapshots))
        .heading("snapshots")
        .priority(4)
        .note("snapshots_beside_commits", &t::BESIDE_COMMITS, |each| {
            Value::Count(each.snapshots_beside_commits)
        })
        .heading("beside a commit")
        .priority(3)
        .note("elapsed_s", &t::EXECUTIONS, |each| Value::Number(Quantity::S, each.seconds))
        .heading("duration")
        .priority(3)
        .note("how_ended", &t::VERDICT, |each| text(&each.how_ended))
        .heading("how it ended")
        .note("found", &t::VERDICT, |each| counterexample(each.found.as_deref()))
        .heading("counterexample")
        .priority(2)
}

/// A link to a counterexample, or plain text if the path is not within the findings.
pub(crate) fn counterexample(found: Option<&str>) -> Value<'_> {
    let Some(folder) = found else { return text("") };
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-_/".contains(letter);
    match folder.starts_with("findings/") && folder.chars().all(safe) {
        true => Value::Link(format!("{folder}/explanation.txt").into(), folder.into()),
        false => text(folder),
    }
}

/// The kill matrix: which executor finds which fault.
pub(crate) fn faults<'a>(faults: &'a [Fault], executors: &'a [String]) -> Section<'a> {
    let table = Table::builder("faults", "Seeded faults", faults.iter().collect())
        .name("fault", &t::FAULT, |fault: &&Fault| text(&fault.id))
        .heading("fault");
    let with_executor = |table: TableBuilder<'a, &'a Fault>, executor: &'a String| {
        table
            .note(format!("{executor}_executions"), &t::EXECUTOR, move |fault| {
                let mut hunts = fault.hunts.iter();
                let hunt = hunts.find(|hunt| hunt.executor == *executor && hunt.anomaly.is_some());
                hunt.map_or(Value::NotObserved("-"), |hunt| Value::Count(hunt.executions))
            })
            .heading(executor.as_str())
    };
    let table = executors.iter().fold(table, with_executor);
    let table = table
        .note("verdict", &t::VERDICT, |fault| fault_verdict(fault.verdict))
        .note("found_by", &t::EXECUTOR, |fault| text(fault.by.as_deref().unwrap_or_default()))
        .heading("found by")
        .priority(3)
        .note("executions", &t::EXECUTIONS, |fault| Value::Count(fault.executions))
        .shown_in(Detail::Data)
        .note("elapsed_s", &t::EXECUTIONS, |fault| match fault.by {
            Some(_) => Value::Number(Quantity::S, fault.seconds),
            None => Value::NotObserved(""),
        })
        .heading("duration")
        .priority(3)
        .note("what", &t::FAULT, |fault| text(&fault.what))
        .heading("description")
        .priority(4)
        .note("equivalent", &t::FAULT, |fault| Value::Flag(fault.equivalent))
        .shown_in(Detail::Data);
    let hunts = faults.iter().flat_map(|fault| fault.hunts.iter().map(move |hunt| (fault, hunt)));
    Section::new("faults", "Seeded faults")
        .paragraph("Executions until each executor found the fault; - if it did not.")
        .table(table)
        .notes(totals(faults))
        .table(self::hunts(hunts.collect()))
}

fn fault_verdict<'a>(verdict: FaultVerdict) -> Value<'a> {
    let (tone, word) = match verdict {
        FaultVerdict::Killed => (Tone::Good, "killed"),
        FaultVerdict::Equivalent => (Tone::Good, "equivalent"),
        FaultVerdict::Survived => (Tone::Bad, "survived"),
        FaultVerdict::FalseAlarm => (Tone::Bad, "false alarm"),
        FaultVerdict::Inconclusive => (Tone::Open, "inconclusive"),
    };
    Value::Judged(tone, word.into())
}

fn hunts<'a>(hunts: Vec<(&'a Fault, &'a Hunt)>) -> TableBuilder<'a, (&'a Fault, &'a Hunt)> {
    Table::builder("hunts", "All hunts", hunts)
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

/// How many of the real faults were found.
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

/// Whether a fault survived that should have been found, or the other way round.
pub(crate) const fn is_bad(fault: &Fault) -> bool {
    matches!(fault.verdict, FaultVerdict::Survived | FaultVerdict::FalseAlarm)
}

fn totals(faults: &[Fault]) -> Vec<Note> {
    let first_kill = |fault: &'_ Fault| fault.hunts.iter().position(|hunt| hunt.anomaly.is_some());
    let killed: Vec<&Hunt> =
        faults.iter().filter_map(|fault| Some(&fault.hunts[first_kill(fault)?])).collect();
    let is_small = |hunt: &&&Hunt| {
        hunt.threads.is_some_and(|threads| threads <= SMALL_THREADS_MAX)
            && hunt.operations.is_some_and(|operations| operations <= SMALL_OPERATIONS_MAX)
    };
    let is_quick = |hunt: &&&Hunt| hunt.seconds + hunt.shrinking_seconds < QUICK_S_MAX;
    let mut notes = vec![
        Note::new(self::killed(faults)),
        Note::new(format!(
            "First counterexamples: {} of {} with at most {SMALL_THREADS_MAX} threads and \
             {SMALL_OPERATIONS_MAX} operations, {} within {QUICK_S_MAX} s, shrinking included.",
            killed.iter().filter(is_small).count(),
            killed.len(),
            killed.iter().filter(is_quick).count(),
        )),
    ];
    let bad = faults.iter().filter(|fault| is_bad(fault));
    notes.extend(bad.map(|fault| Note::toned(Tone::Bad, format!("{}: {}", fault.id, fault.what))));
    notes
}

/// The verified properties of each subject with their verdicts.
pub(crate) fn by_subject(rows: &[Verification]) -> BTreeMap<&str, Vec<(&str, Verdict)>> {
    let mut subjects: BTreeMap<&str, Vec<(&str, Verdict)>> = BTreeMap::new();
    for ((subject, property), rows) in by_property(rows) {
        let verdict = overall(rows).unwrap_or(Verdict::Inconclusive);
        subjects.entry(subject).or_default().push((property, verdict));
    }
    subjects
}

#[cfg(test)]
mod tests {
    use shardproof_evidence::verification::VerificationConfig;

    use super::*;

    #[test]
    fn the_profile_smoke_says_how_little_it_ran_and_others_say_nothing() {
        let config = VerificationConfig {
            profile: "smoke".to_owned(),
            seed: 1,
            subjects: Vec::new(),
            executors: Vec::new(),
            properties: Vec::new(),
            elapsed_s: 1.0,
        };
        let search = |executor: &str| SearchSummary {
            subject: "mine".to_owned(),
            executor: executor.to_owned(),
            programs: 1,
            executions: 300,
            events: 1,
            reads: 1,
            unjudged_reads: 0,
            snapshots: 0,
            snapshots_beside_commits: 0,
            how_ended: String::new(),
            seconds: 1.0,
            found: None,
        };
        let searches = ["sequential", "litmus", "litmus"].map(search).to_vec();
        let mut run = VerificationRun { config, searches };
        assert!(smoke(&run).unwrap().contains("few executions, 600 on real threads"));
        run.searches.truncate(1);
        assert!(smoke(&run).unwrap().contains("few executions, none on real threads"));
        run.config.profile = "quick".to_owned();
        assert_eq!(smoke(&run), None);
    }
}

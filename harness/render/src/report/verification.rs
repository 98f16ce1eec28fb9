//! What was verified: properties by subjects, the searches behind them, and the seeded faults.

use shardproof_evidence::verification::{Fault, FaultVerdict, Verdict};
use shardproof_evidence::{Evidence, Verification};
use shardproof_judge::verification::overall;

use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Section, Table, Words};
use crate::report::numbers::{NONE, three, whole};
use crate::report::page::{Page, distinct};
use crate::verification::{by_property, word};

/// Properties, searches and faults.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("verification", "Verification");
    let evidence = page.evidence;
    if evidence.verifications.is_empty() {
        section = section.missing("No property was verified.", "shardproof verify")?;
    } else {
        section.add(&properties(evidence))?;
        if let Some(table) = unsettled(evidence) {
            section.add_table(&table, "What did not pass, and why")?;
        }
        section.add_table(&searches(evidence), "Searches")?;
    }
    if evidence.faults.is_empty() {
        return section.missing("No seeded fault was hunted.", "shardproof verify --faults");
    }
    section.say(&killed(&evidence.faults))?;
    section.add_table(&faults(evidence), "Seeded faults")?;
    Ok(section)
}

fn properties(evidence: &Evidence) -> Table {
    let rows = by_property(&evidence.verifications);
    let subjects = distinct(rows.keys().map(|(subject, _)| *subject));
    let mut properties = distinct(rows.keys().map(|(_, property)| *property));
    properties.sort_unstable();
    let caption = Words::new(
        "Properties by subjects, over all executors; with how often each could have failed.",
        &[Term::Property, Term::Verdict, Term::CouldFail],
    );
    let mut heads = vec![Head::of(Term::Property)];
    heads.extend(subjects.iter().map(|subject| Head::named(Term::Subject, *subject, "")));
    let mut table = Table::new(caption, 1, heads);
    for property in properties {
        let verdicts = subjects.iter().map(|subject| {
            let Some(rows) = rows.get(&(*subject, property)) else {
                return Entry::words(NONE);
            };
            let verdict = overall(rows.iter().copied()).unwrap_or(Verdict::Inconclusive);
            let chances = rows.iter().map(|row| row.could_have_failed).sum();
            Entry::marked(format!("{} ({})", word(verdict), whole(chances)), class(verdict))
        });
        table.row([Entry::from(property)].into_iter().chain(verdicts));
    }
    table
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "w good",
        Verdict::Vacuous | Verdict::Inconclusive => "w open",
        Verdict::Fail => "w bad",
    }
}

/// What is broken or not known; none where all passed.
fn unsettled(evidence: &Evidence) -> Option<Table> {
    let is_told = |row: &&Verification| {
        matches!(row.verdict, Verdict::Fail | Verdict::Inconclusive) && row.reason.is_some()
    };
    let mut rows: Vec<&Verification> = evidence.verifications.iter().filter(is_told).collect();
    if rows.is_empty() {
        return None;
    }
    // Broken before unknown.
    rows.sort_by_key(|row| std::cmp::Reverse(row.verdict));
    let caption = Words::new(
        "What did not pass under one of the executors, why, and the command that does it again.",
        &[Term::Verdict, Term::Executor],
    );
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Property),
        Head::of(Term::Executor),
        Head::of(Term::Verdict),
        Head::named(Term::Verdict, "reason", ""),
        Head::named(Term::Executor, "again", ""),
    ];
    let mut table = Table::new(caption, 3, heads);
    for row in rows {
        table.row([
            row.subject.as_str().into(),
            row.property.as_str().into(),
            row.executor.as_str().into(),
            Entry::marked(word(row.verdict), class(row.verdict)),
            Entry::marked(row.reason.as_deref().unwrap_or_default(), "w long"),
            Entry::marked(row.replay.as_str(), "w long code"),
        ]);
    }
    Some(table)
}

fn searches(evidence: &Evidence) -> Table {
    let caption = Words::new(
        "Searches: programs tried, executions of them, and reads that were checked.",
        &[Term::Executor, Term::Executions],
    );
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Executor),
        Head::named(Term::Executions, "programs", ""),
        Head::of(Term::Executions),
        Head::named(Term::CouldFail, "reads checked", ""),
        Head::named(Term::Executions, "took", "s"),
        Head::named(Term::Verdict, "ended", ""),
    ];
    let mut table = Table::new(caption, 2, heads);
    for search in evidence.verification.iter().flat_map(|run| &run.searches) {
        table.row([
            search.subject.as_str().into(),
            search.executor.as_str().into(),
            whole(search.programs).into(),
            whole(search.executions).into(),
            whole(search.reads).into(),
            three(search.seconds).into(),
            Entry::words(search.how_ended.as_str()),
        ]);
    }
    table
}

fn killed(faults: &[Fault]) -> Words {
    let count = |verdict| faults.iter().filter(|fault| fault.verdict == verdict).count();
    let real = faults.iter().filter(|fault| !fault.equivalent).count();
    let text = format!(
        "{} of {real} real seeded faults were found; {} of {} equivalent ones rightly were not; \
         {} false alarms.",
        count(FaultVerdict::Killed),
        count(FaultVerdict::Equivalent),
        faults.len() - real,
        count(FaultVerdict::FalseAlarm),
    );
    Words::new(text, &[Term::Fault])
}

fn faults(evidence: &Evidence) -> Table {
    let caption = Words::new(
        "Seeded faults, and the executor that found each first.",
        &[Term::Fault, Term::Executor, Term::Executions],
    );
    let heads = vec![
        Head::of(Term::Fault),
        Head::named(Term::Fault, "what is wrong", ""),
        Head::named(Term::Verdict, "outcome", ""),
        Head::named(Term::Executor, "found by", ""),
        Head::of(Term::Executions),
        Head::named(Term::Executions, "took", "s"),
    ];
    let mut table = Table::new(caption, 1, heads);
    for fault in &evidence.faults {
        let (word, class) = match fault.verdict {
            FaultVerdict::Killed => ("found", "w good"),
            FaultVerdict::Equivalent => ("equivalent", "w good"),
            FaultVerdict::Survived => ("survived", "w bad"),
            FaultVerdict::FalseAlarm => ("false alarm", "w bad"),
        };
        let is_found = fault.by.is_some();
        let figure = |text: String| Entry::from(if is_found { text } else { NONE.to_owned() });
        table.row([
            fault.id.as_str().into(),
            Entry::marked(fault.what.as_str(), "w long"),
            Entry::marked(word, class),
            Entry::words(fault.by.as_deref().unwrap_or(NONE)),
            figure(whole(fault.executions)),
            figure(three(fault.seconds)),
        ]);
    }
    table
}

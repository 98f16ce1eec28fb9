//! What was verified, and which seeded faults were found.

use shardproof_evidence::Evidence;
use shardproof_evidence::verification::{FaultVerdict, Verdict, Verification};
use shardproof_judge::verification::overall;

use super::section;
use super::table::{Table, code, inline};
use crate::sections::thousands;
use crate::terminal::line;
use crate::verification::{by_property, word};

/// Searches, and the verdict on each property.
pub(super) fn verification(text: &mut String, evidence: &Evidence) {
    if evidence.verification.is_none() && evidence.verifications.is_empty() {
        return;
    }
    section(text, "Verification");
    if let Some(run) = &evidence.verification {
        let (profile, seed) = (inline(&run.config.profile), run.config.seed);
        line(text, format_args!("Profile {profile}, seed {seed}.\n"));
        let head = [
            "subject",
            "executor",
            "ended",
            "programs",
            "executions",
            "events",
            "reads",
            "seconds",
        ];
        let mut table = Table::new(&head, 3..head.len());
        for search in &run.searches {
            table.row([
                search.subject.clone(),
                search.executor.clone(),
                search.how_ended.clone(),
                thousands(search.programs),
                thousands(search.executions),
                thousands(search.events),
                thousands(search.reads),
                format!("{:.1}", search.seconds),
            ]);
        }
        table.write(text);
    }
    line(
        text,
        "\nHow often each property was checked, and how often of that a faulty store could have failed. \
         One that could never have failed is vacuous, and no pass.\n",
    );
    let head = ["subject", "property", "verdict", "checked", "could have failed"];
    let mut table = Table::new(&head, 3..head.len());
    for ((subject, property), rows) in by_property(&evidence.verifications) {
        let sum = |of: fn(&Verification) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
        let verdict = overall(rows.iter().copied()).unwrap_or(Verdict::Inconclusive);
        table.row([
            subject.to_owned(),
            property.to_owned(),
            word(verdict).to_owned(),
            thousands(sum(|row| row.checked)),
            thousands(sum(|row| row.could_have_failed)),
        ]);
    }
    table.write(text);
    reasons(text, &evidence.verifications);
}

/// Why something failed or is not known, with the command that does it again.
fn reasons(text: &mut String, rows: &[Verification]) {
    let mut told: Vec<String> = Vec::new();
    for row in rows {
        let Verification { subject, property, executor, verdict, reason, replay, .. } = row;
        let unsettled = matches!(verdict, Verdict::Fail | Verdict::Inconclusive);
        if let (true, Some(reason)) = (unsettled, reason) {
            let (word, reason) = (word(*verdict), inline(reason));
            let (subject, property) = (inline(subject), inline(property));
            let note = format!("- {word}: {subject} {property} under {executor}: {reason}");
            told.push(format!("{note}; again with {}", code(replay)));
        }
    }
    if !told.is_empty() {
        line(text, "");
    }
    told.iter().for_each(|note| line(text, note));
}

/// The kill matrix.
pub(super) fn faults(text: &mut String, evidence: &Evidence) {
    if evidence.faults.is_empty() {
        return;
    }
    section(text, "Seeded faults");
    line(text, "Executions until each executor found one, or - if it did not.\n");
    let executors: Vec<&str> = match &evidence.fault_hunt {
        Some(hunt) => hunt.executors.iter().map(String::as_str).collect(),
        None => Vec::new(),
    };
    let head: Vec<&str> =
        ["fault", "what", "verdict"].into_iter().chain(executors.clone()).collect();
    let mut table = Table::new(&head, 3..head.len());
    for fault in &evidence.faults {
        let verdict = match fault.verdict {
            FaultVerdict::Killed => "killed",
            FaultVerdict::Survived => "survived",
            FaultVerdict::Equivalent => "equivalent",
            FaultVerdict::FalseAlarm => "false alarm",
        };
        let kills = executors.iter().map(|executor| {
            let mut hunts = fault.hunts.iter();
            let hunt = hunts.find(|hunt| hunt.executor == *executor && hunt.anomaly.is_some());
            hunt.map_or("-".to_owned(), |hunt| thousands(hunt.executions))
        });
        let words = [fault.id.clone(), fault.what.clone(), verdict.to_owned()];
        table.row(words.into_iter().chain(kills));
    }
    table.write(text);
    let count = |verdict| evidence.faults.iter().filter(|fault| fault.verdict == verdict).count();
    let real = evidence.faults.iter().filter(|fault| !fault.equivalent).count();
    line(
        text,
        format_args!(
            "\n{} of {real} real faults killed; {} of {} equivalent ones survived.",
            count(FaultVerdict::Killed),
            count(FaultVerdict::Equivalent),
            evidence.faults.len() - real,
        ),
    );
}

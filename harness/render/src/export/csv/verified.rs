//! Tables of what was verified.

use shardproof_evidence::Evidence;
use shardproof_evidence::verification::{Fault, FaultVerdict, Hunt, Verification};

use super::{known, table, text};
use crate::export::ExportedFile;
use crate::verification::word;

/// All of them.
pub(super) fn tables(evidence: &Evidence) -> Vec<Option<ExportedFile>> {
    vec![
        verifications(&evidence.verifications),
        searches(evidence),
        faults(&evidence.faults),
        hunts(&evidence.faults),
    ]
}

fn verifications(rows: &[Verification]) -> Option<ExportedFile> {
    table(
        "verifications",
        rows,
        &[
            ("subject", |row| text(&row.subject)),
            ("property", |row| text(&row.property)),
            ("executor", |row| text(&row.executor)),
            ("verdict", |row| word(row.verdict).to_ascii_lowercase()),
            ("how_ended", |row| text(&row.how_ended)),
            ("checked", |row| text(row.checked)),
            ("could_have_failed", |row| text(row.could_have_failed)),
            ("reason", |row| known(row.reason.as_ref())),
            ("replay", |row| text(&row.replay)),
        ],
    )
}

fn searches(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "searches",
        &evidence.verification.as_ref()?.searches,
        &[
            ("subject", |search| text(&search.subject)),
            ("executor", |search| text(&search.executor)),
            ("programs", |search| text(search.programs)),
            ("executions", |search| text(search.executions)),
            ("events", |search| text(search.events)),
            ("reads", |search| text(search.reads)),
            ("how_ended", |search| text(&search.how_ended)),
            ("elapsed_s", |search| text(search.seconds)),
            ("found", |search| known(search.found.as_ref())),
        ],
    )
}

fn faults(faults: &[Fault]) -> Option<ExportedFile> {
    table(
        "faults",
        faults,
        &[
            ("fault", |fault| text(&fault.id)),
            ("what", |fault| text(&fault.what)),
            ("verdict", |fault| verdict(fault.verdict).to_owned()),
            ("equivalent", |fault| text(fault.equivalent)),
            ("found_by", |fault| known(fault.by.as_ref())),
            ("executions", |fault| text(fault.executions)),
            ("elapsed_s", |fault| text(fault.seconds)),
        ],
    )
}

/// The word of the evidence.
const fn verdict(verdict: FaultVerdict) -> &'static str {
    match verdict {
        FaultVerdict::Killed => "killed",
        FaultVerdict::Survived => "survived",
        FaultVerdict::Equivalent => "equivalent",
        FaultVerdict::FalseAlarm => "false-alarm",
    }
}

fn hunts(faults: &[Fault]) -> Option<ExportedFile> {
    let hunts: Vec<(&str, &Hunt)> = faults
        .iter()
        .flat_map(|fault| fault.hunts.iter().map(|hunt| (fault.id.as_str(), hunt)))
        .collect();
    table(
        "hunts",
        &hunts,
        &[
            ("fault", |(fault, _)| text(fault)),
            ("executor", |(_, hunt)| text(&hunt.executor)),
            ("anomaly", |(_, hunt)| known(hunt.anomaly.as_ref())),
            ("executions", |(_, hunt)| text(hunt.executions)),
            ("elapsed_s", |(_, hunt)| text(hunt.seconds)),
            ("shrinking_s", |(_, hunt)| text(hunt.shrinking_seconds)),
            ("threads", |(_, hunt)| known(hunt.threads)),
            ("operations", |(_, hunt)| known(hunt.operations)),
        ],
    )
}

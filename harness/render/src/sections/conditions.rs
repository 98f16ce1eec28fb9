//! What throughput is to be read with: what the machine can show, and what was left out.

use std::collections::BTreeMap;

use shardproof_evidence::{Evidence, SameTwice};

use crate::certificate::{in_short, percent};
use crate::terminal::{Style, wrapped};

/// What the machine can show, in two lines.
pub(crate) fn certificate(text: &mut String, evidence: &Evidence) {
    text.extend(evidence.certificate.as_ref().map(in_short));
}

/// What the cell that was measured twice says of the others.
pub(crate) fn same_twice(text: &mut String, evidence: &Evidence, style: Style) {
    let Some(SameTwice { what, noise_floor, .. }) = &evidence.same_twice else {
        return;
    };
    let words = format!(
        "Noise of the matrix: {what}, twice in each round, differs by up to {} in 19 of 20.",
        percent(*noise_floor)
    );
    wrapped(text, &words, usize::from(style.width));
}

/// What was left out of the matrix, by reason.
pub(crate) fn skipped(text: &mut String, evidence: &Evidence, style: Style) {
    let mut reasons: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for skipped in &evidence.skipped {
        let subjects = reasons.entry(&skipped.reason).or_default();
        subjects.entry(&skipped.subject).or_default().push(&skipped.workload);
    }
    for (reason, subjects) in reasons {
        let of_subject = |(subject, workloads): (&str, Vec<&str>)| {
            format!("{subject} in {}", workloads.join(", "))
        };
        let places: Vec<String> = subjects.into_iter().map(of_subject).collect();
        let words = format!("Left out, because {reason}: {}.", places.join("; "));
        wrapped(text, &words, usize::from(style.width));
    }
}

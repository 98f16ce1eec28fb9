//! What throughput is to be read with: what the machine can show, and what was left out.

use std::collections::BTreeMap;

use crate::evidence::{Certificate, Evidence, SameTwice};
use crate::judge::certificate::COUNTER_RATIO_MIN;
use crate::render::terminal::{Style, line, significant, wrapped};

/// What the machine can show, in two lines.
pub(crate) fn certificate(text: &mut String, evidence: &Evidence) {
    let Some(certificate) = &evidence.certificate else {
        return;
    };
    let Certificate { same_twice, counters, pinned_to, stolen_share, .. } = certificate;
    let noise = same_twice.as_ref().map_or("noise not measured".to_owned(), |same| {
        format!("noise floor {} (less is noise)", percent(same.noise_floor))
    });
    let contention = counters.map_or("contention not measured".to_owned(), |counters| {
        let hardly = if counters.ratio.low < COUNTER_RATIO_MIN { "hardly " } else { "" };
        let ratio = significant(counters.ratio.median);
        format!("contention {hardly}visible: shared counters {ratio} times as slow")
    });
    let pinning = if pinned_to.is_some() { "threads pinned" } else { "threads not pinned" };
    let stolen = stolen_share.map_or("stolen time not told".to_owned(), |share| {
        format!("{} of the time stolen by the hypervisor", percent(share))
    });
    line(text, format_args!("{noise}; {contention}"));
    line(text, format_args!("{pinning}; {stolen}; more: shardproof doctor"));
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

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

//! Collects anomalies and counts checks.

use std::collections::BTreeMap;

use crate::check::events::Events;
use crate::check::report::{
    Anomaly, AnomalyKind, Axiom, Axioms, Count, Expected, Report, Snapshots,
};
use crate::history::Kind;

/// The most anomalies of one kind that are kept; more are only counted.
pub(super) const KEPT: usize = 8;

/// The anomalies and counts so far.
pub(super) struct Findings {
    /// Whether each axiom is checked, by its number.
    checked: [bool; Axiom::ALL.len()],
    /// How often each axiom was checked, by its number.
    counts: [Count; Axiom::ALL.len()],
    /// The first anomalies of each kind, and how many there were.
    anomalies: BTreeMap<AnomalyKind, (Vec<Anomaly>, u64)>,
    /// The axioms that cannot be checked, and why.
    unchecked: BTreeMap<Axiom, String>,
    /// What all these reasons follow from, if it is not what the subject claims.
    because: Option<String>,
    /// Reads that were not judged, or only in part, by kind.
    unjudged: BTreeMap<Kind, u64>,
}

impl Findings {
    pub(super) fn new(axioms: &Axioms) -> Self {
        Self {
            checked: Axiom::ALL.map(|axiom| axioms.has(axiom)),
            counts: [Count::default(); Axiom::ALL.len()],
            anomalies: BTreeMap::new(),
            unchecked: BTreeMap::new(),
            because: None,
            unjudged: BTreeMap::new(),
        }
    }

    /// Counts one check of an axiom.
    #[inline]
    pub(super) fn checked(&mut self, axiom: Axiom) {
        self.counts[axiom as usize].checked += 1;
    }

    /// Counts several checks of an axiom, some of which could have failed.
    pub(super) fn checked_many(&mut self, axiom: Axiom, checked: u64, could_have_failed: u64) {
        self.counts[axiom as usize].checked += checked;
        self.counts[axiom as usize].could_have_failed += could_have_failed;
    }

    /// Counts that a check could have failed.
    #[inline]
    pub(super) fn could_have_failed(&mut self, axiom: Axiom) {
        self.counts[axiom as usize].could_have_failed += 1;
    }

    /// Adds an anomaly, if its axiom is checked.
    pub(super) fn add(
        &mut self,
        events: &Events<'_>,
        (axiom, kind): (Axiom, AnomalyKind),
        shown_by: &[u32],
        expected: Expected,
        message: impl FnOnce() -> String,
    ) {
        if !self.checked[axiom as usize] {
            return;
        }
        let (kept, total) = self.anomalies.entry(kind).or_default();
        *total += 1;
        if kept.len() < KEPT {
            let events = shown_by.iter().map(|number| events.event_ref(*number)).collect();
            kept.push(Anomaly { kind, axiom, events, expected, message: message() });
        }
    }

    /// Puts what the reasons follow from in front of each: of axioms that cannot be checked, or not
    /// fully.
    pub(super) fn explain_unchecked(&mut self, because: String) {
        self.because = Some(because);
    }

    /// Records that an axiom cannot be checked, or not fully.
    pub(super) fn leave_unchecked(&mut self, axiom: Axiom, reason: &str) {
        if self.checked[axiom as usize] {
            let because = &self.because;
            self.unchecked.entry(axiom).or_insert_with(|| match because {
                Some(because) => format!("{because}: {reason}"),
                None => reason.to_owned(),
            });
        }
    }

    /// Counts a read that is not judged, or only in part.
    pub(super) fn leave_unjudged(&mut self, kind: Kind) {
        *self.unjudged.entry(kind).or_default() += 1;
    }

    /// The report.
    pub(super) fn report(self, events: u64, reads: u64) -> Report {
        let counts = Axiom::ALL.into_iter().zip(self.counts);
        let counted =
            counts.filter(|(axiom, count)| self.checked[*axiom as usize] && count.checked > 0);
        let totals = self.anomalies.iter().map(|(kind, (_, total))| (*kind, *total));
        let anomalies_total = totals.collect();
        let kept = self.anomalies.into_values().flat_map(|(kept, _)| kept);
        let mut anomalies: Vec<Anomaly> = kept.collect();
        anomalies.sort_by_key(|anomaly| vagueness(anomaly.kind));
        Report {
            anomalies_total,
            counts: counted.collect(),
            unchecked: self.unchecked,
            unjudged: self.unjudged,
            snapshots: Snapshots::default(),
            events,
            reads,
            anomalies,
        }
    }
}

/// How unspecific a kind of anomaly is; the report lists higher ranks last.
fn vagueness(kind: AnomalyKind) -> u32 {
    match kind {
        AnomalyKind::Unsorted | AnomalyKind::Garbage => 2,
        // A wrong read of a key says more than an extra or missing entry.
        AnomalyKind::Phantom | AnomalyKind::MissingEntry => 1,
        _ => 0,
    }
}

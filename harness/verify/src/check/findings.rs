//! What has been found so far: anomalies, and how much was checked.

use std::collections::BTreeMap;

use crate::check::events::Events;
use crate::check::report::{Anomaly, AnomalyKind, Axiom, Axioms, Count, Expected, Report};

/// Anomalies of one kind that are kept; the others are only counted.
pub(super) const KEPT: usize = 8;

/// What has been found so far.
pub(super) struct Findings {
    /// The axioms that are checked, by number.
    checked: [bool; Axiom::ALL.len()],
    /// How often each axiom was checked, by number.
    counts: [Count; Axiom::ALL.len()],
    /// The first anomalies of each kind, and how many there were.
    anomalies: BTreeMap<AnomalyKind, (Vec<Anomaly>, u64)>,
    /// What cannot be checked, and why.
    unchecked: BTreeMap<Axiom, String>,
}

impl Findings {
    pub(super) fn new(axioms: &Axioms) -> Self {
        Self {
            checked: Axiom::ALL.map(|axiom| axioms.has(axiom)),
            counts: [Count::default(); Axiom::ALL.len()],
            anomalies: BTreeMap::new(),
            unchecked: BTreeMap::new(),
        }
    }

    /// Counts that an axiom was checked on something that no store could have got wrong.
    #[inline]
    pub(super) fn checked(&mut self, axiom: Axiom) {
        self.counts[axiom as usize].checked += 1;
    }

    /// Counts that an axiom was checked on so many, of which so many could have been wrong.
    pub(super) fn checked_many(&mut self, axiom: Axiom, checked: u64, could_have_failed: u64) {
        self.counts[axiom as usize].checked += checked;
        self.counts[axiom as usize].could_have_failed += could_have_failed;
    }

    /// Counts that something which was checked could have been wrong.
    #[inline]
    pub(super) fn could_have_failed(&mut self, axiom: Axiom) {
        self.counts[axiom as usize].could_have_failed += 1;
    }

    /// Notes an anomaly, if its axiom is checked.
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
            let events = shown_by.iter().map(|number| events.place(*number)).collect();
            kept.push(Anomaly { kind, axiom, events, expected, message: message() });
        }
    }

    /// Notes that an axiom cannot be checked, or not wholly.
    pub(super) fn leave_unchecked(&mut self, axiom: Axiom, reason: &str) {
        if self.checked[axiom as usize] {
            self.unchecked.entry(axiom).or_insert_with(|| reason.to_owned());
        }
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
            events,
            reads,
            anomalies,
        }
    }
}

/// How little an anomaly tells, next to others of the same history.
fn vagueness(kind: AnomalyKind) -> u32 {
    match kind {
        AnomalyKind::Unsorted | AnomalyKind::Garbage => 2,
        // What a read of a key shows tells more than that there is an entry too many or too few.
        AnomalyKind::Phantom | AnomalyKind::MissingEntry => 1,
        _ => 0,
    }
}

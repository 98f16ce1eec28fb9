//! The outcome of a search as evidence: plain data, without a verdict.

use std::collections::BTreeMap;

use shardproof_evidence::verification::{HowEnded, Observation};

use crate::check::report::{Axiom, Count};
use crate::explain::name;
use crate::search::{NOTHING_JUDGED, SearchOutcome};

impl SearchOutcome {
    /// One observation for each axiom that was checked, broken or left unchecked, the worst to break
    /// first, and for each of `named`, which was asked for. `replay` is the command that reproduces
    /// the search.
    #[must_use]
    pub fn observations(&self, subject: &str, replay: &str, named: &[Axiom]) -> Vec<Observation> {
        let observation = |property: String, count: Count, broken: Option<_>, unchecked| {
            let ended = if broken.is_some() { HowEnded::Found } else { self.ended };
            Observation {
                subject: subject.to_owned(),
                property,
                executor: self.executor.as_str().to_owned(),
                ended,
                how_ended: self.text(ended),
                checked: count.checked,
                could_have_failed: count.could_have_failed,
                broken,
                unchecked,
                replay: replay.to_owned(),
            }
        };
        if self.ended == HowEnded::NotRun {
            let reason = self.reason.clone();
            return vec![observation("any".to_owned(), Count::default(), None, reason)];
        }
        let counts = self.counts(named);
        if counts.is_empty() {
            let nothing = Some(NOTHING_JUDGED.to_owned());
            return vec![observation("any".to_owned(), Count::default(), None, nothing)];
        }
        let of_axiom = |(axiom, count)| {
            let unchecked = self.report.unchecked.get(&axiom).cloned();
            observation(name(axiom), count, self.broken(axiom), unchecked)
        };
        counts.into_iter().map(of_axiom).collect()
    }

    /// How the search ended, as text: `found` if it found anything.
    #[must_use]
    pub fn how_ended(&self) -> String {
        self.text(if self.findings.is_empty() { self.ended } else { HowEnded::Found })
    }

    fn text(&self, ended: HowEnded) -> String {
        match ended {
            HowEnded::Exhausted => "exhausted".to_owned(),
            HowEnded::Bounded => format!("bounded({} executions)", self.executions),
            HowEnded::TimedOut => "timed out".to_owned(),
            HowEnded::Crashed => "crashed".to_owned(),
            HowEnded::Found => "found".to_owned(),
            HowEnded::NotRun => "not run".to_owned(),
        }
    }

    /// How often each axiom was checked; includes those that were broken, not checked, or named.
    fn counts(&self, named: &[Axiom]) -> BTreeMap<Axiom, Count> {
        let broken = self.report.anomalies.iter().map(|anomaly| anomaly.axiom);
        broken
            .chain(self.report.unchecked.keys().copied())
            .chain(named.iter().copied())
            .map(|axiom| (axiom, Count::default()))
            .chain(self.report.counts.iter().map(|(axiom, count)| (*axiom, *count)))
            .collect()
    }

    /// How an axiom was broken.
    fn broken(&self, axiom: Axiom) -> Option<String> {
        let anomaly = self.report.anomalies.iter().find(|anomaly| anomaly.axiom == axiom)?;
        Some(format!("{}: {}", name(anomaly.kind), anomaly.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::report::Report;
    use crate::execute::Executor;
    use crate::samples;

    fn search(ended: HowEnded, report: Report) -> SearchOutcome {
        SearchOutcome {
            executor: Executor::Shuttle,
            programs: 1,
            executions: 5,
            ended,
            reason: None,
            report,
            findings: Vec::new(),
            seconds: 0.1,
        }
    }

    #[test]
    fn each_axiom_counted_broken_or_unchecked_has_an_observation() {
        let (_, anomaly) = samples::stale_read();
        let (broken, kind) = (anomaly.axiom, name(anomaly.kind));
        let [counted, unchecked] = [Axiom::CommitOrder, Axiom::Atomic];
        let report = Report {
            counts: BTreeMap::from([(counted, Count { checked: 10, could_have_failed: 4 })]),
            unchecked: BTreeMap::from([(unchecked, "too long".to_owned())]),
            anomalies: vec![anomaly],
            ..Report::default()
        };
        let seen = search(HowEnded::Bounded, report).observations("mine", "again", &[]);
        let of = |axiom| seen.iter().find(|each| each.property == name(axiom)).unwrap();
        assert_eq!((of(counted).checked, of(counted).could_have_failed), (10, 4));
        assert_eq!(of(unchecked).unchecked.as_deref(), Some("too long"));
        let text = of(broken).broken.as_deref().unwrap();
        assert!(text.starts_with(&kind), "{text}");
        for each in &seen {
            let ended = if each.broken.is_some() { "found" } else { "bounded(5 executions)" };
            assert_eq!(each.how_ended, ended, "{each:?}");
        }
        let properties: Vec<&str> = seen.iter().map(|each| &*each.property).collect();
        assert_eq!(properties, ["equation", "atomic", "commit-order"], "worst first");
    }

    #[test]
    fn a_property_that_was_named_but_never_checked_has_an_observation() {
        let search = search(HowEnded::Exhausted, Report::default());
        let seen = search.observations("mine", "again", &[Axiom::NoGarbage]);
        assert_eq!((seen.len(), seen[0].checked), (1, 0));
        assert_eq!(seen[0].property, "no-garbage");
    }

    #[test]
    fn a_search_that_judged_nothing_is_one_observation_with_its_reason() {
        let search = search(HowEnded::Bounded, Report::default());
        let seen = search.observations("mine", "again", &[]);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].property.as_str(), seen[0].checked), ("any", 0));
        assert_eq!(seen[0].unchecked.as_deref(), Some("nothing was judged"));
        assert_eq!(search.inconclusive().as_deref(), Some("nothing was judged"));
    }

    #[test]
    fn a_search_that_was_not_run_is_one_observation_with_its_reason() {
        let reason = Some("no loom here".to_owned());
        let search = SearchOutcome { reason, ..search(HowEnded::NotRun, Report::default()) };
        let seen = search.observations("mine", "again", &[Axiom::Intact]);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].property.as_str(), seen[0].how_ended.as_str()), ("any", "not run"));
        assert_eq!(seen[0].unchecked.as_deref(), Some("no loom here"));
    }
}

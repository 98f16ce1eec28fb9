//! What a search saw, as evidence: plain data, without a verdict.

use std::collections::BTreeMap;

use shardproof_evidence::verification::{HowEnded, Observation};

use crate::check::report::{Axiom, Count};
use crate::explain::name;
use crate::search::Search;

impl Search {
    /// What was seen of each axiom, for those of which anything was. `replay` is the command that does the same
    /// again.
    #[must_use]
    pub fn observed(&self, subject: &str, replay: &str) -> Vec<Observation> {
        let observation = |property: String, count: Count, broken, unchecked| Observation {
            subject: subject.to_owned(),
            property,
            executor: self.executor.as_str().to_owned(),
            ended: self.ended,
            how_ended: self.how_ended(),
            checked: count.checked,
            could_have_failed: count.could_have_failed,
            broken,
            unchecked,
            replay: replay.to_owned(),
        };
        if self.ended == HowEnded::NotRun {
            let reason = self.reason.clone();
            return vec![observation("any".to_owned(), Count::default(), None, reason)];
        }
        let of_axiom = |(axiom, count)| {
            let unchecked = self.report.unchecked.get(&axiom).cloned();
            observation(name(axiom), count, self.broken(axiom), unchecked)
        };
        self.counts().into_iter().map(of_axiom).collect()
    }

    /// How it ended, in words.
    #[must_use]
    pub fn how_ended(&self) -> String {
        match self.ended {
            HowEnded::Exhausted => "exhausted".to_owned(),
            HowEnded::Bounded => format!("bounded({} executions)", self.executions),
            HowEnded::TimedOut => "timed out".to_owned(),
            HowEnded::Found => "found".to_owned(),
            HowEnded::NotRun => "not run".to_owned(),
        }
    }

    /// How often each axiom was checked; those that were broken or not checked are in it too.
    fn counts(&self) -> BTreeMap<Axiom, Count> {
        let broken = self.report.anomalies.iter().map(|anomaly| anomaly.axiom);
        broken
            .chain(self.report.unchecked.keys().copied())
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

    fn search(ended: HowEnded, report: Report) -> Search {
        Search {
            executor: Executor::Shuttle,
            programs: 1,
            executions: 5,
            ended,
            reason: None,
            report,
            found: None,
            seconds: 0.1,
        }
    }

    #[test]
    fn every_axiom_is_observed_that_was_counted_broken_or_not_checked() {
        let (_, anomaly) = samples::stale_read();
        let (broken, kind) = (anomaly.axiom, name(anomaly.kind));
        let [counted, unchecked] = [Axiom::CommitOrder, Axiom::Atomic];
        let report = Report {
            counts: BTreeMap::from([(counted, Count { checked: 10, could_have_failed: 4 })]),
            unchecked: BTreeMap::from([(unchecked, "too long".to_owned())]),
            anomalies: vec![anomaly],
            ..Report::default()
        };
        let seen = search(HowEnded::Bounded, report).observed("mine", "again");
        let of = |axiom| seen.iter().find(|each| each.property == name(axiom)).unwrap();
        assert_eq!((of(counted).checked, of(counted).could_have_failed), (10, 4));
        assert_eq!(of(unchecked).unchecked.as_deref(), Some("too long"));
        let told = of(broken).broken.as_deref().unwrap();
        assert!(told.starts_with(&kind), "{told}");
        assert!(seen.iter().all(|each| each.how_ended == "bounded(5 executions)"), "{seen:?}");
    }

    #[test]
    fn what_was_not_run_is_one_observation_with_its_reason() {
        let reason = Some("no loom here".to_owned());
        let search = Search { reason, ..search(HowEnded::NotRun, Report::default()) };
        let seen = search.observed("mine", "again");
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].property.as_str(), seen[0].how_ended.as_str()), ("any", "not run"));
        assert_eq!(seen[0].unchecked.as_deref(), Some("no loom here"));
    }
}

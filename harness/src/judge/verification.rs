//! What follows from a search.

use std::collections::BTreeMap;

use crate::evidence::verification::{Verdict, Verification};
use crate::verify::check::report::{Axiom, Count};
use crate::verify::execute::HowEnded;
use crate::verify::explain::name;
use crate::verify::search::Search;

/// Judges each axiom of one search.
#[must_use]
pub fn judge(subject: &str, search: &Search, replay: &str) -> Vec<Verification> {
    let row = |property: String, verdict, count: Count, reason| Verification {
        subject: subject.to_owned(),
        property,
        executor: search.executor.as_str().to_owned(),
        verdict,
        how_ended: how_ended(search),
        checked: count.checked,
        could_have_failed: count.could_have_failed,
        reason,
        replay: replay.to_owned(),
    };
    if search.ended == HowEnded::NotRun {
        let reason = search.reason.clone();
        return vec![row("any".to_owned(), Verdict::Inconclusive, Count::default(), reason)];
    }
    let broken = search.report.anomalies.iter().map(|anomaly| anomaly.axiom);
    let known: BTreeMap<Axiom, Count> = broken
        .map(|axiom| (axiom, Count::default()))
        .chain(search.report.unchecked.keys().map(|axiom| (*axiom, Count::default())))
        .chain(search.report.counts.iter().map(|(axiom, count)| (*axiom, *count)))
        .collect();
    known
        .into_iter()
        .map(|(axiom, count)| {
            let (verdict, reason) = verdict(search, axiom, count);
            row(name(axiom), verdict, count, reason)
        })
        .collect()
}

/// The verdict on one property of a subject, over all executors: broken if it is anywhere, kept if it is
/// somewhere.
#[must_use]
pub fn overall<'a>(rows: impl IntoIterator<Item = &'a Verification>) -> Option<Verdict> {
    let verdicts: Vec<Verdict> = rows.into_iter().map(|row| row.verdict).collect();
    let worst = verdicts.iter().max().copied()?;
    let best = verdicts.iter().min().copied()?;
    Some(if worst == Verdict::Fail { worst } else { best })
}

/// How a search ended, in words.
#[must_use]
pub fn how_ended(search: &Search) -> String {
    match search.ended {
        HowEnded::Exhausted => "exhausted".to_owned(),
        HowEnded::Bounded => format!("bounded({} executions)", search.executions),
        HowEnded::TimedOut => "timed out".to_owned(),
        HowEnded::Found => "found".to_owned(),
        HowEnded::NotRun => "not run".to_owned(),
    }
}

fn verdict(search: &Search, axiom: Axiom, count: Count) -> (Verdict, Option<String>) {
    let broken = search.report.anomalies.iter().find(|anomaly| anomaly.axiom == axiom);
    if let Some(anomaly) = broken {
        return (Verdict::Fail, Some(format!("{}: {}", name(anomaly.kind), anomaly.message)));
    }
    if let Some(reason) = search.report.unchecked.get(&axiom) {
        return (Verdict::Inconclusive, Some(reason.clone()));
    }
    match search.ended {
        HowEnded::TimedOut => {
            let reason = "time ran out before everything was tried that was asked for";
            (Verdict::Inconclusive, Some(reason.to_owned()))
        }
        HowEnded::Found => {
            let reason = "the search ended when it found another property broken";
            (Verdict::Inconclusive, Some(reason.to_owned()))
        }
        _ if count.could_have_failed == 0 => (Verdict::Vacuous, None),
        _ => (Verdict::Pass, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::check::report::Report;
    use crate::verify::execute::Executor;

    fn search(ended: HowEnded, could_have_failed: u64) -> Search {
        let count = Count { checked: 10, could_have_failed };
        let counts = BTreeMap::from([(Axiom::Freshness, count)]);
        Search {
            executor: Executor::Shuttle,
            programs: 1,
            executions: 5,
            ended,
            reason: None,
            report: Report { counts, ..Report::default() },
            found: None,
            seconds: 0.1,
        }
    }

    fn verdict_of(search: &Search) -> Verdict {
        judge("s", search, "")[0].verdict
    }

    #[test]
    fn only_a_search_that_came_to_its_end_and_could_have_failed_passes() {
        assert_eq!(verdict_of(&search(HowEnded::Exhausted, 1)), Verdict::Pass);
        assert_eq!(verdict_of(&search(HowEnded::Bounded, 1)), Verdict::Pass);
        assert_eq!(verdict_of(&search(HowEnded::TimedOut, 1)), Verdict::Inconclusive);
        assert_eq!(verdict_of(&search(HowEnded::NotRun, 1)), Verdict::Inconclusive);
        assert_eq!(verdict_of(&search(HowEnded::Bounded, 0)), Verdict::Vacuous);
    }

    #[test]
    fn what_passes_under_one_executor_may_be_vacuous_under_another() {
        let rows = [search(HowEnded::Bounded, 0), search(HowEnded::Bounded, 3)];
        let rows: Vec<_> = rows.iter().flat_map(|search| judge("s", search, "")).collect();
        assert_eq!(overall(&rows), Some(Verdict::Pass));
        assert_eq!(overall(&rows[..1]), Some(Verdict::Vacuous));
        assert_eq!(overall([]), None);
    }
}

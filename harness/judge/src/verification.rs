//! Verdicts from the observations of searches.

use std::collections::BTreeMap;

use shardproof_evidence::verification::{HowEnded, Observation, Verdict, Verification};

/// Judges a search's observation of one property.
#[must_use]
pub fn judge(observation: Observation) -> Verification {
    let (verdict, reason) = verdict(&observation);
    let Observation { subject, property, executor, how_ended, replay, .. } = observation;
    let Observation { checked, could_have_failed, .. } = observation;
    Verification {
        subject,
        property,
        executor,
        verdict,
        how_ended,
        checked,
        could_have_failed,
        reason,
        replay,
        found: None,
    }
}

/// The verdict on one property of a subject over all executors: fail if any failed, otherwise the
/// best.
#[must_use]
pub fn overall<'a>(rows: impl IntoIterator<Item = &'a Verification>) -> Option<Verdict> {
    let verdicts: Vec<Verdict> = rows.into_iter().map(|row| row.verdict).collect();
    let worst = verdicts.iter().max().copied()?;
    let best = verdicts.iter().min().copied()?;
    Some(if worst == Verdict::Fail { worst } else { best })
}

/// The rows of each subject and property, without executors that were not run.
#[must_use]
pub fn by_property(rows: &[Verification]) -> BTreeMap<(&str, &str), Vec<&Verification>> {
    let mut by_property: BTreeMap<_, Vec<&Verification>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.property != "any") {
        by_property.entry((&*row.subject, &*row.property)).or_default().push(row);
    }
    by_property
}

fn verdict(observation: &Observation) -> (Verdict, Option<String>) {
    if let Some(broken) = &observation.broken {
        return (Verdict::Fail, Some(broken.clone()));
    }
    if let Some(reason) = &observation.unchecked {
        return (Verdict::Inconclusive, Some(reason.clone()));
    }
    match observation.ended {
        HowEnded::NotRun => (Verdict::Inconclusive, None),
        HowEnded::TimedOut => {
            let reason = "the time limit was reached before the requested bound";
            (Verdict::Inconclusive, Some(reason.to_owned()))
        }
        HowEnded::Crashed => {
            let reason = "a thread panicked or got stuck, so that its execution was not checked";
            (Verdict::Inconclusive, Some(reason.to_owned()))
        }
        HowEnded::Found => {
            let reason = "the search ended when it found a violation of another property";
            (Verdict::Inconclusive, Some(reason.to_owned()))
        }
        _ if observation.could_have_failed == 0 => (Verdict::Vacuous, None),
        _ => (Verdict::Pass, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(ended: HowEnded, could_have_failed: u64) -> Observation {
        Observation {
            subject: "s".to_owned(),
            property: "freshness".to_owned(),
            executor: "shuttle".to_owned(),
            ended,
            how_ended: String::new(),
            checked: 10,
            could_have_failed,
            broken: None,
            unchecked: None,
            replay: String::new(),
        }
    }

    fn verdict_of(ended: HowEnded, could_have_failed: u64) -> Verdict {
        judge(observation(ended, could_have_failed)).verdict
    }

    #[test]
    fn only_a_completed_search_that_could_have_failed_passes() {
        assert_eq!(verdict_of(HowEnded::Exhausted, 1), Verdict::Pass);
        assert_eq!(verdict_of(HowEnded::Bounded, 1), Verdict::Pass);
        assert_eq!(verdict_of(HowEnded::TimedOut, 1), Verdict::Inconclusive);
        assert_eq!(verdict_of(HowEnded::Crashed, 1), Verdict::Inconclusive);
        assert_eq!(verdict_of(HowEnded::Found, 1), Verdict::Inconclusive);
        assert_eq!(verdict_of(HowEnded::NotRun, 1), Verdict::Inconclusive);
        assert_eq!(verdict_of(HowEnded::Bounded, 0), Verdict::Vacuous);
    }

    #[test]
    fn a_violation_always_fails_and_an_unchecked_property_never_passes() {
        for ended in [HowEnded::Exhausted, HowEnded::TimedOut, HowEnded::Found] {
            let seen = observation(ended, 1);
            let unchecked = Observation { unchecked: Some("too long".to_owned()), ..seen };
            let row = judge(unchecked.clone());
            let actual = (row.verdict, row.reason.as_deref());
            assert_eq!(actual, (Verdict::Inconclusive, Some("too long")));
            let row = judge(Observation { broken: Some("stale".to_owned()), ..unchecked });
            assert_eq!((row.verdict, row.reason.as_deref()), (Verdict::Fail, Some("stale")));
        }
    }

    #[test]
    fn a_pass_under_one_executor_outweighs_a_vacuous_verdict_under_another() {
        let rows =
            [observation(HowEnded::Bounded, 0), observation(HowEnded::Bounded, 3)].map(judge);
        assert_eq!(overall(&rows), Some(Verdict::Pass));
        assert_eq!(overall(&rows[..1]), Some(Verdict::Vacuous));
        assert_eq!(overall([]), None);
    }
}

//! The kill matrix: every seeded fault, hunted by every executor.

use crate::check::report::Axioms;
use crate::execute::{Executor, Subject};
use crate::explain::name;
use crate::litmus::Litmus;
use crate::profile::{SECOND_CHANCE, hunting_effort, longer};
use crate::program::Program;
use crate::search::{Effort, Search, Target, search};
pub use sharded_store_faulty::fault::Seeded;
use shardproof_evidence::verification::{Fault, FaultVerdict, Hunt};

use sharded_store_faulty::fault::CATALOGUE;

/// The faults that can be hunted, in the order of the catalogue.
#[must_use]
pub fn catalogue() -> &'static [Seeded] {
    CATALOGUE
}

/// What to hunt, and how.
#[derive(Clone, Copy, Debug)]
pub struct Chase<'a> {
    /// The executors, in the order of the table.
    pub executors: &'a [Executor],
    /// Hand-written programs; those that are meant to find a fault are tried first.
    pub programs: &'a [Litmus],
    /// The seed of everything random.
    pub seed: u64,
    /// What is checked.
    pub axioms: &'a Axioms,
}

impl Chase<'_> {
    /// Hunts one fault with every executor; what none of them finds is hunted once more, longer.
    ///
    /// # Panics
    /// When `seeded` is not of [`catalogue`].
    #[must_use]
    pub fn hunt(&self, seeded: &Seeded) -> (Fault, Vec<Search>) {
        let mut searches = self.hunts(seeded, 1);
        if searches.iter().all(|search| search.found.is_none()) && !seeded.equivalent {
            searches = self.hunts(seeded, SECOND_CHANCE);
        }
        (fault(seeded, &searches), searches)
    }

    fn hunts(&self, seeded: &Seeded, factor: u32) -> Vec<Search> {
        let meant = |litmus: &&Litmus| litmus.finds.contains(&seeded.id);
        let (first, rest): (Vec<_>, Vec<_>) = self.programs.iter().partition(meant);
        let programs: Vec<Program> =
            first.into_iter().chain(rest).map(|litmus| litmus.program.clone()).collect();
        let hunt = |executor: &Executor| self.hunt_with(seeded, *executor, &programs, factor);
        self.executors.iter().map(hunt).collect()
    }

    fn hunt_with(
        &self,
        seeded: &Seeded,
        executor: Executor,
        programs: &[Program],
        factor: u32,
    ) -> Search {
        let effort = longer(hunting_effort(executor), factor);
        let subject = Subject::seeded(Some(seeded.id)).expect("the fault is of the catalogue");
        let hunted = self.search(&subject, executor, programs, &effort);
        if executor != Executor::Sequential || hunted.found.is_some() {
            return hunted;
        }
        // Only a store that is migrated on the way shows what is wrong with a migration.
        let subject = Subject::seeded_migrated(Some(seeded.id));
        let subject = subject.expect("the fault is of the catalogue");
        let migrated = self.search(&subject, executor, programs, &effort);
        Search {
            programs: hunted.programs + migrated.programs,
            executions: hunted.executions + migrated.executions,
            seconds: hunted.seconds + migrated.seconds,
            ..migrated
        }
    }

    fn search(
        &self,
        subject: &Subject,
        executor: Executor,
        catalogue: &[Program],
        effort: &Effort,
    ) -> Search {
        let Self { seed, axioms, .. } = *self;
        let target = Target { subject, executor, catalogue, seed, axioms };
        search(&target, effort, &mut |_, _| ())
    }
}

fn fault(seeded: &Seeded, searches: &[Search]) -> Fault {
    let first = searches.iter().find(|search| search.found.is_some());
    let verdict = match (first, seeded.equivalent) {
        (Some(_), false) => FaultVerdict::Killed,
        (Some(_), true) => FaultVerdict::FalseAlarm,
        (None, false) => FaultVerdict::Survived,
        (None, true) => FaultVerdict::Equivalent,
    };
    let total = |of: fn(&Search) -> u64| searches.iter().map(of).sum::<u64>();
    Fault {
        id: seeded.id.to_owned(),
        what: seeded.what.to_owned(),
        verdict,
        equivalent: seeded.equivalent,
        by: first.map(|search| search.executor.as_str().to_owned()),
        executions: first.map_or_else(|| total(|each| each.executions), |each| each.executions),
        seconds: first
            .map_or_else(|| searches.iter().map(|each| each.seconds).sum(), |each| each.seconds),
        hunts: searches.iter().map(hunt).collect(),
    }
}

fn hunt(search: &Search) -> Hunt {
    let found = search.found.as_ref();
    let anomaly = search.report.anomalies.first().filter(|_| found.is_some());
    Hunt {
        executor: search.executor.as_str().to_owned(),
        anomaly: anomaly.map(|anomaly| name(anomaly.kind)),
        executions: search.executions,
        seconds: search.seconds,
        shrinking_seconds: found.map_or(0.0, |found| found.shrinking_seconds),
        threads: found.map(|found| found.program.threads.len()),
        operations: found.map(|found| found.program.operations()),
    }
}

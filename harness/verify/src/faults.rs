//! The kill matrix: every executor hunts every seeded fault.

use crate::budget::{RETRY_FACTOR, hunt_budget, scaled};
use crate::check::report::Axioms;
use crate::execute::{Executor, VerifySubject};
use crate::explain::name;
use crate::litmus::Litmus;
use crate::program::Program;
use crate::search::{SearchBudget, SearchOutcome, SearchTask, search};
pub use sharded_store_faulty::fault::Seeded;
use shardproof_evidence::verification::{Fault, FaultVerdict, Hunt};

use sharded_store_faulty::fault::CATALOGUE;

/// The faults that can be hunted, in the order of the catalogue.
#[must_use]
pub fn catalogue() -> &'static [Seeded] {
    CATALOGUE
}

/// How to hunt faults.
#[derive(Clone, Copy, Debug)]
pub struct FaultHunt<'a> {
    /// The store that faults are switched on in.
    pub store: &'a VerifySubject,
    /// The same store, migrated into while programs run: the faults of migration show only here.
    pub migrated: &'a VerifySubject,
    /// The executors, in the order of the table.
    pub executors: &'a [Executor],
    /// Hand-written programs; those written for a fault are tried first.
    pub programs: &'a [Litmus],
    /// The seed of all random choices.
    pub seed: u64,
    /// The axioms to check.
    pub axioms: &'a Axioms,
}

impl FaultHunt<'_> {
    /// Hunts one fault with every executor. If none finds it, hunts it once more with a larger
    /// budget.
    ///
    /// # Panics
    /// When `seeded` is not from [`catalogue`].
    #[must_use]
    pub fn hunt(&self, seeded: &Seeded) -> (Fault, Vec<SearchOutcome>) {
        let mut searches = self.hunts(seeded, 1);
        if searches.iter().all(|search| search.findings.is_empty()) && !seeded.equivalent {
            searches = self.hunts(seeded, RETRY_FACTOR);
        }
        (fault(seeded, &searches), searches)
    }

    fn hunts(&self, seeded: &Seeded, factor: u32) -> Vec<SearchOutcome> {
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
    ) -> SearchOutcome {
        let budget = scaled(hunt_budget(executor), factor);
        let with_fault = |subject: &VerifySubject| {
            subject.clone().with_fault(seeded.id).expect("the fault is from the catalogue")
        };
        let hunted = self.search(&with_fault(self.store), executor, programs, &budget);
        if executor != Executor::Sequential || !hunted.findings.is_empty() {
            return hunted;
        }
        let migrated = self.search(&with_fault(self.migrated), executor, programs, &budget);
        SearchOutcome {
            programs: hunted.programs + migrated.programs,
            executions: hunted.executions + migrated.executions,
            seconds: hunted.seconds + migrated.seconds,
            ..migrated
        }
    }

    fn search(
        &self,
        subject: &VerifySubject,
        executor: Executor,
        catalogue: &[Program],
        budget: &SearchBudget,
    ) -> SearchOutcome {
        let Self { seed, axioms, .. } = *self;
        let task = SearchTask { subject, executor, catalogue, seed, axioms };
        search(&task, budget, &mut |_, _| ())
    }
}

fn fault(seeded: &Seeded, searches: &[SearchOutcome]) -> Fault {
    let first = searches.iter().find(|search| !search.findings.is_empty());
    let ran = searches.iter().any(|search| search.executions > 0);
    let verdict = match (first, seeded.equivalent) {
        (None, _) if !ran => FaultVerdict::Inconclusive,
        (Some(_), false) => FaultVerdict::Killed,
        (Some(_), true) => FaultVerdict::FalseAlarm,
        (None, false) => FaultVerdict::Survived,
        (None, true) => FaultVerdict::Equivalent,
    };
    let total = |of: fn(&SearchOutcome) -> u64| searches.iter().map(of).sum::<u64>();
    Fault {
        id: seeded.id.to_owned(),
        what: seeded.summary.to_owned(),
        verdict,
        equivalent: seeded.equivalent,
        by: first.map(|search| search.executor.as_str().to_owned()),
        executions: first.map_or_else(|| total(|each| each.executions), |each| each.executions),
        seconds: first
            .map_or_else(|| searches.iter().map(|each| each.seconds).sum(), |each| each.seconds),
        hunts: searches.iter().map(hunt).collect(),
    }
}

fn hunt(search: &SearchOutcome) -> Hunt {
    let found = search.worst();
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

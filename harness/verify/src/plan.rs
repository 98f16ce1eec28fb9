//! Verifying one subject with every executor.

use shardproof_base::Profile;

use crate::check::report::Axioms;
use crate::execute::{Executor, Subject};
use crate::litmus;
use crate::profile::effort;
use crate::program::Program;
use crate::search::{Search, Target, search};

/// How to verify.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// How much work to spend.
    pub profile: Profile,
    /// The executors, in the order they are run.
    pub executors: Vec<Executor>,
    /// The seed of everything random.
    pub seed: u64,
    /// What is checked.
    pub axioms: Axioms,
}

impl Plan {
    /// Everything, with a profile and a seed.
    #[must_use]
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self { profile, executors: Executor::ALL.to_vec(), seed, axioms: Axioms::all() }
    }
}

/// How far a verification is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment<'a> {
    /// The subject.
    pub subject: &'a str,
    /// The executor at work.
    pub executor: Executor,
    /// Programs done.
    pub done: u64,
    /// Programs in all.
    pub total: u64,
}

/// Verifies a subject: each executor's search, in the order of the plan. `at` is told how far it is.
#[must_use]
pub fn verify(subject: &Subject, plan: &Plan, at: &mut dyn FnMut(Moment<'_>)) -> Vec<Search> {
    let catalogue: Vec<Program> =
        litmus::catalogue().into_iter().map(|litmus| litmus.program).collect();
    let search_with = |executor: &Executor| {
        let executor = *executor;
        let target = Target {
            subject,
            executor,
            catalogue: &catalogue,
            seed: plan.seed,
            axioms: &plan.axioms,
        };
        search(&target, &effort(plan.profile, executor), &mut |done, total| {
            at(Moment { subject: subject.name(), executor, done, total });
        })
    };
    plan.executors.iter().map(search_with).collect()
}

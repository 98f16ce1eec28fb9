//! Verifies one subject with several executors.

use shardproof_base::Profile;

use crate::budget::budget;
use crate::check::report::Axioms;
use crate::execute::{Executor, VerifySubject};
use crate::litmus;
use crate::program::Program;
use crate::search::{SearchOutcome, SearchTask, search};

/// A verification: how much work, with which executors, from which seed.
#[derive(Clone, PartialEq, Debug)]
pub struct Campaign {
    /// How much work to spend. [`Profile::Smoke`] shows that verification works; it is too little
    /// to rely on a pass.
    pub profile: Profile,
    /// The executors, in the order they are run.
    pub executors: Vec<Executor>,
    /// The seed of all random choices.
    pub seed: u64,
    /// The axioms to check: all, [some](Axioms::only), or [all but some](Axioms::except).
    pub axioms: Axioms,
}

impl Campaign {
    /// All executors and axioms, with a profile and a seed.
    #[must_use]
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self { profile, executors: Executor::ALL.to_vec(), seed, axioms: Axioms::all() }
    }
}

/// The progress of a verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress<'a> {
    /// The subject.
    pub subject: &'a str,
    /// The executor that is running.
    pub executor: Executor,
    /// Programs done.
    pub done: u64,
    /// Programs in all.
    pub total: u64,
}

/// Verifies a subject: one search for each executor, in the order of the campaign. Calls `at` with
/// the progress.
#[must_use]
pub fn verify(
    subject: &VerifySubject,
    campaign: &Campaign,
    at: &mut dyn FnMut(Progress<'_>),
) -> Vec<SearchOutcome> {
    let catalogue: Vec<Program> =
        litmus::catalogue().into_iter().map(|litmus| litmus.program).collect();
    let search_with = |executor: &Executor| {
        let executor = *executor;
        let task = SearchTask {
            subject,
            executor,
            catalogue: &catalogue,
            seed: campaign.seed,
            axioms: &campaign.axioms,
        };
        search(&task, &budget(campaign.profile, executor), &mut |done, total| {
            at(Progress { subject: subject.name(), executor, done, total });
        })
    };
    campaign.executors.iter().map(search_with).collect()
}

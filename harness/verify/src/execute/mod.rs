//! Executors: a program and a store in, checked histories out.
//!
//! | executor | what it does with a program |
//! |---|---|
//! | [`sequential`](Executor::Sequential) | one thread after the other, once |
//! | [`loom`](Executor::Loom) | every interleaving, under weak memory |
//! | [`shuttle`](Executor::Shuttle) | random schedules |
//! | [`pct`](Executor::Pct) | schedules with few, random changes of priority (Burckhardt et al., ASPLOS 2010) |
//! | [`litmus`](Executor::Litmus) | real threads, a fresh store each round, thousands of rounds |
//! | [`stress`](Executor::Stress) | real threads, long programs |

#[cfg(feature = "loom")]
mod loom;
mod panics;
mod real;
#[cfg(feature = "shuttle")]
mod shuttle;
#[allow(clippy::duplicate_mod, reason = "compiled once for each variant of the store")]
mod worlds;

pub mod cost;
pub mod examiner;
pub mod rig;
pub mod subject;
pub mod ticks;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shardproof_base::names::{self, UnknownName};

use crate::alphabet::Alphabet;
use crate::check::report::{Axioms, Report};
use crate::execute::examiner::{Examiner, Failure};
use crate::execute::rig::{Keep, Rig};
use crate::history::{Claims, Header, Order};
use crate::program::Program;
pub use shardproof_evidence::verification::HowEnded;

pub use subject::Subject;

/// A way to run programs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Executor {
    /// One thread after the other.
    Sequential,
    /// Every interleaving, under weak memory.
    Loom,
    /// Random schedules.
    Shuttle,
    /// Schedules with few changes of priority.
    Pct,
    /// Real threads, many rounds.
    Litmus,
    /// Real threads, long programs.
    Stress,
}

/// How much to spend on one program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Executions at most.
    pub executions: u64,
    /// Time at most.
    pub time: Duration,
    /// Under loom, times that a thread is interrupted at most; none for any number.
    pub preemptions: Option<usize>,
}

/// What came of running one program.
#[derive(Clone, PartialEq, Debug)]
pub struct Explored {
    /// How many executions there were.
    pub executions: u64,
    /// How it ended.
    pub ended: HowEnded,
    /// The sum of what the checker says.
    pub report: Report,
    /// What was wrong.
    pub failure: Option<Failure>,
}

/// One program on one subject.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The subject.
    pub subject: &'a Subject,
    /// The program.
    pub program: &'a Program,
    /// The seed of its schedules.
    pub seed: u64,
    /// What is checked.
    pub axioms: &'a Axioms,
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Executor {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("executor", text, &Self::ALL, Self::as_str)
    }
}

impl Executor {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 6] =
        [Self::Sequential, Self::Loom, Self::Shuttle, Self::Pct, Self::Litmus, Self::Stress];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Loom => "loom",
            Self::Shuttle => "shuttle",
            Self::Pct => "pct",
            Self::Litmus => "litmus",
            Self::Stress => "stress",
        }
    }

    /// The fewest threads of a program that it is worth running with.
    #[must_use]
    pub const fn threads_min(self) -> usize {
        match self {
            Self::Sequential => 0,
            // Where nothing is concurrent, there is one interleaving, and running in turn is cheaper.
            Self::Loom | Self::Shuttle | Self::Pct | Self::Litmus | Self::Stress => 2,
        }
    }

    /// Why it cannot run a subject; none if it can.
    #[must_use]
    pub fn unavailable(self, subject: &Subject) -> Option<String> {
        if self.rig(subject).is_some() {
            return None;
        }
        let feature = match self {
            Self::Loom => "loom",
            Self::Shuttle | Self::Pct => "shuttle",
            _ => "faults",
        };
        let built = match self {
            Self::Loom => cfg!(feature = "loom"),
            Self::Shuttle | Self::Pct => cfg!(feature = "shuttle"),
            _ => true,
        };
        Some(if built {
            format!("the store is not built against {feature}'s atomics and locks")
        } else {
            format!("this program is built without the feature `{feature}`")
        })
    }

    /// What a subject claims in the variant that this executor runs.
    ///
    /// # Panics
    /// When the executor is not available for the subject.
    #[must_use]
    pub fn claims(self, subject: &Subject) -> Claims {
        self.rig(subject).expect("only available executors are asked").claims()
    }

    /// Runs a program within limits.
    ///
    /// # Panics
    /// When the executor is not available for the subject.
    #[must_use]
    pub fn explore(self, job: &Job<'_>, limits: &Limits) -> Explored {
        let rig = self.rig(job.subject).expect("only available executors are asked");
        let alphabet = Alphabet::new(job.program.keys_min());
        let listings = if self == Self::Stress { Keep::Digests } else { Keep::Entries };
        let loaded = rig.load(job.program, &alphabet, listings);
        let header = self.header(job, rig, alphabet);
        let examiner = Arc::new(Examiner::new(header, job.axioms.clone()));
        let threads = job.program.threads.len();
        let _alone = job.subject.prepare();
        let (executions, ended) = match self {
            Self::Sequential => real::in_turn(&loaded, threads, &examiner),
            Self::Litmus | Self::Stress => {
                real::together(&loaded, threads, limits, job.seed, &examiner)
            }
            #[cfg(feature = "loom")]
            Self::Loom => loom::explore(&loaded, threads, limits, &examiner),
            #[cfg(feature = "shuttle")]
            Self::Shuttle | Self::Pct => {
                shuttle::explore(self, &loaded, threads, limits, job.seed, &examiner)
            }
            #[cfg(not(all(feature = "loom", feature = "shuttle")))]
            _ => unreachable!("it has no rig without its feature"),
        };
        let (report, failure) = examiner.result();
        let ended = if failure.is_some() { HowEnded::Found } else { ended };
        Explored { executions, ended, report, failure }
    }

    fn rig(self, subject: &Subject) -> Option<&dyn Rig> {
        match self {
            Self::Loom => subject.loom(),
            Self::Shuttle | Self::Pct => subject.shuttle(),
            Self::Sequential | Self::Litmus | Self::Stress => Some(subject.real()),
        }
    }

    fn header(self, job: &Job<'_>, rig: &dyn Rig, alphabet: Alphabet) -> Header {
        /// Programs of more operations are not kept with a history.
        const KEPT_OPERATIONS_MAX: usize = 1_000;
        let short = job.program.operations() <= KEPT_OPERATIONS_MAX;
        Header {
            subject: job.subject.name().to_owned(),
            executor: self.as_str().to_owned(),
            seed: Some(job.seed),
            claims: rig.claims(),
            order: if self == Self::Loom { Order::HappensBefore } else { Order::RealTime },
            alphabet,
            runs: job.program.places().last().map_or(0, |(run, _)| run + 1),
            program: short.then(|| job.program.clone()),
        }
    }
}

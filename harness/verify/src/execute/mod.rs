//! Executors: they run a program on a store and check the histories.
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
mod variants;

pub mod cost;
pub mod driver;
pub mod history_checker;
pub mod subject;
pub mod ticks;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shardproof_base::names::{self, UnknownName};

use crate::check::report::{Axioms, Report};
use crate::execute::driver::{ListingDetail, StoreDriver};
use crate::execute::history_checker::{Failure, HistoryChecker};
use crate::history::{Claims, Header, Order};
use crate::key_table::KeyTable;
use crate::program::Program;
pub use shardproof_evidence::verification::HowEnded;

pub use subject::VerifySubject;

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

/// Limits on the runs of one program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most executions.
    pub executions: u64,
    /// The most time.
    pub time: Duration,
    /// Under loom, the most preemptions in one execution; `None` for no limit.
    pub preemptions: Option<usize>,
}

/// The result of running one program.
#[derive(Clone, PartialEq, Debug)]
pub struct Exploration {
    /// The number of executions.
    pub executions: u64,
    /// How the exploration ended.
    pub ended: HowEnded,
    /// The sum of the checker's reports.
    pub report: Report,
    /// The failure, if there was one.
    pub failure: Option<Failure>,
}

/// One program on one subject.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The subject.
    pub subject: &'a VerifySubject,
    /// The program.
    pub program: &'a Program,
    /// The seed of its schedules.
    pub seed: u64,
    /// The axioms to check.
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

    /// Its name, as in files and on the command line.
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

    /// The fewest threads that make a program worth running with it.
    #[must_use]
    pub const fn threads_min(self) -> usize {
        match self {
            Self::Sequential => 0,
            // A program of one thread has one interleaving, and the sequential executor is cheaper.
            Self::Loom | Self::Shuttle | Self::Pct | Self::Litmus | Self::Stress => 2,
        }
    }

    /// Why it cannot run a subject; `None` if it can.
    #[must_use]
    pub fn unavailable(self, subject: &VerifySubject) -> Option<String> {
        if self.driver(subject).is_some() {
            return None;
        }
        let (feature, built) = match self {
            Self::Loom => ("loom", cfg!(feature = "loom")),
            Self::Shuttle | Self::Pct => ("shuttle", cfg!(feature = "shuttle")),
            _ => ("faults", true),
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
    pub fn claims(self, subject: &VerifySubject) -> Claims {
        self.driver(subject).expect("only available executors are asked").claims()
    }

    /// Runs a program within limits.
    ///
    /// # Panics
    /// When the executor is not available for the subject.
    #[must_use]
    pub fn explore(self, job: &Job<'_>, limits: &Limits) -> Exploration {
        let driver = self.driver(job.subject).expect("only available executors are asked");
        let key_table = KeyTable::new(job.program.keys_min());
        // By versions a digest is as good as the entries; without, only entries can be judged.
        let listings = match self {
            Self::Stress if driver.claims().versions => ListingDetail::Digests,
            _ => ListingDetail::Entries,
        };
        let loaded = driver.load(job.program, &key_table, listings);
        let header = self.header(job, driver, key_table);
        let history_checker = Arc::new(HistoryChecker::new(header, job.axioms.clone()));
        let threads = job.program.threads.len();
        let _exclusive = job.subject.prepare();
        let (executions, ended) = match self {
            Self::Sequential => real::one_after_another(&loaded, threads, &history_checker),
            Self::Litmus | Self::Stress => {
                real::concurrently(&loaded, threads, limits, job.seed, &history_checker)
            }
            #[cfg(feature = "loom")]
            Self::Loom => loom::explore(&loaded, threads, limits, &history_checker),
            #[cfg(feature = "shuttle")]
            Self::Shuttle | Self::Pct => {
                shuttle::explore(self, &loaded, threads, limits, job.seed, &history_checker)
            }
            #[cfg(not(all(feature = "loom", feature = "shuttle")))]
            _ => unreachable!("without its feature it has no driver"),
        };
        let (report, failure) = history_checker.result();
        let ended = match &failure {
            Some(_) => HowEnded::Found,
            None if history_checker.has_crashed() => HowEnded::Crashed,
            None => ended,
        };
        Exploration { executions, ended, report, failure }
    }

    fn driver(self, subject: &VerifySubject) -> Option<&dyn StoreDriver> {
        match self {
            Self::Loom => subject.loom(),
            Self::Shuttle | Self::Pct => subject.shuttle(),
            Self::Sequential | Self::Litmus | Self::Stress => Some(subject.real()),
        }
    }

    fn header(self, job: &Job<'_>, driver: &dyn StoreDriver, key_table: KeyTable) -> Header {
        /// Longer programs are not kept with a history.
        const KEPT_OPERATIONS_MAX: usize = 1_000;
        let short = job.program.operations() <= KEPT_OPERATIONS_MAX;
        Header {
            subject: job.subject.name().to_owned(),
            executor: self.as_str().to_owned(),
            seed: Some(job.seed),
            claims: driver.claims(),
            order: if self == Self::Loom { Order::HappensBefore } else { Order::RealTime },
            key_table,
            runs: job.program.keys_by_run().last().map_or(0, |(run, _)| run + 1),
            program: short.then(|| job.program.clone()),
        }
    }
}

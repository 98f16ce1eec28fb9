//! Placements: which thread works in which run.

use std::fmt;
use std::str::FromStr;

use sharded_store::RunId;
use shardproof_base::names::UnknownName;

use crate::keys::run_id;

/// The assignment of threads to runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Placement {
    /// Each thread works in its own runs.
    Disjoint,
    /// Each thread works in its own runs, all of which fall in one shard of the subject's
    /// directory. For a subject without a directory, this is the same as [`Placement::Disjoint`].
    Colliding,
    /// All threads work in one run.
    Shared,
    /// All threads work in one run, at one key: every chosen key is key 0.
    Hot,
    /// Each operation goes either to one of the thread's own runs or to one run shared by all.
    Mixed(SharedPercent),
}

/// The percentage of operations that go to the shared run: 1 to 99.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SharedPercent(u8);

impl SharedPercent {
    /// A percentage; `None` outside of 1 to 99.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent <= 99 { Some(Self(percent)) } else { None }
    }

    /// The percentage.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Placement {
    /// All placements without parameters.
    pub const ALL: [Self; 4] = [Self::Disjoint, Self::Colliding, Self::Shared, Self::Hot];

    /// Whether each thread has its own runs.
    #[must_use]
    pub const fn has_own_runs(self) -> bool {
        matches!(self, Self::Disjoint | Self::Colliding | Self::Mixed(_))
    }

    /// Whether one run is shared by all threads.
    #[must_use]
    pub const fn has_shared_run(self) -> bool {
        matches!(self, Self::Shared | Self::Hot | Self::Mixed(_))
    }

    /// The placement whose streams this one can reuse, with `runs_per_thread` runs per thread.
    #[must_use]
    pub const fn for_streams(self, runs_per_thread: usize) -> Self {
        match self {
            Self::Disjoint | Self::Colliding => Self::Disjoint,
            Self::Shared if runs_per_thread == 1 => Self::Disjoint,
            Self::Shared | Self::Hot | Self::Mixed(_) => self,
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disjoint => f.pad("disjoint"),
            Self::Colliding => f.pad("colliding"),
            Self::Shared => f.pad("shared"),
            Self::Hot => f.pad("hot"),
            Self::Mixed(SharedPercent(shared)) => {
                f.pad(&format!("disjoint{}-shared{shared}", 100 - shared))
            }
        }
    }
}

impl FromStr for Placement {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let named = Self::ALL.into_iter().find(|placement| placement.to_string() == text);
        named.or_else(|| mixed(text)).ok_or_else(|| {
            UnknownName::new(
                "placement",
                text,
                [
                    "disjoint",
                    "colliding",
                    "shared",
                    "hot",
                    "disjointA-sharedB where A and B add up to 100",
                ],
            )
        })
    }
}

fn mixed(text: &str) -> Option<Placement> {
    let (own, shared) = text.strip_prefix("disjoint")?.split_once("-shared")?;
    let shared = SharedPercent::new(shared.parse().ok()?)?;
    let own: u8 = own.parse().ok()?;
    (own == 100 - shared.get()).then_some(Placement::Mixed(shared))
}

/// The runs of all threads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Runs {
    /// For each thread, its runs: its own first, then the shared one.
    of_threads: Vec<Vec<RunId>>,
}

/// Candidates to try for each colliding run before giving up.
const CANDIDATES_PER_RUN_MAX: u64 = 1 << 20;

impl Runs {
    /// The runs of `threads` threads. Each thread has `runs_per_thread` of its own, if the
    /// placement gives it any. `layout` determines the run ids; `directory_shard` maps a run to its
    /// shard of the subject's directory, if there is one.
    ///
    /// # Panics
    /// If a million runs in a row fall in directory shards other than the first run's.
    #[must_use]
    pub fn new(
        placement: Placement,
        layout: u64,
        (threads, runs_per_thread): (usize, usize),
        directory_shard: impl Fn(RunId) -> Option<usize>,
    ) -> Self {
        let mut numbers = 0u64..;
        let mut next_run = || run_id(layout, numbers.next().expect("the range is endless"));
        let wanted = directory_shard(run_id(layout, 0));
        let mut own_run = || match placement {
            Placement::Colliding => (0..CANDIDATES_PER_RUN_MAX)
                .map(|_| next_run())
                .find(|run| directory_shard(*run) == wanted)
                .expect("a directory shard gets more than one run in a million"),
            _ => next_run(),
        };
        let own_count = if placement.has_own_runs() { runs_per_thread } else { 0 };
        let mut of_threads: Vec<Vec<RunId>> =
            (0..threads).map(|_| (0..own_count).map(|_| own_run()).collect()).collect();
        if placement.has_shared_run() {
            let shared = next_run();
            of_threads.iter_mut().for_each(|runs| runs.push(shared));
        }
        Self { of_threads }
    }

    /// The runs of thread number `thread`, indexed by the session number of an
    /// [`Operation`](crate::Operation).
    ///
    /// # Panics
    /// If there is no such thread.
    #[must_use]
    pub fn of_thread(&self, thread: usize) -> &[RunId] {
        &self.of_threads[thread]
    }

    /// The number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.of_threads.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn runs(placement: &str, runs_per_thread: usize) -> Runs {
        // As a directory of 16 shards would.
        let shard = |run: RunId| Some(run.as_u128() as usize % 16);
        Runs::new(placement.parse().unwrap(), 7, (3, runs_per_thread), shard)
    }

    #[test]
    fn a_placement_survives_display_and_parse() {
        let mixed = (1..100).map(|share| Placement::Mixed(SharedPercent::new(share).unwrap()));
        for placement in Placement::ALL.into_iter().chain(mixed) {
            assert_eq!(placement.to_string().parse(), Ok(placement));
        }
        for text in ["here", "disjoint90-shared20", "disjoint0-shared100", "disjoint90", ""] {
            let error = text.parse::<Placement>().unwrap_err().to_string();
            assert!(error.contains("colliding") && error.contains("disjointA-sharedB"), "{error}");
        }
    }

    #[test]
    fn disjoint_runs_all_differ_and_a_shared_run_is_the_same_for_all() {
        let disjoint = runs("disjoint", 2);
        let all: BTreeSet<RunId> = (0..3).flat_map(|it| disjoint.of_thread(it).to_vec()).collect();
        assert_eq!(all.len(), 6);
        for placement in ["shared", "hot"] {
            let shared = runs(placement, 2);
            assert!((0..3).all(|thread| shared.of_thread(thread) == shared.of_thread(0)));
            assert_eq!(shared.of_thread(0).len(), 1);
        }
    }

    #[test]
    fn in_a_mixture_the_shared_run_comes_after_the_threads_own_runs() {
        let mixed = runs("disjoint90-shared10", 2);
        let all: BTreeSet<RunId> = (0..3).flat_map(|it| mixed.of_thread(it).to_vec()).collect();
        assert_eq!(all.len(), 7);
        assert!((0..3).all(|thread| mixed.of_thread(thread)[2] == mixed.of_thread(0)[2]));
    }

    #[test]
    fn colliding_runs_differ_and_fall_in_one_shard() {
        let colliding = runs("colliding", 2);
        let all: BTreeSet<RunId> = (0..3).flat_map(|it| colliding.of_thread(it).to_vec()).collect();
        assert_eq!(all.len(), 6);
        let shards: BTreeSet<u128> = all.iter().map(|run| run.as_u128() % 16).collect();
        assert_eq!(shards.len(), 1);
        let without_directory = Runs::new(Placement::Colliding, 7, (3, 2), |_| None);
        assert_eq!(without_directory, runs("disjoint", 2), "without a directory, any runs collide");
    }
}

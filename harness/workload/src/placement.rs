//! Which thread works in which run.

use std::fmt;
use std::str::FromStr;

use sharded_store::RunId;
use shardproof_base::names::UnknownName;

use crate::keys::run_id;

/// Which thread works in which run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Placement {
    /// Each thread in runs of its own.
    Disjoint,
    /// Each thread in runs of its own, which all fall in one shard of the subject's directory. Where
    /// a subject has no directory this is [`Placement::Disjoint`] in other words.
    Colliding,
    /// All threads in one run.
    Shared,
    /// All threads in one run, at one key: every key that an operation would choose is key 0.
    Hot,
    /// Each operation in a run of the thread's own, or in one run that all share.
    Mixed(SharedPercent),
}

/// How many of a hundred operations go to the run that all share: 1 to 99.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SharedPercent(u8);

impl SharedPercent {
    /// So many of a hundred; `None` outside of 1 to 99.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent <= 99 { Some(Self(percent)) } else { None }
    }

    /// So many of a hundred.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Placement {
    /// Every placement that takes no numbers.
    pub const ALL: [Self; 4] = [Self::Disjoint, Self::Colliding, Self::Shared, Self::Hot];

    /// Whether each thread has runs of its own.
    #[must_use]
    pub const fn has_own_runs(self) -> bool {
        matches!(self, Self::Disjoint | Self::Colliding | Self::Mixed(_))
    }

    /// Whether there is a run that all threads work in.
    #[must_use]
    pub const fn has_common_run(self) -> bool {
        matches!(self, Self::Shared | Self::Hot | Self::Mixed(_))
    }

    /// The placement whose streams serve this one too, for a workload of `runs_per_thread`: so many
    /// streams need not be made twice.
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
        named.or_else(|| mixed(text)).ok_or_else(|| UnknownName {
            kind: "placement",
            given: text.to_owned(),
            valid: vec![
                "disjoint",
                "colliding",
                "shared",
                "hot",
                "any disjointA-sharedB where A and B add up to 100",
            ],
        })
    }
}

fn mixed(text: &str) -> Option<Placement> {
    let (own, shared) = text.strip_prefix("disjoint")?.split_once("-shared")?;
    let shared = SharedPercent::new(shared.parse().ok()?)?;
    let own: u8 = own.parse().ok()?;
    (own == 100 - shared.get()).then_some(Placement::Mixed(shared))
}

/// The runs of all threads of a load.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Runs {
    /// By number of thread, the runs that it works in: its own, and then the one that all share.
    of_threads: Vec<Vec<RunId>>,
}

/// A colliding run that is further away than this is no matter of chance.
const CANDIDATES_PER_RUN_MAX: u64 = 1 << 20;

impl Runs {
    /// The runs of `threads` threads, each with `runs_per_thread` of its own where the placement
    /// gives it any. `layout` decides which; `directory_shard` tells in which shard of the
    /// subject's directory a run falls, where it has one.
    ///
    /// # Panics
    /// Where a million runs in a row fall in other shards of a directory than the first.
    #[must_use]
    pub fn new(
        placement: Placement,
        layout: u64,
        (threads, runs_per_thread): (usize, usize),
        directory_shard: impl Fn(RunId) -> Option<usize>,
    ) -> Self {
        let mut numbers = 0u64..;
        let mut next = || run_id(layout, numbers.next().expect("numbers do not end"));
        let wanted = directory_shard(run_id(layout, 0));
        let mut own_run = || match placement {
            Placement::Colliding => (0..CANDIDATES_PER_RUN_MAX)
                .map(|_| next())
                .find(|run| directory_shard(*run) == wanted)
                .expect("a shard of the directory takes more than one run in a million"),
            _ => next(),
        };
        let own_count = if placement.has_own_runs() { runs_per_thread } else { 0 };
        let mut of_threads: Vec<Vec<RunId>> =
            (0..threads).map(|_| (0..own_count).map(|_| own_run()).collect()).collect();
        if placement.has_common_run() {
            let common = next();
            of_threads.iter_mut().for_each(|runs| runs.push(common));
        }
        Self { of_threads }
    }

    /// The runs that thread number `thread` works in, by the number of the session that an
    /// [`Operation`](crate::Operation) names.
    ///
    /// # Panics
    /// Without such a thread.
    #[must_use]
    pub fn of_thread(&self, thread: usize) -> &[RunId] {
        &self.of_threads[thread]
    }

    /// How many threads there are.
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
        // As if by a directory of 16 shards.
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
    fn disjoint_runs_are_all_different_and_a_shared_one_is_the_same_for_all() {
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
    fn mixed_shares_have_the_common_run_behind_their_own() {
        let mixed = runs("disjoint90-shared10", 2);
        let all: BTreeSet<RunId> = (0..3).flat_map(|it| mixed.of_thread(it).to_vec()).collect();
        assert_eq!(all.len(), 7);
        assert!((0..3).all(|thread| mixed.of_thread(thread)[2] == mixed.of_thread(0)[2]));
    }

    #[test]
    fn colliding_runs_are_different_and_fall_in_one_shard() {
        let colliding = runs("colliding", 2);
        let all: BTreeSet<RunId> = (0..3).flat_map(|it| colliding.of_thread(it).to_vec()).collect();
        assert_eq!(all.len(), 6);
        let shards: BTreeSet<u128> = all.iter().map(|run| run.as_u128() % 16).collect();
        assert_eq!(shards.len(), 1);
        let nowhere = Runs::new(Placement::Colliding, 7, (3, 2), |_| None);
        assert_eq!(nowhere, runs("disjoint", 2), "without a directory any runs will do");
    }
}

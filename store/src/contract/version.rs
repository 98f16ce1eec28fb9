//! The number that orders the writes of one run.

use std::fmt;

/// The version of one commit in one run: unique in its run, and increasing.
///
/// It has two parts, compared in this order. The *stamp* is the store's clock when the commit was
/// installed: a snapshot of version `s` sees exactly the commits with `stamp() <= s`. The
/// *sequence* counts the commits of the run, so that two commits between two snapshots still
/// differ, and "unchanged since I read it" is one comparison. All writes that one
/// [`apply`](crate::ShardedStore::apply) makes in one run share one version.
///
/// A store of your own fills in the parts that it has:
///
/// | the store has | a commit reports |
/// |---|---|
/// | a clock for snapshots, and a count of commits in each run | `Version::new(clock, count)` |
/// | one counter, which every commit moves on: `v` is the number after it | `Version::new(v, v)` |
/// | no numbers | [`Version::NONE`] |
///
/// With one counter a snapshot's [`version`](crate::SnapshotReads::version) is the counter when it
/// was opened. `Version::new(v, 0)` is as good as `Version::new(v, v)`, since the stamp alone
/// orders all commits, but only the latter has a [`sequence`](Self::sequence) that grows. The
/// counter starts at 1: `Version::new(0, 0)` is [`Version::NONE`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Version {
    /// The clock when the commit was installed.
    stamp: u64,
    /// The commit's number in its run.
    sequence: u64,
}

impl Version {
    /// What a store without versions reports, and a store with versions for a kind of commit that
    /// it does not number: smaller than every real version.
    pub const NONE: Self = Self { stamp: 0, sequence: 0 };

    /// A version from its two parts, for stores other than this crate's that number their writes.
    /// With one counter both parts are its number: see [`Version`].
    #[must_use]
    pub const fn new(stamp: u64, sequence: u64) -> Self {
        Self { stamp, sequence }
    }

    /// The store's clock when the commit was installed.
    #[must_use]
    pub const fn stamp(self) -> u64 {
        self.stamp
    }

    /// How many commits the run had seen when this one was installed, itself included.
    #[must_use]
    pub const fn sequence(self) -> u64 {
        self.sequence
    }

    /// Whether a snapshot of version `snapshot` sees this commit.
    #[must_use]
    pub const fn visible_at(self, snapshot: u64) -> bool {
        self.stamp <= snapshot
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.stamp, self.sequence)
    }
}

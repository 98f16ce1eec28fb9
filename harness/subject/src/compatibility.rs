//! Which subjects can run which workloads.

use sharded_store::{Capabilities, Storage};
use shardproof_workload::{OperationKind, Workload};

use crate::Subject;

/// An operation that a workload needs and a subject lacks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum Incompatibility {
    /// `list` and `count`.
    #[error("it cannot list or count")]
    Lists,
    /// `apply`.
    #[error("it has no atomic write sets")]
    AtomicApply,
    /// `snapshot`, and the role that holds a snapshot.
    #[error("it has no snapshots")]
    Snapshots,
    /// `transaction`.
    #[error("it has no transactions")]
    Transactions,
}

/// The optional operations that a subject has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operations {
    /// `list` and `count`.
    pub lists: bool,
    /// `apply`.
    pub atomic_apply: bool,
    /// `snapshot`.
    pub snapshots: bool,
    /// `transaction`.
    pub transactions: bool,
}

impl Operations {
    /// Those of a type.
    #[must_use]
    pub const fn of<S: Subject>() -> Self {
        let Capabilities { snapshots, atomic_apply, transactions, .. } = S::Store::CAPABILITIES;
        Self { lists: S::LISTS, atomic_apply, snapshots, transactions }
    }

    /// Checks that they include all operations of a workload.
    ///
    /// # Errors
    /// The first operation that is missing.
    pub fn check(self, workload: &Workload) -> Result<(), Incompatibility> {
        let Self { lists, atomic_apply, snapshots, transactions } = self;
        let mix = workload.mix();
        let needs_lists = mix.has(OperationKind::List) || mix.has(OperationKind::Count);
        let needs_snapshots =
            mix.has(OperationKind::Snapshot) || workload.settings().roles.hold_snapshot();
        for (is_needed, is_supported, incompatibility) in [
            (needs_lists, lists, Incompatibility::Lists),
            (mix.has(OperationKind::Apply), atomic_apply, Incompatibility::AtomicApply),
            (needs_snapshots, snapshots, Incompatibility::Snapshots),
            (mix.has(OperationKind::Transaction), transactions, Incompatibility::Transactions),
        ] {
            if is_needed && !is_supported {
                return Err(incompatibility);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sharded_store::ShardedStore;

    use super::*;
    use crate::controls::{Ceiling, Floor};
    use crate::seed::SeedStore;
    use crate::sharded::ShardedPlain;

    fn check<S: Subject>(workload: &str) -> Result<(), Incompatibility> {
        Operations::of::<S>().check(&workload.parse().unwrap())
    }

    #[test]
    fn subjects_are_compatible_with_the_workloads_they_support() {
        for (workload, _) in Workload::built_in() {
            assert_eq!(Operations::of::<ShardedStore>().check(&workload), Ok(()), "{workload}");
            assert_eq!(Operations::of::<ShardedPlain>().check(&workload), Ok(()), "{workload}");
        }
        assert_eq!(check::<SeedStore>("transactions"), Err(Incompatibility::Transactions));
        assert_eq!(check::<SeedStore>("snapshots"), Ok(()));
        for check in [check::<Ceiling>, check::<Floor>] {
            assert_eq!(check("churn"), Ok(()));
            assert_eq!(check("snapshots"), Err(Incompatibility::Snapshots));
            assert_eq!(check("get100+roles=held-snapshot"), Err(Incompatibility::Snapshots));
            assert_eq!(check("apply100"), Err(Incompatibility::AtomicApply));
            assert_eq!(check("transactions"), Err(Incompatibility::Transactions));
        }
    }
}

//! Which subjects can run which workloads.

use sharded_store::{Capabilities, Storage};
use shardproof_workload::{OperationKind, Workload};

use crate::{Subject, SubjectName, SubjectVisitor};

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

/// Checks that a subject supports all operations of a workload.
///
/// # Errors
/// The first operation that it lacks.
pub fn check_compatibility<S: Subject>(workload: &Workload) -> Result<(), Incompatibility> {
    let Capabilities { snapshots, atomic_apply, transactions, .. } = S::Store::CAPABILITIES;
    let mix = workload.mix();
    let needs_lists = mix.has(OperationKind::List) || mix.has(OperationKind::Count);
    let holds_snapshot = workload.settings().roles.hold_snapshot();
    for (is_needed, is_supported, incompatibility) in [
        (needs_lists, S::LISTS, Incompatibility::Lists),
        (mix.has(OperationKind::Apply), atomic_apply, Incompatibility::AtomicApply),
        (mix.has(OperationKind::Snapshot) || holds_snapshot, snapshots, Incompatibility::Snapshots),
        (mix.has(OperationKind::Transaction), transactions, Incompatibility::Transactions),
    ] {
        if is_needed && !is_supported {
            return Err(incompatibility);
        }
    }
    Ok(())
}

impl SubjectName {
    /// Whether this subject can do what a workload asks for.
    ///
    /// # Errors
    /// The first operation that it lacks.
    pub fn check_compatibility(self, workload: &Workload) -> Result<(), Incompatibility> {
        self.visit(CompatibilityCheck(workload))
    }
}

struct CompatibilityCheck<'a>(&'a Workload);

impl SubjectVisitor for CompatibilityCheck<'_> {
    type Output = Result<(), Incompatibility>;

    fn visit<S: Subject>(self, _create: impl Fn() -> S) -> Self::Output {
        check_compatibility::<S>(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_compatible_with_the_workloads_they_support() {
        let check = |name: SubjectName, workload: &str| {
            name.check_compatibility(&workload.parse().unwrap())
        };
        for (workload, _) in Workload::built_in() {
            assert_eq!(SubjectName::Sharded.check_compatibility(&workload), Ok(()), "{workload}");
            assert_eq!(
                SubjectName::ShardedPlain.check_compatibility(&workload),
                Ok(()),
                "{workload}"
            );
        }
        assert_eq!(check(SubjectName::Seed, "transactions"), Err(Incompatibility::Transactions));
        assert_eq!(check(SubjectName::Seed, "snapshots"), Ok(()));
        for name in [SubjectName::Ceiling, SubjectName::Floor] {
            assert_eq!(check(name, "churn"), Ok(()));
            assert_eq!(check(name, "snapshots"), Err(Incompatibility::Snapshots));
            assert_eq!(check(name, "get100+roles=held-snapshot"), Err(Incompatibility::Snapshots));
            assert_eq!(check(name, "apply100"), Err(Incompatibility::AtomicApply));
            assert_eq!(check(name, "transactions"), Err(Incompatibility::Transactions));
        }
    }
}

//! Which subject can do which workload.

use sharded_store::{Capabilities, Storage};
use shardproof_workload::{OperationKind, Workload};

use crate::{Subject, SubjectName, SubjectVisitor};

/// What a subject cannot do, and a workload asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum Incompatibility {
    /// `list` and `count`.
    #[error("it neither lists nor counts")]
    Lists,
    /// `apply`.
    #[error("it applies no write set as a whole")]
    AtomicApply,
    /// `snapshot`, and a snapshot that is held.
    #[error("it has no snapshots")]
    Snapshots,
    /// `transaction`.
    #[error("it has no transactions")]
    Transactions,
}

/// Whether a subject can do what a workload asks for.
///
/// # Errors
/// The first thing that it cannot do.
pub fn check_compatibility<S: Subject>(workload: &Workload) -> Result<(), Incompatibility> {
    let Capabilities { snapshots, atomic_apply, transactions, .. } = S::Store::CAPABILITIES;
    let mix = workload.mix();
    let lists = mix.has(OperationKind::List) || mix.has(OperationKind::Count);
    let holds = workload.settings().roles.hold_snapshot();
    for (is_asked, can, lack) in [
        (lists, S::LISTS, Incompatibility::Lists),
        (mix.has(OperationKind::Apply), atomic_apply, Incompatibility::AtomicApply),
        (mix.has(OperationKind::Snapshot) || holds, snapshots, Incompatibility::Snapshots),
        (mix.has(OperationKind::Transaction), transactions, Incompatibility::Transactions),
    ] {
        if is_asked && !can {
            return Err(lack);
        }
    }
    Ok(())
}

impl SubjectName {
    /// Whether this subject can do what a workload asks for.
    ///
    /// # Errors
    /// The first thing that it cannot do.
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
    fn a_workload_is_left_to_those_who_can_do_it() {
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

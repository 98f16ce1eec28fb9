//! Which subject can do which workload.

use sharded_store::{Capabilities, Storage};
use shardproof_workload::{OperationKind, Workload};

use crate::{Subject, SubjectName, SubjectVisitor};

/// What a subject cannot do, and a workload asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum Unable {
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
pub fn able<S: Subject>(workload: &Workload) -> Result<(), Unable> {
    let Capabilities { snapshots, atomic_apply, transactions, .. } = S::Store::CAPABILITIES;
    let mix = workload.mix();
    let lists = mix.has(OperationKind::List) || mix.has(OperationKind::Count);
    let holds = workload.settings().roles.hold_a_snapshot();
    for (is_asked, can, lack) in [
        (lists, S::LISTS, Unable::Lists),
        (mix.has(OperationKind::Apply), atomic_apply, Unable::AtomicApply),
        (mix.has(OperationKind::Snapshot) || holds, snapshots, Unable::Snapshots),
        (mix.has(OperationKind::Transaction), transactions, Unable::Transactions),
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
    pub fn able(self, workload: &Workload) -> Result<(), Unable> {
        self.visit(Able(workload))
    }
}

struct Able<'a>(&'a Workload);

impl SubjectVisitor for Able<'_> {
    type Output = Result<(), Unable>;

    fn visit<S: Subject>(self, _create: impl Fn() -> S) -> Self::Output {
        able::<S>(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_left_to_those_who_can_do_it() {
        let able = |name: SubjectName, workload: &str| name.able(&workload.parse().unwrap());
        for (workload, _) in Workload::known() {
            assert_eq!(SubjectName::Sharded.able(&workload), Ok(()), "{workload}");
            assert_eq!(SubjectName::ShardedPlain.able(&workload), Ok(()), "{workload}");
        }
        assert_eq!(able(SubjectName::Seed, "transactions"), Err(Unable::Transactions));
        assert_eq!(able(SubjectName::Seed, "snapshots"), Ok(()));
        for name in [SubjectName::Ceiling, SubjectName::Floor] {
            assert_eq!(able(name, "churn"), Ok(()));
            assert_eq!(able(name, "snapshots"), Err(Unable::Snapshots));
            assert_eq!(able(name, "get100+roles=held-snapshot"), Err(Unable::Snapshots));
            assert_eq!(able(name, "apply100"), Err(Unable::AtomicApply));
            assert_eq!(able(name, "transactions"), Err(Unable::Transactions));
        }
    }
}

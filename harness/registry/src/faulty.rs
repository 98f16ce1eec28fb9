//! The stores in which seeded faults are switched on.

use shardproof_verify::execute::VerifySubject;

use crate::built_in::with_sharded_variants;
use crate::variants::faulty::migrating::Migrating;

/// `ShardedStore`, in all its variants, with no fault switched on.
#[must_use]
pub fn store() -> VerifySubject {
    with_sharded_variants(VerifySubject::new_faulty(
        "no fault",
        sharded_store_faulty::ShardedStore::new,
    ))
}

/// [`store`], migrated into from a `UnifiedStore` while programs run.
#[must_use]
pub fn migrated() -> VerifySubject {
    VerifySubject::new_faulty("no fault", Migrating::new)
}

/// [`store`] with the fault of this id switched on. `None` if there is no such fault.
#[must_use]
pub fn with_fault(id: &str) -> Option<VerifySubject> {
    store().with_fault(id)
}

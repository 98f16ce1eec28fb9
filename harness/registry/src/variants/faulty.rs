//! The store with seeded faults.

pub(crate) use sharded_store_faulty as store;

#[path = "../migrating.rs"]
pub(crate) mod migrating;

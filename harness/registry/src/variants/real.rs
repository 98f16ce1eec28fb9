//! The store itself.

pub(crate) use sharded_store as store;

#[path = "../migrating.rs"]
pub(crate) mod migrating;

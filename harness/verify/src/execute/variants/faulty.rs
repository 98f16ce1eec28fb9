//! The store with seeded faults, on real threads.

pub(crate) use sharded_store_faulty as store;

use std::sync::atomic::AtomicBool as Flag;

#[path = "../interpret/mod.rs"]
pub(crate) mod interpret;

//! The store itself, on real threads.

pub(crate) use sharded_store as store;

use std::sync::atomic::AtomicBool as Flag;

#[path = "../interpret/mod.rs"]
pub(crate) mod interpret;

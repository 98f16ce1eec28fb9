//! The store under shuttle.

pub(crate) use sharded_store_shuttle as store;

use shuttle::sync::atomic::AtomicBool as Flag;

#[path = "../interpret/mod.rs"]
pub(crate) mod interpret;

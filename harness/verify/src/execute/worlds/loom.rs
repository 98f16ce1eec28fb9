//! The store under loom.

pub(crate) use sharded_store_loom as store;

use loom::sync::atomic::AtomicBool as Flag;

#[path = "../interpret/mod.rs"]
pub(crate) mod interpret;

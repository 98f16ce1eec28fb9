//! The baseline: the simple store that [`ShardedStore`](crate::ShardedStore) replaces, and the
//! migration from it.

mod migrate;
mod unified;

pub use migrate::{MigrateError, Progress, migrate};
pub use unified::{UnifiedSnapshot, UnifiedStore};

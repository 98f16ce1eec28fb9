//! The configuration of each built-in subject: what a reader needs to reproduce a measurement, or to object
//! to it.

/// The store's default configuration, followed by how it is used.
macro_rules! sharded {
    ($used:literal) => {
        concat!(
            "sharded-store ",
            env!("SHARDPROOF_VERSION_STORE"),
            ": one table and one mutex (parking_lot ",
            env!("SHARDPROOF_VERSION_PARKING_LOT"),
            ") per run, reads without the lock; keys hashed with FxHasher of rustc-hash ",
            env!("SHARDPROOF_VERSION_RUSTC_HASH"),
            "; runs in a DashMap (dashmap ",
            env!("SHARDPROOF_VERSION_DASHMAP"),
            ") with FxBuildHasher and 4 shards per core, at least 128; ",
            $used
        )
    };
}

/// `ShardedStore` through a run handle.
pub const SHARDED: &str = sharded!("through a run handle, held by the session");
/// `ShardedStore` without a handle.
pub const SHARDED_PLAIN: &str = sharded!("without a handle: each operation looks up the run");
/// `UnifiedStore`.
pub const UNIFIED: &str = concat!(
    "sharded-store ",
    env!("SHARDPROOF_VERSION_STORE"),
    ": one RwLock (parking_lot ",
    env!("SHARDPROOF_VERSION_PARKING_LOT"),
    ") over one BTreeMap; ordered, so no hasher"
);
/// The literal design.
pub const SEED: &str = concat!(
    "the literal design: a DashMap (dashmap ",
    env!("SHARDPROOF_VERSION_DASHMAP_OF_SEED"),
    ") of FxHashMaps, FxHasher of rustc-hash ",
    env!("SHARDPROOF_VERSION_RUSTC_HASH_OF_SEED"),
    " for both; default shards, 4 per core rounded up to a power of 2; one counter of versions"
);
/// The upper bound.
pub const CEILING: &str = concat!(
    "one hash table per session, of hashbrown ",
    env!("SHARDPROOF_VERSION_HASHBROWN"),
    ", the table behind std's HashMap; FxBuildHasher of rustc-hash ",
    env!("SHARDPROOF_VERSION_RUSTC_HASH"),
    "; no lock; a key is hashed once per operation"
);
/// The cost of measuring.
pub const FLOOR: &str = "no configuration: every key has the same value, and puts are dropped";

//! The configuration of each subject: what a reader needs to reproduce a measurement, or to object
//! to it.

use crate::SubjectName;
#[cfg(feature = "peers")]
use crate::peers::{Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx};

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

const UNIFIED: &str = concat!(
    "sharded-store ",
    env!("SHARDPROOF_VERSION_STORE"),
    ": one RwLock (parking_lot ",
    env!("SHARDPROOF_VERSION_PARKING_LOT"),
    ") over one BTreeMap; ordered, so no hasher"
);
const SEED: &str = concat!(
    "the literal design: a DashMap (dashmap ",
    env!("SHARDPROOF_VERSION_DASHMAP_OF_SEED"),
    ") of FxHashMaps, FxHasher of rustc-hash ",
    env!("SHARDPROOF_VERSION_RUSTC_HASH_OF_SEED"),
    " for both; default shards, 4 per core rounded up to a power of 2; one counter of versions"
);
const CEILING: &str = concat!(
    "one hash table per session, of hashbrown ",
    env!("SHARDPROOF_VERSION_HASHBROWN"),
    ", the table behind std's HashMap; FxBuildHasher of rustc-hash ",
    env!("SHARDPROOF_VERSION_RUSTC_HASH"),
    "; no lock; a key is hashed once per operation"
);

impl SubjectName {
    /// Its configuration for evidence, including library versions.
    #[must_use]
    pub const fn settings(self) -> &'static str {
        match self {
            Self::Sharded => sharded!("through a run handle, held by the session"),
            Self::ShardedPlain => sharded!("without a handle: each operation looks up the run"),
            Self::Unified => UNIFIED,
            Self::Seed => SEED,
            Self::Ceiling => CEILING,
            Self::Floor => "no configuration: every key has the same value, and puts are dropped",
            #[cfg(feature = "peers")]
            Self::Surrealmx => Surrealmx::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Fjall => Fjall::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Redb => Redb::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Skipdb => Skipdb::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Dashmap => Dashmap::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Papaya => Papaya::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Scc => Scc::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Skiplist => Skiplist::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Moka => Moka::SETTINGS,
            #[cfg(feature = "peers")]
            Self::Rwlock => Rwlock::SETTINGS,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_subject_has_its_own_configuration() {
        let names: Vec<SubjectName> =
            SubjectName::ALL.iter().chain(SubjectName::PEERS).copied().collect();
        for name in &names {
            let settings = name.settings();
            assert!(!settings.contains("unknown"), "{name}: not in the lock file: {settings}");
            let is_library = !matches!(name, SubjectName::Floor);
            assert_eq!(settings.contains(|c: char| c.is_ascii_digit()), is_library, "{settings}");
        }
        let distinct: BTreeSet<&str> = names.iter().map(|name| name.settings()).collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[cfg(feature = "peers")]
    #[test]
    fn a_peers_configuration_names_its_locked_version() {
        let lock =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"));
        let lock = lock.unwrap();
        for name in SubjectName::PEERS {
            let settings = name.settings();
            let (library, rest) = settings.split_once(' ').unwrap();
            let version = rest.split([' ', ':', ',']).next().unwrap();
            let entry = format!("name = \"{library}\"\nversion = \"{version}\"\n");
            let is_ours = *name == SubjectName::Rwlock;
            assert_eq!(lock.contains(&entry), !is_ours, "{name}: {settings}");
        }
    }
}

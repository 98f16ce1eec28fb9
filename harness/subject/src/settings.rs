//! How each subject is set up: what one has to know to repeat a measurement, or to object to it.

use crate::SubjectName;
#[cfg(feature = "peers")]
use crate::peers::{Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx};

/// The store as it is by default, followed by how it is used.
macro_rules! sharded {
    ($used:literal) => {
        concat!(
            "sharded-store ",
            env!("SHARDPROOF_VERSION_STORE"),
            ": a table and a mutex (parking_lot ",
            env!("SHARDPROOF_VERSION_PARKING_LOT"),
            ") for each run, reads without it; a key's hash by FxHasher of rustc-hash ",
            env!("SHARDPROOF_VERSION_RUSTC_HASH"),
            "; the runs in a DashMap (dashmap ",
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
    ") over one BTreeMap; no hasher: it compares"
);
const SEED: &str = concat!(
    "the literal design: a DashMap (dashmap ",
    env!("SHARDPROOF_VERSION_DASHMAP_OF_SEED"),
    ") of FxHashMaps, FxHasher of rustc-hash ",
    env!("SHARDPROOF_VERSION_RUSTC_HASH_OF_SEED"),
    " for both; default shards, 4 per core rounded up to a power of 2; one counter of versions"
);
const CEILING: &str = concat!(
    "one std HashMap per session, of ",
    env!("SHARDPROOF_BUILD_RUSTC"),
    "; FxBuildHasher of rustc-hash ",
    env!("SHARDPROOF_VERSION_RUSTC_HASH"),
    "; no lock; get_mut first, insert on a miss"
);

impl SubjectName {
    /// Which versions of which libraries it is, and how it is set up; for evidence to carry.
    #[must_use]
    pub const fn settings(self) -> &'static str {
        match self {
            Self::Sharded => sharded!("through a run's handle, held by the session"),
            Self::ShardedPlain => sharded!("without a handle: the run is looked up each time"),
            Self::Unified => UNIFIED,
            Self::Seed => SEED,
            Self::Ceiling => CEILING,
            Self::Floor => "nothing to set up: every key has the same value, and puts are dropped",
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
    fn every_subject_says_how_it_is_set_up_and_no_two_the_same() {
        let names: Vec<SubjectName> =
            SubjectName::ALL.iter().chain(SubjectName::PEERS).copied().collect();
        for name in &names {
            let settings = name.settings();
            assert!(!settings.contains("unknown"), "{name}: no lock file names it: {settings}");
            let is_library = !matches!(name, SubjectName::Floor);
            assert_eq!(settings.contains(|c: char| c.is_ascii_digit()), is_library, "{settings}");
        }
        let told: BTreeSet<&str> = names.iter().map(|name| name.settings()).collect();
        assert_eq!(told.len(), names.len());
    }

    #[cfg(feature = "peers")]
    #[test]
    fn a_peer_names_the_version_that_cargo_has_decided_on() {
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

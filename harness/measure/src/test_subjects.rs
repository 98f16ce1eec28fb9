//! Subjects for this package's own tests. The program's subjects are registered elsewhere.

use sharded_store::{ShardedStore, UnifiedStore};
use shardproof_subject::controls::{Ceiling, Floor};
use shardproof_subject::seed::SeedStore;
use shardproof_subject::sharded::ShardedPlain;
use shardproof_subject::{Description, Role, settings};

use crate::MeasureSubject;
use crate::plan::find;

/// One of each kind.
pub(crate) fn all() -> Vec<MeasureSubject> {
    let control = |name| Description::new(name).role(Role::Control);
    let plain = Description::new("sharded-plain").without_own_memory();
    let unified = Description::new("unified").copying_for_snapshots();
    vec![
        MeasureSubject::store("sharded", ShardedStore::new),
        MeasureSubject::sessions(plain, ShardedPlain::new),
        MeasureSubject::store(
            unified.snapshot_keys_max(100_000, "a snapshot copies every entry"),
            UnifiedStore::new,
        ),
        MeasureSubject::store(
            Description::new("seed").settings(settings::SEED).with_live_snapshots(),
            SeedStore::new,
        ),
        MeasureSubject::sessions(control("ceiling"), || Ceiling),
        MeasureSubject::sessions(control("floor").without_own_memory(), || Floor),
    ]
}

/// The subject of this name.
pub(crate) fn named(name: &str) -> MeasureSubject {
    find(&all(), name).expect("it is one of them")
}

//! Our stores and the controls.

use sharded_store::{ShardedStore, UnifiedStore};
use shardproof_measure::MeasureSubject;
use shardproof_subject::controls::{Ceiling, Floor};
use shardproof_subject::seed::SeedStore;
use shardproof_subject::sharded::ShardedPlain;
use shardproof_subject::{Description, Role, settings};
use shardproof_verify::execute::VerifySubject;

use crate::Entry;
use crate::variants::real::migrating::Migrating;

/// All of them, in the order of help texts.
pub(crate) fn entries() -> Vec<Entry> {
    let described = |name, about, settings| Description::new(name).about(about).settings(settings);
    let control = |name, about, settings| described(name, about, settings).role(Role::Control);
    let sharded = described("sharded", "ShardedStore through a run handle", settings::SHARDED);
    let plain = described(
        "sharded-plain",
        "ShardedStore without a handle: each operation passes the run's id",
        settings::SHARDED_PLAIN,
    );
    let unified = described(
        "unified",
        "one BTreeMap behind one RwLock; snapshots copy it",
        settings::UNIFIED,
    );
    let migrated = Description::new("migrated")
        .about("a UnifiedStore that is migrated into a ShardedStore while programs run");
    let seed = described(
        "seed",
        "the literal design: a DashMap of maps, a global version counter, snapshots that read live \
         data; fails `verify`",
        settings::SEED,
    );
    let ceiling = control(
        "ceiling",
        "one private, unlocked map per thread: an upper bound",
        settings::CEILING,
    );
    let floor = control("floor", "does nothing: the cost of measuring", settings::FLOOR);
    vec![
        Entry::store(sharded, ShardedStore::new, with_sharded_variants),
        Entry::measured(MeasureSubject::sessions(plain.without_own_memory(), ShardedPlain::new)),
        Entry::store(
            unified
                .copying_for_snapshots()
                .snapshot_keys_max(100_000, "a snapshot copies every entry: 10 times fewer keys"),
            UnifiedStore::new,
            |subject| subject,
        ),
        Entry::verified(migrated, VerifySubject::new("migrated", Migrating::new)),
        Entry::store(seed.with_live_snapshots(), SeedStore::new, |subject| subject),
        Entry::measured(MeasureSubject::sessions(ceiling, || Ceiling)),
        Entry::measured(MeasureSubject::sessions(floor.without_own_memory(), || Floor)),
    ]
}

/// `ShardedStore` under loom and shuttle, as far as this build has them.
pub(crate) fn with_sharded_variants(subject: VerifySubject) -> VerifySubject {
    #[cfg(feature = "loom")]
    let subject = subject.with_loom(sharded_store_loom::ShardedStore::new);
    #[cfg(feature = "shuttle")]
    let subject = subject.with_shuttle(sharded_store_shuttle::ShardedStore::new);
    subject
}

//! Public stores and maps, measured and verified only on request.

use sharded_store::Storage;
use shardproof_subject::numbered::Numbered;
use shardproof_subject::peers::{
    Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx,
};
use shardproof_subject::{Description, Role};
use shardproof_verify::execute::VerifySubject;

use crate::Entry;

/// All of them, in the order of help texts.
pub(crate) fn entries() -> Vec<Entry> {
    let described = |name, about: &'static str, settings| {
        Description::new(name).about(about).settings(settings).role(Role::Peer)
    };
    macro_rules! map {
        ($name:literal, $type:ident, $about:literal) => {
            store(described($name, concat!("a peer: ", $about), $type::SETTINGS), $type::new)
        };
    }
    macro_rules! transactional {
        ($name:literal, $type:ident, $about:literal) => {
            store(
                described($name, concat!("a peer: ", $about), $type::SETTINGS)
                    .snapshot_keys_max(100_000, "each put is a transaction: 10 times fewer keys"),
                $type::new,
            )
        };
    }
    macro_rules! numbered {
        ($name:literal, $type:ident) => {
            Entry::verified(
                described($name, "the peer, with commits that its own transactions number", ""),
                VerifySubject::new($name, || Numbered::new($type::new())),
            )
        };
    }
    vec![
        transactional!("surrealmx", Surrealmx, "in-memory versions, serializable transactions"),
        transactional!(
            "fjall",
            Fjall,
            "an on-disk log-structured merge tree, serializable transactions"
        ),
        transactional!("redb", Redb, "an in-memory copy-on-write B-tree, one writer at a time"),
        transactional!(
            "skipdb",
            Skipdb,
            "versions in an in-memory skip list, serializable transactions"
        ),
        map!("dashmap", Dashmap, "a hash map in shards, one lock per shard"),
        map!("papaya", Papaya, "a hash table without locks, one allocation per put"),
        map!("scc", Scc, "a hash table with one lock per bucket"),
        map!("skiplist", Skiplist, "a lock-free skip list, with one lock per value"),
        map!("moka", Moka, "an in-memory cache, here unbounded"),
        map!("rwlock", Rwlock, "one RwLock over one HashMap"),
        numbered!("surrealmx-numbered", Surrealmx),
        numbered!("fjall-numbered", Fjall),
        numbered!("redb-numbered", Redb),
        numbered!("skipdb-numbered", Skipdb),
    ]
}

fn store<S>(
    description: Description,
    create: impl Fn() -> S + Clone + Send + Sync + 'static,
) -> Entry
where
    S: Storage + 'static,
    S::Snapshot: 'static,
{
    Entry::store(description, create, |subject| subject)
}

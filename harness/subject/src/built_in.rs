//! From a subject's name to code compiled for it.
//!
//! The choice is made once per call of a visitor, so that a timed loop holds no dynamic dispatch.

use sharded_store::{ShardedStore, Storage, UnifiedStore};

use crate::Subject;
use crate::controls::{Ceiling, Floor};
use crate::name::SubjectName;
#[cfg(feature = "peers")]
use crate::peers::{Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx};
use crate::seed::SeedStore;
use crate::sharded::ShardedPlain;

/// Work that can be done with any subject.
pub trait SubjectVisitor {
    /// What the work results in.
    type Output;

    /// Does the work; `create` makes a fresh subject, sharing nothing with an earlier one.
    fn visit<S: Subject>(self, create: impl Fn() -> S) -> Self::Output;
}

/// Work that needs a whole store: snapshots, lists.
pub trait StorageVisitor {
    /// What the work results in.
    type Output;

    /// Does the work; `create` makes a fresh store, sharing nothing with an earlier one.
    fn visit<S: Storage>(self, create: impl Fn() -> S) -> Self::Output;
}

impl SubjectName {
    /// Every built-in subject, in the order of reports.
    pub const ALL: &[Self] =
        &[Self::Sharded, Self::ShardedPlain, Self::Unified, Self::Seed, Self::Ceiling, Self::Floor];

    /// The peers: public stores and maps, verified and measured only when they are asked for by name. None in
    /// a build without the feature `peers`.
    #[cfg(feature = "peers")]
    pub const PEERS: &[Self] = &[
        Self::Surrealmx,
        Self::Fjall,
        Self::Redb,
        Self::Skipdb,
        Self::Dashmap,
        Self::Papaya,
        Self::Scc,
        Self::Skiplist,
        Self::Moka,
        Self::Rwlock,
    ];
    /// The peers: none, in a build without the feature `peers`.
    #[cfg(not(feature = "peers"))]
    pub const PEERS: &[Self] = &[];

    /// Lets `visitor` work with this subject.
    pub fn visit<V: SubjectVisitor>(self, visitor: V) -> V::Output {
        match self {
            Self::Sharded => visitor.visit(ShardedStore::new),
            Self::ShardedPlain => visitor.visit(ShardedPlain::new),
            Self::Unified => visitor.visit(UnifiedStore::new),
            Self::Seed => visitor.visit(SeedStore::new),
            Self::Ceiling => visitor.visit(|| Ceiling),
            Self::Floor => visitor.visit(|| Floor),
            #[cfg(feature = "peers")]
            Self::Surrealmx => visitor.visit(Surrealmx::new),
            #[cfg(feature = "peers")]
            Self::Fjall => visitor.visit(Fjall::new),
            #[cfg(feature = "peers")]
            Self::Redb => visitor.visit(Redb::new),
            #[cfg(feature = "peers")]
            Self::Skipdb => visitor.visit(Skipdb::new),
            #[cfg(feature = "peers")]
            Self::Dashmap => visitor.visit(Dashmap::new),
            #[cfg(feature = "peers")]
            Self::Papaya => visitor.visit(Papaya::new),
            #[cfg(feature = "peers")]
            Self::Scc => visitor.visit(Scc::new),
            #[cfg(feature = "peers")]
            Self::Skiplist => visitor.visit(Skiplist::new),
            #[cfg(feature = "peers")]
            Self::Moka => visitor.visit(Moka::new),
            #[cfg(feature = "peers")]
            Self::Rwlock => visitor.visit(Rwlock::new),
        }
    }

    /// Lets `visitor` work with this subject if it is a store of its own; `None` if it is not.
    pub fn visit_storage<V: StorageVisitor>(self, visitor: V) -> Option<V::Output> {
        match self {
            Self::Sharded => Some(visitor.visit(ShardedStore::new)),
            Self::Unified => Some(visitor.visit(UnifiedStore::new)),
            Self::Seed => Some(visitor.visit(SeedStore::new)),
            #[cfg(feature = "peers")]
            Self::Surrealmx => Some(visitor.visit(Surrealmx::new)),
            #[cfg(feature = "peers")]
            Self::Fjall => Some(visitor.visit(Fjall::new)),
            #[cfg(feature = "peers")]
            Self::Redb => Some(visitor.visit(Redb::new)),
            #[cfg(feature = "peers")]
            Self::Skipdb => Some(visitor.visit(Skipdb::new)),
            #[cfg(feature = "peers")]
            Self::Dashmap => Some(visitor.visit(Dashmap::new)),
            #[cfg(feature = "peers")]
            Self::Papaya => Some(visitor.visit(Papaya::new)),
            #[cfg(feature = "peers")]
            Self::Scc => Some(visitor.visit(Scc::new)),
            #[cfg(feature = "peers")]
            Self::Skiplist => Some(visitor.visit(Skiplist::new)),
            #[cfg(feature = "peers")]
            Self::Moka => Some(visitor.visit(Moka::new)),
            #[cfg(feature = "peers")]
            Self::Rwlock => Some(visitor.visit(Rwlock::new)),
            _ => None,
        }
    }
}

//! What is verified: a kind of store, in as many variants as there are.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sharded_store::Storage;
use shardproof_subject::UnknownSubject;
use shardproof_subject::seed::SeedStore;
#[cfg(feature = "peers")]
use shardproof_subject::{numbered::Numbered, peers};

use crate::execute::rig::Rig;
use crate::execute::worlds;

/// A kind of store to verify. Only the real one is always there; a store that takes its atomics and locks
/// from loom and shuttle has variants of itself for those.
pub struct Subject {
    name: String,
    real: Box<dyn Rig>,
    loom: Option<Box<dyn Rig>>,
    shuttle: Option<Box<dyn Rig>>,
    /// The seeded fault that is switched on while its programs run, where there is a variant with faults.
    fault: Option<&'static str>,
}

impl Subject {
    /// A store of the caller's; `create` makes a fresh one, sharing nothing with an earlier one.
    #[must_use]
    pub fn new<S>(name: &str, create: impl Fn() -> S + Clone + Send + Sync + 'static) -> Self
    where
        S: Storage + 'static,
        S::Snapshot: 'static,
    {
        Self {
            name: name.to_owned(),
            real: Box::new(worlds::real::interpret::Rig(create)),
            loom: None,
            shuttle: None,
            fault: None,
        }
    }

    /// `ShardedStore`, in all its variants.
    #[must_use]
    pub fn sharded() -> Self {
        let real = Box::new(worlds::real::interpret::Rig(sharded_store::ShardedStore::new));
        Self { name: "sharded".to_owned(), real, loom: loom(), shuttle: shuttle(), fault: None }
    }

    /// `UnifiedStore`, the baseline.
    #[must_use]
    pub fn unified() -> Self {
        Self::new("unified", sharded_store::UnifiedStore::new)
    }

    /// A `UnifiedStore` that is migrated into a `ShardedStore` on the way.
    #[must_use]
    pub fn migrated() -> Self {
        Self::new("migrated", worlds::real::migrating::Migrating::new)
    }

    /// The literal design, which claims what it does not keep.
    #[must_use]
    pub fn seed() -> Self {
        Self::new("seed", SeedStore::new)
    }

    /// [`Subject::migrated`] with a seeded fault, as in [`Subject::seeded`].
    #[must_use]
    #[cfg(feature = "faults")]
    pub fn seeded_migrated(fault: Option<&str>) -> Option<Self> {
        let Self { name, fault, .. } = Self::seeded(fault)?;
        let real =
            Box::new(worlds::faulty::interpret::Rig(worlds::faulty::migrating::Migrating::new));
        Some(Self { name, real, loom: None, shuttle: None, fault })
    }

    /// `ShardedStore` with a seeded fault, by its id; with none, the variants that could have one. `None` if there
    /// is no such fault, or this program is built without the feature `faults`.
    #[must_use]
    #[cfg(feature = "faults")]
    pub fn seeded(fault: Option<&str>) -> Option<Self> {
        use sharded_store_faulty::fault::CATALOGUE;
        let fault = match fault {
            None => None,
            Some(id) => Some(CATALOGUE.iter().find(|seeded| seeded.id == id)?.id),
        };
        let name = fault.map_or_else(|| "no fault".to_owned(), |id| format!("fault {id}"));
        let real =
            Box::new(worlds::faulty::interpret::Rig(sharded_store_faulty::ShardedStore::new));
        Some(Self { name, real, loom: loom(), shuttle: shuttle(), fault })
    }

    /// The names of the built-in subjects, the peers' last (if this program is built with them).
    #[cfg(feature = "peers")]
    pub const NAMES: &[&str] = &[
        "sharded",
        "unified",
        "migrated",
        "seed",
        "surrealmx",
        "fjall",
        "redb",
        "skipdb",
        "dashmap",
        "papaya",
        "scc",
        "skiplist",
        "moka",
        "rwlock",
        "surrealmx-numbered",
        "fjall-numbered",
        "redb-numbered",
        "skipdb-numbered",
    ];
    /// The names of the built-in subjects, of which none is a peer in this build.
    #[cfg(not(feature = "peers"))]
    pub const NAMES: &[&str] = &["sharded", "unified", "migrated", "seed"];

    /// The built-in subject of a name.
    ///
    /// # Errors
    /// When there is none; the error lists those there are.
    pub fn named(name: &str) -> Result<Self, UnknownSubject> {
        Ok(match name {
            "sharded" => Self::sharded(),
            "unified" => Self::unified(),
            "migrated" => Self::migrated(),
            "seed" => Self::seed(),
            #[cfg(feature = "peers")]
            _ if let Some(peer) = Self::peer(name) => peer,
            _ => {
                let valid = Self::NAMES.to_vec();
                return Err(UnknownSubject::new("subject to verify", name, valid));
            }
        })
    }

    /// A peer, or a peer whose commits are numbered by its own transactions.
    #[cfg(feature = "peers")]
    fn peer(name: &str) -> Option<Self> {
        Some(match name {
            "surrealmx" => Self::new(name, peers::Surrealmx::new),
            "fjall" => Self::new(name, peers::Fjall::new),
            "redb" => Self::new(name, peers::Redb::new),
            "skipdb" => Self::new(name, peers::Skipdb::new),
            "dashmap" => Self::new(name, peers::Dashmap::new),
            "papaya" => Self::new(name, peers::Papaya::new),
            "scc" => Self::new(name, peers::Scc::new),
            "skiplist" => Self::new(name, peers::Skiplist::new),
            "moka" => Self::new(name, peers::Moka::new),
            "rwlock" => Self::new(name, peers::Rwlock::new),
            "surrealmx-numbered" => Self::new(name, || Numbered::new(peers::Surrealmx::new())),
            "fjall-numbered" => Self::new(name, || Numbered::new(peers::Fjall::new())),
            "redb-numbered" => Self::new(name, || Numbered::new(peers::Redb::new())),
            "skipdb-numbered" => Self::new(name, || Numbered::new(peers::Skipdb::new())),
            _ => return None,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn real(&self) -> &dyn Rig {
        &*self.real
    }

    pub(super) fn loom(&self) -> Option<&dyn Rig> {
        self.loom.as_deref()
    }

    pub(super) fn shuttle(&self) -> Option<&dyn Rig> {
        self.shuttle.as_deref()
    }

    /// Switches its fault on, and all others off, and waits until no other subject of the process is at work:
    /// the switch is the process's.
    pub(super) fn prepare(&self) -> MutexGuard<'static, ()> {
        static AT_WORK: Mutex<()> = Mutex::new(());
        let alone = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(feature = "faults")]
        sharded_store_faulty::fault::arm(self.fault);
        #[cfg(all(feature = "faults", feature = "loom"))]
        sharded_store_loom::fault::arm(self.fault);
        #[cfg(all(feature = "faults", feature = "shuttle"))]
        sharded_store_shuttle::fault::arm(self.fault);
        alone
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(feature = "loom")]
fn loom() -> Option<Box<dyn Rig>> {
    Some(Box::new(worlds::loom::interpret::Rig(sharded_store_loom::ShardedStore::new)))
}

#[cfg(not(feature = "loom"))]
fn loom() -> Option<Box<dyn Rig>> {
    None
}

#[cfg(feature = "shuttle")]
fn shuttle() -> Option<Box<dyn Rig>> {
    Some(Box::new(worlds::shuttle::interpret::Rig(sharded_store_shuttle::ShardedStore::new)))
}

#[cfg(not(feature = "shuttle"))]
fn shuttle() -> Option<Box<dyn Rig>> {
    None
}

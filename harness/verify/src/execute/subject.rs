//! A store to verify, in all its variants.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sharded_store::Storage;
use shardproof_subject::UnknownSubject;
use shardproof_subject::seed::SeedStore;
#[cfg(feature = "peers")]
use shardproof_subject::{numbered::Numbered, peers};

use crate::execute::driver::StoreDriver;
use crate::execute::variants;

/// A store to verify. It always has the variant for real threads; a store that takes its atomics
/// and locks from loom and shuttle has variants for those too.
pub struct VerifySubject {
    /// Its name.
    name: String,
    /// On real threads.
    real: Box<dyn StoreDriver>,
    /// Under loom.
    loom: Option<Box<dyn StoreDriver>>,
    /// Under shuttle.
    shuttle: Option<Box<dyn StoreDriver>>,
    /// The seeded fault that is switched on while its programs run.
    fault: Option<&'static str>,
}

impl VerifySubject {
    /// The caller's own store; `create` makes a fresh one that shares nothing with earlier ones.
    #[must_use]
    pub fn new<S>(name: &str, create: impl Fn() -> S + Clone + Send + Sync + 'static) -> Self
    where
        S: Storage + 'static,
        S::Snapshot: 'static,
    {
        Self {
            name: name.to_owned(),
            real: Box::new(variants::real::interpret::Driver(create)),
            loom: None,
            shuttle: None,
            fault: None,
        }
    }

    /// `ShardedStore`, in all its variants.
    #[must_use]
    pub fn sharded() -> Self {
        let real = Box::new(variants::real::interpret::Driver(sharded_store::ShardedStore::new));
        Self { name: "sharded".to_owned(), real, loom: loom(), shuttle: shuttle(), fault: None }
    }

    /// `UnifiedStore`, the baseline.
    #[must_use]
    pub fn unified() -> Self {
        Self::new("unified", sharded_store::UnifiedStore::new)
    }

    /// A `UnifiedStore` that is migrated into a `ShardedStore` while programs run.
    #[must_use]
    pub fn migrated() -> Self {
        Self::new("migrated", variants::real::migrating::Migrating::new)
    }

    /// The literal design, which breaks what it claims.
    #[must_use]
    pub fn seed() -> Self {
        Self::new("seed", SeedStore::new)
    }

    /// [`VerifySubject::migrated`] with a seeded fault, as in [`VerifySubject::seeded`].
    #[must_use]
    #[cfg(feature = "faults")]
    pub fn seeded_migrated(fault: Option<&str>) -> Option<Self> {
        let Self { name, fault, .. } = Self::seeded(fault)?;
        let real = Box::new(variants::faulty::interpret::Driver(
            variants::faulty::migrating::Migrating::new,
        ));
        Some(Self { name, real, loom: None, shuttle: None, fault })
    }

    /// `ShardedStore` with the seeded fault of this id; without an id, the same variants with no
    /// fault. `None` if there is no such fault.
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
            Box::new(variants::faulty::interpret::Driver(sharded_store_faulty::ShardedStore::new));
        Some(Self { name, real, loom: loom(), shuttle: shuttle(), fault })
    }

    /// The names of the built-in subjects, peers last.
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
    /// The names of the built-in subjects; this build has no peers.
    #[cfg(not(feature = "peers"))]
    pub const NAMES: &[&str] = &["sharded", "unified", "migrated", "seed"];

    /// The built-in subject with this name.
    ///
    /// # Errors
    /// When there is none; the error lists the valid names.
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

    /// A peer, or a peer with commits that its own transactions number.
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

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn real(&self) -> &dyn StoreDriver {
        &*self.real
    }

    pub(super) fn loom(&self) -> Option<&dyn StoreDriver> {
        self.loom.as_deref()
    }

    pub(super) fn shuttle(&self) -> Option<&dyn StoreDriver> {
        self.shuttle.as_deref()
    }

    /// Switches its fault on and all others off, after waiting until no other subject of this
    /// process runs: the switch is global to the process.
    pub(super) fn prepare(&self) -> MutexGuard<'static, ()> {
        static RUNNING: Mutex<()> = Mutex::new(());
        let exclusive = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(feature = "faults")]
        sharded_store_faulty::fault::arm(self.fault);
        #[cfg(all(feature = "faults", feature = "loom"))]
        sharded_store_loom::fault::arm(self.fault);
        #[cfg(all(feature = "faults", feature = "shuttle"))]
        sharded_store_shuttle::fault::arm(self.fault);
        exclusive
    }
}

impl fmt::Debug for VerifySubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifySubject")
            .field("name", &self.name)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "loom")]
fn loom() -> Option<Box<dyn StoreDriver>> {
    Some(Box::new(variants::loom::interpret::Driver(sharded_store_loom::ShardedStore::new)))
}

#[cfg(not(feature = "loom"))]
fn loom() -> Option<Box<dyn StoreDriver>> {
    None
}

#[cfg(feature = "shuttle")]
fn shuttle() -> Option<Box<dyn StoreDriver>> {
    Some(Box::new(variants::shuttle::interpret::Driver(sharded_store_shuttle::ShardedStore::new)))
}

#[cfg(not(feature = "shuttle"))]
fn shuttle() -> Option<Box<dyn StoreDriver>> {
    None
}

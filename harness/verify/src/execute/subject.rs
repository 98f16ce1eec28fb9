//! A store to verify, in all its variants.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sharded_store::Storage;

use crate::execute::driver::StoreDriver;
use crate::execute::variants;

/// A store to verify. It always has the variant for real threads; a store that takes its atomics
/// and locks from loom and shuttle has variants for those too.
///
/// A clone shares its variants.
#[derive(Clone)]
pub struct VerifySubject {
    /// Its name.
    name: String,
    /// On real threads.
    real: Arc<dyn StoreDriver>,
    /// Under loom.
    loom: Option<Arc<dyn StoreDriver>>,
    /// Under shuttle.
    shuttle: Option<Arc<dyn StoreDriver>>,
    /// The seeded fault that is switched on while its programs run.
    fault: Option<&'static str>,
}

impl VerifySubject {
    /// A store on real threads; `create` makes a fresh one that shares nothing with earlier ones.
    #[must_use]
    pub fn new<S>(
        name: impl Into<String>,
        create: impl Fn() -> S + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: Storage + 'static,
        S::Snapshot: 'static,
    {
        Self::of(name.into(), Arc::new(variants::real::interpret::Driver(create)))
    }

    /// A store of the variant with seeded faults, on real threads. No fault is switched on.
    #[must_use]
    #[cfg(feature = "faults")]
    pub fn new_faulty<S>(
        name: impl Into<String>,
        create: impl Fn() -> S + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: sharded_store_faulty::Storage + 'static,
        S::Snapshot: 'static,
    {
        Self::of(name.into(), Arc::new(variants::faulty::interpret::Driver(create)))
    }

    fn of(name: String, real: Arc<dyn StoreDriver>) -> Self {
        Self { name, real, loom: None, shuttle: None, fault: None }
    }

    /// Also under loom; `create` makes the same store from loom's atomics and locks.
    #[must_use]
    #[cfg(feature = "loom")]
    pub fn with_loom<S>(self, create: impl Fn() -> S + Clone + Send + Sync + 'static) -> Self
    where
        S: sharded_store_loom::Storage + 'static,
        S::Snapshot: 'static,
    {
        Self { loom: Some(Arc::new(variants::loom::interpret::Driver(create))), ..self }
    }

    /// Also under shuttle; `create` makes the same store from shuttle's atomics and locks.
    #[must_use]
    #[cfg(feature = "shuttle")]
    pub fn with_shuttle<S>(self, create: impl Fn() -> S + Clone + Send + Sync + 'static) -> Self
    where
        S: sharded_store_shuttle::Storage + 'static,
        S::Snapshot: 'static,
    {
        Self { shuttle: Some(Arc::new(variants::shuttle::interpret::Driver(create))), ..self }
    }

    /// With a seeded fault switched on, and its id in the name. `None` if no fault has this id.
    #[must_use]
    #[cfg(feature = "faults")]
    pub fn with_fault(self, id: &str) -> Option<Self> {
        let fault = sharded_store_faulty::fault::CATALOGUE.iter().find(|seeded| seeded.id == id)?;
        Some(Self { name: format!("fault {id}"), fault: Some(fault.id), ..self })
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

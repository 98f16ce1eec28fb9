//! Every interleaving, under weak memory.
//!
//! Sizes are as small as they can be without losing a path through the code: each word is one more
//! thing that loom tries in every order.

use std::ops::Deref;
use std::sync::Weak as StdWeak;
use std::sync::atomic::AtomicUsize as RealAtomicUsize;

pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, fence};
pub(crate) use loom::sync::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};

pub(crate) use crate::run_map::locked::RunMap;
use crate::sync::{Ordering, StdArc};

/// Two, so that a third snapshot spills.
pub(crate) const PIN_SLOTS: usize = 2;
/// Two, so that a value can be torn.
pub(crate) const VALUE_WORDS: usize = 2;
/// There are no cache lines here.
pub(crate) const PADDING_WORDS: usize = 0;

/// loom's mutex, which knows no poison either: a panic ends the whole execution.
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect(POISONED)
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().expect(POISONED)
    }
}

/// loom's lock of readers and writers.
#[derive(Default)]
pub(crate) struct RwLock<T>(loom::sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect(POISONED)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().expect(POISONED)
    }
}

/// The standard library's counted pointer, with one atomic that loom sees.
pub(crate) struct Arc<T>(StdArc<Counted<T>>);

/// Its weak companion.
pub(crate) struct Weak<T>(StdWeak<Counted<T>>);

struct Counted<T> {
    /// What is shared.
    value: T,
    /// How many owners have gone.
    gone: AtomicUsize,
}

impl<T> Arc<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(StdArc::new(Counted { value, gone: AtomicUsize::new(0) }))
    }

    pub(crate) fn get_mut(this: &mut Self) -> Option<&mut T> {
        // Acquire: the owners that have gone are done with the value. An exchange, which sees the
        // last of them.
        this.0.gone.fetch_add(0, Ordering::AcqRel);
        StdArc::get_mut(&mut this.0).map(|counted| &mut counted.value)
    }

    pub(crate) fn downgrade(this: &Self) -> Weak<T> {
        Weak(StdArc::downgrade(&this.0))
    }
}

impl<T> Weak<T> {
    pub(crate) fn upgrade(&self) -> Option<Arc<T>> {
        self.0.upgrade().map(Arc)
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self(StdArc::clone(&self.0))
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        // An execution that has failed is being taken down: loom takes no more steps of it.
        if std::thread::panicking() {
            return;
        }
        // Release: our use of the value comes before the last owner's drop of it. Acquire: that is
        // ours, if we are the last one.
        self.0.gone.fetch_add(1, Ordering::AcqRel);
    }
}

const POISONED: &str = "loom ends an execution that panics";

/// A thread-local of loom's threads, which all run on one real thread.
macro_rules! local {
    (static $name:ident: $kind:ty = const { $init:expr };) => {
        loom::thread_local! { static $name: $kind = $init; }
    };
}
pub(crate) use local;

loom::lazy_static! {
    /// The next thread's number. A real atomic, so that asking for a number is no step of the
    /// program; made anew in each execution, so that all executions of a program are alike.
    static ref NEXT: RealAtomicUsize = RealAtomicUsize::new(0);
}

/// A small number of this thread's own.
pub(crate) fn thread_number() -> usize {
    use std::cell::Cell;
    local! {
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    let number = |number: &Cell<usize>| {
        if number.get() == usize::MAX {
            // Relaxed: any number will do.
            number.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    };
    NUMBER.try_with(number).unwrap_or(0)
}

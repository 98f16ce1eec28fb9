//! Random schedules, sequentially consistent.

pub(crate) use shuttle::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, fence};
pub(crate) use shuttle::sync::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};
pub(crate) use shuttle::thread_local as local;
pub(crate) use std::sync::{Arc, Weak};

pub(crate) use crate::run_map::locked::RunMap;

/// Few, so that snapshots spill.
pub(crate) const PIN_SLOTS: usize = 2;
/// Two, so that a value can be torn.
pub(crate) const VALUE_WORDS: usize = 2;
/// There are no cache lines here.
pub(crate) const PADDING_WORDS: usize = 0;

/// shuttle's mutex, without the poison: a panic ends the whole execution.
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect(POISONED)
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().expect(POISONED)
    }
}

/// shuttle's lock of readers and writers.
#[derive(Default)]
pub(crate) struct RwLock<T>(shuttle::sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect(POISONED)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().expect(POISONED)
    }
}

const POISONED: &str = "shuttle ends an execution that panics";

/// A small number of this thread's own.
pub(crate) fn thread_number() -> usize {
    shuttle::current::me().into()
}

//! Real threads.

pub(crate) use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, fence};
pub(crate) use std::sync::{Arc, Weak};
pub(crate) use std::thread_local as local;

pub(crate) use crate::run_map::dashed::RunMap;

/// Snapshots that can be open at once without a lock.
pub(crate) const PIN_SLOTS: usize = 64;
/// Words of a value that is kept in place.
pub(crate) const VALUE_WORDS: usize = 5;
/// Words of a cache line, kept free around what must not share one.
pub(crate) const PADDING_WORDS: usize = 8;

/// A small number of this thread's own.
#[inline]
pub(crate) fn thread_number() -> usize {
    use std::cell::Cell;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    local! {
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    NUMBER
        .try_with(|number| {
            if number.get() == usize::MAX {
                // Relaxed: any number will do.
                number.set(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            }
            number.get()
        })
        .unwrap_or(0)
}

//! The one place that chooses where synchronisation comes from.
//!
//! Every other file takes its atomics, locks and counted pointers from here, so that the same code
//! can later be run under a model checker. Today there is one choice: the standard library's
//! atomics and `Arc`, `spin`'s mutex with a way of waiting of our own, and `parking_lot`'s
//! read-write lock. None of the locks is poisoned by a panic.
//!
//! **Invariant:** no other file of this crate names `std::sync`, `spin` or `parking_lot`.

use std::time::Duration;

use crossbeam_utils::Backoff;
use spin::mutex::SpinMutex;

pub(crate) use crossbeam_utils::CachePadded;
pub(crate) use parking_lot::{RwLock, RwLockReadGuard};
pub(crate) use spin::mutex::SpinMutexGuard as MutexGuard;
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
pub(crate) use std::sync::{Arc, Weak};

/// A mutual-exclusion lock for critical sections of nanoseconds.
///
/// It is unlocked by a plain store: one locked instruction per critical section, where a lock that
/// wakes its waiters needs two. A put is a quarter faster for it. The price is paid by those who wait:
/// nobody wakes them. They spin, then yield, then sleep and look again, so that a holder that was
/// interrupted gets the processor, and a long section (a listing of a large run) costs them no
/// more than [`NAP_MAX`] on top.
pub(crate) struct Mutex<T>(SpinMutex<T>);

/// The first sleep of a waiter; each is twice as long as the one before.
const NAP_MIN: Duration = Duration::from_micros(20);
/// The longest sleep of a waiter.
const NAP_MAX: Duration = Duration::from_micros(640);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(SpinMutex::new(value))
    }

    /// Waits until nobody else holds the lock.
    #[inline(always)]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        match self.0.try_lock() {
            Some(guard) => guard,
            None => self.wait(),
        }
    }

    /// The value, from somebody who alone holds the lock itself.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    #[cold]
    #[inline(never)]
    fn wait(&self) -> MutexGuard<'_, T> {
        let backoff = Backoff::new();
        let mut nap = NAP_MIN;
        loop {
            // Looking before trying: the waiters' copies of the cache line stay shared meanwhile.
            if !self.0.is_locked()
                && let Some(guard) = self.0.try_lock()
            {
                return guard;
            }
            if backoff.is_completed() {
                std::thread::sleep(nap);
                nap = (nap * 2).min(NAP_MAX);
            } else {
                backoff.snooze();
            }
        }
    }
}

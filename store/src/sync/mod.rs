//! The one place that chooses where synchronisation comes from.
//!
//! Every other file takes its atomics, locks, thread-locals and counted pointers from here, so that
//! the same code runs on real threads, under loom (every interleaving, weak memory) and under
//! shuttle (random schedules). The choice is a feature of the *variants* in `store/variants/`,
//! which compile a copy of these sources; the store itself has no such feature, and so always gets
//! the real thing: the standard library's atomics and `parking_lot`'s mutex (small, fair in the end,
//! and without poisoning: a panic in a caller's code leaves the store usable).
//!
//! Under loom, `Arc` and `Weak` are the standard library's with one atomic more, which shows loom
//! what the counts order: that the last owner's drop comes after all others'. (loom's own `Arc` has
//! no weak pointers.) `StdArc` is the standard library's everywhere, for what holds no atomics or
//! is never dropped by two threads.
//!
//! **Invariant:** no other file of this crate names `std::sync`, `std::thread_local` or
//! `parking_lot`.

#[cfg(feature = "loom")]
mod loom;
#[cfg(feature = "shuttle")]
mod shuttle;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
mod std;

#[cfg(feature = "loom")]
pub(crate) use self::loom::*;
#[cfg(feature = "shuttle")]
pub(crate) use self::shuttle::*;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub(crate) use self::std::*;

pub(crate) use ::std::sync::Arc as StdArc;
pub(crate) use ::std::sync::atomic::Ordering;
pub(crate) use crossbeam_utils::CachePadded;

use ::std::sync::atomic::AtomicU64 as RealAtomicU64;

/// A number unlike any other of the process. Not part of any protocol, and so hidden from the
/// checkers.
pub(crate) fn unique_number() -> u64 {
    static NEXT: RealAtomicU64 = RealAtomicU64::new(0);
    // Relaxed: only uniqueness matters.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

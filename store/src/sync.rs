//! The one place that chooses where synchronisation comes from.
//!
//! Every other file takes its atomics, locks and counted pointers from here, so that the same code
//! can later be run under a model checker. Today there is one choice: the standard library's
//! atomics and `Arc`, and `parking_lot`'s mutex (small, fair in the end, and without poisoning: a
//! panic in a caller's code leaves the store usable).
//!
//! **Invariant:** no other file of this crate names `std::sync` or `parking_lot`.

pub(crate) use crossbeam_utils::CachePadded;
pub(crate) use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
pub(crate) use std::sync::{Arc, Weak};

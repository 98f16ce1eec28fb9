//! An allocator that counts: per thread always, live bytes of the whole process on request.
//!
//! A program opts in with `#[global_allocator]`; `shardproof` does. In a program that does not,
//! every count is `None`, "not counted", and never 0.
//!
//! **Invariant:** without a [`LiveBytes`] no allocation writes memory that another thread reads, so
//! that counting adds no contention to what is being measured.
#![expect(unsafe_code, reason = "an allocator can be written in no other way")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crossbeam_utils::CachePadded;

thread_local! {
    /// Allocations of this thread. It has no destructor, so it outlives every allocation.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Whether live bytes are being counted: read on each allocation, written twice per count.
static COUNTS_LIVE_BYTES: CachePadded<AtomicBool> = CachePadded::new(AtomicBool::new(false));
/// Bytes allocated less bytes freed since counting began.
static LIVE_BYTES: CachePadded<AtomicI64> = CachePadded::new(AtomicI64::new(0));

/// The system's allocator, counted. Install it with `#[global_allocator]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

/// Allocations that this thread has made since it began, reallocations included; `None` where
/// [`CountingAllocator`] is not installed.
#[must_use]
pub fn on_this_thread() -> Option<u64> {
    is_installed().then(|| ALLOCATIONS.with(Cell::get))
}

/// Counts the bytes allocated and not yet freed since it began, on all threads, as they were
/// requested (not rounded up to the allocator's sizes).
///
/// One at a time: two at once would count each other's bytes.
#[derive(Debug)]
pub struct LiveBytes(());

impl LiveBytes {
    /// Begins to count, from 0.
    #[must_use]
    pub fn begin() -> Self {
        // Relaxed: what another thread does during the switch is not part of the question.
        LIVE_BYTES.store(0, Ordering::Relaxed);
        COUNTS_LIVE_BYTES.store(true, Ordering::Relaxed);
        Self(())
    }

    /// Bytes live now of those allocated since it began; `None` where [`CountingAllocator`] is not
    /// installed.
    #[must_use]
    pub fn now(&self) -> Option<i64> {
        // Relaxed: the caller has joined the threads whose allocations it asks about.
        is_installed().then(|| LIVE_BYTES.load(Ordering::Relaxed))
    }
}

impl Drop for LiveBytes {
    fn drop(&mut self) {
        // Relaxed: as at the beginning.
        COUNTS_LIVE_BYTES.store(false, Ordering::Relaxed);
    }
}

/// Whether an allocation is seen by the counter, found out by making one.
fn is_installed() -> bool {
    let before = ALLOCATIONS.with(Cell::get);
    drop(black_box(Box::new(0u8)));
    let after = ALLOCATIONS.with(Cell::get);
    // The probe must not show in the count that its caller is about to read.
    ALLOCATIONS.with(|count| count.set(before));
    after != before
}

#[inline]
fn count(bytes: i64, allocations: u64) {
    ALLOCATIONS.with(|count| count.set(count.get() + allocations));
    // Relaxed: a statistic, ordered with nothing.
    if COUNTS_LIVE_BYTES.load(Ordering::Relaxed) {
        LIVE_BYTES.fetch_add(bytes, Ordering::Relaxed);
    }
}

// SAFETY: every call is passed on to `System` with its arguments unchanged, so `System` keeps the
// trait's promises; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64, 1);
        // SAFETY: the caller's promises about `layout` are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64, 1);
        // SAFETY: the caller's promises about `layout` are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count(bytes as i64 - layout.size() as i64, 1);
        // SAFETY: `pointer` came from `System` through this allocator, with this `layout`.
        unsafe { System.realloc(pointer, layout, bytes) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64), 0);
        // SAFETY: `pointer` came from `System` through this allocator, with this `layout`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_allocator_installed_nothing_is_counted_rather_than_zero() {
        assert_eq!(on_this_thread(), None);
        assert_eq!(LiveBytes::begin().now(), None);
    }
}

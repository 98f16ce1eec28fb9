//! A counting allocator: allocations per thread always, live bytes of the process on request.
//!
//! A program opts in with `#[global_allocator]`, as `shardproof` does. In other programs every
//! count is `None`, "not counted", and never 0.
//!
//! **Invariant:** unless a [`LiveBytes`] exists, no allocation writes memory that another thread
//! reads, so counting adds no contention to the measurement.
#![expect(unsafe_code, reason = "implementing `GlobalAlloc` requires unsafe code")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crossbeam_utils::CachePadded;

thread_local! {
    /// The number of allocations of this thread. It has no destructor, so it outlives every
    /// allocation.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Whether live bytes are counted: read on each allocation, written twice per count.
static COUNTS_LIVE_BYTES: CachePadded<AtomicBool> = CachePadded::new(AtomicBool::new(false));
/// Bytes allocated minus bytes freed since counting began.
static LIVE_BYTES: CachePadded<AtomicI64> = CachePadded::new(AtomicI64::new(0));

/// The system allocator with counters. Install it with `#[global_allocator]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

/// The number of allocations of this thread since it started, reallocations included; `None` if
/// [`CountingAllocator`] is not installed.
#[must_use]
pub fn on_this_thread() -> Option<u64> {
    is_installed().then(|| ALLOCATIONS.with(Cell::get))
}

/// Counts the bytes allocated and not freed since it was created, on all threads, as requested (not
/// rounded up to size classes).
///
/// Use one at a time: two would count each other's bytes.
#[derive(Debug)]
pub struct LiveBytes(());

impl LiveBytes {
    /// Starts counting from 0.
    #[must_use]
    pub fn begin() -> Self {
        // Relaxed: allocations of other threads during the switch do not matter.
        LIVE_BYTES.store(0, Ordering::Relaxed);
        COUNTS_LIVE_BYTES.store(true, Ordering::Relaxed);
        Self(())
    }

    /// The bytes that are live now; `None` if [`CountingAllocator`] is not installed.
    #[must_use]
    pub fn now(&self) -> Option<i64> {
        // Relaxed: the caller has joined the threads whose allocations count.
        is_installed().then(|| LIVE_BYTES.load(Ordering::Relaxed))
    }
}

impl Drop for LiveBytes {
    fn drop(&mut self) {
        // Relaxed: as in `begin`.
        COUNTS_LIVE_BYTES.store(false, Ordering::Relaxed);
    }
}

/// Whether the allocator is installed, determined by making an allocation.
fn is_installed() -> bool {
    let before = ALLOCATIONS.with(Cell::get);
    drop(black_box(Box::new(0u8)));
    let after = ALLOCATIONS.with(Cell::get);
    // The caller's count must not include the probe.
    ALLOCATIONS.with(|count| count.set(before));
    after != before
}

#[inline]
fn count(bytes: i64, allocations: u64) {
    ALLOCATIONS.with(|count| count.set(count.get() + allocations));
    // Relaxed: a statistic that orders nothing.
    if COUNTS_LIVE_BYTES.load(Ordering::Relaxed) {
        LIVE_BYTES.fetch_add(bytes, Ordering::Relaxed);
    }
}

// SAFETY: every call is forwarded to `System` with unchanged arguments, and `System` upholds the
// trait's contract; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64, 1);
        // SAFETY: the caller upholds the contract for `layout`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64, 1);
        // SAFETY: the caller upholds the contract for `layout`.
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
    fn without_the_allocator_installed_counts_are_none_and_not_zero() {
        assert_eq!(on_this_thread(), None);
        assert_eq!(LiveBytes::begin().now(), None);
    }
}

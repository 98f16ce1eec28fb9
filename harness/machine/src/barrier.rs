//! A wait that keeps a reading of the clock in its place.
#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "no safe function issues LFENCE"))]

/// Waits until everything before has happened, and lets nothing after it begin.
///
/// A processor may read its counter while earlier loads are still under way, or begin later ones
/// before it (Intel SDM, vol. 2B, RDTSC): an operation would then seem to lie where it did not.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn wait_for_all_before() {
    // SAFETY: LFENCE belongs to SSE2, which every x86-64 processor has.
    unsafe { std::arch::x86_64::_mm_lfence() }
}

/// Waits until everything before has happened, and lets nothing after it begin.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub fn wait_for_all_before() {
    // SeqCst fence: the strongest there is in safe code.
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

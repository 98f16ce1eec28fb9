//! An instruction barrier that keeps clock readings in program order.
#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "no safe function issues LFENCE"))]

/// Waits for all prior instructions to complete before any later one starts.
///
/// A processor may read its time stamp counter while earlier loads are still in flight, and may
/// start later loads before it (Intel SDM, vol. 2B, RDTSC), so an operation's time would be wrong.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn wait_for_prior_instructions() {
    // SAFETY: LFENCE is part of SSE2, which every x86-64 processor supports.
    unsafe { std::arch::x86_64::_mm_lfence() }
}

/// Waits for all prior instructions to complete before any later one starts.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub fn wait_for_prior_instructions() {
    // SeqCst: the strongest fence available in safe code.
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

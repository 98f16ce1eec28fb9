//! A reading of the clock that stays where it is put.

use shardproof_machine::barrier::wait_for_all_before;
use shardproof_machine::clock::Clock;

/// Now, in ticks, when everything before is done.
///
/// A processor may read its counter while earlier loads are still under way. A short operation then vanishes
/// behind the reading: gets that take 12 ns in the loop for throughput seem to take 2 ns, and a missed
/// cache line is nobody's time. The example `latency_cost` shows it, and what the wait costs.
#[inline(always)]
#[must_use]
pub fn ticks_when_done(clock: &Clock) -> u64 {
    wait_for_all_before();
    clock.ticks()
}

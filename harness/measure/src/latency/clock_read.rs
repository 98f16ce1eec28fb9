//! A clock read that the processor cannot reorder before earlier instructions.

use shardproof_machine::barrier::wait_for_prior_instructions;
use shardproof_machine::clock::Clock;

/// The current time in ticks, read after all earlier instructions are done.
///
/// Without the wait, a processor may read its counter while earlier loads are still in flight.
/// Short operations then seem too fast: a get that takes 12 ns in the throughput loop shows 2 ns,
/// and a cache miss shows nowhere. The example `latency_cost` demonstrates this, and the cost of
/// the wait.
#[inline(always)]
#[must_use]
pub fn ticks_when_done(clock: &Clock) -> u64 {
    wait_for_prior_instructions();
    clock.ticks()
}

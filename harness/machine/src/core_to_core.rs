//! Core-to-core latency: the time to move a cache line between two processors.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use shardproof_evidence::CoreToCore;
use shardproof_stats as stats;

use crate::cpus;

/// With more processors than this, not all pairs are measured.
pub const CPUS_FOR_ALL_PAIRS: usize = 16;
/// Maximum number of measured pairs: all pairs of [`CPUS_FOR_ALL_PAIRS`] processors.
pub const PAIRS_MAX: usize = CPUS_FOR_ALL_PAIRS * (CPUS_FOR_ALL_PAIRS - 1) / 2;

/// Round trips per batch: enough that reading the system clock at both ends takes less than 1 % of
/// the time.
const ROUND_TRIPS: u64 = 200;
/// Minimum number of batches per pair, however long they take, so that an interrupted one is not
/// the median.
const BATCHES_MIN: usize = 5;
/// Minimum time per pair, to be worth starting two threads.
const TIME_MIN: Duration = Duration::from_millis(1);
/// Number of spins before a thread yields. If both threads share a processor, the other could
/// otherwise not respond for a whole time slice.
const SPINS_PER_YIELD: u32 = 1 << 14;
/// The value that ends the exchange.
const END: u64 = u64::MAX;

/// Measures the [`pairs`] of these processors in about `budget`. Skips pairs whose threads cannot
/// be pinned.
#[must_use]
pub fn measure(order: &[usize], budget: Duration) -> Vec<CoreToCore> {
    let pairs = pairs(order);
    let count = u32::try_from(pairs.len()).unwrap_or(u32::MAX).max(1);
    let time = (budget / count).max(TIME_MIN);
    pairs.into_iter().filter_map(|(from, to)| latency(from, to, time)).collect()
}

/// The pairs to measure. Up to [`CPUS_FOR_ALL_PAIRS`] processors, these are all pairs. Beyond, the
/// first processor in pinning order is paired with the others, evenly thinned to [`PAIRS_MAX`]:
/// that covers every kind of distance (sibling, same package, other package), though not every
/// pair.
#[must_use]
pub fn pairs(order: &[usize]) -> Vec<(usize, usize)> {
    let Some((first, others)) = order.split_first() else {
        return Vec::new();
    };
    if order.len() <= CPUS_FOR_ALL_PAIRS {
        let pairs_with_later = |(index, one): (usize, &usize)| {
            order[index + 1..].iter().map(|other| (*one, *other)).collect::<Vec<_>>()
        };
        return order.iter().enumerate().flat_map(pairs_with_later).collect();
    }
    let count = others.len().min(PAIRS_MAX);
    // From the nearest to the last.
    let index = |step: usize| step * (others.len() - 1) / (count - 1);
    (0..count).map(|step| (*first, others[index(step)])).collect()
}

/// The two cache lines of the exchange.
#[derive(Debug, Default)]
struct PingPong {
    /// The last round started.
    ping: CachePadded<AtomicU64>,
    /// The last round answered.
    pong: CachePadded<AtomicU64>,
}

/// `None` if a thread could not be pinned.
fn latency(from: usize, to: usize, time: Duration) -> Option<CoreToCore> {
    let lines = PingPong::default();
    let begin = Barrier::new(2);
    let (batches_ns, is_pinned) = thread::scope(|scope| {
        let responder = scope.spawn(|| {
            let is_pinned = cpus::pin(to);
            begin.wait();
            respond(&lines);
            is_pinned
        });
        let initiator = scope.spawn(|| {
            let is_pinned = cpus::pin(from);
            begin.wait();
            (initiate(&lines, time), is_pinned)
        });
        let (batches_ns, initiator_is_pinned) =
            initiator.join().expect("the initiator does not panic");
        (batches_ns, responder.join().expect("the responder does not panic") && initiator_is_pinned)
    });
    let ns = stats::median(&batches_ns).filter(|_| is_pinned)?;
    Some(CoreToCore { from, to, ns })
}

/// Begins round after round; returns the time that one way took in each batch.
fn initiate(lines: &PingPong, time: Duration) -> Vec<f64> {
    let mut batches_ns = Vec::new();
    let mut round = 0;
    let begin = Instant::now();
    while batches_ns.len() < BATCHES_MIN || begin.elapsed() < time {
        let start = Instant::now();
        for _ in 0..ROUND_TRIPS {
            round += 1;
            // Release: pairs with the other's Acquire, so that its answer comes after this.
            lines.ping.store(round, Ordering::Release);
            await_change(&lines.pong, round - 1);
        }
        batches_ns.push(start.elapsed().as_nanos() as f64 / (2 * ROUND_TRIPS) as f64);
    }
    // Release: as above.
    lines.ping.store(END, Ordering::Release);
    batches_ns
}

fn respond(lines: &PingPong) {
    let mut last = 0;
    loop {
        last = await_change(&lines.ping, last);
        if last == END {
            return;
        }
        // Release: pairs with the other's Acquire, so that the next round comes after this.
        lines.pong.store(last, Ordering::Release);
    }
}

/// Waits until a line differs from `last`, and returns its new value.
fn await_change(line: &AtomicU64, last: u64) -> u64 {
    let mut spins = 0;
    loop {
        // Acquire: pairs with the other's Release.
        let found = line.load(Ordering::Acquire);
        if found != last {
            return found;
        }
        spins += 1;
        // No pause between spins: a pause takes as long as the latency to be measured.
        if spins % SPINS_PER_YIELD == 0 {
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn on_a_small_machine_every_pair_is_measured_once() {
        assert_eq!(pairs(&[]), []);
        assert_eq!(pairs(&[4]), []);
        assert_eq!(pairs(&[2, 0, 5]), [(2, 0), (2, 5), (0, 5)]);
        let order: Vec<usize> = (0..CPUS_FOR_ALL_PAIRS).collect();
        assert_eq!(pairs(&order).len(), PAIRS_MAX);
    }

    #[test]
    fn on_a_large_machine_the_first_processor_is_paired_with_the_others() {
        let order: Vec<usize> = (0..17).rev().collect();
        let few = pairs(&order);
        assert_eq!((few.len(), few[0], few[15]), (16, (16, 15), (16, 0)));
        let order: Vec<usize> = (0..1_000).collect();
        let many = pairs(&order);
        let others: BTreeSet<usize> = many.iter().map(|pair| pair.1).collect();
        assert_eq!((many.len(), others.len()), (PAIRS_MAX, PAIRS_MAX));
        assert_eq!((others.first(), others.last()), (Some(&1), Some(&999)));
    }

    #[test]
    fn two_threads_on_one_processor_still_finish() {
        let Some(cpu) = cpus::allowed().and_then(|cpus| cpus.first().copied()) else {
            return;
        };
        let latency = latency(cpu, cpu, Duration::ZERO).expect("an allowed processor");
        assert!(latency.ns > 0.0);
    }

    #[test]
    fn a_pair_that_cannot_be_pinned_is_skipped() {
        assert_eq!(measure(&[usize::MAX - 1, usize::MAX], Duration::ZERO), []);
    }
}

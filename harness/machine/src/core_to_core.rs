//! How long a cache line takes from one processor to another.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use shardproof_evidence::CoreToCore;
use shardproof_stats as stats;

use crate::cpus;

/// On machines with more processors than this, not every pair is measured.
pub const CPUS_FOR_ALL_PAIRS: usize = 16;
/// The most pairs that are measured: as many as [`CPUS_FOR_ALL_PAIRS`] processors have.
pub const PAIRS_MAX: usize = CPUS_FOR_ALL_PAIRS * (CPUS_FOR_ALL_PAIRS - 1) / 2;

/// Round trips in one batch: long enough that reading the system's clock at its ends is below one
/// part in a hundred.
const ROUND_TRIPS: u64 = 200;
/// The fewest batches of a pair, even where they take long: one that was interrupted must not be
/// the median.
const BATCHES_MIN: usize = 5;
/// The shortest time worth spending on a pair, beside starting its two threads.
const TIME_MIN: Duration = Duration::from_millis(1);
/// Looks at a line before a thread offers its processor to others. Where both threads came to
/// be on one processor the other could otherwise not answer for a whole turn.
const LOOKS: u32 = 1 << 14;
/// What is written to end the game.
const END: u64 = u64::MAX;

/// Measures the [`pairs`] of these processors in about `budget`. A pair whose threads could not be
/// pinned is left out.
#[must_use]
pub fn measure(order: &[usize], budget: Duration) -> Vec<CoreToCore> {
    let pairs = pairs(order);
    let count = u32::try_from(pairs.len()).unwrap_or(u32::MAX).max(1);
    let time = (budget / count).max(TIME_MIN);
    pairs.into_iter().filter_map(|(from, to)| latency(from, to, time)).collect()
}

/// Which pairs are measured: all of them, up to [`CPUS_FOR_ALL_PAIRS`] processors. Above, the first
/// processor in the order of pinning with every other one, evenly thinned out to [`PAIRS_MAX`]:
/// that shows every distance that there is, to a sibling, within a package and between packages,
/// and not every pair.
#[must_use]
pub fn pairs(order: &[usize]) -> Vec<(usize, usize)> {
    let Some((first, others)) = order.split_first() else {
        return Vec::new();
    };
    if order.len() <= CPUS_FOR_ALL_PAIRS {
        let with_later = |(place, one): (usize, &usize)| {
            order[place + 1..].iter().map(|other| (*one, *other)).collect::<Vec<_>>()
        };
        return order.iter().enumerate().flat_map(with_later).collect();
    }
    let count = others.len().min(PAIRS_MAX);
    // From the nearest to the very last.
    let place = |step: usize| step * (others.len() - 1) / (count - 1);
    (0..count).map(|step| (*first, others[place(step)])).collect()
}

/// The two lines of the game.
#[derive(Debug, Default)]
struct Table {
    /// The last round that was begun.
    ping: CachePadded<AtomicU64>,
    /// The last round that was answered.
    pong: CachePadded<AtomicU64>,
}

/// `None` where a thread could not be pinned.
fn latency(from: usize, to: usize, time: Duration) -> Option<CoreToCore> {
    let table = Table::default();
    let begin = Barrier::new(2);
    let (batches_ns, is_pinned) = thread::scope(|scope| {
        let answers = scope.spawn(|| {
            let is_pinned = cpus::pin(to);
            begin.wait();
            answer(&table);
            is_pinned
        });
        let asks = scope.spawn(|| {
            let is_pinned = cpus::pin(from);
            begin.wait();
            (ask(&table, time), is_pinned)
        });
        let (batches_ns, asker_is_pinned) = asks.join().expect("asking does not panic");
        (batches_ns, answers.join().expect("answering does not panic") && asker_is_pinned)
    });
    let ns = stats::median(&batches_ns).filter(|_| is_pinned)?;
    Some(CoreToCore { from, to, ns })
}

/// Begins round after round; returns the time that one way took in each batch.
fn ask(table: &Table, time: Duration) -> Vec<f64> {
    let mut batches_ns = Vec::new();
    let mut round = 0;
    let begin = Instant::now();
    while batches_ns.len() < BATCHES_MIN || begin.elapsed() < time {
        let start = Instant::now();
        for _ in 0..ROUND_TRIPS {
            round += 1;
            // Release: pairs with the other's Acquire, so that its answer comes after this.
            table.ping.store(round, Ordering::Release);
            await_change(&table.pong, round - 1);
        }
        batches_ns.push(start.elapsed().as_nanos() as f64 / (2 * ROUND_TRIPS) as f64);
    }
    // Release: as above.
    table.ping.store(END, Ordering::Release);
    batches_ns
}

fn answer(table: &Table) {
    let mut last = 0;
    loop {
        last = await_change(&table.ping, last);
        if last == END {
            return;
        }
        // Release: pairs with the other's Acquire, so that the next round comes after this.
        table.pong.store(last, Ordering::Release);
    }
}

/// Waits until a line holds something else than `last`, which is returned.
fn await_change(line: &AtomicU64, last: u64) -> u64 {
    let mut looks = 0;
    loop {
        // Acquire: pairs with the other's Release.
        let found = line.load(Ordering::Acquire);
        if found != last {
            return found;
        }
        looks += 1;
        // No pause between looks: it takes as long as what is measured.
        if looks % LOOKS == 0 {
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_pair_is_taken_once_on_a_small_machine() {
        assert_eq!(pairs(&[]), []);
        assert_eq!(pairs(&[4]), []);
        assert_eq!(pairs(&[2, 0, 5]), [(2, 0), (2, 5), (0, 5)]);
        let order: Vec<usize> = (0..CPUS_FOR_ALL_PAIRS).collect();
        assert_eq!(pairs(&order).len(), PAIRS_MAX);
    }

    #[test]
    fn on_a_large_machine_the_first_meets_the_others_up_to_a_limit() {
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
    fn a_pair_that_cannot_be_pinned_is_left_out() {
        assert_eq!(measure(&[usize::MAX - 1, usize::MAX], Duration::ZERO), []);
    }
}

//! Whether this machine can show contention now: counters on one cache line against counters on
//! one each.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use shardproof_evidence::Counters;
use shardproof_stats as stats;

use crate::turns::{Side, Turns, in_turns};
use crate::workers::Workers;

/// Words on one cache line of 64 bytes, and so the most threads that can share one.
const WORDS: usize = 8;
/// Additions between two looks at the clock.
const BATCH: u32 = 1_000;

/// Lets each worker count, up to eight of them, in turns on one cache line and on one each. `None`
/// with fewer than two, for whom nothing is contended.
#[must_use]
pub fn measure(workers: Workers<'_>, turns: Turns) -> Option<Counters> {
    let workers = workers.at_most(WORDS);
    if workers.count() < 2 {
        return None;
    }
    let packed = CachePadded::new([const { AtomicU64::new(0) }; WORDS]);
    let padded: [CachePadded<AtomicU64>; WORDS] = Default::default();
    let pairs = in_turns(turns, |side| match side {
        Side::First => additions_s(workers, turns.slice, |worker| &packed[worker]),
        Side::Second => additions_s(workers, turns.slice, |worker| &padded[worker]),
    });
    Some(Counters {
        threads: workers.count(),
        padded_ops_s: stats::median(&pairs.second)?,
        packed_ops_s: stats::median(&pairs.first)?,
        ratio: stats::paired_ratio(&pairs.second, &pairs.first)?,
    })
}

/// Additions per second of all workers, each in a word of its own.
fn additions_s<'a>(
    workers: Workers<'_>,
    slice: Duration,
    word: impl Fn(usize) -> &'a AtomicU64 + Sync,
) -> f64 {
    workers.run(word, |word| count(word, slice)).into_iter().sum()
}

/// Additions per second of one thread.
fn count(word: &AtomicU64, slice: Duration) -> f64 {
    let start = Instant::now();
    let mut batches = 0u32;
    loop {
        for _ in 0..BATCH {
            // Relaxed: nobody else reads the word; what costs is where it lies.
            black_box(word.fetch_add(1, Ordering::Relaxed));
        }
        batches += 1;
        let elapsed = start.elapsed();
        if elapsed >= slice {
            return f64::from(batches) * f64::from(BATCH) / elapsed.as_secs_f64();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Turns = Turns { pairs: 7, slice: Duration::from_micros(200) };

    fn workers(count: usize) -> Workers<'static> {
        Workers::new(count, &[])
    }

    #[test]
    fn one_worker_has_nothing_to_contend_for() {
        assert_eq!(measure(workers(1), SHORT), None);
        assert_eq!(measure(workers(0), SHORT), None);
    }

    #[test]
    fn every_addition_is_counted() {
        let words: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];
        let rate = additions_s(workers(3), SHORT.slice, |worker| &words[worker]);
        // Relaxed: the threads have ended.
        let counts = words.each_ref().map(|word| word.load(Ordering::Relaxed));
        assert!(counts[..3].iter().all(|count| *count > 0), "{counts:?}");
        assert_eq!(counts[3..], [0; WORDS - 3]);
        // No worker counts for less than a slice.
        assert!(rate <= counts.iter().sum::<u64>() as f64 / SHORT.slice.as_secs_f64());
    }

    #[test]
    fn no_more_workers_count_than_a_line_has_words() {
        let counters = measure(workers(20), SHORT).unwrap();
        assert_eq!(counters.threads, WORDS);
        assert!(counters.padded_ops_s > 0.0 && counters.packed_ops_s > 0.0);
        assert!(counters.ratio.low <= counters.ratio.median);
    }
}

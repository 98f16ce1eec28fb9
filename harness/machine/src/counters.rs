//! Whether contention is visible on this machine at the moment: compares counters on one cache line
//! with counters on one each.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use shardproof_evidence::Counters;
use shardproof_stats as stats;

use crate::interleaved::{Schedule, Side, measure_interleaved};
use crate::workers::Workers;

/// Words per 64-byte cache line, which limits the number of threads that can share one.
const WORDS: usize = 8;
/// Additions between two readings of the clock.
const BATCH: u32 = 1_000;

/// Lets up to eight workers count, alternately on one shared cache line and on one each. `None`
/// with fewer than two workers, which cannot contend.
#[must_use]
pub fn measure(workers: Workers<'_>, schedule: Schedule) -> Option<Counters> {
    let workers = workers.at_most(WORDS);
    if workers.count() < 2 {
        return None;
    }
    let packed = CachePadded::new([const { AtomicU64::new(0) }; WORDS]);
    let padded: [CachePadded<AtomicU64>; WORDS] = Default::default();
    let pairs = measure_interleaved(schedule, |side| match side {
        Side::First => additions_s(workers, schedule.slice, |worker| &packed[worker]),
        Side::Second => additions_s(workers, schedule.slice, |worker| &padded[worker]),
    });
    Some(Counters {
        threads: workers.count(),
        padded_ops_s: stats::median(&pairs.second)?,
        packed_ops_s: stats::median(&pairs.first)?,
        ratio: stats::paired_ratio(&pairs.second, &pairs.first)?,
    })
}

/// Additions per second of all workers, each on its own word.
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
            // Relaxed: nobody else reads the word; the cost comes from where it is.
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

    const SHORT: Schedule = Schedule { pairs: 7, slice: Duration::from_micros(200) };

    fn workers(count: usize) -> Workers<'static> {
        Workers::new(count, &[])
    }

    #[test]
    fn a_single_worker_cannot_contend() {
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
        // Every worker counts for at least one slice.
        assert!(rate <= counts.iter().sum::<u64>() as f64 / SHORT.slice.as_secs_f64());
    }

    #[test]
    fn at_most_one_worker_counts_per_word_of_a_line() {
        let counters = measure(workers(20), SHORT).unwrap();
        assert_eq!(counters.threads, WORDS);
        assert!(counters.padded_ops_s > 0.0 && counters.packed_ops_s > 0.0);
        assert!(counters.ratio.low <= counters.ratio.median);
    }
}

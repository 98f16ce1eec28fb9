//! The time to take and drop a snapshot, with and without a concurrent writer.

use std::thread;
use std::time::Duration;

use hdrhistogram::Histogram;
use sharded_store::{Key, Storage};
use shardproof_evidence::{AcquireNs, Snapshots};
use shardproof_machine::clock::Clock;
use shardproof_stats as stats;
use shardproof_trace::allocations;
use shardproof_workload::KeySet;
use shardproof_workload::keys::run_id;

use crate::fill::fill_store;
use crate::latency::empty_histogram;
use crate::profile::Budget;
use crate::progress::Tracker;
use crate::random_keys::random_keys;
use crate::snapshots::{BATCH_BELOW_NS, StopOnDrop, batch_ns, overwrite_until_stopped, stage};
use crate::spin_barrier::SpinBarrier;
use crate::{MeasureSubject, Plan};

/// The number of keys that a writer overwrites, all in one run: those of the smallest store.
const WRITTEN: usize = 1_000;
/// The numbers of concurrent writers.
const WRITERS: [usize; 2] = [0, 1];
/// Snapshots between two clock reads, if one costs about as much as a clock read.
const BATCH: u32 = 32;
/// Samples kept per pass, so that the pass does not allocate.
const SAMPLES_MAX: usize = 1 << 16;
/// Samples taken per pass even if its time is over.
const SAMPLES_MIN: usize = 5;
/// Planned time to fill a store with [`FILL_KEYS`].
const FILL: Duration = Duration::from_millis(800);
/// Keys filled in the time [`FILL`].
const FILL_KEYS: usize = 1_000_000;

/// How long [`collect`] should take.
pub(super) fn planned(subject: MeasureSubject, budget: &Budget) -> Duration {
    let passes = budget.snapshot_pass * 2 * WRITERS.len() as u32;
    sizes(subject, budget).iter().map(|keys| fill_time(*keys) + passes).sum()
}

/// Measures a subject at each store size of the profile.
pub(super) fn collect(
    subject: MeasureSubject,
    plan: &Plan,
    budget: &Budget,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Vec<Snapshots> {
    let written = random_keys(plan.seed, &KeySet::new(WRITTEN));
    let (seed, written) = (plan.seed, &written);
    let task = Acquire { subject, seed, written, budget, clock, tracker };
    subject.store_driver().map(|store| store.acquire(task)).unwrap_or_default()
}

/// The store sizes of the profile, up to the largest that the subject supports.
fn sizes(subject: MeasureSubject, budget: &Budget) -> Vec<usize> {
    let keys_max = subject.description().snapshot_keys_max.as_ref().map(|(keys, _)| *keys);
    let keys_max = keys_max.unwrap_or(usize::MAX);
    let mut sizes: Vec<usize> =
        budget.snapshot_keys.iter().map(|keys| (*keys).min(keys_max)).collect();
    sizes.dedup();
    sizes
}

fn fill_time(keys: usize) -> Duration {
    FILL.mul_f64(keys as f64 / FILL_KEYS as f64)
}

/// Times the snapshots of one subject at each store size, with and without a writer.
pub(crate) struct Acquire<'a, 'p> {
    /// The subject.
    subject: MeasureSubject,
    /// Decides the ids of the runs.
    seed: u64,
    /// The keys that the writer overwrites.
    written: &'a [Key],
    /// The store sizes, and the time of each pass.
    budget: &'a Budget,
    /// Times the snapshots.
    clock: &'a Clock,
    /// Receives progress.
    tracker: &'a mut Tracker<'p>,
}

impl Acquire<'_, '_> {
    /// Measures fresh stores.
    pub(crate) fn on_fresh<S: Storage>(self, create: &impl Fn() -> S) -> Vec<Snapshots> {
        if !S::CAPABILITIES.snapshots {
            return Vec::new();
        }
        let limit = self.subject.description().snapshot_keys_max.as_ref();
        let mut results = Vec::new();
        for keys in sizes(self.subject, self.budget) {
            let store = create();
            fill_store(&store, self.seed, keys);
            self.tracker.advance(&stage(self.subject), fill_time(keys));
            for writers in WRITERS {
                let passes = self.beside_writers(&store, writers);
                self.tracker.advance(&stage(self.subject), self.budget.snapshot_pass * 2);
                results.push(Snapshots {
                    subject: self.subject.to_string(),
                    keys,
                    writers,
                    limit: limit
                        .filter(|(max, _)| keys == *max)
                        .map(|(_, reason)| reason.to_string()),
                    ..passes
                });
            }
        }
        results
    }
}

impl Acquire<'_, '_> {
    /// Both passes, while `writers` threads overwrite keys.
    fn beside_writers<S: Storage>(&self, store: &S, writers: usize) -> Snapshots {
        let barrier = SpinBarrier::new(writers);
        thread::scope(|scope| {
            let (written, run, barrier) = (self.written, run_id(self.seed, 0), &barrier);
            let _stop = StopOnDrop(barrier);
            for _ in 0..writers {
                scope.spawn(move || overwrite_until_stopped(store.session(run), written, barrier));
            }
            barrier.sleep_until_complete(1);
            self.passes(store)
        })
    }

    fn passes<S: Storage>(&self, store: &S) -> Snapshots {
        let (mut singles, _) = self.singles(store, Duration::ZERO);
        let batch = if singles.value_at_quantile(0.5) < BATCH_BELOW_NS { BATCH } else { 1 };
        let (batched_p50_ns, allocations_per_op) = self.batches(store, batch);
        let samples;
        (singles, samples) = self.singles(store, self.budget.snapshot_pass);
        Snapshots {
            part: 0,
            subject: String::new(),
            keys: 0,
            writers: 0,
            acquire_ns: AcquireNs {
                p50: batched_p50_ns,
                p99: singles.value_at_quantile(0.99) as f64,
                batch,
            },
            single_p50_ns: singles.value_at_quantile(0.5) as f64,
            samples,
            clock_cost_ns: self.clock.cost_ns(),
            allocations_per_op,
            limit: None,
        }
    }

    /// The median over batches of the mean time per snapshot, and the allocations per snapshot.
    fn batches<S: Storage>(&self, store: &S, batch: u32) -> (f64, Option<f64>) {
        let mut means_ns = Vec::with_capacity(SAMPLES_MAX);
        let allocations_before = allocations::on_this_thread();
        let begin = self.clock.ticks();
        loop {
            means_ns.push(batch_ns(store, batch, self.clock) as f64 / f64::from(batch));
            if self.is_over(begin, means_ns.len(), self.budget.snapshot_pass)
                || means_ns.len() == SAMPLES_MAX
            {
                break;
            }
        }
        let snapshots = means_ns.len() as f64 * f64::from(batch);
        let allocations_per_op = allocations::on_this_thread()
            .zip(allocations_before)
            .map(|(after, before)| (after - before) as f64 / snapshots);
        (stats::median(&means_ns).unwrap_or(0.0), allocations_per_op)
    }

    /// The times of single snapshots, and their number.
    fn singles<S: Storage>(&self, store: &S, time: Duration) -> (Histogram<u64>, u64) {
        let mut times_ns = empty_histogram();
        let begin = self.clock.ticks();
        let mut samples = 0;
        loop {
            times_ns.saturating_record(batch_ns(store, 1, self.clock));
            samples += 1;
            if self.is_over(begin, samples, time) {
                return (times_ns, samples as u64);
            }
        }
    }

    fn is_over(&self, begin: u64, samples: usize, time: Duration) -> bool {
        let spent_ns = self.clock.ns_between(begin, self.clock.ticks());
        samples >= SAMPLES_MIN && spent_ns >= time.as_nanos() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::budget;
    use crate::test_subjects::named;
    use shardproof_base::Profile;

    #[test]
    fn a_subject_is_measured_at_the_sizes_of_the_profile_up_to_its_largest() {
        let sizes = |profile: Profile, name| sizes(name, &budget(profile));
        assert_eq!(sizes(Profile::Quick, named("sharded")), [1_000, 1_000_000]);
        assert_eq!(sizes(Profile::Quick, named("unified")), [1_000, 100_000]);
        let all = [1_000, 10_000, 100_000, 1_000_000];
        assert_eq!(sizes(Profile::Full, named("sharded")), all);
        assert_eq!(sizes(Profile::Full, named("unified")), all[..3]);
    }
}

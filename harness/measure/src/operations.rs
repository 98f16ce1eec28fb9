//! Operations that no mix contains, each interleaved with what it is compared with.

use std::collections::BTreeMap;
use std::hint::{self, black_box};
use std::ops::Bound;
use std::thread;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Entry, Key, Session, Storage, Value, Version};
use shardproof_evidence::{Operation, RatioTo, Spread};
use shardproof_stats as stats;
use shardproof_subject::Operations;
use shardproof_workload::KeySet;
use shardproof_workload::keys::{self, KEYS_PER_RUN, group_prefix, grouped_key, run_id};

use crate::fill::{REFUSED, fill_session};
use crate::profile::Budget;
use crate::progress::Tracker;
use crate::random_keys::{overwriting_value, random_keys};
use crate::spin_barrier::SpinBarrier;
use crate::{MeasureSubject, Plan};

/// Entries that one listing returns.
const LISTED: u64 = 100;
/// The number of different prefixes to list.
const GROUPS: u64 = KEYS_PER_RUN as u64 / LISTED;
/// Listings between two clock readings.
const LISTS_PER_READING: usize = 8;
/// Puts between two clock readings.
const PUTS_PER_READING: usize = 512;
/// The time from one snapshot to the next.
const PERIOD: Duration = Duration::from_micros(10);
/// How long each snapshot stays open.
const OPEN: Duration = Duration::from_micros(5);

/// How long [`collect`] should take.
pub(crate) fn planned(plan: &Plan, budget: &Budget) -> Duration {
    comparison_time(budget) * plan.alone.iter().map(|subject| count(*subject)).sum::<u32>()
}

/// How many operations of a subject are measured.
pub(crate) fn count(subject: MeasureSubject) -> u32 {
    let of = |operations: Operations| u32::from(operations.lists) + u32::from(operations.snapshots);
    subject.store_operations().map_or(0, of)
}

/// Measures the operations that a subject supports; none if it is not a store.
pub(crate) fn collect(
    subject: MeasureSubject,
    plan: &Plan,
    budget: &Budget,
    tracker: &mut Tracker<'_>,
) -> Vec<Operation> {
    let stage = format!("operations of {subject}");
    let Some(store) = subject.store_driver() else { return Vec::new() };
    let comparison = Comparison { subject: subject.as_str(), seed: plan.seed, budget };
    let listed = store.list(comparison);
    tracker.advance(&stage, comparison_time(budget) * u32::from(listed.is_some()));
    let put = store.put_beside_snapshots(comparison);
    tracker.advance(&stage, comparison_time(budget) * u32::from(put.is_some()));
    listed.into_iter().chain(put).collect()
}

fn comparison_time(budget: &Budget) -> Duration {
    budget.pair_slice * 2 * budget.pairs as u32
}

/// Interleaves `measure` and `measure_base`, in random order within each pair. Both return
/// nanoseconds per operation. Returns the times of `measure`, and its ratios to `measure_base`.
fn measure_interleaved(
    budget: &Budget,
    seed: u64,
    mut measure: impl FnMut() -> f64,
    mut measure_base: impl FnMut() -> f64,
) -> (Spread, Spread) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let pairs: Vec<(f64, f64)> = (0..budget.pairs)
        .map(|_| {
            if random.random_range(0..2u32) == 0 {
                (measure(), measure_base())
            } else {
                let base = measure_base();
                (measure(), base)
            }
        })
        .collect();
    let (times, base_times): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let ns = stats::summarise(&times).expect("at least one pair");
    let ratio = stats::paired_ratio(&times, &base_times).expect("an operation takes time");
    (ns, ratio)
}

fn operation(name: &str, subject: &str, base: &str, (ns, ratio): (Spread, Spread)) -> Operation {
    let Spread { median, low, high, coverage } = ratio;
    Operation {
        part: 0,
        name: name.to_owned(),
        subject: subject.to_owned(),
        ns,
        ratio_to: RatioTo { name: base.to_owned(), median, low, high, coverage },
    }
}

/// Compares one operation with another.
#[derive(Clone, Copy)]
pub(crate) struct Comparison<'a> {
    /// The subject's name.
    subject: &'a str,
    /// Decides the run's id, the keys, and the order within pairs.
    seed: u64,
    /// The number and length of pairs.
    budget: &'a Budget,
}

impl Comparison<'_> {
    /// Lists 100 of 10 000 entries, compared with the same range of a `BTreeMap`.
    pub(crate) fn list<S: Storage>(self, create: &impl Fn() -> S) -> Option<Operation> {
        if !S::CAPABILITIES.lists {
            return None;
        }
        let (store, run) = (create(), run_id(self.seed, 0));
        let mut map = BTreeMap::new();
        for index in 0..KEYS_PER_RUN as u64 {
            let (key, value) = (grouped_key(index % GROUPS, index), keys::value(index));
            store.put(run, &key, value.clone()).expect(REFUSED);
            map.insert(key, (Version::NONE, value));
        }
        let slice = self.budget.pair_slice;
        let from_store = || list_ns(slice, |prefix| store.list(run, prefix));
        let from_map = || list_ns(slice, |prefix| range(&map, prefix));
        // One listing of each first: building an index is not part of the measurement.
        from_store();
        from_map();
        let results = measure_interleaved(self.budget, self.seed, from_store, from_map);
        let name = format!("list of {LISTED} of {KEYS_PER_RUN}");
        Some(operation(&name, self.subject, "range of a BTreeMap", results))
    }
}

fn range(map: &BTreeMap<Key, (Version, Value)>, prefix: &[u8]) -> Vec<Entry> {
    let first = Key::new(prefix).expect("a prefix of 4 bytes is below the limit");
    map.range((Bound::Included(first), Bound::Unbounded))
        .take_while(|(key, _)| key.starts_with(prefix))
        .map(|(key, (version, value))| Entry {
            key: key.clone(),
            value: value.clone(),
            version: *version,
        })
        .collect()
}

/// Nanoseconds per listing, over `time` of listings that cycle through the prefixes.
fn list_ns(time: Duration, list: impl Fn(&[u8]) -> Vec<Entry>) -> f64 {
    let mut groups = (0..GROUPS).cycle();
    per_operation_ns(time, LISTS_PER_READING, || {
        for group in groups.by_ref().take(LISTS_PER_READING) {
            let listed = black_box(list(&group_prefix(group)));
            assert_eq!(listed.len() as u64, LISTED, "the subject lists what was put");
        }
    })
}

/// What the other thread does during the puts.
#[derive(Clone, Copy)]
enum Background {
    /// Opens and closes snapshots.
    Snapshots,
    /// Spins for the same time.
    Spinning,
}

impl Comparison<'_> {
    /// Puts while another thread opens and closes snapshots, compared with puts while another
    /// thread only spins: the ratio shows the cost of the snapshots, without that of a second busy
    /// thread.
    pub(crate) fn put_beside_snapshots<S: Storage>(
        self,
        create: &impl Fn() -> S,
    ) -> Option<Operation> {
        if !S::CAPABILITIES.snapshots {
            return None;
        }
        let (store, run) = (create(), run_id(self.seed, 0));
        let keys = KeySet::new(KEYS_PER_RUN);
        fill_session(&mut store.session(run), &keys);
        let order = random_keys(self.seed, &keys);
        let measure = |background| {
            let session = store.session(run);
            put_ns(self.budget.pair_slice, session, &order, || run_period(&store, background))
        };
        let results = measure_interleaved(
            self.budget,
            self.seed,
            || measure(Background::Snapshots),
            || measure(Background::Spinning),
        );
        let name = format!("put beside a snapshot every {} us", PERIOD.as_micros());
        Some(operation(&name, self.subject, "put beside none", results))
    }
}

/// Nanoseconds per put, over `time` of puts, while `background` runs repeatedly on another thread.
fn put_ns<S: Session>(
    time: Duration,
    mut session: S,
    order: &[Key],
    background: impl Fn() + Sync,
) -> f64 {
    let barrier = SpinBarrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _guard = barrier.panic_guard();
            barrier.wait(1);
            while !barrier.is_stopped() {
                background();
            }
        });
        let _guard = barrier.panic_guard();
        barrier.wait(1);
        let value = overwriting_value();
        let mut batches = order.chunks_exact(PUTS_PER_READING).cycle();
        let ns = per_operation_ns(time, PUTS_PER_READING, || {
            for key in batches.next().unwrap_or_default() {
                session.put(key, value.clone()).expect(REFUSED);
            }
        });
        barrier.stop();
        ns
    })
}

/// Runs one period, with or without a snapshot that is open for half of it.
fn run_period<S: Storage>(store: &S, background: Background) {
    let start = Instant::now();
    let snapshot = match background {
        Background::Snapshots => store.snapshot(),
        Background::Spinning => None,
    };
    spin_until(start + OPEN);
    drop(black_box(snapshot));
    spin_until(start + PERIOD);
}

fn spin_until(end: Instant) {
    while Instant::now() < end {
        hint::spin_loop();
    }
}

/// Repeats `batch`, which runs `operations` operations, until `time` is over. Returns nanoseconds
/// per operation.
fn per_operation_ns(time: Duration, operations: usize, mut batch: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut done = 0;
    loop {
        batch();
        done += operations;
        let elapsed = start.elapsed();
        if elapsed >= time {
            return elapsed.as_nanos() as f64 / done as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::budget;
    use crate::test_subjects::all;
    use crate::{Moment, Progress, Request};
    use shardproof_base::Profile;

    /// Records the planned time of finished work.
    struct Done(Duration);

    impl Progress for Done {
        fn at(&mut self, moment: Moment<'_>) {
            self.0 = moment.done;
        }
    }

    #[test]
    fn time_is_planned_for_exactly_the_comparisons_that_a_store_supports() {
        let pair_slice = Duration::from_millis(1);
        let budget = Budget { pairs: 1, pair_slice, ..budget(Profile::Smoke) };
        let mut plan = Request::default().plan(&all(), 2).unwrap();
        for name in all() {
            plan.alone = vec![name];
            let mut done = Done(Duration::ZERO);
            let mut tracker = Tracker::new(&mut done, Duration::ZERO);
            let comparisons = collect(name, &plan, &budget, &mut tracker).len() as u32;
            assert_eq!(planned(&plan, &budget), comparison_time(&budget) * comparisons, "{name}");
            assert_eq!(done.0, planned(&plan, &budget), "{name}");
        }
    }
}

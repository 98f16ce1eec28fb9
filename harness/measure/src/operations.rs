//! Operations that no mix holds, each in turns with what it is compared to.

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
use shardproof_subject::{StorageVisitor, SubjectName};
use shardproof_workload::KeySet;
use shardproof_workload::keys::{self, KEYS_PER_RUN, group_prefix, grouped_key, run_id};

use crate::Plan;
use crate::draw::{drawn_ahead, overwriting_value};
use crate::fill::{REFUSED, fill_session};
use crate::gate::Gate;
use crate::profile::Effort;
use crate::progress::Tracker;

/// Entries of one listing.
const LISTED: u64 = 100;
/// Listings with different prefixes.
const GROUPS: u64 = KEYS_PER_RUN as u64 / LISTED;
/// Operations between two readings of the clock.
const LISTS_PER_READING: usize = 8;
/// Puts between two readings of the clock.
const PUTS_PER_READING: usize = 512;
/// How often a snapshot opens.
const PERIOD: Duration = Duration::from_micros(10);
/// How long it stays open.
const OPEN: Duration = Duration::from_micros(5);

/// How long [`collect`] should take.
pub(crate) fn planned(plan: &Plan, effort: &Effort) -> Duration {
    let counts = plan.alone.iter().filter_map(|name| name.visit_storage(Comparisons));
    comparison(effort) * counts.sum::<u32>()
}

/// Measures a subject that is a store, as far as it can do what is asked.
pub(crate) fn collect(
    name: SubjectName,
    plan: &Plan,
    effort: &Effort,
    tracker: &mut Tracker<'_>,
) -> Vec<Operation> {
    let stage = format!("operations of {name}");
    let list = List { name, seed: plan.seed, effort };
    let listed = name.visit_storage(list).flatten();
    tracker.advance(&stage, comparison(effort) * u32::from(listed.is_some()));
    let put = PutBesideSnapshots { name, seed: plan.seed, effort };
    let put = name.visit_storage(put).flatten();
    tracker.advance(&stage, comparison(effort) * u32::from(put.is_some()));
    listed.into_iter().chain(put).collect()
}

/// How many comparisons a store takes part in.
struct Comparisons;

impl StorageVisitor for Comparisons {
    type Output = u32;

    fn visit<S: Storage>(self, _create: impl Fn() -> S) -> u32 {
        u32::from(S::CAPABILITIES.lists) + u32::from(S::CAPABILITIES.snapshots)
    }
}

fn comparison(effort: &Effort) -> Duration {
    effort.pair_slice * 2 * effort.pairs as u32
}

/// Takes `one` and `other` in turns, in random order within each pair. Each gives the nanoseconds
/// of one operation. The results are those of `one`, and the ratios of `one` to `other`.
fn in_turns(
    effort: &Effort,
    seed: u64,
    mut one: impl FnMut() -> f64,
    mut other: impl FnMut() -> f64,
) -> (Spread, Spread) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let pairs: Vec<(f64, f64)> = (0..effort.pairs)
        .map(|_| {
            if random.random_range(0..2u32) == 0 {
                (one(), other())
            } else {
                let second = other();
                (one(), second)
            }
        })
        .collect();
    let (ones, others): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let ns = stats::summarise(&ones).expect("at least one pair");
    let ratio = stats::paired_ratio(&ones, &others).expect("an operation takes time");
    (ns, ratio)
}

fn operation(
    name: &str,
    subject: SubjectName,
    base: &str,
    (ns, ratio): (Spread, Spread),
) -> Operation {
    let Spread { median, low, high, coverage } = ratio;
    Operation {
        part: 0,
        name: name.to_owned(),
        subject: subject.to_string(),
        ns,
        ratio_to: RatioTo { name: base.to_owned(), median, low, high, coverage },
    }
}

/// Lists 100 of 10 000 entries, against the same from a `BTreeMap`.
struct List<'a> {
    name: SubjectName,
    seed: u64,
    effort: &'a Effort,
}

impl StorageVisitor for List<'_> {
    type Output = Option<Operation>;

    fn visit<S: Storage>(self, create: impl Fn() -> S) -> Option<Operation> {
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
        let slice = self.effort.pair_slice;
        let from_store = || list_ns(slice, |prefix| store.list(run, prefix));
        let from_map = || list_ns(slice, |prefix| range(&map, prefix));
        // Once each first: an index built on the first listing is not what is asked about.
        from_store();
        from_map();
        let taken = in_turns(self.effort, self.seed, from_store, from_map);
        let name = format!("list of {LISTED} of {KEYS_PER_RUN}");
        Some(operation(&name, self.name, "range of a BTreeMap", taken))
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

/// Nanoseconds of one listing, over `time` of them, one group after another.
fn list_ns(time: Duration, list: impl Fn(&[u8]) -> Vec<Entry>) -> f64 {
    let mut groups = (0..GROUPS).cycle();
    per_operation_ns(time, LISTS_PER_READING, || {
        for group in groups.by_ref().take(LISTS_PER_READING) {
            let listed = black_box(list(&group_prefix(group)));
            assert_eq!(listed.len() as u64, LISTED, "the subject lists what was put");
        }
    })
}

/// Puts while a snapshot opens and closes on another thread, against the same beside a thread that
/// spins: what is left of the ratio is the snapshots' doing, and not the company's.
struct PutBesideSnapshots<'a> {
    name: SubjectName,
    seed: u64,
    effort: &'a Effort,
}

/// What the thread beside the puts does.
#[derive(Clone, Copy)]
enum Company {
    Snapshots,
    Spinning,
}

impl StorageVisitor for PutBesideSnapshots<'_> {
    type Output = Option<Operation>;

    fn visit<S: Storage>(self, create: impl Fn() -> S) -> Option<Operation> {
        if !S::CAPABILITIES.snapshots {
            return None;
        }
        let (store, run) = (create(), run_id(self.seed, 0));
        let keys = KeySet::new(KEYS_PER_RUN);
        fill_session(&mut store.session(run), &keys);
        let order = drawn_ahead(self.seed, &keys);
        let beside = |company| {
            let session = store.session(run);
            put_ns(self.effort.pair_slice, session, &order, || keep_company(&store, company))
        };
        let taken = in_turns(
            self.effort,
            self.seed,
            || beside(Company::Snapshots),
            || beside(Company::Spinning),
        );
        let name = format!("put beside a snapshot every {} us", PERIOD.as_micros());
        Some(operation(&name, self.name, "put beside none", taken))
    }
}

/// Nanoseconds of one put, over `time` of them, while `company` runs again and again beside it.
fn put_ns<S: Session>(
    time: Duration,
    mut session: S,
    order: &[Key],
    company: impl Fn() + Sync,
) -> f64 {
    let gate = Gate::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _guard = gate.guard();
            gate.meet(1);
            while !gate.is_stopped() {
                company();
            }
        });
        let _guard = gate.guard();
        gate.meet(1);
        let value = overwriting_value();
        let mut batches = order.chunks_exact(PUTS_PER_READING).cycle();
        let ns = per_operation_ns(time, PUTS_PER_READING, || {
            for key in batches.next().unwrap_or_default() {
                session.put(key, value.clone()).expect(REFUSED);
            }
        });
        gate.stop();
        ns
    })
}

/// One period: a snapshot for half of it, or none.
fn keep_company<S: Storage>(store: &S, company: Company) {
    let start = Instant::now();
    let snapshot = match company {
        Company::Snapshots => store.snapshot(),
        Company::Spinning => None,
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

/// Runs `batch`, of `operations` operations, until `time` is over.
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
    use crate::profile::effort;
    use crate::{Moment, Progress, Request};
    use shardproof_base::Profile;

    /// Planned time of what is done.
    struct Done(Duration);

    impl Progress for Done {
        fn at(&mut self, moment: Moment<'_>) {
            self.0 = moment.done;
        }
    }

    #[test]
    fn time_is_planned_for_the_comparisons_that_a_store_can_take_part_in() {
        let pair_slice = Duration::from_millis(1);
        let effort = Effort { pairs: 1, pair_slice, ..effort(Profile::Smoke) };
        let mut plan = Request::default().plan(2).unwrap();
        for &name in SubjectName::ALL.iter().chain(SubjectName::PEERS) {
            plan.alone = vec![name];
            let mut done = Done(Duration::ZERO);
            let mut tracker = Tracker::new(&mut done, Duration::ZERO);
            let found = collect(name, &plan, &effort, &mut tracker).len() as u32;
            assert_eq!(planned(&plan, &effort), comparison(&effort) * found, "{name}");
            assert_eq!(done.0, planned(&plan, &effort), "{name}");
        }
    }
}

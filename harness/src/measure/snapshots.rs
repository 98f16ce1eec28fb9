//! How long it takes to take a snapshot and drop it, alone and beside a writer.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use hdrhistogram::Histogram;
use sharded_store::{Session, Storage};

use crate::evidence::{AcquireNs, Snapshots};
use crate::machine::clock::Clock;
use crate::measure::Plan;
use crate::measure::fill::{REFUSED, fill_store};
use crate::measure::gate::Gate;
use crate::measure::profile::Effort;
use crate::measure::progress::Tracker;
use crate::stats;
use crate::subject::{StorageVisitor, SubjectName};
use crate::trace::allocations;
use crate::workload::keys::{KEYS_PER_RUN, run_id};
use crate::workload::{KeySet, Mix, Stream};

/// The smaller of the two sizes, in keys; the larger depends on the subject.
const KEYS_MIN: usize = 1_000;
/// Numbers of writers.
const WRITERS: [usize; 2] = [0, 1];
/// Snapshots between two readings of the clock, where one costs about as much as a reading.
const BATCH: u32 = 32;
/// A snapshot that takes longer is timed one by one: the clock is small beside it.
const BATCH_BELOW_NS: u64 = 10_000;
/// Samples kept of one pass, so that it never allocates.
const SAMPLES_MAX: usize = 1 << 16;
/// Samples taken of one pass even when its time is over.
const SAMPLES_MIN: usize = 5;
/// The longest time that a histogram tells from longer ones.
const LATENCY_NS_MAX: u64 = 100_000_000_000;
/// Decimal digits that a histogram keeps.
const DIGITS: u8 = 3;
/// Planned time to fill a store with a million keys.
const FILL: Duration = Duration::from_millis(800);

/// How long [`collect`] should take.
pub(crate) fn planned(plan: &Plan, effort: &Effort) -> Duration {
    let subjects =
        plan.subjects.iter().filter(|name| name.visit_storage(HasSnapshots) == Some(true));
    let points = 2 * WRITERS.len() as u32;
    (FILL + effort.point * 2 * points) * subjects.count() as u32
}

/// Measures each subject of the plan that has snapshots.
pub(crate) fn collect(
    plan: &Plan,
    effort: &Effort,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Vec<Snapshots> {
    let keys = KeySet::new(KEYS_MIN);
    let stream = Stream::new(plan.seed, Mix::with_puts(100), 0, &keys);
    let mut found = Vec::new();
    for &name in &plan.subjects {
        let stage = format!("snapshots of {name}");
        let seed = plan.seed;
        let point = effort.point;
        let task = Acquire { name, seed, stream: &stream, point, clock, tracker, stage };
        found.extend(name.visit_storage(task).unwrap_or_default());
    }
    found
}

/// Whether a store has snapshots.
struct HasSnapshots;

impl StorageVisitor for HasSnapshots {
    type Output = bool;

    fn visit<S: Storage>(self, _create: impl Fn() -> S) -> bool {
        S::CAPABILITIES.snapshots
    }
}

/// Times the snapshots of one subject at both sizes, with and without a writer.
struct Acquire<'a, 'p> {
    name: SubjectName,
    seed: u64,
    /// What the writer puts.
    stream: &'a Stream,
    /// How long each pass takes.
    point: Duration,
    clock: &'a Clock,
    tracker: &'a mut Tracker<'p>,
    stage: String,
}

impl StorageVisitor for Acquire<'_, '_> {
    type Output = Vec<Snapshots>;

    fn visit<S: Storage>(self, create: impl Fn() -> S) -> Vec<Snapshots> {
        if !S::CAPABILITIES.snapshots {
            return Vec::new();
        }
        let (keys_max, limit) = self.name.snapshot_keys_max();
        let mut found = Vec::new();
        for keys in [KEYS_MIN, keys_max] {
            let store = create();
            fill_store(&store, self.seed, keys);
            if keys > KEYS_PER_RUN {
                self.tracker.advance(&self.stage, FILL);
            }
            for writers in WRITERS {
                let passes = self.beside_writers(&store, writers);
                self.tracker.advance(&self.stage, self.point * 2);
                found.push(Snapshots {
                    subject: self.name.to_string(),
                    keys,
                    writers,
                    limit: limit.filter(|_| keys == keys_max).map(str::to_owned),
                    ..passes
                });
            }
        }
        found
    }
}

impl Acquire<'_, '_> {
    /// Both passes, while `writers` threads put without pause.
    fn beside_writers<S: Storage>(&self, store: &S, writers: usize) -> Snapshots {
        let gate = Gate::new(writers);
        thread::scope(|scope| {
            let (stream, run, gate) = (self.stream, run_id(self.seed, 0), &gate);
            for _ in 0..writers {
                scope.spawn(move || write(store.session(run), stream, gate));
            }
            gate.await_meeting(1);
            let _stop = StopOnDrop(gate);
            self.passes(store)
        })
    }

    fn passes<S: Storage>(&self, store: &S) -> Snapshots {
        let (mut singles, _) = self.singles(store, Duration::ZERO);
        let batch = if singles.value_at_quantile(0.5) < BATCH_BELOW_NS { BATCH } else { 1 };
        let (batched_p50_ns, allocations_per_op) = self.batches(store, batch);
        let samples;
        (singles, samples) = self.singles(store, self.point);
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

    /// The median of the mean time in a batch, and allocations per snapshot.
    fn batches<S: Storage>(&self, store: &S, batch: u32) -> (f64, Option<f64>) {
        let mut means_ns = Vec::with_capacity(SAMPLES_MAX);
        let allocations_before = allocations::on_this_thread();
        let begin = self.clock.ticks();
        loop {
            let from = self.clock.ticks();
            for _ in 0..batch {
                drop(black_box(store.snapshot()));
            }
            let to = self.clock.ticks();
            means_ns.push(self.clock.ns_between(from, to) as f64 / f64::from(batch));
            if self.is_over(begin, to, means_ns.len(), self.point) || means_ns.len() == SAMPLES_MAX
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

    /// Snapshots timed one by one, and how many.
    fn singles<S: Storage>(&self, store: &S, time: Duration) -> (Histogram<u64>, u64) {
        let mut times_ns = Histogram::new_with_bounds(1, LATENCY_NS_MAX, DIGITS)
            .expect("these bounds and digits make a histogram");
        let begin = self.clock.ticks();
        let mut samples = 0;
        loop {
            let from = self.clock.ticks();
            drop(black_box(store.snapshot()));
            let to = self.clock.ticks();
            times_ns.saturating_record(self.clock.ns_between(from, to));
            samples += 1;
            if self.is_over(begin, to, samples, time) {
                return (times_ns, samples as u64);
            }
        }
    }

    fn is_over(&self, begin: u64, now: u64, samples: usize, time: Duration) -> bool {
        samples >= SAMPLES_MIN && self.clock.ns_between(begin, now) >= time.as_nanos() as u64
    }
}

/// Puts without pause until the gate says stop.
fn write<S: Session>(mut session: S, stream: &Stream, gate: &Gate) {
    let _guard = gate.guard();
    gate.meet(1);
    for operation in stream.operations().iter().cycle() {
        session.put(&operation.key, stream.value().clone()).expect(REFUSED);
        if gate.is_stopped() {
            break;
        }
    }
}

/// Stops the writers whatever happens, or the scope would wait for them for ever.
struct StopOnDrop<'a>(&'a Gate);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
